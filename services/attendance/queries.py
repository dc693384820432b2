"""What attendance answers about sessions and participants, from its views."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from events.follow.reading import Snapshot
from events.follow.view import View
from events.log.errors import NotFound
from services.attendance.answering import Answering
from services.attendance.domain.billable_day import GROUP
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.domain.kiosk import CLOSES_AFTER, OPENS_BEFORE
from services.attendance.domain.record import AttendanceRecord
from services.attendance.domain.rules import ATTENDED
from services.attendance.placements import judged_by_on
from services.attendance.projections.absence_steps import STEPS, AbsenceSteps
from services.attendance.projections.billable_days import DAYS, BillableDays
from services.attendance.projections.group_notes import NOTES, GroupNotes
from services.attendance.projections.participant_attendance import (
    ATTENDANCE,
    MAKE_UPS,
    STAFF_SAID,
    ParticipantAttendance,
)
from services.attendance.projections.session_roster import ROSTER, SESSIONS, SessionRoster
from services.attendance.projections.treatment_weeks import WEEKS, TreatmentWeeks
from services.attendance.projections.weekly_hours import WeeklyHours
from services.attendance.projections.who_is_absent import ABSENCES, WhoIsAbsent
from services.platform.answering import between, found
from services.platform.web import Query
from services.platform.who_is_who import WhoIsWho, all_ids


class Queries(Answering):
    """One method per question."""

    def kiosk_code(self, request: Query) -> Mapping[str, Any]:
        """The code of a booking's participant on its day, and when the kiosk takes it. Raises ``NotFound``."""
        snapshot = self._at(request, SessionRoster.name)
        entry = snapshot.one(ROSTER, request["booking_id"])
        if entry is None:
            raise NotFound(AttendanceRecord, request["booking_id"])
        participant_id, starts_at, ends_at = UUID(entry["participant_id"]), entry["starts_at"], entry["ends_at"]
        return found(
            snapshot,
            booking_id=entry["booking_id"],
            session_id=entry["session_id"],
            code=self._codes.code(participant_id, entry["local_date"]),
            valid_from=starts_at - OPENS_BEFORE,
            valid_until=ends_at + CLOSES_AFTER,
        )

    def roster(self, request: Query) -> Mapping[str, Any]:
        """Who is expected in a session, under the ids that hold today, and what came of each. Raises ``NotFound``."""
        views = (SessionRoster.name, GroupNotes.name, WeeklyHours.name, WhoIsWho.name)
        snapshot = self._at(request, *views)
        session = snapshot.one(SESSIONS, request["session_id"])
        if session is None:
            raise NotFound(Session, request["session_id"])
        entries = [
            {**entry, "participant_id": all_ids(snapshot, entry["participant_id"])[0]}
            for entry in snapshot.many(ROSTER, ROSTER.c.session_id == request["session_id"])
        ]
        return found(snapshot, session=session, roster=entries, group=self._group(snapshot, session, entries))

    def _group(
        self, snapshot: Snapshot, session: Mapping[str, Any], entries: list[dict[str, Any]]
    ) -> Mapping[str, Any] | None:
        """How many attended a group, against the limits of their packs, and its note; None for what is no group."""
        if session["component"] != GROUP:
            return None
        came = [entry for entry in entries if entry["status"] in ATTENDED]
        judged_by = JudgedBy()
        for entry in came:
            judged_by = judged_by.together_with(judged_by_on(snapshot, entry["episode_id"], session["local_date"]))
        rules = self._book.group(judged_by, session["local_date"])
        note = snapshot.one(NOTES, session["session_id"]) or {}
        documented = note.get("people")
        return {
            "count": len(came),
            "documented": documented,
            "agrees": None if documented is None else documented == len(came),
            "minimum": rules.minimum,
            "maximum": rules.maximum,
            "broken_rules": rules.broken_by(len(came)) if came else [],
            "decided_by": rules.cited,
            "sources": self._book.sources(rules.cited),
            "note_due_at": note.get("due_at"),
            "note_written_at": note.get("written_at"),
        }

    def participant_attendance(self, request: Query) -> Mapping[str, Any]:
        """A participant's outcomes under all their ids, in order of start, with the reasons that staff gave."""
        snapshot = self._at(request, ParticipantAttendance.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        wanted = [ATTENDANCE.c.participant_id.in_(ids), *between(ATTENDANCE.c.local_date, request)]
        rows = snapshot.many(ATTENDANCE, *wanted, order_by=ATTENDANCE.c.starts_at)
        said = _by(snapshot, STAFF_SAID, "booking_id", [row["booking_id"] for row in rows])
        made_up = _made_up(snapshot, rows)
        unsaid = {"corrected_because": None, "excused_because": None}
        return found(
            snapshot,
            participant_id=ids[0],
            attendance=[
                {**row, **said.get(row["booking_id"], unsaid), "made_up_by": made_up.get(row["booking_id"])}
                for row in rows
            ],
        )

    def treatment_weeks(self, request: Query) -> Mapping[str, Any]:
        """A participant's judged weeks under all their ids, in order."""
        snapshot = self._at(request, TreatmentWeeks.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        wanted = [WEEKS.c.participant_id.in_(ids), *between(WEEKS.c.week_start, request)]
        weeks = snapshot.many(WEEKS, *wanted, order_by=WEEKS.c.week_start)
        return found(snapshot, participant_id=ids[0], weeks=weeks, sources=self._sources(weeks))

    def billable_days(self, request: Query) -> Mapping[str, Any]:
        """A participant's days of service under all their ids, in order."""
        snapshot = self._at(request, BillableDays.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        wanted = [DAYS.c.participant_id.in_(ids), *between(DAYS.c.date, request)]
        days = snapshot.many(DAYS, *wanted, order_by=DAYS.c.date)
        return found(snapshot, participant_id=ids[0], days=days, sources=self._sources(days))

    def _sources(self, judged: list[Mapping[str, Any]]) -> Mapping[str, str]:
        """The source of each parameter and pack that decided any of these."""
        return self._book.sources(one for row in judged for one in row["decided_by"] or ())

    def absence_steps(self, request: Query) -> Mapping[str, Any]:
        """Steps of absence policies that are reached, of all participants or of one under all their ids."""
        snapshot = self._at(request, AbsenceSteps.name, WhoIsWho.name)
        wanted: list[ColumnElement[bool]] = []
        if request["participant_id"] is not None:
            wanted.append(STEPS.c.participant_id.in_(all_ids(snapshot, request["participant_id"])))
        if request["step"]:
            wanted.append(STEPS.c.step == request["step"])
        steps = snapshot.many(STEPS, *wanted, order_by=STEPS.c.reached_at)
        return found(snapshot, steps=steps, sources=self._sources(steps))

    def absences(self, request: Query) -> Mapping[str, Any]:
        """Who missed which sessions between two local days, in order of start."""
        snapshot = self._at(request, WhoIsAbsent.name)
        wanted = between(ABSENCES.c.local_date, request)
        if request["status"]:
            wanted.append(ABSENCES.c.status == request["status"])
        return found(snapshot, absences=snapshot.many(ABSENCES, *wanted, order_by=ABSENCES.c.starts_at))


class Session:
    """What ``NotFound`` names where a session is not known here."""


def _made_up(snapshot: Snapshot, rows: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Booking missed → the make-up attended for it, the first one where there are several."""
    missed = [row["booking_id"] for row in rows if row["status"] in ("no_show", "excused")]
    made = snapshot.many(MAKE_UPS, MAKE_UPS.c.makes_up_for.in_(missed))
    came = _by(snapshot, ATTENDANCE, "booking_id", [row["booking_id"] for row in made])
    found_: dict[str, Mapping[str, Any]] = {}
    for row in sorted(made, key=lambda row: str(row["booking_id"])):
        attended = came.get(row["booking_id"])
        if attended is not None and attended["status"] in ATTENDED:
            shown = {name: attended[name] for name in ("booking_id", "session_id", "starts_at", "status", "minutes")}
            found_.setdefault(row["makes_up_for"], shown)
    return found_


def _by(snapshot: Snapshot, view: View, key: str, ids: list[str]) -> dict[str, Mapping[str, Any]]:
    return {row[key]: row for row in snapshot.many(view, view.c[key].in_(ids))}
