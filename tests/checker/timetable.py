"""Sessions and bookings in the order in which scheduling wrote them: what stood after each instant."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby

from tests.checker.reading import Event, Told, instant

SCHEDULED, MOVED, CHANGED = (f"scheduling.session_{name}.v1" for name in ("scheduled", "moved", "changed"))


@dataclass(frozen=True)
class Session:
    """As it stands. ``leads``: its facilitators."""

    id: str
    series_id: str
    track_id: str
    component: str
    starts_at: datetime
    ends_at: datetime
    day: date
    seats: int
    room: str | None
    leads: frozenset[str]
    event: Event
    cancelled: bool = False
    topic: str | None = None
    """Its code in the track's curriculum."""


@dataclass(frozen=True)
class Booking:
    """As it stands. ``event``: how it was made; ``freed``: how it was given back; ``moved``: whether to another time
    since."""

    id: str
    session_id: str
    participant_id: str
    episode_id: str
    starts_at: datetime
    ends_at: datetime
    kind: str
    event: Event
    freed: Event | None = None
    moved: bool = False


@dataclass
class Timetable:
    """What stands after everything told so far. ``changed``: the events of the last instant."""

    sessions: dict[str, Session] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    live: dict[str, dict[str, Booking]] = field(default_factory=lambda: defaultdict(dict))
    """Session → its bookings that were not given back."""
    held: dict[str, dict[str, Booking]] = field(default_factory=lambda: defaultdict(dict))
    """Participant → the same."""

    def take(self, event: Event) -> None:
        """One event of scheduling's."""
        handler = _HANDLERS.get(event.type)
        if handler is not None:
            handler(self, event)

    def put(self, booking: Booking) -> None:
        self.bookings[booking.id] = booking
        for kept in (self.live[booking.session_id], self.held[booking.participant_id]):
            if booking.freed is None:
                kept[booking.id] = booking
            else:
                kept.pop(booking.id, None)


def instants(told: Told) -> Iterator[tuple[Timetable, list[Event]]]:
    """The timetable after each instant at which scheduling wrote something, and what it wrote then.

    Bookings of several people are told under several keys, so what was first within one instant nobody can tell; what
    stands at its end, everybody."""
    table = Timetable()
    mine = (event for event in told.events if event.source == "scheduling")
    for _, together in groupby(mine, key=lambda event: event.at):
        events = list(together)
        # Sessions first: a booking never comes before its session.
        for event in sorted(events, key=lambda one: not one.type.startswith("scheduling.session_")):
            table.take(event)
        yield table, events


def timetable(told: Told) -> Timetable:
    """What stands in the end."""
    table = Timetable()
    for last, _ in instants(told):
        table = last
    return table


def _scheduled(table: Timetable, event: Event) -> None:
    data = event.data
    table.sessions[data["session_id"]] = Session(
        data["session_id"],
        data["series_id"],
        data["track_id"],
        data["component"],
        instant(data["starts_at"]),
        instant(data["ends_at"]),
        date.fromisoformat(data["local_date"]),
        data["seats"],
        data.get("room"),
        frozenset(data["facilitators"]),
        event,
    )


def _moved(table: Timetable, event: Event) -> None:
    data = event.data
    known = table.sessions[data["session_id"]]
    table.sessions[known.id] = replace(
        known,
        starts_at=instant(data["starts_at"]),
        ends_at=instant(data["ends_at"]),
        day=date.fromisoformat(data["local_date"]),
        event=event,
    )


def _changed(table: Timetable, event: Event) -> None:
    data, known = event.data, table.sessions[event.data["session_id"]]
    table.sessions[known.id] = replace(
        known,
        seats=known.seats if data.get("seats") is None else data["seats"],
        room=None if data.get("without_room") else data.get("room") or known.room,
        leads=known.leads if data.get("facilitators") is None else frozenset(data["facilitators"]),
        topic=known.topic if data.get("topic") is None else data.get("topic_code"),
        event=event,
    )


def _cancelled(table: Timetable, event: Event) -> None:
    known = table.sessions[event.data["session_id"]]
    table.sessions[known.id] = replace(known, cancelled=True, event=event)


def _booked(table: Timetable, event: Event) -> None:
    data = event.data
    table.put(
        Booking(
            data["booking_id"],
            data["session_id"],
            data["participant_id"],
            data["episode_id"],
            instant(data["starts_at"]),
            instant(data["ends_at"]),
            data.get("kind", "regular"),
            event,
        )
    )


def _rebooked(table: Timetable, event: Event) -> None:
    known = table.bookings.get(event.data["booking_id"])
    if known is not None and known.freed is None:
        starts_at, ends_at = instant(event.data["starts_at"]), instant(event.data["ends_at"])
        moved = known.moved or (starts_at, ends_at) != (known.starts_at, known.ends_at)
        table.put(replace(known, starts_at=starts_at, ends_at=ends_at, moved=moved))


def _freed(table: Timetable, event: Event) -> None:
    known = table.bookings.get(event.data["booking_id"])
    if known is not None:
        table.put(replace(known, freed=event))


_HANDLERS: dict[str, Callable[[Timetable, Event], None]] = {
    SCHEDULED: _scheduled,
    MOVED: _moved,
    CHANGED: _changed,
    "scheduling.session_cancelled.v1": _cancelled,
    "scheduling.booking_made.v1": _booked,
    "scheduling.booking_changed.v1": _rebooked,
    "scheduling.booking_cancelled.v1": _freed,
}
