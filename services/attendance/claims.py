"""What attendance answers about claims: days of service as lines with the codes of the packs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from events.follow.reading import Snapshot
from services.attendance.answering import Answering
from services.attendance.domain.claims import ClaimLine, ServiceDay, claim_lines
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.placements import judged_by_on
from services.attendance.projections.billable_days import DAYS, BillableDays
from services.attendance.projections.weekly_hours import WeeklyHours
from services.platform.answering import between, found
from services.platform.web import Query
from services.platform.who_is_who import WhoIsWho, all_ids


class Claims(Answering):
    """One question."""

    def claim_lines(self, request: Query) -> Mapping[str, Any]:
        """A participant's days of service under all their ids as claim lines, in order, each by the packs in force on
        its day; ``ready``: no line has a problem."""
        snapshot = self._at(request, BillableDays.name, WeeklyHours.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        rows = snapshot.many(DAYS, DAYS.c.participant_id.in_(ids), *between(DAYS.c.date, request))
        lines = claim_lines((_day(row), self._book.claims(_judged_by(snapshot, row), row["date"])) for row in rows)
        return found(
            snapshot,
            participant_id=ids[0],
            lines=[_shown(line) for line in lines],
            ready=not any(line.problems for line in lines),
            sources=self._book.sources(one for line in lines for one in line.rules.cited),
        )


def _judged_by(snapshot: Snapshot, row: Mapping[str, Any]) -> JudgedBy:
    return judged_by_on(snapshot, row["episode_id"], row["date"])


def _day(row: Mapping[str, Any]) -> ServiceDay:
    return ServiceDay(
        UUID(str(row["episode_id"])), row["date"], row["bills_as"], row["minutes"], tuple(row["components"])
    )


def _shown(line: ClaimLine) -> Mapping[str, Any]:
    day, rules = line.day, line.rules
    return {
        "episode_id": day.episode_id,
        "date": day.date,
        "bills_as": day.bills_as,
        "units": line.units,
        "minutes": day.minutes,
        "components": day.components,
        "procedure_codes": sorted(rules.procedure_codes) if line.units else [],
        "revenue_codes": sorted(rules.revenue_codes),
        "condition_codes": sorted(rules.condition_codes),
        "decided_by": rules.cited,
        "problems": line.problems,
    }
