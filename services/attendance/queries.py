"""What attendance answers about sessions and participants, from its views."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from events.follow.reading import Snapshot
from events.follow.view import View
from events.log.errors import NotFound
from services.attendance.answering import Answering, between, found
from services.attendance.domain.kiosk import CLOSES_AFTER, OPENS_BEFORE
from services.attendance.domain.record import AttendanceRecord
from services.attendance.projections.absence_steps import STEPS, AbsenceSteps
from services.attendance.projections.billable_days import DAYS, BillableDays
from services.attendance.projections.participant_attendance import ATTENDANCE, STAFF_SAID, ParticipantAttendance
from services.attendance.projections.session_roster import ROSTER, SESSIONS, SessionRoster
from services.attendance.projections.treatment_weeks import WEEKS, TreatmentWeeks
from services.attendance.projections.who_is_absent import ABSENCES, WhoIsAbsent
from services.attendance.projections.who_is_who import WhoIsWho, all_ids
from services.platform.web import Query


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
        snapshot = self._at(request, SessionRoster.name, WhoIsWho.name)
        session = snapshot.one(SESSIONS, request["session_id"])
        if session is None:
            raise NotFound(Session, request["session_id"])
        entries = [
            {**entry, "participant_id": all_ids(snapshot, entry["participant_id"])[0]}
            for entry in snapshot.many(ROSTER, ROSTER.c.session_id == request["session_id"])
        ]
        return found(snapshot, session=session, roster=entries)

    def participant_attendance(self, request: Query) -> Mapping[str, Any]:
        """A participant's outcomes under all their ids, in order of start, with the reasons that staff gave."""
        snapshot = self._at(request, ParticipantAttendance.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        wanted = [ATTENDANCE.c.participant_id.in_(ids), *between(ATTENDANCE.c.local_date, request)]
        rows = snapshot.many(ATTENDANCE, *wanted, order_by=ATTENDANCE.c.starts_at)
        said = _by(snapshot, STAFF_SAID, "booking_id", [row["booking_id"] for row in rows])
        unsaid = {"corrected_because": None, "excused_because": None}
        return found(
            snapshot,
            participant_id=ids[0],
            attendance=[{**row, **said.get(row["booking_id"], unsaid)} for row in rows],
        )

    def treatment_weeks(self, request: Query) -> Mapping[str, Any]:
        """A participant's judged weeks under all their ids, in order."""
        snapshot = self._at(request, TreatmentWeeks.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        wanted = [WEEKS.c.participant_id.in_(ids), *between(WEEKS.c.week_start, request)]
        weeks = snapshot.many(WEEKS, *wanted, order_by=WEEKS.c.week_start)
        return found(snapshot, participant_id=ids[0], weeks=weeks)

    def billable_days(self, request: Query) -> Mapping[str, Any]:
        """A participant's days of service under all their ids, in order."""
        snapshot = self._at(request, BillableDays.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        wanted = [DAYS.c.participant_id.in_(ids), *between(DAYS.c.date, request)]
        return found(snapshot, participant_id=ids[0], days=snapshot.many(DAYS, *wanted, order_by=DAYS.c.date))

    def absence_steps(self, request: Query) -> Mapping[str, Any]:
        """Steps of absence policies that are reached, of all participants or of one under all their ids."""
        snapshot = self._at(request, AbsenceSteps.name, WhoIsWho.name)
        wanted: list[ColumnElement[bool]] = []
        if request["participant_id"] is not None:
            wanted.append(STEPS.c.participant_id.in_(all_ids(snapshot, request["participant_id"])))
        if request["step"]:
            wanted.append(STEPS.c.step == request["step"])
        return found(snapshot, steps=snapshot.many(STEPS, *wanted, order_by=STEPS.c.reached_at))

    def absences(self, request: Query) -> Mapping[str, Any]:
        """Who missed which sessions between two local days, in order of start."""
        snapshot = self._at(request, WhoIsAbsent.name)
        wanted = between(ABSENCES.c.local_date, request)
        if request["status"]:
            wanted.append(ABSENCES.c.status == request["status"])
        return found(snapshot, absences=snapshot.many(ABSENCES, *wanted, order_by=ABSENCES.c.starts_at))


class Session:
    """What ``NotFound`` names where a session is not known here."""


def _by(snapshot: Snapshot, view: View, key: str, ids: list[str]) -> dict[str, Mapping[str, Any]]:
    return {row[key]: row for row in snapshot.many(view, view.c[key].in_(ids))}
