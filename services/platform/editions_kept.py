"""What each edition of a rule pack said when it was first in force: an edition is not edited afterwards.

Judgements name the edition that decided. Were its numbers changed in place, a week judged again would be judged by
others under the same name. So a service keeps, beside its log, what every edition in force says, and refuses to start
where one says something else now. An edition that is not in force yet may still be written.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, MetaData, String, Table, select, text

from events.log.database import Database
from services.platform.pack_files import Edition
from services.platform.packs import Packs
from services.platform.settings import BadSetting

metadata = MetaData()

SAID = Table(
    "rule_pack_said",
    metadata,
    Column("edition", String, primary_key=True),
    Column("parameter", String, primary_key=True),
    Column("value", String, nullable=False),
)
"""One row per parameter of an edition that was in force when a service started."""

_KEEP = text(
    "INSERT INTO rule_pack_said (edition, parameter, value) VALUES (:edition, :parameter, :value) "
    "ON CONFLICT DO NOTHING"
)
"""Copies of a service may start at once and say the same."""


def check(database: Database, packs: Packs, today: date) -> None:
    """Keeps what is new and compares what is known. Raises ``BadSetting`` naming edition and parameter."""
    in_force = [edition for name in packs.names for edition in packs.editions(name) if edition.effective_from <= today]
    with database.read() as connection:
        rows = connection.execute(select(SAID.c.edition, SAID.c.parameter, SAID.c.value)).all()
    kept: dict[str, dict[str, str]] = {}
    for edition_name, parameter, value in rows:
        kept.setdefault(edition_name, {})[parameter] = value
    edited = [what for edition in in_force for what in _edited(edition, kept.get(edition.version), packs)]
    if edited:
        raise BadSetting(
            "DAYBOOK_RULE_PACKS",
            f"edited although in force: {'; '.join(edited)}",
            "judgements name this edition: give the change an edition of its own (effective_from, and effective_to "
            "for the one before), or put the old value back; `daybook what-if --packs FILE` shows what it would change",
        )
    new = [
        {"edition": edition.version, "parameter": parameter, "value": value}
        for edition in in_force
        for parameter, value in said(edition).items()
        if parameter not in kept.get(edition.version, {})
    ]
    if new:
        with database.begin() as tx:
            tx.execute(_KEEP, new)


def said(edition: Edition) -> dict[str, str]:
    """Parameter → its value by age group, written so that equal values are written alike."""
    return {
        key: "; ".join(f"{age} {_written(value)}" for age, value in sorted(stated.values.items()))
        for key, stated in edition.rules.items()
    }


def _edited(edition: Edition, kept: Mapping[str, str] | None, packs: Packs) -> Iterator[str]:
    """A shipped edition may say more after an upgrade, for code that did not ask before; none may say otherwise."""
    if kept is None:
        return
    now = said(edition)
    for parameter in sorted(kept.keys() | now.keys()):
        before, after = kept.get(parameter), now.get(parameter)
        added = before is None and edition.name in packs.shipped
        if before != after and not added:
            yield f"{parameter} of {edition.version} was {before or 'not there'} and is {after or 'gone'}"


def _written(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
