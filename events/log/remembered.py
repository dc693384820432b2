"""Aggregates as they were when their streams were last read, so that a decision reads what is new in a long stream and
not all of it again: a track's stream goes on for as long as there is a program."""

from collections import OrderedDict
from collections.abc import Collection
from copy import deepcopy
from threading import Lock
from uuid import UUID

from eventsourcing.domain import Aggregate

EVERY = 16
"""Events after which a stream is remembered anew: so many of them are read again at most, and shorter streams whole."""

MOST = 256
"""Aggregates that a process remembers; what nobody asked for longest goes first."""


class Remembered:
    """What may be remembered in this process; all others' streams are read whole. Nobody changes what is remembered:
    who takes one gets a copy.

    ``personal``: the classes with personal fields. Those are opened at each reading, so that they are gone when their
    key is destroyed; none is remembered.
    """

    def __init__(self, personal: Collection[type[Aggregate]]):
        self._personal = personal
        self._known: OrderedDict[UUID, Aggregate] = OrderedDict()
        self._lock = Lock()

    def take(self, stream: UUID) -> Aggregate | None:
        """A copy for a decision to change, as of the version up to which the stream was read."""
        with self._lock:
            known = self._known.get(stream)
            if known is None:
                return None
            self._known.move_to_end(stream)
        return deepcopy(known)

    def keep(self, aggregate: Aggregate, before: int) -> None:
        """Remembers one as it was read, if that is worth it. ``before``: the version that was taken, 0 for none."""
        if aggregate.version - before < EVERY or type(aggregate) in self._personal:
            return
        copy = deepcopy(aggregate)
        with self._lock:
            known = self._known.get(aggregate.id)
            if known is None or known.version < copy.version:
                self._known[aggregate.id] = copy
            while len(self._known) > MOST:
                self._known.popitem(last=False)
