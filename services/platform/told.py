"""What an event's data says, as commands want it: ids, instants and days out of JSON text, and what goes together.

Each raises ``KeyError`` where the event does not say it: that is another type than was meant.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from events.log.event import Event


def id_in(event: Event, name: str) -> UUID:
    return UUID(event.data[name])


def instant_in(event: Event, name: str) -> datetime:
    return datetime.fromisoformat(event.data[name])


def day_in(event: Event, name: str) -> date:
    return date.fromisoformat(event.data[name])


def episode_in(event: Event) -> dict[str, UUID]:
    """Whose episode it is about: ``participant_id``, ``episode_id``."""
    return {"participant_id": id_in(event, "participant_id"), "episode_id": id_in(event, "episode_id")}


def suspension_in(event: Event) -> dict[str, UUID]:
    """Which suspension of whose episode it is about."""
    return episode_in(event) | {"suspension_id": id_in(event, "suspension_id")}


def link_in(event: Event) -> dict[str, Any]:
    """``surviving_id``, ``retired_id``, and the ``revision`` of what is said about the retired one; 1 where an event of
    old counts none."""
    ids = {name: id_in(event, name) for name in ("surviving_id", "retired_id")}
    return {**ids, "revision": event.data.get("revision", 1)}
