"""Which interactions are flagged in an episode, and which of them did a prescriber acknowledge?"""

from sqlalchemy import Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import Row, view
from events.log.event import Event

FLAGS = view(
    "flags",
    Column("episode_id", Uuid),
    Column("interaction", String),
    Column("pair", String),
    Column("participant_id", Uuid, nullable=False),
    Column("codes", Json, nullable=False),
    Column("severity", String, nullable=False),
    key=("episode_id", "interaction", "pair"),
    indexes=("participant_id",),
)
"""``codes``: RxNorm codes of both ingredients; ``pair``: the same as one text."""

ACKNOWLEDGEMENTS = view(
    "acknowledgements",
    Column("episode_id", Uuid),
    Column("interaction", String),
    Column("pair", String),
    Column("participant_id", Uuid, nullable=False),
    Column("reason", String, nullable=False),
    Column("acknowledged_at", DateTime, nullable=False),
    Column("acknowledged_by", String, nullable=False),
    key=("episode_id", "interaction", "pair"),
    indexes=("participant_id",),
)
"""The last of each pair; kept when the flag is cleared."""


class Interactions(Projection):
    """One row per flag that holds, and one per pair that was acknowledged."""

    name = "interactions"
    views = (FLAGS, ACKNOWLEDGEMENTS)

    @handles("medication_review.interaction_watch.interaction_flagged")
    def flagged(self, event: Event, rows: Rows) -> None:
        rows.put(FLAGS, _of(event) | {name: event.data[name] for name in ("codes", "severity")})

    @handles("medication_review.interaction_watch.interaction_cleared")
    def cleared(self, event: Event, rows: Rows) -> None:
        flag = _of(event)
        rows.delete(FLAGS, flag["episode_id"], flag["interaction"], flag["pair"])

    @handles("medication_review.interaction_watch.interaction_acknowledged")
    def acknowledged(self, event: Event, rows: Rows) -> None:
        told = {name: event.data[name] for name in ("reason", "acknowledged_at")}
        rows.put(ACKNOWLEDGEMENTS, _of(event) | told | {"acknowledged_by": event.actor})


def _of(event: Event) -> Row:
    own = {name: event.data[name] for name in ("episode_id", "interaction", "participant_id")}
    return own | {"pair": " ".join(event.data["codes"])}
