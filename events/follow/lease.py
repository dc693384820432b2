"""How the copies of a service divide named units of work: leases with expiry in the service's database, on its clock.

See ``docs/adr/0002-how-followers-share-work.md``.
"""

import time
import zlib
from collections.abc import Sequence

from sqlalchemy import Connection, Double, delete, func, literal_column, select, update

from events.follow.checkpoint import add_missing
from events.follow.tables import COPY, LEASE
from events.log.database import Database

TTL_SECONDS = 10.0
"""How long a copy that fell silent keeps its work."""


def fair_share(kind: str, copies: Sequence[str], copy: str, units: int) -> int:
    """How many of ``units`` this copy takes: equal shares, the rest to the first ones of an order that depends on the
    kind, so that the same copy does not get the rest of everything."""
    order = sorted(copies)
    start = zlib.crc32(kind.encode()) % len(order)
    rank = (order.index(copy) - start) % len(order)
    return units // len(order) + (1 if rank < units % len(order) else 0)


class Leases:
    """The leases of one copy of a service.

    ``balance`` renews, gives back and takes; call it a few times per ``ttl``. In between ``owns`` tells from memory.
    Copies share per kind: a copy counts for a kind once it has balanced it.
    """

    def __init__(self, database: Database, copy_id: str, *, ttl: float = TTL_SECONDS):
        self.copy_id = copy_id
        self.ttl = ttl
        self._database = database
        self._held: dict[tuple[str, str], tuple[int, float]] = {}

    def owns(self, kind: str, name: str) -> bool:
        """Whether this copy holds the lease, by its own clock; one that was frozen sees that time has passed."""
        held = self._held.get((kind, name))
        return held is not None and time.monotonic() < held[1]

    def token(self, kind: str, name: str) -> int | None:
        """The fencing token of a lease that is held: it grows with every change of hands."""
        held = self._held.get((kind, name))
        return held[0] if held is not None and self.owns(kind, name) else None

    def balance(self, kind: str, names: Sequence[str]) -> dict[str, int]:
        """One round for one kind of work: the names now held, with their fencing tokens."""
        started = time.monotonic()
        with self._database.begin() as tx:
            now = _now(tx)
            copies = self._report(tx, kind, now)
            share = fair_share(kind, copies, self.copy_id, len(names))
            mine = self._renew(tx, kind, names, now, share)
            for name in self._free(tx, kind, names, now)[: share - len(mine)]:
                token = self._take(tx, kind, name, now)
                if token is not None:
                    mine[name] = token
        for key in [key for key in self._held if key[0] == kind]:
            del self._held[key]
        for name, token in mine.items():
            self._held[kind, name] = (token, started + self.ttl)
        return mine

    def drop(self, kind: str, name: str) -> None:
        """Forgets a lease here, after somebody else turned out to have the work. The next ``balance`` settles it."""
        self._held.pop((kind, name), None)

    def release(self) -> None:
        """Gives everything back at once, so that others need not wait for the expiry: on an orderly stop."""
        self._held.clear()
        with self._database.begin() as tx:
            tx.execute(delete(COPY).where(COPY.c.copy == self.copy_id))
            tx.execute(update(LEASE).where(LEASE.c.copy == self.copy_id).values(copy=None, expires_at=0))

    def _report(self, tx: Connection, kind: str, now: float) -> list[str]:
        """Says that this copy is alive; who else is."""
        tx.execute(delete(COPY).where(COPY.c.kind == kind, COPY.c.expires_at < now))
        until = now + self.ttl
        if not add_missing(tx, COPY, kind=kind, copy=self.copy_id, expires_at=until):
            tx.execute(update(COPY).where(COPY.c.kind == kind, COPY.c.copy == self.copy_id).values(expires_at=until))
        return list(tx.scalars(select(COPY.c.copy).where(COPY.c.kind == kind)))

    def _renew(self, tx: Connection, kind: str, names: Sequence[str], now: float, share: int) -> dict[str, int]:
        """Renews what this copy holds, up to its share; gives back the rest."""
        mine = (LEASE.c.kind == kind) & (LEASE.c.copy == self.copy_id)
        query = select(LEASE.c.name, LEASE.c.token).where(mine, LEASE.c.expires_at >= now).order_by(LEASE.c.name)
        held = {name: token for name, token in tx.execute(query) if name in names}
        kept = dict(list(held.items())[:share])
        tx.execute(update(LEASE).where(mine, LEASE.c.name.not_in(list(kept))).values(copy=None, expires_at=0))
        renewed = tx.execute(
            update(LEASE)
            .where(mine, LEASE.c.name.in_(list(kept)))
            .values(expires_at=now + self.ttl)
            .returning(LEASE.c.name, LEASE.c.token)
        )
        return {row.name: row.token for row in renewed}

    @staticmethod
    def _free(tx: Connection, kind: str, names: Sequence[str], now: float) -> list[str]:
        query = select(LEASE.c.name).where(LEASE.c.kind == kind, LEASE.c.expires_at >= now)
        taken = set(tx.scalars(query))
        return [name for name in names if name not in taken]

    def _take(self, tx: Connection, kind: str, name: str, now: float) -> int | None:
        """Takes a free lease; None when another copy was quicker."""
        add_missing(tx, LEASE, kind=kind, name=name, copy=None, token=0, expires_at=0)
        taken = tx.execute(
            update(LEASE)
            .where(LEASE.c.kind == kind, LEASE.c.name == name, LEASE.c.expires_at < now)
            .values(copy=self.copy_id, token=LEASE.c.token + 1, expires_at=now + self.ttl)
            .returning(LEASE.c.token)
        )
        return taken.scalar_one_or_none()


class Turn:
    """A unit of work that one copy of a service does at a time, whichever holds its lease. Without ``leases`` there is
    one copy only, whose turn it always is."""

    def __init__(self, leases: Leases | None, name: str) -> None:
        self._leases = leases
        self._name = name
        self._balance_at = 0.0

    def mine(self) -> bool:
        """Whether this copy may go on; balances a few times per ``ttl``, so it is to be asked before each step."""
        if self._leases is None:
            return True
        if time.monotonic() >= self._balance_at:
            self._leases.balance(self._name, [self._name])
            self._balance_at = time.monotonic() + self._leases.ttl / 4
        return self._leases.owns(self._name, self._name)

    def drop(self) -> None:
        """Somebody else turned out to have it."""
        if self._leases is not None:
            self._leases.drop(self._name, self._name)

    def release(self) -> None:
        """Gives it back at once: on an orderly stop."""
        if self._leases is not None:
            self._leases.release()


def _now(tx: Connection) -> float:
    """Seconds on the database's clock, the only one that all copies share."""
    if tx.dialect.name == "postgresql":
        return float(tx.execute(select(func.extract("epoch", func.clock_timestamp()).cast(Double))).scalar_one())
    return float(tx.execute(select(literal_column("(julianday('now') - 2440587.5) * 86400.0"))).scalar_one())
