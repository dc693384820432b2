"""The inbox: from RabbitMQ, or pulled from the sources' feeds where there is no broker, into the service's own log."""

import time

from events.follow.checkpoint import LostLease
from events.follow.lease import Leases
from events.follow.loop import FULL_ROUND, linger
from events.log.database import Appended
from events.transport import topology
from events.transport.intake import Intake
from events.transport.receiver import Message, Receiver

KIND = "inbox"
"""Kind of the leases by which copies divide the queues."""


class Inbox:
    """One copy's loop. Call ``step`` for ever; it waits by itself, briefly, when there is nothing to do.

    Without a broker it pulls: whenever ``told`` says that a feed of this process has grown, and every
    ``compare_seconds``. With a broker it does the same comparison, so that whatever the broker lost arrives all the
    same. Without ``leases`` (one process only) everything is this copy's.
    """

    def __init__(
        self,
        receiver: Receiver,
        consumer: str,
        *,
        broker_url: str | None = None,
        leases: Leases | None = None,
        queues: int = topology.DEFAULT_QUEUES,
        told: Appended | None = None,
        batch: int = 500,
        window: float = 0.02,
        patience: float = 0.2,
        compare_seconds: float = 2.0,
        crowd: int = 1,
    ):
        self.receiver = receiver
        self.queues = queues
        self.batch = batch
        self._crowd = crowd
        self.owned: frozenset[int] = frozenset()
        """The queues that are this copy's."""
        self.partitions: frozenset[int] = frozenset()
        self._leases = leases
        self._told = told or Appended()
        self._told_seen = -1
        self._window = window
        self._patience = patience
        self._compare_seconds = compare_seconds
        self._next_compare = 0.0
        self._next_balance = 0.0
        self._pending: list[Message] = []
        self._intake = (
            Intake(broker_url, consumer, queues, sorted(receiver.sources), prefetch=4 * batch) if broker_url else None
        )

    def step(self) -> int:
        """One round; the number of events passed. Raises what the database raises; step again later, all is kept."""
        try:
            self._balance()
            began = time.monotonic()
            passed = self._compare()
            took = time.monotonic() - began
            return passed + (self._receive() if self._intake else self._idle(passed, took))
        except LostLease:  # another copy works on the same partitions: look again who has what
            self._next_balance = 0.0
            return 0

    def close(self) -> None:
        """Stops consuming. Leases are given back by their owner."""
        if self._intake:
            self._intake.close()
        self._pending = []

    def _balance(self) -> None:
        names = [str(queue) for queue in range(self.queues)]
        now = time.monotonic()
        if self._leases is None:
            owned = frozenset(range(self.queues))
        else:
            sure = all(self._leases.owns(KIND, str(queue)) for queue in self.owned)
            if sure and now < self._next_balance:
                return
            owned = frozenset(int(name) for name in self._leases.balance(KIND, names))
            self._next_balance = now + self._leases.ttl / 4
        if owned == self.owned:
            return
        self.owned = owned
        self.partitions = frozenset(p for queue in owned for p in topology.partitions_of(queue, self.queues))
        self.receiver.forget()
        self.receiver.behind.keep(self.partitions)
        self._next_compare = 0.0
        if self._intake:
            self._intake.consume(owned)

    def _compare(self) -> int:
        """Pulls what is missing: at the start, every few seconds, on a gap, and at once while there is more."""
        heard = not self._intake and self._told.count != self._told_seen
        if not self.owned:
            return 0
        if time.monotonic() < self._next_compare and not heard:
            passed = self.receiver.collect(self.partitions)
        else:
            self._told_seen = self._told.count
            self._next_compare = time.monotonic() + self._compare_seconds
            passed = self.receiver.catch_up(self.partitions, patient=self._intake is not None)
        if passed and self.receiver.behind:
            self._next_compare = 0.0
        return passed

    def _receive(self) -> int:
        assert self._intake is not None
        if not self._pending:
            patience = self._patience if self._next_compare else 0.001
            self._pending = self._intake.collect(self.batch, self._window, patience)
        if not self._pending:
            return 0
        behind = len(self.receiver.behind)
        passed = self.receiver.accept(self._pending)
        self._pending = []
        self._intake.acknowledge()
        if len(self.receiver.behind) > behind:
            self._next_compare = 0.0
        return passed

    def _idle(self, passed: int, took: float) -> int:
        if not passed:
            self._told.wait(self._told_seen, min(self._patience, self._compare_seconds))
        elif passed < FULL_ROUND:
            time.sleep(linger(took, self._crowd))
        return 0
