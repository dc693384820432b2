"""What attendance answers about weeks that are not over: what counts so far, what is out of reach, what would help."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from events.follow.reading import Snapshot
from services.attendance.answering import Answering
from services.attendance.domain.attended import Attended, Expected
from services.attendance.domain.calendar import week_start
from services.attendance.domain.early_warning import Shortfall, Within, make_ups
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.domain.week import days_that_count, minutes_that_count
from services.attendance.offers import offers_in
from services.attendance.placements import judged_by_in
from services.attendance.projections.early_warnings import WARNINGS, EarlyWarnings
from services.attendance.projections.session_roster import SessionRoster
from services.attendance.projections.weekly_hours import BOOKED, COUNTED, EPISODES, WeeklyHours
from services.platform.answering import found
from services.platform.web import Query
from services.platform.who_is_who import WhoIsWho, all_ids

_ATTENDED = [field.name for field in fields(Attended)]
_EXPECTED = [field.name for field in fields(Expected)]


class WeeksUnderWay(Answering):
    """One method per question."""

    def weekly_hours(self, request: Query) -> Mapping[str, Any]:
        """Minutes and days that count so far in a week, per episode open in it, by the packs that judge that week."""
        snapshot = self._at(request, WeeklyHours.name, WhoIsWho.name)
        monday = week_start(request["week"] or self._clock().date())
        of_episode: defaultdict[str, list[Attended]] = defaultdict(list)
        for row in snapshot.many(COUNTED, COUNTED.c.week_start == monday):
            of_episode[row["episode_id"]].append(Attended(**{name: row[name] for name in _ATTENDED}))
        sunday = monday + timedelta(days=6)
        wanted = [
            EPISODES.c.admitted_on <= sunday,
            EPISODES.c.discharged_on.is_(None) | (EPISODES.c.discharged_on >= monday),
            *_of_participant(snapshot, EPISODES.c.participant_id, request),
        ]
        hours = []
        for episode in snapshot.many(EPISODES, *wanted):
            rules = self._book.week(judged_by_in(snapshot, episode["episode_id"], monday), monday)
            attended = of_episode[episode["episode_id"]]
            hours.append(
                {
                    "participant_id": episode["participant_id"],
                    "episode_id": episode["episode_id"],
                    "minutes": minutes_that_count(attended, rules),
                    "days": days_that_count(attended, rules),
                    "minimum_minutes": rules.weekly_minutes,
                    "minimum_days": rules.days,
                    "decided_by": rules.cited,
                }
            )
        sources = self._book.sources(one for row in hours for one in row["decided_by"])
        return found(snapshot, week_start=monday, hours=hours, sources=sources)

    def early_warnings(self, request: Query) -> Mapping[str, Any]:
        """Weeks whose minimum is out of reach, what is missing, and up to three sets of make-ups that would repair
        each, the fewest sessions first."""
        snapshot = self._at(request, EarlyWarnings.name, WeeklyHours.name, SessionRoster.name, WhoIsWho.name)
        wanted = _of_participant(snapshot, WARNINGS.c.participant_id, request)
        if request["week"] is not None:
            wanted.append(WARNINGS.c.week == week_start(request["week"]))
        rows = snapshot.many(WARNINGS, *wanted, order_by=WARNINGS.c.week)
        return found(snapshot, warnings=[self._warning(snapshot, row, self._now(request)) for row in rows])

    def _warning(self, snapshot: Snapshot, row: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
        track_id, judged_by = row["track_id"], row["judged_by"]
        within = Within(
            None if track_id is None else UUID(str(track_id)),
            tuple(date.fromisoformat(day) for day in row["days"]),
            JudgedBy(tuple(judged_by["packs"]), judged_by["age_group"]),
        )
        by_day = tuple((date.fromisoformat(day), minutes) for day, minutes in row["by_day"])
        lacking = Shortfall(row["missing_minutes"], row["missing_days"], by_day)
        of_week = (BOOKED.c.episode_id == row["episode_id"], BOOKED.c.week_start == row["week"])
        booked = [Expected(**{name: one[name] for name in _EXPECTED}) for one in snapshot.many(BOOKED, *of_week)]
        offers = () if within.track_id is None else offers_in(snapshot, within.track_id, row["week"])
        rules = self._book.week(within.judged_by, row["week"])
        sets = make_ups(lacking, within, rules, offers, booked, now)
        shown = {
            name: row[name] for name in ("participant_id", "episode_id", "week", "missing_minutes", "missing_days")
        }
        return shown | {"make_ups": [[_shown(offer) for offer in chosen] for chosen in sets]}


def _shown(offer: Any) -> Mapping[str, Any]:
    return {"session_id": offer.session_id, "component": offer.component, "starts_at": offer.starts_at}


def _of_participant(snapshot: Snapshot, column: ColumnElement[Any], request: Query) -> list[ColumnElement[bool]]:
    if request["participant_id"] is None:
        return []
    return [column.in_(all_ids(snapshot, request["participant_id"]))]
