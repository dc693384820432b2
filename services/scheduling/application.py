"""What the shell and the reactions call: commands are decided and appended, queries answered from views."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_

from events.follow.reading import Reader, Snapshot
from events.log.commands import Answer, Context
from events.log.errors import NotFound
from events.log.log import EventLog
from events.log.vault import Vault
from services.platform.answering import FromViews, between, found
from services.platform.web import Query
from services.platform.who_is_who import WhoIsWho, all_ids, survivor
from services.scheduling.calendars import Calendars
from services.scheduling.decisions import decide
from services.scheduling.domain.claimed_day import FACILITATOR, PARTICIPANT, ROOM
from services.scheduling.domain.commands import BookSession
from services.scheduling.domain.errors import SessionIsFull
from services.scheduling.domain.identity import room_id
from services.scheduling.domain.rulebook import RuleBook
from services.scheduling.domain.session import Session
from services.scheduling.learning import Learning
from services.scheduling.make_ups import with_alternatives
from services.scheduling.projections import outside_availability
from services.scheduling.projections.availabilities import STATED, Availabilities
from services.scheduling.projections.closures import CLOSURES, Closures
from services.scheduling.projections.coordinator_requests import REQUESTS, CoordinatorRequests
from services.scheduling.projections.directory import FACILITATORS, ROOMS, SERIES, Directory
from services.scheduling.projections.facilitators_day import LED, FacilitatorsDay
from services.scheduling.projections.outside_availability import OUTSIDE, OutsideAvailability
from services.scheduling.projections.participants_bookings import BOOKINGS, ParticipantsBookings
from services.scheduling.projections.rooms_day import HELD, RoomsDay
from services.scheduling.projections.seat_waits import WAITS, SeatWaits
from services.scheduling.projections.session_roster import ROSTER, SessionRoster
from services.scheduling.projections.sessions_between import SESSIONS, SessionsBetween
from services.scheduling.projections.substitutes_wanted import LEADING, SubstitutesWanted, as_request

SEALED_REASONS = "scheduling.availability.stated.reasons"
Rows = list[Mapping[str, Any]]


class Application(FromViews):
    """Scheduling's commands and queries; ``calendars`` and ``learning`` answer those about calendars and curricula."""

    def __init__(
        self, log: EventLog, reader: Reader, vault: Vault, rules: RuleBook, clock: Callable[[], datetime]
    ) -> None:
        self._log = log
        super().__init__(reader)
        self._vault = vault
        self._rules = rules
        self.calendars = Calendars(reader, vault, log.head, clock)
        self.learning = Learning(reader, clock)

    def handle(self, command: object, context: Context) -> Answer:
        """Carries out any command of scheduling, once per command id. Raises the refusal of the rule that is broken; of
        a make-up that found no seat, with where there are some."""
        try:
            return self._log.execute(command, context, lambda unit: decide(unit, command, self._rules, self._listed))
        except SessionIsFull as refusal:
            if not isinstance(command, BookSession) or command.makes_up_for is None:
                raise
            views = self._reader.at([SessionsBetween.name, ParticipantsBookings.name, WhoIsWho.name])
            raise with_alternatives(refusal, command, views, context.at) from None

    def _listed(self, first: date, last: date) -> list[UUID]:
        """The sessions on local days, cancelled ones left out."""
        on = (SESSIONS.c.local_date >= first, SESSIONS.c.local_date <= last, SESSIONS.c.cancelled.is_(False))
        rows = self._reader.at([SessionsBetween.name]).many(SESSIONS, *on, order_by=SESSIONS.c.starts_at)
        return [UUID(row["session_id"]) for row in rows]

    def open_calendar_feed(self, command: object, context: Context) -> Answer:
        """The address of the new feed is made anew for every answer, since what is stored must not open it."""
        answer = self.handle(command, context)
        calendar = f"/scheduling/{answer.body['calendar']}/calendar.ics"
        path = f"{calendar}?feed={self.calendars.secret(UUID(str(answer.body['feed_id'])))}"
        told = {name: answer.body[name] for name in ("feed_id", "expires_at")}
        return replace(answer, body={**told, "path": path})

    def sessions(self, request: Query) -> Mapping[str, Any]:
        """Sessions between two local days, in order of start, with the seats taken; on request those alone in which
        fewer are taken than it takes to hold them. By the rule ``fewest_who_hold_a_session``."""
        snapshot = self._at(request, SessionsBetween.name)
        wanted = [*between(SESSIONS.c.local_date, request)]
        wanted += [
            SESSIONS.c[name] == request[name] for name in ("track_id", "component", "series_id") if request[name]
        ]
        if request["below_minimum"]:
            wanted += [SESSIONS.c.seats_taken < SESSIONS.c.seats_min, SESSIONS.c.cancelled.is_(False)]
        return found(snapshot, sessions=snapshot.many(SESSIONS, *wanted, order_by=SESSIONS.c.starts_at))

    def roster(self, request: Query) -> Mapping[str, Any]:
        """Who is expected in a session, under the ids that hold today. Raises ``NotFound``."""
        snapshot = self._at(request, SessionRoster.name, SessionsBetween.name, WhoIsWho.name)
        session = snapshot.one(SESSIONS, request["session_id"])
        if session is None:
            raise NotFound(Session, request["session_id"])
        entries = [
            {**entry, "participant_id": survivor(snapshot, entry["participant_id"])}
            for entry in snapshot.many(ROSTER, ROSTER.c.session_id == request["session_id"])
        ]
        return found(snapshot, session=session, roster=entries)

    def bookings(self, request: Query) -> Mapping[str, Any]:
        """A participant's bookings under all their ids, in order of start."""
        snapshot = self._at(request, ParticipantsBookings.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        wanted = [BOOKINGS.c.participant_id.in_(ids), *between(BOOKINGS.c.local_date, request)]
        held = snapshot.many(BOOKINGS, *wanted, order_by=BOOKINGS.c.starts_at)
        return found(snapshot, participant_id=ids[0], bookings=held)

    def session_waitlist(self, request: Query) -> Mapping[str, Any]:
        """Who waits for a seat in a session, or in any of its series, in turn. Raises ``NotFound``."""
        snapshot = self._at(request, SeatWaits.name, SessionsBetween.name, WhoIsWho.name)
        session = snapshot.one(SESSIONS, request["session_id"])
        if session is None:
            raise NotFound(Session, request["session_id"])
        return self._waitlist(snapshot, str(request["session_id"]), session["series_id"])

    def series_waitlist(self, request: Query) -> Mapping[str, Any]:
        """Who waits for every session of a series, in turn."""
        return self._waitlist(self._at(request, SeatWaits.name, WhoIsWho.name), str(request["series_id"]))

    def waits(self, request: Query) -> Mapping[str, Any]:
        """What a participant waits for, under all their ids, and what came of it."""
        snapshot = self._at(request, SeatWaits.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        waits = snapshot.many(WAITS, WAITS.c.participant_id.in_(ids), order_by=WAITS.c.joined_at)
        return found(snapshot, participant_id=ids[0], waits=waits)

    def facilitators_day(self, request: Query) -> Mapping[str, Any]:
        """What a facilitator leads on one local day."""
        snapshot = self._at(request, FacilitatorsDay.name)
        wanted = (LED.c.facilitator_id == request["facilitator_id"], LED.c.local_date == request["date"])
        return found(snapshot, sessions=snapshot.many(LED, *wanted, order_by=LED.c.starts_at))

    def rooms_day(self, request: Query) -> Mapping[str, Any]:
        """What takes place in a room on one local day."""
        snapshot = self._at(request, RoomsDay.name)
        wanted = (HELD.c.room_id == room_id(request["code"]), HELD.c.local_date == request["date"])
        return found(snapshot, sessions=snapshot.many(HELD, *wanted, order_by=HELD.c.starts_at))

    def coordinator_requests(self, request: Query) -> Mapping[str, Any]:
        """What a coordinator is asked to see to, the most urgent first."""
        snapshot = self._at(request, CoordinatorRequests.name, SubstitutesWanted.name, OutsideAvailability.name)
        asked = [
            *snapshot.many(REQUESTS, REQUESTS.c.state == request["state"]),
            *map(as_request, snapshot.many(LEADING, LEADING.c.state == request["state"])),
            *map(outside_availability.as_request, snapshot.many(OUTSIDE, OUTSIDE.c.state == request["state"])),
        ]
        return found(snapshot, requests=sorted(asked, key=lambda one: (one["wanted_by"], str(one["subject_id"]))))

    def closures(self, request: Query) -> Mapping[str, Any]:
        """Closures that touch the days, of the whole program and of one track or all."""
        snapshot = self._at(request, Closures.name)
        wanted: list[ColumnElement[bool]] = []
        if request["from_date"] is not None:
            wanted.append(CLOSURES.c.through >= request["from_date"])
        if request["through"] is not None:
            wanted.append(CLOSURES.c.from_date <= request["through"])
        if request["track_id"] is not None:
            wanted.append(or_(CLOSURES.c.track_id.is_(None), CLOSURES.c.track_id == request["track_id"]))
        return found(snapshot, closures=snapshot.many(CLOSURES, *wanted, order_by=CLOSURES.c.from_date))

    def participants_availability(self, request: Query) -> Mapping[str, Any]:
        """When a participant can come, under the id it was stated for."""
        return self._availability(request, PARTICIPANT, request["participant_id"])

    def facilitators_availability(self, request: Query) -> Mapping[str, Any]:
        """When a facilitator works."""
        return self._availability(request, FACILITATOR, request["facilitator_id"])

    def rooms_availability(self, request: Query) -> Mapping[str, Any]:
        """When a room can be used."""
        return self._availability(request, ROOM, room_id(request["code"]))

    def facilitators(self, request: Query) -> Mapping[str, Any]:
        """Facilitators with their qualifications; labels are opened here and nowhere stored in plain text."""
        snapshot = self._at(request, Directory.name)
        rows = snapshot.many(FACILITATORS)
        return found(snapshot, facilitators=[{**row, "label": self._label(row)} for row in rows])

    def rooms(self, request: Query) -> Mapping[str, Any]:
        """Rooms by code."""
        snapshot = self._at(request, Directory.name)
        return found(snapshot, rooms=snapshot.many(ROOMS, order_by=ROOMS.c.code))

    def series(self, request: Query) -> Mapping[str, Any]:
        """Planned series, of one track or of all."""
        snapshot = self._at(request, Directory.name)
        wanted = [SERIES.c.track_id == request["track_id"]] if request["track_id"] else []
        return found(snapshot, series=snapshot.many(SERIES, *wanted, order_by=SERIES.c.title))

    def _waitlist(self, snapshot: Snapshot, *awaited: str) -> Mapping[str, Any]:
        rows = snapshot.many(WAITS, WAITS.c.awaited_id.in_(awaited), WAITS.c.state == "waiting")
        turns = sorted(rows, key=lambda row: (row["priority"], row["joined_at"], row["number"]))
        waiting = [{**row, "participant_id": survivor(snapshot, row["participant_id"])} for row in turns]
        return found(snapshot, waiting=waiting)

    def _availability(self, request: Query, kind: str, resource_id: UUID) -> Mapping[str, Any]:
        """``windows`` is empty, and the time zone null, where nothing was stated; reasons are opened here."""
        snapshot = self._at(request, Availabilities.name)
        row = snapshot.one(STATED, kind, resource_id) or {"time_zone": None, "windows": [], "reasons": None}
        reasons: list[str | None] = [None] * len(row["windows"])
        if row["reasons"] is not None:
            opened = self._vault.open(row["reasons"], subject=str(resource_id), context=SEALED_REASONS)
            reasons = opened if isinstance(opened, list) else [str(opened)] * len(reasons)
        windows = [{**window, "reason": reason} for window, reason in zip(row["windows"], reasons, strict=True)]
        return found(snapshot, resource_id=resource_id, time_zone=row["time_zone"], windows=windows)

    def _label(self, row: Mapping[str, Any]) -> str:
        subject = str(row["facilitator_id"])
        return str(self._vault.open(row["label"], subject=subject, context="scheduling.facilitator.registered.label"))
