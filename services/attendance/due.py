"""What is due in attendance, and whose it is: one list, from the views."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from events.follow.reading import Snapshot
from services.attendance.answering import Answering
from services.attendance.projections.absence_steps import STEPS, AbsenceSteps
from services.attendance.projections.early_warnings import WARNINGS, EarlyWarnings
from services.attendance.projections.group_notes import NOTES, GroupNotes
from services.attendance.projections.treatment_weeks import OPEN_WEEKS, TreatmentWeeks
from services.platform.answering import found
from services.platform.web import Query, Role
from services.platform.who_is_who import WhoIsWho, all_ids

WHOSE: Mapping[str, Role] = {
    "early_warning": Role.COORDINATOR,
    "outreach": Role.THERAPIST,
    "coordinator": Role.COORDINATOR,
    "discharge_review": Role.COORDINATOR,
    "group_note": Role.THERAPIST,
    "week_to_judge": Role.COORDINATOR,
}
"""Kind of what is due → the role that sees to it: program practice, to be verified by the program."""

Item = dict[str, Any]


class Due(Answering):
    """The due list."""

    def attendance_due(self, request: Query) -> Mapping[str, Any]:
        """What is due by role, the soonest first: early warnings until the week ends, absence steps from when they were
        reached until they are taken, group notes until they are written, weeks that are over until they are judged."""
        views = (EarlyWarnings.name, AbsenceSteps.name, GroupNotes.name, TreatmentWeeks.name, WhoIsWho.name)
        snapshot = self._at(request, *views)
        now = self._now(request)
        items = [*_warnings(snapshot), *_steps(snapshot), *_notes(snapshot), *_weeks(snapshot, now)]
        wanted = [
            {**item, "role": WHOSE[item["kind"]], "overdue": item["due_at"] <= now}
            for item in items
            if request["role"] in (None, WHOSE[item["kind"]])
        ]
        wanted.sort(key=lambda item: (item["due_at"], item["kind"], str(item["episode_id"]), str(item["session_id"])))
        return found(snapshot, due=wanted)


def _warnings(snapshot: Snapshot) -> Iterator[Item]:
    ends = {(row["episode_id"], row["week_start"]): row["ends_at"] for row in snapshot.many(OPEN_WEEKS)}
    for row in snapshot.many(WARNINGS):
        about = {name: row[name] for name in ("week", "missing_minutes", "missing_days")}
        yield _item("early_warning", ends[row["episode_id"], row["week"]], _whose(snapshot, row), **about)


def _weeks(snapshot: Snapshot, now: datetime) -> Iterator[Item]:
    for row in snapshot.many(OPEN_WEEKS, OPEN_WEEKS.c.ends_at <= now):
        yield _item("week_to_judge", row["judged_from"], _whose(snapshot, row), week=row["week_start"])


def _steps(snapshot: Snapshot) -> Iterator[Item]:
    for row in snapshot.many(STEPS, STEPS.c.taken_at.is_(None)):
        about = {name: row[name] for name in ("policy", "absences")}
        yield _item(row["step"], row["reached_at"], _whose(snapshot, row), **about)


def _notes(snapshot: Snapshot) -> Iterator[Item]:
    for row in snapshot.many(NOTES, NOTES.c.due_at.is_not(None), NOTES.c.written_at.is_(None)):
        yield _item("group_note", row["due_at"], {"session_id": row["session_id"]})


def _whose(snapshot: Snapshot, row: Mapping[str, Any]) -> Item:
    return {"participant_id": all_ids(snapshot, row["participant_id"])[0], "episode_id": row["episode_id"]}


def _item(kind: str, due_at: Any, whose: Item, **about: Any) -> Item:
    nobody = {"participant_id": None, "episode_id": None, "session_id": None}
    return {"kind": kind, "due_at": due_at, **nobody, **whose, **about}
