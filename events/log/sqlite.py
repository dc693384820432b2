"""SQLite as a log: durable at every commit that says something new, readers beside one writer."""

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

BUSY_MILLISECONDS = 2_000
"""Short, because SQLite blocks the whole process while it waits; the folder lock makes waiting exceptional."""

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "recursive_triggers = ON",
    f"busy_timeout = {BUSY_MILLISECONDS}",
)

_SYNCHRONOUS = "daybook_synchronous"
"""In ``Connection.info``: how its next commit waits for the disk. FULL syncs the write-ahead file, NORMAL leaves it
to the next FULL commit or checkpoint (https://www.sqlite.org/pragma.html#pragma_synchronous)."""


def engine(url: URL, *, secure_delete: bool = False) -> Engine:
    """An engine whose write transactions take the write lock at their start, so that they never fail half-way for it.

    ``secure_delete`` overwrites what is deleted, for keys.
    """
    made = create_engine(
        url.set(drivername="sqlite+pysqlite"), connect_args={"check_same_thread": False}, pool_size=8, max_overflow=24
    )

    @event.listens_for(made, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin late and commit early on its own
        for pragma in (*_PRAGMAS, f"secure_delete = {'ON' if secure_delete else 'OFF'}"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(made, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("daybook_write", False):
            wanted = "NORMAL" if options.get("daybook_derived", False) else "FULL"
            if connection.info.get(_SYNCHRONOUS, "FULL") != wanted:
                connection.exec_driver_sql(f"PRAGMA synchronous = {wanted}")
                connection.info[_SYNCHRONOUS] = wanted
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("daybook_write", False) else "BEGIN")

    return made
