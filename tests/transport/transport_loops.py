"""Runs relay and inboxes in threads, as a service's process does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from sqlalchemy.exc import DBAPIError
from transport_world import Hearer, Source

from events.follow.lease import Leases
from events.log.errors import Busy
from events.transport import topology
from events.transport.inbox import Inbox
from events.transport.relay import Relay
from tests.support.patience import PATIENCE_SECONDS, until


class Loop:
    """Steps something for ever, until ``stop``."""

    def __init__(self, step: Callable[[], int], close: Callable[[], None]):
        self._step, self._close = step, close
        self._stopping = Event()
        self.failure: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    if not self._step():
                        self._stopping.wait(0.01)
                except (DBAPIError, Busy):
                    self._stopping.wait(0.1)
        except BaseException as failure:
            self.failure = failure
        finally:
            self._close()

    def ask_to_stop(self) -> None:
        self._stopping.set()

    def stop(self) -> None:
        self.ask_to_stop()
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()
        if self.failure:
            raise self.failure


@contextmanager
def relaying(source: Source, url: str, batch: int = 500) -> Iterator[Relay]:
    relay = Relay(source.database, source.log.source, url, batch=batch)
    loop = Loop(relay.step, relay.close)
    try:
        yield relay
    finally:
        loop.stop()


class Copy:
    """One copy of a hearing service."""

    def __init__(
        self,
        hearer: Hearer,
        url: str | None,
        name: str = "only",
        *,
        queues: int = 4,
        ttl: float = 4.0,
        compare_seconds: float = 0.5,
    ):
        self.leases = Leases(hearer.database, name, ttl=ttl)
        self.receiver = hearer.another_receiver()
        self.inbox = Inbox(
            self.receiver,
            hearer.name,
            broker_url=url,
            leases=self.leases,
            queues=queues,
            compare_seconds=compare_seconds,
        )
        self._loop = Loop(self.inbox.step, self.inbox.close)

    def stop(self, *, orderly: bool = True) -> None:
        self._loop.stop()
        if orderly:
            self.leases.release()


@contextmanager
def listening(hearer: Hearer, url: str | None, **options: float) -> Iterator[Copy]:
    copy = Copy(hearer, url, **options)
    try:
        yield copy
    finally:
        copy.stop()


def eventually(holds: Callable[[], object], what: str = "it") -> None:
    """Fails when something does not become true in time."""
    until(holds, what)


def all_heard(source: Source, hearer: Hearer) -> Callable[[], bool]:
    def heard() -> bool:
        heads = source.local.heads().heads
        return {place.partition: number for place, number in hearer.marks().items()} == heads and (
            hearer.known() == source.consumed()
        )

    return heard


def queue_names(consumer: str, queues: int = 4) -> list[str]:
    return [topology.queue_name(consumer, queue) for queue in range(queues)]
