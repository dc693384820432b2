"""Deadlines: what falls due unless something happens first. Set and cancelled by events; ``firing.py`` fires them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, String

from events.follow.projection import Projection
from events.follow.rows import Rows
from events.follow.values import Instant, Json
from events.follow.view import VALID_FROM, VALID_TO, View, view
from events.log import codec
from events.log.event import Event


@dataclass(frozen=True)
class Deadline:
    """When ``due_at`` has come, ``command`` is executed, once. ``key``: whom it concerns, for order and parking."""

    id: str
    key: str
    due_at: datetime
    command: object


@dataclass(frozen=True)
class Set:
    """From here on this deadline stands; one of the same id is replaced."""

    deadline: Deadline


@dataclass(frozen=True)
class Cancel:
    """The deadline of this id does not stand any more."""

    id: str


class Deadlines(Projection):
    """Base of a service's deadlines. Handlers are marked with ``@handles``, take the event and give ``Set`` and
    ``Cancel``.

    ``commands`` lists the command classes that deadlines issue; commands hold no personal data. A command decides for
    itself whether its time has really come: when the state has moved on it does nothing, or refuses with an exception
    of ``nothing_to_do``. ``view`` holds what stands; what has fired stays until it is cancelled.
    """

    commands: ClassVar[tuple[type, ...]]
    nothing_to_do: ClassVar[tuple[type[Exception], ...]] = ()
    view: ClassVar[View]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.view = deadlines_view(cls.name)
        cls.views = (cls.view,)

    def handle(self, event: Event, rows: Rows) -> None:
        changes: Iterable[Set | Cancel] = getattr(self, self.handlers[event.type])(event) or ()
        for change in changes:
            if isinstance(change, Set):
                rows.put(self.view, self._row(change.deadline, event))
            else:
                rows.delete(self.view, change.id)

    def command_from(self, row: Mapping[Any, Any]) -> object:
        """The command of a stored deadline. Raises ``LookupError`` when its class is not listed any more."""
        for cls in self.commands:
            if cls.__name__ == row["command"]:
                return codec.from_json(row["payload"], cls)
        raise LookupError(f"{type(self).__name__}.commands has no {row['command']}")

    def _row(self, deadline: Deadline, event: Event) -> dict[str, Any]:
        if type(deadline.command) not in self.commands:
            raise TypeError(f"{type(self).__name__}.commands does not list {type(deadline.command).__name__}")
        return {
            "id": deadline.id,
            "key": deadline.key,
            "due_at": deadline.due_at,
            "command": type(deadline.command).__name__,
            "payload": codec.plain(deadline.command),
            "correlation_id": event.correlation_id,
            "causation_id": str(event.id),
        }


def deadlines_view(name: str) -> View:
    """The view of one kind of deadlines."""
    return view(
        name,
        Column("id", String),
        Column("key", String, nullable=False),
        Column("due_at", Instant, nullable=False),
        Column("command", String, nullable=False),
        Column("payload", Json, nullable=False),
        Column("correlation_id", String, nullable=False),
        Column("causation_id", String, nullable=False),
        key=("id",),
        indexes=((VALID_TO, "due_at"), (VALID_TO, VALID_FROM)),
    )
