"""The tables of one log, the same on SQLite and PostgreSQL, and the triggers that keep them append-only.

Instants are integers, microseconds since 1970-01-01 UTC, so that the hashed form of a record is exact in every
database. Other layers keep their tables in MetaData of their own and hand it to ``Database.migrate``.
"""

from importlib.resources import files

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

metadata = MetaData()

LOG = Table(
    "log",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("stream", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("type", String, nullable=False),
    Column("state", LargeBinary, nullable=False),
    UniqueConstraint("stream", "version", name="log_stream_version"),
    sqlite_autoincrement=True,
)
"""Own events, received records and notes of the machinery, in the order in which this service came to know them."""

IS_NOTE = text("substr(type, 1, 5) = 'note:'")
"""A condition on ``LOG`` that goes with every search for notes of the machinery. It is that of their index to the
letter, since otherwise the index is not used."""

COMMAND = Table(
    "command",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("payload_hash", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("position", BigInteger, nullable=False),
)
"""Answered commands. Answers are stored as given: they hold ids and codes, never personal data in plain text."""

GENERATION = Table(
    "log_generation",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("log_id", Uuid, nullable=False),
    Column("first_position", BigInteger, nullable=False),
    Column("minted_at", BigInteger, nullable=False),
)
"""The log's identity. A restore mints the next generation, which owns the positions from ``first_position`` on."""

LEDGER = Table(
    "ledger",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("predecessor", BigInteger, nullable=False, unique=True),
    Column("leaf", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("recorded_max", BigInteger, nullable=False),
    Index("ledger_recorded_max", "recorded_max", "position"),
)
"""One row per sealed record; ``recorded_max`` is the greatest recorded-at up to here."""

APPEND_ONLY = ("log", "command", "log_generation", "ledger")


def guards(dialect: str, schema: str = "") -> list[str]:
    """The statements that keep these tables append-only and readers safe, and that bring older tables up to date; all
    may be run again."""
    script = files("events.log").joinpath(f"guards_{dialect}.sql").read_text(encoding="utf-8")
    return [part for part in script.replace("{schema}", schema).split("\n\n") if "CREATE" in part]
