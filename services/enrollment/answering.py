"""What every query of enrollment needs. Sealed values are opened here, for those whose role may read them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import or_

from events.follow.reading import Reader, Snapshot
from events.log.vault import Vault
from services.enrollment.places import SEALED
from services.enrollment.projections.who_is_who import ALIAS
from services.platform.answering import FromViews
from services.platform.packs import Packs
from services.platform.tokens import Role

Row = Mapping[str, Any]
READS_CLINICAL = frozenset({Role.COORDINATOR, Role.THERAPIST, Role.PRESCRIBER, Role.AUDITOR})
"""May read reasons, rationales, answers and plans."""


class Answering(FromViews):
    """Where answers come from: the views, the keys that open what is sealed, the packs."""

    def __init__(self, reader: Reader, vault: Vault, packs: Packs) -> None:
        super().__init__(reader)
        self._vault = vault
        self._packs = packs

    def _opened(self, rows: Iterable[Row], allowed: bool, *names: str, whose: object = None) -> list[dict[str, Any]]:
        """The rows with these sealed columns opened, or without them for those who may not read them."""
        if not allowed:
            return [{name: value for name, value in row.items() if name not in names} for row in rows]
        return [
            {**row, **{name: self._value(row[name], name, row.get("participant_id", whose)) for name in names}}
            for row in rows
        ]

    def _value(self, sealed: str | None, name: str, whose: object) -> Any:
        return (self._vault.open(sealed, subject=str(whose), context=SEALED[name]) or None) if sealed else None


def all_ids(snapshot: Snapshot, participant_id: str) -> list[str]:
    """All ids of a person, the one under which they go on first."""
    found = snapshot.many(ALIAS, or_(ALIAS.c.participant_id == participant_id, ALIAS.c.surviving_id == participant_id))
    survivor = next((row["surviving_id"] for row in found if row["participant_id"] == participant_id), None)
    if survivor is not None:
        found = snapshot.many(ALIAS, ALIAS.c.surviving_id == survivor)
    return [survivor or participant_id, *(row["participant_id"] for row in found)]
