"""The database of one service: its log, its followers' rows and whatever else must change in one transaction with
them."""

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Condition, Lock, get_ident
from typing import Literal

from sqlalchemy import URL, Connection, Engine, MetaData, make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout

from events.log import folder, postgres, schema, sqlite
from events.log.errors import Busy, UnsafeDatabase

WRITE_LOCK_SECONDS = 30.0
"""How long a writer waits for its turn on SQLite before it gives up with ``Busy``."""

_SERVICE = re.compile(r"[a-z][a-z0-9_]{0,40}")


class Appended:
    """Wakes those who wait for new records. Only a hint: waiters ask the log itself, and time out without it."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """How many times something was appended by this process."""
        return self._count

    def announce(self) -> None:
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def wait(self, seen: int, timeout: float) -> None:
        """Blocks until ``count`` differs from ``seen``, or for ``timeout`` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._count != seen, timeout)


class Database:
    """One engine per service. SQLite: one file, one writer at a time, one process per folder. PostgreSQL: one schema
    named after the service, any number of processes."""

    def __init__(
        self,
        url: URL,
        service: str,
        dialect: Literal["sqlite", "postgresql"],
        engine: Engine,
        direct: postgres.Direct | None = None,
    ):
        self.url = url
        self.service = service
        self.dialect: Literal["sqlite", "postgresql"] = dialect
        self.engine = engine
        self.direct = direct
        autocommit = dialect == "postgresql"
        self._looking = engine.execution_options(isolation_level="AUTOCOMMIT") if autocommit else engine
        self.appended = Appended()
        self._turn = Lock()
        self._writer: int | None = None
        self._closed = False

    @classmethod
    def open(cls, url: str, service: str, *, connections: int = postgres.CONNECTIONS) -> "Database":
        """Opens ``sqlite:///FILE`` or ``postgresql://…``. Creates no tables: see ``migrate``.

        ``connections``: to PostgreSQL, at most; at least 2. Who finds all of them held waits, and then gets ``Busy``.
        Raises ``FolderInUse`` when another process has the SQLite folder, ``UnsafeDatabase`` for a standby, for a
        sequence that could reorder positions and for any other kind of URL.
        """
        if not _SERVICE.fullmatch(service):
            raise UnsafeDatabase(f"{service!r} is no service name: lower-case letters, digits and underscores")
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise UnsafeDatabase("a log needs a file: sqlite:///FOLDER/FILE")
            folder.hold(Path(parsed.database).parent)
            return cls(parsed, service, "sqlite", sqlite.engine(parsed))
        if parsed.get_backend_name() == "postgresql":
            engine = postgres.engine(parsed, service, connections - connections // 2)
            try:
                postgres.check(engine, service)
            except BaseException:
                engine.dispose()
                raise
            return cls(parsed, service, "postgresql", engine, postgres.Direct(parsed, service, connections // 2))
        raise UnsafeDatabase(f"{parsed.drivername} is no database for a log: give sqlite:///FILE or postgresql://…")

    def migrate(self, *, service_role: str | None = None, extra: Sequence[MetaData] = ()) -> None:
        """Creates what is missing: the log's tables, triggers and identity, and the tables of ``extra``.

        The owner's job, safe to run again and concurrently. ``service_role`` is the PostgreSQL role that the service
        runs as: it may insert and select in append-only tables, and read and write the others.
        """
        if self.dialect == "sqlite":
            with self.begin() as tx:
                for tables in (schema.metadata, *extra):
                    tables.create_all(tx)
                for statement in schema.guards("sqlite"):
                    tx.exec_driver_sql(statement)
        else:
            with self.engine.begin() as tx:
                postgres.migrate(tx, self.service, (schema.metadata, *extra), service_role)
            postgres.check(self.engine, self.service)

    @contextmanager
    def begin(self, *, derived: bool = False, patience: float = WRITE_LOCK_SECONDS) -> Iterator[Connection]:
        """A write transaction: commits at the end, rolls back on an exception.

        ``derived``: everything written follows from what is on disk already, and would be worked out again. Its commit
        does not wait for the disk: a loss of power may take the last of them back, whole and in order, and never a
        transaction before one that is durable. Nothing may be appended to the log in it (docs/adr/0004).

        On SQLite writers of this process take turns; a writer inside a writer raises at once instead of waiting for
        itself. Raises ``Busy`` after ``patience`` seconds.
        """
        with self._write_turn(patience), self._connection(self.engine) as connection:
            connection.execution_options(daybook_write=True, daybook_derived=derived)
            connection.info.pop(APPENDED, None)  # of a transaction that was rolled back
            with connection.begin():
                if derived and self.dialect == "postgresql":
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                yield connection
                if derived and connection.info.get(APPENDED):
                    raise RuntimeError("a derived transaction may not append: its commit is not durable")
            appended = connection.info.pop(APPENDED, False)
        if appended:
            self.appended.announce()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent read: all statements see the database of one moment. Nothing may be written.

        Not for tailing the log on PostgreSQL: ``EventLog.read`` knows how far it is safe.
        """
        with self._connection(self.engine) as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()

    def look(self) -> AbstractContextManager[Connection]:
        """For reads of one statement each: it sees what is committed when it begins, and costs PostgreSQL one round
        trip where a consistent ``read`` costs three."""
        return self._connection(self._looking)

    @contextmanager
    def _connection(self, engine: Engine) -> Iterator[Connection]:
        try:
            connection = engine.connect()
        except PoolTimeout:
            raise postgres.none_free(self.service) from None
        with connection:
            yield connection

    @contextmanager
    def _write_turn(self, patience: float) -> Iterator[None]:
        if self.dialect != "sqlite":
            yield
            return
        me = get_ident()
        if self._writer == me:
            raise RuntimeError("a write transaction is open in this thread: pass its connection on")
        if not self._turn.acquire(timeout=patience):
            raise Busy(f"the log of {self.service} had no free turn to write for {patience:g} seconds")
        self._writer = me
        try:
            yield
        finally:
            self._writer = None
            self._turn.release()

    def close(self) -> None:
        """Closes all connections and, on SQLite, gives the folder back. May be called again."""
        if self._closed:
            return
        self._closed = True
        self.engine.dispose()
        if self.direct is not None:
            self.direct.close()
        if self.dialect == "sqlite" and self.url.database:
            folder.release(Path(self.url.database).parent)


APPENDED = "daybook_appended"
"""Set in ``Connection.info`` by whoever appends inside a transaction, so that waiters wake when it commits."""
