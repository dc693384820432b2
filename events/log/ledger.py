"""The ledger: a hash chain over the stored bytes of the log, sealed in position order by one follower.

The hashed form of a record is fixed for ever, since erasing keys must never break a proof and a Merkle tree (RFC 6962)
will stand on the same leaves::

    canonical = "daybook:record:1" ‖ field(log id, 16 bytes) ‖ field(generation) ‖ field(position)
                ‖ field(stream, 16 bytes) ‖ field(version) ‖ field(recorded-at, microseconds since 1970-01-01 UTC)
                ‖ field(type, UTF-8) ‖ field(stored bytes)
    field(x)  = length of x in 4 bytes ‖ x;   numbers are 8 bytes, signed;   all big-endian
    leaf      = SHA-256(0x00 ‖ canonical)
    chain     = SHA-256(0x02 ‖ chain of the predecessor ‖ leaf);   the first predecessor's chain is 32 zero bytes

The chain shows what was changed, removed, inserted or reordered below its tail. Whoever may rewrite log and ledger
together can still rewrite both: signed checkpoints kept elsewhere are what shows that.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, String, bindparam, cast, func, select
from sqlalchemy.exc import IntegrityError

from events.log.database import Database
from events.log.errors import LedgerForked
from events.log.event import Record
from events.log.identity import Identity
from events.log.identity import load_from as identity_from
from events.log.schema import LEDGER, LOG

START = bytes(32)
BATCH = 2_000


@dataclass(frozen=True)
class Verification:
    """What a check of the chain found. ``events``: records whose seal is right, from the first on; ``unsealed``:
    records that the ledger has not reached yet, about which it says nothing."""

    ok: bool
    events: int
    first_bad_position: int | None = None
    reason: str | None = None
    unsealed: int = 0


def canonical(identity: Identity, record: Record) -> bytes:
    """The bytes of a record that are hashed."""
    return b"daybook:record:1" + b"".join(
        len(part).to_bytes(4, "big") + part
        for part in (
            identity.log_id.bytes,
            _number(identity.generation_of(record.position)),
            _number(record.position),
            record.stream.bytes,
            _number(record.version),
            _number(record.recorded_at),
            record.type.encode(),
            record.state,
        )
    )


def leaf_hash(identity: Identity, record: Record) -> bytes:
    """RFC 6962's leaf hash of a record."""
    return hashlib.sha256(b"\x00" + canonical(identity, record)).digest()


def link(chain: bytes, leaf: bytes) -> bytes:
    """The chain's next value."""
    return hashlib.sha256(b"\x02" + chain + leaf).digest()


@dataclass(frozen=True)
class Tail:
    """Where the ledger ends."""

    position: int = 0
    chain: bytes = START
    recorded_max: int = -(2**63)


def tail(connection: Connection) -> Tail:
    """The last sealed position, its chain value and the running maximum of recorded-at there."""
    row = connection.execute(
        select(LEDGER.c.position, LEDGER.c.chain, LEDGER.c.recorded_max).order_by(LEDGER.c.position.desc()).limit(1)
    ).one_or_none()
    return Tail() if row is None else Tail(*row)


def seal(connection: Connection, identity: Identity, after: int, records: Sequence[Record]) -> int:
    """Seals the records that follow ``after`` inside the caller's transaction; returns the new tail's position.

    Raises ``LedgerForked`` when the ledger does not end at ``after``, or another sealer gets there first: roll back.
    """
    end = tail(connection)
    if end.position != after:
        raise LedgerForked(f"the ledger ends at {end.position}, not at {after}")
    rows = []
    position, chain, latest = end.position, end.chain, end.recorded_max
    for record in records:
        leaf = leaf_hash(identity, record)
        chain = link(chain, leaf)
        latest = max(latest, record.recorded_at)
        rows.append(
            {"position": record.position, "predecessor": position, "leaf": leaf, "chain": chain, "recorded_max": latest}
        )
        position = record.position
    if rows:
        try:
            _insert(connection, rows)
        except IntegrityError:
            raise LedgerForked(f"another sealer has sealed after {after}") from None
    return position


def _insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if connection.dialect.name == "postgresql":  # one statement, whose text is always the same
        connection.exec_driver_sql(_INSERT, tuple([row[column.name] for row in rows] for column in LEDGER.columns))
    else:
        connection.execute(LEDGER.insert(), rows)


_INSERT = (
    "INSERT INTO ledger (position, predecessor, leaf, chain, recorded_max) "
    "SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::bytea[], %b::bytea[], %b::bigint[])"
)


def verify(database: Database) -> Verification:
    """Recomputes the whole chain from the stored bytes and names the first position where it does not hold."""
    with database.read() as connection:
        identity = identity_from(connection)
        end = tail(connection)
        if identity is None:
            return Verification(ok=end.position == 0, events=0)
        checked = 0
        before = Tail()
        for position, row, record in _pairs(connection, end.position):
            try:
                before = _check(identity, before, row, record)
            except _Bad as bad:
                return Verification(False, checked, position, str(bad))
            checked += 1
        unsealed = connection.scalar(select(func.count()).select_from(LOG).where(LOG.c.position > end.position)) or 0
    return Verification(True, checked, unsealed=unsealed)


def recorded_by(connection: Connection, instant: int) -> tuple[int, bool]:
    """The last sealed position up to which everything was recorded by an instant (microseconds), and whether a later
    one is sealed: then nothing can change this answer."""
    sealed = connection.execute(_SEALED, {"instant": instant}).one_or_none()
    if sealed is None:
        return 0, False
    return (sealed.by_instant or 0, True) if instant < sealed.latest else (sealed.end, False)


_SEAL = LEDGER.alias()
_BY_INSTANT = (
    select(_SEAL.c.position)
    .where(_SEAL.c.recorded_max <= bindparam("instant"))
    .order_by(_SEAL.c.recorded_max.desc(), _SEAL.c.position.desc())
    .limit(1)
    .scalar_subquery()
)
_SEALED = (
    select(LEDGER.c.position.label("end"), LEDGER.c.recorded_max.label("latest"), _BY_INSTANT.label("by_instant"))
    .order_by(LEDGER.c.position.desc())
    .limit(1)
)
"""Where the ledger ends and where it stood at an instant, in one statement: every question about the past asks it."""


class _Bad(Exception):
    """The first place where the chain does not hold."""


def _check(identity: Identity, before: Tail, row: RowMapping | None, record: Record | None) -> Tail:
    if row is None or record is None:
        raise _Bad("a record was inserted, or its seal was removed" if row is None else "a sealed record was removed")
    try:
        leaf = leaf_hash(identity, record._replace(stream=UUID(str(record.stream))))
        latest = max(before.recorded_max, record.recorded_at)
    except (TypeError, ValueError, AttributeError, OverflowError):  # SQLite lets any type into any column
        raise _Bad("the record is not the one that was sealed: a column holds another type") from None
    chain = link(before.chain, leaf)
    for stored, right, reason in (
        (row["predecessor"], before.position, "the seal does not follow its predecessor"),
        (row["leaf"], leaf, "the record is not the one that was sealed"),
        (row["chain"], chain, "the chain is broken"),
        (row["recorded_max"], latest, "the running maximum of recorded-at is wrong"),
    ):
        if stored != right:
            raise _Bad(reason)
    return Tail(record.position, chain, latest)


def _pairs(connection: Connection, last: int) -> Iterator[tuple[int, RowMapping | None, Record | None]]:
    """Seals and records up to ``last`` side by side, by position; None where one side has no row."""
    raw = select(LOG.c.position, cast(LOG.c.stream, String), *list(LOG.c)[2:])  # a forged stream may be no UUID
    low = 0
    while low < last:
        high = connection.scalar(
            select(func.max(LEDGER.c.position)).where(
                LEDGER.c.position.in_(
                    select(LEDGER.c.position).where(LEDGER.c.position > low).order_by(LEDGER.c.position).limit(BATCH)
                )
            )
        )
        if high is None:
            return
        seals = {
            row["position"]: row
            for row in connection.execute(
                select(LEDGER).where(LEDGER.c.position > low, LEDGER.c.position <= high)
            ).mappings()
        }
        records = {
            row.position: Record(*row)
            for row in connection.execute(raw.where(LOG.c.position > low, LOG.c.position <= high))
        }
        for position in sorted(seals.keys() | records.keys()):
            yield position, seals.get(position), records.get(position)
        low = high


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)
