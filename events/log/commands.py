"""What travels with a command, what a decision may touch, and the answer that is remembered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.domain import Aggregate, CanMutateAggregate

from events.contract.canonical import dumps
from events.log import codec
from events.log.errors import NotFound

A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, when, why, and knowing what. ``known_at``: service → position of the views that the decision rests
    on."""

    command_id: UUID
    at: datetime
    actor: str
    roles: frozenset[str]
    correlation_id: str
    causation_id: str | None = None
    known_at: Mapping[str, int] = field(default_factory=dict)
    traceparent: str | None = None


@dataclass(frozen=True)
class Answer:
    """The stored answer of a command. ``position``: the last record that it appended, or the log's head where it
    appended none. ``repeated``: the command had been answered before, and this is that answer."""

    body: Mapping[str, Any]
    position: int
    repeated: bool


class Unit:
    """What one decision reads and changes. All its pending events are saved together or not at all."""

    def __init__(self, load: Callable[[type[Aggregate], UUID], Aggregate | None], context: Context):
        self.context = context
        self._load = load
        self._aggregates: dict[UUID, Aggregate] = {}

    def get(self, cls: type[A], id_: UUID) -> A:
        """The aggregate as of now; the same object when asked again. Raises ``NotFound``."""
        found = self.find(cls, id_)
        if found is None:
            raise NotFound(cls, id_)
        return found

    def find(self, cls: type[A], id_: UUID) -> A | None:
        """The aggregate, or None where the log has none of this kind and id."""
        aggregate = self._aggregates.get(id_)
        if aggregate is None:
            aggregate = self._load(cls, id_)
            if aggregate is None:
                return None
            self._aggregates[id_] = aggregate
        return aggregate if isinstance(aggregate, cls) else None

    def add(self, aggregate: A) -> A:
        """Takes in a new aggregate. Raises ``ValueError`` when the unit has another one of this id."""
        if self._aggregates.setdefault(aggregate.id, aggregate) is not aggregate:
            raise ValueError(f"this unit already has an aggregate {aggregate.id}")
        return aggregate

    def collect(self) -> list[CanMutateAggregate[Any]]:
        """The pending events of all aggregates, in the order in which the aggregates were taken in."""
        return [event for aggregate in self._aggregates.values() for event in aggregate.collect_events()]


def payload(command: object) -> bytes:
    """Canonical JSON of the command's name and fields. Raises ``TypeError`` for what is no dataclass."""
    if not is_dataclass(command) or isinstance(command, type):
        raise TypeError(f"a command is a dataclass instance, not {type(command).__name__}")
    return dumps([type(command).__name__, codec.plain(command)])
