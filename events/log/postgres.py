"""PostgreSQL as a log: one schema per service, bounded waits, durable commits, and a refusal of what could reorder
events."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

from events.log import schema
from events.log.cursor import PlainCursor
from events.log.errors import Busy, UnsafeDatabase

STATEMENT_SECONDS = 60
LOCK_SECONDS = 10
IDLE_SECONDS = 60
CONNECT_SECONDS = 10

CONNECTIONS = 12
"""Of one service in one process, at most: half in autocommit, for the log itself, half for transactions and views."""

POOL_SECONDS = 10.0
"""How long one waits for a connection that others hold. Whoever holds one never asks for a second of the same half."""
RESTED_SECONDS = 1.0
"""A pooled connection that rested longer is asked for a sign of life before it is used."""


def options(service: str) -> str:
    """Session settings of every connection. A commit that was confirmed is on disk, whatever the server's default."""
    settings = {
        "search_path": service,
        "synchronous_commit": "on",
        "default_transaction_isolation": "read\\ committed",
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        "timezone": "UTC",
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def connect_args(service: str) -> dict[str, Any]:
    return {
        "options": options(service),
        "connect_timeout": CONNECT_SECONDS,
        "application_name": f"daybook {service}",
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }


def engine(url: URL, service: str, connections: int) -> Engine:
    """An engine with so many connections at most, in READ COMMITTED, which the reader's protocol needs."""
    made = create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={**connect_args(service), "cursor_factory": PlainCursor},
        isolation_level="READ COMMITTED",
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        pool_use_lifo=True,
    )
    _ping_the_rested(made)
    return made


def _ping_the_rested(engine: Engine) -> None:
    """As the pool's own ping, but not before every transaction of a busy loop: that is a round trip each."""

    def rests(_: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info[_RESTS_SINCE] = time.monotonic()

    def wakes(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
        if time.monotonic() - entry.info.get(_RESTS_SINCE, float("inf")) > RESTED_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except psycopg.Error:
                raise InvalidatePoolError from None  # the others broke too: the pool makes new ones

    event.listen(engine, "checkin", rests)
    event.listen(engine, "checkout", wakes)


_RESTS_SINCE = "daybook_rests_since"


class Direct:
    """Pooled psycopg connections in autocommit: appends and reads of the log in single round trips, prepared once."""

    def __init__(self, url: URL, service: str, connections: int):
        self._service = service
        self._connections = connections
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._conninfo = make_conninfo(plain, **connect_args(service))
        self._pool = self._new_pool()

    @contextmanager
    def connection(self) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
        """A connection for a few statements. One that broke takes the idle ones with it: they broke too."""
        try:
            pooled = self._pool.connect()
        except PoolTimeout:
            raise none_free(self._service) from None
        connection = cast("psycopg.Connection[tuple[Any, ...]]", pooled.dbapi_connection)
        try:
            yield connection
        finally:
            if connection.broken or connection.closed:
                pooled.invalidate()
                stale, self._pool = self._pool, self._new_pool()
                stale.dispose()
            elif connection.info.transaction_status is not TransactionStatus.IDLE:
                pooled.invalidate()  # a killed green thread left it in the middle of a statement
            else:
                pooled.close()

    def close(self) -> None:
        self._pool.dispose()

    def _new_pool(self) -> QueuePool:
        return QueuePool(
            lambda: cast("DBAPIConnection", psycopg.connect(self._conninfo, autocommit=True)),
            pool_size=self._connections,
            max_overflow=0,
            timeout=POOL_SECONDS,
            use_lifo=True,
            reset_on_return=None,
        )


def none_free(service: str) -> Busy:
    """All connections were held by others for too long."""
    return Busy(f"no connection to the database of {service} was free for {POOL_SECONDS:g} seconds")


def check(engine: Engine, service: str) -> None:
    """Refuses a server or a sequence that would let a position appear below one that readers have passed."""
    with engine.connect() as connection:
        if connection.scalar(text("SELECT pg_is_in_recovery()")):
            raise UnsafeDatabase(
                "this PostgreSQL server is a standby: its locks do not show unfinished appends\n"
                "hint: give the primary's URL"
            )
        sequence = connection.execute(
            text(
                "SELECT cache_size, cycle FROM pg_sequences "
                "WHERE schemaname = :service AND sequencename = 'log_position_seq'"
            ),
            {"service": service},
        ).one_or_none()
    if sequence is not None and (sequence.cache_size != 1 or sequence.cycle):
        raise UnsafeDatabase(
            f"the sequence {service}.log_position_seq must have CACHE 1 and NO CYCLE, else events are skipped\n"
            f"hint: ALTER SEQUENCE {service}.log_position_seq CACHE 1 NO CYCLE"
        )


def alone(tx: Connection, work: str) -> None:
    """Waits until no other transaction in this database does the work of this name, and keeps others out until the
    end."""
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:work, 0))"), {"work": work})


def one_migration(tx: Connection, service: str) -> None:
    """Waits for its turn among the migrations of a service: two that grant on one object at once would collide."""
    alone(tx, f"daybook migrate {service}")


def migrate(tx: Connection, service: str, tables: Iterable[MetaData], service_role: str | None) -> None:
    """Creates schema, tables, functions and triggers, and grants. One migration at a time per service."""
    quote = tx.dialect.identifier_preparer.quote
    one_migration(tx, service)
    tx.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {quote(service)}")
    for part in tables:
        part.create_all(tx)
    for statement in schema.guards("postgresql", quote(service)):
        tx.exec_driver_sql(statement.replace("%", "%%"))  # the driver reads % as a parameter
    if service_role is None:
        return
    role = quote(service_role)
    tx.exec_driver_sql(f"GRANT USAGE ON SCHEMA {quote(service)} TO {role}")
    guarded = set(schema.APPEND_ONLY)
    for kind, name in tx.execute(_GRANTABLE, {"service": service}):
        place = f"{quote(service)}.{quote(name)}"
        if kind == "S":
            tx.exec_driver_sql(f"GRANT USAGE, SELECT ON SEQUENCE {place} TO {role}")
        else:
            rights = "INSERT, SELECT" if name in guarded else "INSERT, SELECT, UPDATE, DELETE"
            tx.exec_driver_sql(f"GRANT {rights} ON {place} TO {role}")


_GRANTABLE = text(
    """
    SELECT relkind, relname FROM pg_class
    WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = :service)
        AND relkind IN ('r', 'p', 'S') AND pg_has_role(relowner, 'USAGE')
    ORDER BY relname
    """
)
"""Tables and sequences of the migrating role. Views that the service's role made beside them are that role's own."""
