"""One durable append for what all connections delivered at about the same time."""

import queue
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from services.interop.receiving import Incoming, Receipt

BATCH = 200
GATHER_SECONDS = 0.001
"""How long the first message of a batch waits for others."""
IDLE_SECONDS = 0.2
WAITING_AT_MOST = 2000


class Keeper(Protocol):
    """Keeps messages durably and says what to answer."""

    def receive(self, incoming: list[Incoming], transport: str) -> list[Receipt]: ...


@dataclass
class _Delivery:
    incoming: Incoming
    after: "Future[Receipt] | None"
    answer: "Future[Receipt]" = field(default_factory=Future)

    @property
    def overtakes(self) -> bool:
        """Whether the one before it on its connection could not be kept, and will be sent again."""
        return self.after is not None and self.after.done() and self.after.exception() is not None


class Intake:
    """A loop of the service. ``submit`` may be called from any thread; it blocks when too much is waiting."""

    name = "hospital intake"

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._queue: queue.Queue[_Delivery] = queue.Queue(WAITING_AT_MOST)

    def submit(self, incoming: Incoming, after: "Future[Receipt] | None" = None) -> "Future[Receipt]":
        """The receipt comes when the message is durable; an exception where it could not be kept: then nothing may be
        acknowledged. ``after``: the one before it on the same connection, without which it is not kept either."""
        delivery = _Delivery(incoming, after)
        self._queue.put(delivery)
        return delivery.answer

    def step(self) -> int:
        """Keeps one batch. What goes wrong is told to those who wait, then raised."""
        batch = []
        for one in self._gather():
            if one.overtakes:
                one.answer.set_exception(ConnectionError("the message before it could not be kept"))
            else:
                batch.append(one)
        if not batch:
            return 0
        try:
            receipts = self._keeper.receive([one.incoming for one in batch], batch[0].incoming.transport)
        except Exception as error:
            for one in batch:
                one.answer.set_exception(error)
            raise
        for one, receipt in zip(batch, receipts, strict=True):
            one.answer.set_result(receipt)
        return len(batch)

    def close(self) -> None:
        """Whoever still waits learns that nothing was kept."""
        while True:
            try:
                self._queue.get_nowait().answer.set_exception(ConnectionError("the service is stopping"))
            except queue.Empty:
                return

    def _gather(self) -> list[_Delivery]:
        try:
            batch = [self._queue.get(timeout=IDLE_SECONDS)]
        except queue.Empty:
            return []
        until = time.monotonic() + GATHER_SECONDS
        while len(batch) < BATCH:
            try:
                batch.append(self._queue.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        return batch
