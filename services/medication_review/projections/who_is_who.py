"""Which participant ids are the same person?"""

from uuid import UUID

from sqlalchemy import Column, Uuid

from events.follow.projection import Projection, handles
from events.follow.reading import Snapshot
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

ALIASES = view(
    "aliases",
    Column("retired_id", Uuid),
    Column("surviving_id", Uuid, nullable=False),
    key=("retired_id",),
    indexes=("surviving_id",),
)


class WhoIsWho(Projection):
    """One row per id that was merged into another."""

    name = "who_is_who"
    views = (ALIASES,)

    @handles("enrollment.participants_merged.v1")
    def merged(self, event: Event, rows: Rows) -> None:
        ids = {name: event.data[name] for name in ("retired_id", "surviving_id")}
        rows.put(ALIASES, ids)


def all_ids(snapshot: Snapshot, participant_id: UUID | str) -> list[str]:
    """Every id of the person, the survivor first."""
    survivor = str(participant_id)
    while (row := snapshot.one(ALIASES, survivor)) is not None:
        survivor = row["surviving_id"]
    found = [survivor]
    for known in found:  # grows while it is read: aliases may have aliases
        retired = [row["retired_id"] for row in snapshot.many(ALIASES, ALIASES.c.surviving_id == known)]
        found.extend(id_ for id_ in retired if id_ not in found)
    return found
