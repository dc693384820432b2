"""Which participant ids are the same person?"""

from collections.abc import Iterable
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

    @handles("scheduling.person.merged_into")
    def merged(self, event: Event, rows: Rows) -> None:
        rows.put(ALIASES, {"retired_id": event.stream, "surviving_id": event.data["surviving_id"]})

    @handles("scheduling.person.separated_from")
    def separated(self, event: Event, rows: Rows) -> None:
        rows.delete(ALIASES, event.stream)


def survivor(snapshot: Snapshot, participant_id: UUID | str) -> str:
    """The id that stands for the person."""
    current, above = str(participant_id), {str(participant_id)}
    while (row := snapshot.one(ALIASES, current)) is not None and row["surviving_id"] not in above:
        current = row["surviving_id"]
        above.add(current)  # until all is told, links may lead in a circle
    return current


def all_ids(snapshot: Snapshot, participant_id: UUID | str) -> list[str]:
    """Every id of the person, the survivor first."""
    found = [survivor(snapshot, participant_id)]
    for known in found:  # grows while it is read: aliases may have aliases
        retired: Iterable[str] = (row["retired_id"] for row in snapshot.many(ALIASES, ALIASES.c.surviving_id == known))
        found.extend(id_ for id_ in retired if id_ not in found)
    return found
