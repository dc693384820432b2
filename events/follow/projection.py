"""Projections: folds of one log into views. One question per projection, answered from row versions."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from events.follow.rows import Rows
from events.follow.view import View
from events.log.event import Event

F = TypeVar("F", bound=Callable[..., Any])


def handles(*types: str) -> Callable[[F], F]:
    """Marks a method as the handler of these event types, own (``service.aggregate.event``) or received (``….v1``)."""
    if not types:
        raise ValueError("name the event types that this method handles")

    def mark(method: F) -> F:
        method.__dict__["_event_types"] = types
        return method

    return mark


def handlers_of(cls: type) -> dict[str, str]:
    """Event type → method name. Raises ``TypeError`` when two methods handle one type."""
    found: dict[str, str] = {}
    for name in dir(cls):
        for type_ in getattr(getattr(cls, name), "_event_types", ()):
            if found.setdefault(type_, name) != name:
                raise TypeError(f"{cls.__name__} handles {type_} in {found[type_]} and in {name}")
    return found


class Projection:
    """Base of all projections. Handlers are pure folds: no clock, no I/O, no state but the rows.

    Raise ``version`` when handlers or views change: the new version is then built beside the old one and takes its
    place once it has caught up.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    views: ClassVar[tuple[View, ...]]
    handlers: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.handlers = handlers_of(cls)

    def handle(self, event: Event, rows: Rows) -> None:
        """Folds one event."""
        getattr(self, self.handlers[event.type])(event, rows)
