"""Where the keys of sealed data live: a database of their own, each key wrapped by the master key."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    inspect,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects import sqlite as lite
from sqlalchemy.schema import CreateSchema

from events.log import postgres, sqlite
from events.log.errors import UnsafeDatabase

SCHEMA = "vault"
CHECK_SECONDS = 1.0
"""How long a key may outlive its destruction in another process."""

CACHED_KEYS = 20_000

KEY_BYTES = 32
"""AES-256."""

CONNECTIONS = 4
"""To the key store of one process, at most, where it is PostgreSQL: writes take turns, and most keys are at hand."""

_metadata = MetaData()
_KEY = Table(
    "vault_key",
    _metadata,
    Column("subject", String, primary_key=True),
    Column("wrapped", LargeBinary),  # NULL: destroyed, for ever
)
_OWNER = Table(
    "vault_owner",
    _metadata,
    Column("owner", String, primary_key=True),
    Column("subject", String, primary_key=True),
)
_STATE = Table(
    "vault_state",
    _metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("destructions", Integer, nullable=False),
    Column("master", LargeBinary, nullable=False),  # tells another master key from ours; reveals neither
)


_INSERT_ALL = {
    _KEY: "INSERT INTO vault_key SELECT * FROM unnest(%b::text[], %b::bytea[]) ON CONFLICT DO NOTHING",
    _OWNER: "INSERT INTO vault_owner SELECT * FROM unnest(%b::text[], %b::text[]) ON CONFLICT DO NOTHING",
}
"""For PostgreSQL: one statement however many rows, whose text is always the same."""


class KeyStore:
    """Data keys by subject, with a cache that forgets within ``CHECK_SECONDS`` of a destruction anywhere."""

    def __init__(self, url: str, wrapping_key: bytes):
        self._wrap = AESGCM(wrapping_key)
        self._engine = _engine(url)
        self._sqlite = self._engine.dialect.name == "sqlite"
        self._lock = Lock()
        self._caching = Lock()
        self._cache: dict[str, AESGCM | None] = {}
        self._destructions = 0
        self._checked = float("-inf")
        self._prepare()

    def key(self, subject: str) -> AESGCM | None:
        """The subject's key; None when it is destroyed. Raises ``KeyError`` when there never was one here."""
        self._forget_if_destroyed()
        if subject in self._cache:
            return self._cache[subject]
        seen = self._destructions
        with self._engine.connect() as connection:
            row = connection.execute(select(_KEY.c.wrapped).where(_KEY.c.subject == subject)).one_or_none()
        if row is None:
            raise KeyError(subject)
        key = self._opened(subject, row.wrapped)
        self._keep({subject: key}, seen)
        return key

    def key_or_new(self, subject: str) -> AESGCM | None:
        """The subject's key, made now if it never had one; None when it is destroyed."""
        try:
            return self.key(subject)
        except KeyError:
            wrapped = self._wrapped(os.urandom(KEY_BYTES), subject)
            with self._write() as tx:
                self._insert(tx, _KEY, {"subject": subject, "wrapped": wrapped})
            return self.key(subject)

    def make(self, subjects: Iterable[str]) -> None:
        """Keys for many subjects in one transaction; those that have one, or had it destroyed, are left as they are."""
        self._forget_if_destroyed()
        seen = self._destructions
        wanted = [subject for subject in dict.fromkeys(subjects) if subject not in self._cache]
        if not wanted:
            return
        chance = os.urandom(KEY_BYTES * len(wanted))  # asked for once: each call costs as much as the rest of a key
        keys = {subject: chance[KEY_BYTES * n : KEY_BYTES * (n + 1)] for n, subject in enumerate(wanted)}
        fresh = [{"subject": subject, "wrapped": self._wrapped(key, subject)} for subject, key in keys.items()]
        with self._write() as tx:
            if self._insert_all(tx, _KEY, fresh) != len(fresh):  # some have one already, or had
                stored = tx.execute(select(_KEY.c.subject, _KEY.c.wrapped).where(_KEY.c.subject.in_(wanted))).all()
            else:
                stored = None
        if stored is None:
            self._keep({subject: AESGCM(key) for subject, key in keys.items()}, seen)
        else:
            self._keep({subject: self._opened(subject, wrapped) for subject, wrapped in stored}, seen)

    def assign(self, owned: Mapping[str, Iterable[str]]) -> None:
        """Subject → owners: from now on destroying one of its owners destroys a subject too."""
        pairs = [
            {"owner": owner, "subject": subject} for subject, owners in owned.items() for owner in sorted(set(owners))
        ]
        if pairs:
            with self._write() as tx:
                self._insert_all(tx, _OWNER, pairs)

    def destroy(self, subject: str) -> int:
        """Destroys the keys of the subject and, transitively, of all assigned to it. Returns how many existed until
        now."""
        with self._write() as tx:
            doomed = {subject}
            frontier = {subject}
            while frontier:
                found = tx.execute(select(_OWNER.c.subject).where(_OWNER.c.owner.in_(frontier))).scalars()
                frontier = set(found) - doomed
                doomed |= frontier
            changed = tx.execute(
                _KEY.update().where(_KEY.c.subject.in_(doomed), _KEY.c.wrapped.is_not(None)).values(wrapped=None)
            ).rowcount
            for name in sorted(doomed):  # one that had no key yet must not get one later
                self._insert(tx, _KEY, {"subject": name, "wrapped": None})
            tx.execute(_STATE.update().values(destructions=_STATE.c.destructions + 1))
        if self._sqlite:
            with self._engine.connect() as connection:  # else the old page stays readable in the write-ahead file
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
                connection.exec_driver_sql("BEGIN")
        self._checked = float("-inf")
        return changed

    def close(self) -> None:
        self._cache.clear()
        self._engine.dispose()

    def _prepare(self) -> None:
        with self._write() as tx:
            if not inspect(tx).has_table("vault_state"):
                self._create(tx)
            mark = self._wrapped(b"daybook", "master")
            self._insert(tx, _STATE, {"id": 1, "destructions": 0, "master": mark})
            stored = tx.execute(select(_STATE.c.master)).scalar_one()
        try:
            self._unwrapped(stored, "master")
        except InvalidTag:
            raise UnsafeDatabase(
                "this key store was made with another master key\nhint: give the master key that belongs to it"
            ) from None

    def _create(self, tx: Connection) -> None:
        if not self._sqlite:
            postgres.alone(tx, f"daybook create {SCHEMA}")  # IF NOT EXISTS is no lock: two first starts would collide
            tx.execute(CreateSchema(SCHEMA, if_not_exists=True))
        _metadata.create_all(tx)

    def _forget_if_destroyed(self) -> None:
        now = time.monotonic()
        if now - self._checked < CHECK_SECONDS:
            return
        with self._engine.connect() as connection:
            destructions = connection.execute(select(_STATE.c.destructions)).scalar_one()
        with self._caching:
            if destructions != self._destructions or len(self._cache) > CACHED_KEYS:
                self._cache.clear()
                self._destructions = destructions
        self._checked = now

    def _keep(self, keys: Mapping[str, AESGCM | None], seen: int) -> None:
        """``seen``: the destructions known before the keys were read; one noticed since may have been one of theirs."""
        with self._caching:
            if seen == self._destructions:
                self._cache.update(keys)

    def _opened(self, subject: str, wrapped: bytes | None) -> AESGCM | None:
        return None if wrapped is None else AESGCM(self._unwrapped(wrapped, subject))

    def _wrapped(self, key: bytes, subject: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._wrap.encrypt(nonce, key, subject.encode())

    def _unwrapped(self, wrapped: bytes, subject: str) -> bytes:
        return self._wrap.decrypt(wrapped[:12], wrapped[12:], subject.encode())

    def _insert(self, tx: Connection, table: Table, values: dict[str, Any]) -> None:
        """Inserts unless the key exists."""
        insert = lite.insert if self._sqlite else pg.insert
        tx.execute(insert(table).values(values).on_conflict_do_nothing())

    def _insert_all(self, tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
        """Inserts the rows whose key is new; how many they were."""
        if self._sqlite:
            statement = lite.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
            return tx.execute(statement, rows).rowcount
        arrays = tuple([row[column.name] for row in rows] for column in table.columns)
        return tx.exec_driver_sql(_INSERT_ALL[table], arrays).rowcount

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._lock, self._engine.connect() as connection:
            connection.execution_options(daybook_write=True)
            with connection.begin():
                yield connection


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise UnsafeDatabase("keys need a file: sqlite:///FOLDER/FILE")
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        return sqlite.engine(parsed, secure_delete=True)
    if parsed.get_backend_name() == "postgresql":
        return postgres.engine(parsed, SCHEMA, CONNECTIONS)
    raise UnsafeDatabase(f"{parsed.drivername} is no database for keys: give sqlite:///FILE or postgresql://…")
