"""How do a participant's symptoms develop?"""

from sqlalchemy import Boolean, Column, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant, Json
from events.follow.view import view
from events.log.event import Event
from services.enrollment.domain.scoring import of_total

SCORE = view(
    "score",
    Column("score_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("instrument", String, nullable=False),
    Column("occasion", String, nullable=False),
    Column("answers", String),
    Column("score", Integer, nullable=False),
    Column("band", String, nullable=False),
    Column("scales", Json, nullable=False),
    Column("safety_trigger", Boolean, nullable=False),
    Column("scored_by", String, nullable=False),
    Column("scored_at", Instant, nullable=False),
    Column("decided_by", Json),
    key=("score_id",),
    indexes=("participant_id", ("episode_id", "instrument")),
)
"""``ordinal``: the order of scoring within the episode. ``answers`` are sealed. ``scales``: of each its name,
exact ``score``, ``band``, ``case`` and ``reliable_change`` as they held then; ``score`` and ``band`` are the leading
one's, in whole points."""


class Scores(Projection):
    name = "scores"
    version = 3
    views = (SCORE,)

    @handles("enrollment.follow_up.instrument_scored")
    def scored(self, event: Event, rows: Rows) -> None:
        data = event.data
        scales = data.get("scales") or [of_total(data["instrument"], data["score"], data["band"])]
        rows.put(SCORE, {**data, "scales": scales, "ordinal": event.version})
