"""Reactions: what this service does of its own accord when something happened, as commands of its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Literal
from uuid import UUID, uuid5

from sqlalchemy import Connection

from events.follow import checkpoint
from events.follow.checkpoint import Checkpoint, LostLease
from events.follow.follower import Clock, Follower, wall_clock
from events.follow.projection import F, handlers_of, handles
from events.follow.tail import Tail
from events.log.commands import Context
from events.log.database import Database
from events.log.event import Event
from events.log.log import EventLog

Dispatch = Callable[[Any, Context], object]
"""Executes a command of the service: finds its application method by the command's class."""

COMMANDS = UUID("2f7b4f0c-94a8-5f1e-9f39-0d6b8d3c5e11")
"""Name space of the ids of commands that nobody typed; fixed for ever."""


def reacts(*types: str) -> Callable[[F], F]:
    """Marks a method as the reaction to these event types."""
    return handles(*types)


class Reaction:
    """Base of all policies: one event in, commands of the own service out. Pure: it may ask nobody.

    ``starts``: a reaction that is new to a log takes up its work at the log's beginning, or only with what comes from
    now on. ``nothing_to_do``: refusals of commands that mean that the matter has settled itself. Any other exception
    parks the event.
    """

    name: ClassVar[str]
    starts: ClassVar[Literal["beginning", "now"]] = "beginning"
    nothing_to_do: ClassVar[tuple[type[Exception], ...]] = ()
    handlers: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.handlers = handlers_of(cls)

    def commands(self, event: Event) -> Iterable[object]:
        """The commands to execute, in order."""
        return getattr(self, self.handlers[event.type])(event) or ()


def command_id(reaction: str, event: Event, index: int, log: EventLog) -> UUID:
    """The same for the same event, whoever handles it and how often: so the command has its effect once."""
    origin = event.origin
    if origin is not None:
        where = f"{origin.source}|{origin.generation}|{origin.partition}|{origin.sequence}"
    else:
        where = f"{log.log_id}|{event.id}"  # the id of an own event is made of log id, generation and position
    return uuid5(COMMANDS, f"{reaction}|{where}|{index}")


class ReactionFollower(Follower):
    """Carries out one reaction. Commands are executed before the checkpoint is written, each in its own transaction;
    what a crash in between repeats is answered by the command id."""

    commands_at_a_time = 50
    """Commands issued before the checkpoint moves, so that a step is short against a lease."""

    def __init__(
        self,
        reaction: Reaction,
        database: Database,
        log: EventLog,
        dispatch: Dispatch,
        *,
        tail: Tail | None = None,
        clock: Clock = wall_clock,
    ):
        super().__init__(f"reaction:{reaction.name}", database, log, tail=tail, clock=clock)
        self.reaction = reaction
        self._dispatch = dispatch
        self._issued = 0

    def wants(self, event: Event) -> bool:
        return event.type in self.reaction.handlers

    def handler(self, event: Event) -> str:
        return f"{self.reaction.name}.{self.reaction.handlers.get(event.type, event.type)}"

    def handle(self, event: Event, at: int) -> None:
        for index, command in enumerate(self.reaction.commands(event)):
            if not self.mine():
                raise LostLease(self.name)
            self._issued += 1
            try:
                self._dispatch(command, self._context(event, index))
            except self.reaction.nothing_to_do:
                continue

    def full(self) -> bool:
        return self._issued >= self.commands_at_a_time

    def process(self, events: Iterable[Event]) -> None:
        self._issued = 0
        super().process(events)

    def take(self, tx: Connection) -> Checkpoint:
        beginning = self.log.head() if self.reaction.starts == "now" else 0
        checkpoint.add(tx, self.name, position=beginning)
        return checkpoint.take(tx, self.name)

    def _context(self, event: Event, index: int) -> Context:
        return Context(
            command_id=command_id(self.reaction.name, event, index, self.log),
            at=self.clock(),
            actor=f"system:{self.reaction.name}",
            roles=frozenset({"system"}),
            correlation_id=event.correlation_id,
            causation_id=str(event.id),
            traceparent=event.traceparent,
        )
