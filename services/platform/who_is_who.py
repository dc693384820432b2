"""Which participant ids are the same person? For services that follow merges, and their undoing, as told."""

from uuid import UUID

from sqlalchemy import Column, Integer, Uuid

from events.follow.projection import Projection, handles
from events.follow.reading import Snapshot
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

ALIASES = view(
    "aliases",
    Column("retired_id", Uuid),
    Column("surviving_id", Uuid),
    Column("revision", Integer, nullable=False),
    key=("retired_id",),
    indexes=("surviving_id",),
)
"""``surviving_id``: none after an un-merge. ``revision``: of what was said about the retired id; the highest counts."""


class WhoIsWho(Projection):
    """One row per id that was ever merged into another."""

    name = "who_is_who"
    version = 2
    views = (ALIASES,)

    @handles("enrollment.participants_merged.v1")
    def merged(self, event: Event, rows: Rows) -> None:
        self._said(event, rows, event.data["surviving_id"])

    @handles("enrollment.participants_unmerged.v1")
    def unmerged(self, event: Event, rows: Rows) -> None:
        self._said(event, rows, None)

    @staticmethod
    def _said(event: Event, rows: Rows, surviving_id: str | None) -> None:
        """Keeps the last word, in whatever order both keys' copies come."""
        retired_id, revision = event.data["retired_id"], event.data.get("revision", 1)
        before = rows.get(ALIASES, retired_id)
        if before is None or before["revision"] < revision:
            rows.put(ALIASES, {"retired_id": retired_id, "surviving_id": surviving_id, "revision": revision})


def survivor(snapshot: Snapshot, participant_id: UUID | str) -> str:
    """The id that stands for the person."""
    current, above = str(participant_id), {str(participant_id)}
    while (row := snapshot.one(ALIASES, current)) is not None and row["surviving_id"] not in {None, *above}:
        current = row["surviving_id"]
        above.add(current)  # until all is told, links may lead in a circle
    return current


def all_ids(snapshot: Snapshot, participant_id: UUID | str) -> list[str]:
    """Every id of the person, the survivor first."""
    found = [survivor(snapshot, participant_id)]
    for known in found:  # grows while it is read: aliases may have aliases
        retired = [row["retired_id"] for row in snapshot.many(ALIASES, ALIASES.c.surviving_id == known)]
        found.extend(id_ for id_ in retired if id_ not in found)
    return found
