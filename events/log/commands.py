"""What travels with a command, what a decision may touch, and the answer that is remembered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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


Load = Callable[[type[Aggregate], Sequence[UUID]], dict[UUID, Aggregate]]
"""Finds aggregates of one class by their ids; those that the log does not have are left out."""


class Unit:
    """What one decision reads and changes. All its pending events are saved together or not at all."""

    def __init__(self, load: Load, context: Context):
        self.context = context
        self._load = load
        self._aggregates: dict[UUID, Aggregate] = {}
        self._absent: set[UUID] = set()

    def get(self, cls: type[A], id_: UUID) -> A:
        """The aggregate as of now; the same object when asked again. Raises ``NotFound``."""
        found = self.find(cls, id_)
        if found is None:
            raise NotFound(cls, id_)
        return found

    def find(self, cls: type[A], id_: UUID) -> A | None:
        """The aggregate, or None where the log has none of this kind and id. What was missing once is missing to this
        decision: one part of it must not go by what another part did not know."""
        if id_ not in self._absent:
            self.look_up(cls, [id_])
        aggregate = self._aggregates.get(id_)
        return aggregate if isinstance(aggregate, cls) else None

    def look_up(self, cls: type[A], ids: Iterable[UUID]) -> None:
        """Asks for many at once what ``find`` would ask one by one. Those that are missing count as missing from then
        on: should another command add one meanwhile, the two conflict."""
        wanted = [id_ for id_ in dict.fromkeys(ids) if id_ not in self._aggregates and id_ not in self._absent]
        if wanted:
            self._aggregates |= self._load(cls, wanted)
        self._absent.update(wanted)

    def presume_missing(self, ids: Iterable[UUID]) -> None:
        """Takes these for missing without asking, where that is nearly always so. If one is there after all, adding it
        conflicts, and the decision is made again: it has to look then."""
        self._absent.update(ids)

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
