"""Who may lead, which rooms are there, and which series are planned?"""

from sqlalchemy import JSON, Column, Date, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

FACILITATORS = view(
    "facilitators",
    Column("facilitator_id", Uuid),
    Column("label", String, nullable=False),
    Column("qualifications", JSON, nullable=False),
    key=("facilitator_id",),
)
ROOMS = view(
    "rooms",
    Column("room_id", Uuid),
    Column("code", String, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("modality", String, nullable=False),
    key=("room_id",),
)
SERIES = view(
    "series",
    Column("series_id", Uuid),
    Column("track_id", Uuid, nullable=False),
    Column("component", String, nullable=False),
    Column("title", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("first_date", Date, nullable=False),
    Column("local_start", String, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("seats_min", Integer, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("facilitators", JSON, nullable=False),
    Column("room", String),
    Column("modality", String, nullable=False),
    Column("scheduled_through", Date),
    Column("changed_from", Date),
    Column("ended_from", Date),
    key=("series_id",),
    indexes=("track_id",),
)


class Directory(Projection):
    """What a timetable is made of. Facilitators' labels stay sealed here and are opened as they leave.
    A series stands here as it was changed last, and from which day on; and from which day on it is no more."""

    name = "directory"
    version = 3
    views = (FACILITATORS, ROOMS, SERIES)

    @handles("scheduling.facilitator.registered")
    def facilitator_registered(self, event: Event, rows: Rows) -> None:
        rows.put(FACILITATORS, {"facilitator_id": event.stream, **event.data})

    @handles("scheduling.facilitator.qualifications_changed")
    def qualifications_changed(self, event: Event, rows: Rows) -> None:
        rows.change(FACILITATORS, event.stream, qualifications=event.data["qualifications"])

    @handles("scheduling.room.opened")
    def room_opened(self, event: Event, rows: Rows) -> None:
        rows.put(ROOMS, {"room_id": event.stream, **event.data})

    @handles("scheduling.series.planned")
    def series_planned(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in SERIES.columns if name in event.data}
        rows.put(SERIES, facts | {"series_id": event.stream})

    @handles("scheduling.series.changed")
    def series_changed(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in SERIES.columns if name in event.data}
        rows.change(SERIES, event.stream, **facts, changed_from=event.data["from_date"])

    @handles("scheduling.series.ended")
    def series_ended(self, event: Event, rows: Rows) -> None:
        rows.change(SERIES, event.stream, ended_from=event.data["from_date"])

    @handles("scheduling.series.horizon_extended")
    def horizon_extended(self, event: Event, rows: Rows) -> None:
        known = (rows.get(SERIES, event.stream) or {}).get("scheduled_through")
        through = event.data["through"]
        if known is None or through > known.isoformat():
            rows.change(SERIES, event.stream, scheduled_through=through)
