"""What shell, reactions and deadlines call: commands are decided and appended, queries answered from views."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from events.follow.reading import Reader, Snapshot
from events.follow.view import View
from events.log.commands import Answer, Context
from events.log.errors import NotFound
from events.log.log import EventLog
from services.attendance.decisions import HANDLERS, REFUSED, Desk
from services.attendance.domain.attended import Attended
from services.attendance.domain.calendar import week_start
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.domain.errors import CodeNotValid
from services.attendance.domain.kiosk import CLOSES_AFTER, OPENS_BEFORE, Codes
from services.attendance.domain.record import AttendanceRecord
from services.attendance.domain.rulebook import RuleBook
from services.attendance.domain.week import judge
from services.attendance.office import Office
from services.attendance.projections.absence_steps import STEPS, AbsenceSteps
from services.attendance.projections.billable_days import DAYS, BillableDays
from services.attendance.projections.participant_attendance import ATTENDANCE, STAFF_SAID, ParticipantAttendance
from services.attendance.projections.session_roster import ROSTER, SESSIONS, SessionRoster
from services.attendance.projections.treatment_weeks import WEEKS, TreatmentWeeks
from services.attendance.projections.weekly_hours import COUNTED, EPISODES, WeeklyHours
from services.attendance.projections.who_is_absent import ABSENCES, WhoIsAbsent
from services.attendance.projections.who_is_who import WhoIsWho, all_ids
from services.platform.web import Query


class Application:
    """Attendance's commands and queries."""

    def __init__(
        self, log: EventLog, reader: Reader, book: RuleBook, codes: Codes, clock: Callable[[], datetime]
    ) -> None:
        self._log = log
        self._reader = reader
        self._book = book
        self._clock = clock
        self._office = Office(book, codes, self._expected)

    def handle(self, command: object, context: Context) -> Answer:
        """Carries out any command of attendance, once per command id. Raises the refusal of the rule broken."""
        carry_out = HANDLERS[type(command)]
        answer = self._log.execute(command, context, lambda unit: carry_out(Desk(unit, self._office), command))
        if (why := answer.body.get(REFUSED)) is not None:
            raise CodeNotValid(why)
        return answer

    def kiosk_code(self, request: Query) -> Mapping[str, Any]:
        """The code of a booking's participant on its day, and when the kiosk takes it. Raises ``NotFound``."""
        snapshot = self._at(request, SessionRoster.name)
        entry = snapshot.one(ROSTER, request["booking_id"])
        if entry is None:
            raise NotFound(AttendanceRecord, request["booking_id"])
        participant_id, starts_at, ends_at = UUID(entry["participant_id"]), entry["starts_at"], entry["ends_at"]
        return _found(
            snapshot,
            booking_id=entry["booking_id"],
            session_id=entry["session_id"],
            code=self._office.codes.code(participant_id, entry["local_date"]),
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
        return _found(snapshot, session=session, roster=entries)

    def participant_attendance(self, request: Query) -> Mapping[str, Any]:
        """A participant's outcomes under all their ids, in order of start, with the reasons that staff gave."""
        snapshot = self._at(request, ParticipantAttendance.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        wanted = [ATTENDANCE.c.participant_id.in_(ids), *_days(ATTENDANCE.c.local_date, request)]
        rows = snapshot.many(ATTENDANCE, *wanted, order_by=ATTENDANCE.c.starts_at)
        said = _by(snapshot, STAFF_SAID, "booking_id", [row["booking_id"] for row in rows])
        unsaid = {"corrected_because": None, "excused_because": None}
        return _found(
            snapshot,
            participant_id=ids[0],
            attendance=[{**row, **said.get(row["booking_id"], unsaid)} for row in rows],
        )

    def treatment_weeks(self, request: Query) -> Mapping[str, Any]:
        """A participant's judged weeks under all their ids, in order."""
        snapshot = self._at(request, TreatmentWeeks.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        wanted = [WEEKS.c.participant_id.in_(ids), *_days(WEEKS.c.week_start, request)]
        weeks = snapshot.many(WEEKS, *wanted, order_by=WEEKS.c.week_start)
        return _found(snapshot, participant_id=ids[0], weeks=weeks)

    def billable_days(self, request: Query) -> Mapping[str, Any]:
        """A participant's days of service under all their ids, in order."""
        snapshot = self._at(request, BillableDays.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        wanted = [DAYS.c.participant_id.in_(ids), *_days(DAYS.c.date, request)]
        return _found(snapshot, participant_id=ids[0], days=snapshot.many(DAYS, *wanted, order_by=DAYS.c.date))

    def weekly_hours(self, request: Query) -> Mapping[str, Any]:
        """Minutes and days that count so far in a week, per episode open in it, by the packs in force that week."""
        snapshot = self._at(request, WeeklyHours.name, WhoIsWho.name)
        monday = week_start(request["week"] or self._clock().date())
        of_episode: defaultdict[str, list[Attended]] = defaultdict(list)
        for row in snapshot.many(COUNTED, COUNTED.c.week_start == monday):
            of_episode[row["episode_id"]].append(Attended(**{name: row[name] for name in _ATTENDED}))
        wanted: list[ColumnElement[bool]] = [EPISODES.c.discharged_on.is_(None) | (EPISODES.c.discharged_on >= monday)]
        if request["participant_id"] is not None:
            wanted.append(EPISODES.c.participant_id.in_(all_ids(snapshot, request["participant_id"])))
        hours = []
        for episode in snapshot.many(EPISODES, *wanted):
            if week_start(episode["admitted_on"]) > monday:
                continue
            rules = self._book.week(JudgedBy(tuple(episode["packs"]), episode["age_group"]), monday)
            so_far = judge(of_episode[episode["episode_id"]], 7, rules)
            hours.append(
                {
                    "participant_id": episode["participant_id"],
                    "episode_id": episode["episode_id"],
                    "minutes": so_far.minutes,
                    "days": so_far.days,
                    "minimum_minutes": rules.weekly_minutes,
                    "minimum_days": rules.days,
                }
            )
        return _found(snapshot, week_start=monday, hours=hours)

    def absences(self, request: Query) -> Mapping[str, Any]:
        """Who missed which sessions between two local days, in order of start."""
        snapshot = self._at(request, WhoIsAbsent.name)
        wanted = _days(ABSENCES.c.local_date, request)
        if request["status"]:
            wanted.append(ABSENCES.c.status == request["status"])
        return _found(snapshot, absences=snapshot.many(ABSENCES, *wanted, order_by=ABSENCES.c.starts_at))

    def absence_steps(self, request: Query) -> Mapping[str, Any]:
        """Steps of absence policies that are reached, of all participants or of one under all their ids."""
        snapshot = self._at(request, AbsenceSteps.name, WhoIsWho.name)
        wanted: list[ColumnElement[bool]] = []
        if request["participant_id"] is not None:
            wanted.append(STEPS.c.participant_id.in_(all_ids(snapshot, request["participant_id"])))
        if request["step"]:
            wanted.append(STEPS.c.step == request["step"])
        return _found(snapshot, steps=snapshot.many(STEPS, *wanted, order_by=STEPS.c.reached_at))

    def _expected(self, session_id: UUID) -> list[UUID]:
        """The bookings of a session that were not given back, as the roster shows them."""
        roster = self._reader.at([SessionRoster.name])
        entries = roster.many(ROSTER, ROSTER.c.session_id == session_id, ROSTER.c.state != "given_back")
        return [UUID(entry["booking_id"]) for entry in entries]

    def _at(self, request: Query, *projections: str) -> Snapshot:
        return self._reader.at(projections, as_of=request.as_of, after=request.after)


_ATTENDED = [field.name for field in fields(Attended)]


class Session:
    """What ``NotFound`` names where a session is not known here."""


def _found(snapshot: Snapshot, **body: object) -> Mapping[str, Any]:
    return {"position": snapshot.position, **body}


def _by(snapshot: Snapshot, view: View, key: str, ids: list[str]) -> dict[str, Mapping[str, Any]]:
    return {row[key]: row for row in snapshot.many(view, view.c[key].in_(ids))}


def _days(column: ColumnElement[Any], request: Query) -> list[ColumnElement[bool]]:
    conditions = []
    if request["from_date"] is not None:
        conditions.append(column >= request["from_date"])
    if request["through"] is not None:
        conditions.append(column <= request["through"])
    return conditions
