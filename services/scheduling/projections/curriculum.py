"""Which topics does a track teach, in which order and edition?"""

from sqlalchemy import Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

CURRICULA = view(
    "curricula",
    Column("track_id", Uuid),
    Column("edition", String, nullable=False),
    Column("adopted_at", DateTime, nullable=False),
    Column("topics", Json, nullable=False),
    key=("track_id",),
)


class CurriculumOfTrack(Projection):
    """One row per track, in its present edition."""

    name = "curriculum"
    views = (CURRICULA,)

    @handles("scheduling.curriculum.adopted", "scheduling.curriculum.edition_adopted")
    def adopted(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in ("track_id", "edition", "topics")}
        rows.put(CURRICULA, facts | {"adopted_at": event.occurred_at})
