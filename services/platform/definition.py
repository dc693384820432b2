"""What a service is. Each service's ``wiring.py`` has ``define()``, which returns one of these."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from eventsourcing.domain import Aggregate

from events.log.event import Event
from events.log.vault import Vault
from services.platform.clock import Clock
from services.platform.packs import Packs
from services.platform.problem import Problem
from services.platform.settings import Settings

if TYPE_CHECKING:
    from events.follow.deadline import Deadlines
    from events.follow.projection import Projection
    from events.follow.reaction import Reaction
    from events.follow.reading import Reader
    from events.log.log import EventLog
    from events.transport.feed import Published
    from services.platform.what_if import Findings, Supposed


@dataclass(frozen=True)
class Runtime:
    """What a service is built with, once per process.

    ``clock()`` is now. ``extras`` holds what the composition root adds for one service, such as hospital links.
    """

    service: str
    log: "EventLog"
    reader: "Reader"
    vault: Vault
    clock: Clock
    settings: Settings
    packs: Packs
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceDefinition:
    """One service, complete.

    ``shell`` is the class whose methods are marked with ``@command`` and ``@query``. ``application`` builds what the
    shell finds as ``self.application``; where there are reactions or deadlines it also has
    ``handle(command, context) -> Answer``, which executes any command of the service by the command's class.
    ``consumes`` are the published types that the service stores. Projections, reactions and deadlines are classes,
    built by ``cls.build(runtime)`` where they have that classmethod, else by ``cls()``.
    ``what_if`` finds what other rule packs would have changed; None where the service judges nothing by packs.
    ``background`` makes further loops of the service, such as a listener for hospital messages; see ``Loop``.
    """

    name: str
    aggregates: tuple[type[Aggregate], ...]
    shell: type
    application: Callable[[Runtime], Any]
    publish: "Callable[[Event], Iterable[Published]]"
    consumes: frozenset[str] = frozenset()
    projections: "tuple[type[Projection], ...]" = ()
    reactions: "tuple[type[Reaction], ...]" = ()
    deadlines: "tuple[type[Deadlines], ...]" = ()
    background: "Callable[[Runtime, Any], Iterable[Loop]]" = lambda runtime, application: ()
    errors: Mapping[type[Exception], Problem] = field(default_factory=dict)
    what_if: "Callable[[Runtime, Supposed], Findings] | None" = None


class Loop(Protocol):
    """Something that works in steps until the process ends. One whose steps wait for work by themselves, so that
    nothing has to be waited for after them, has a method ``wait(seconds)`` that does nothing."""

    name: str

    def step(self) -> int:
        """One bounded piece of work; how much was done, 0 when there was nothing to do."""
        ...

    def close(self) -> None:
        """Gives back what it holds. Called once, after the last step."""
        ...
