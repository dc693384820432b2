"""What was told (the feed), how far each source was received, and the bytes nobody could read."""

from typing import Any

from sqlalchemy import (
    DDL,
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
    event,
)

metadata = MetaData()
_statement: Any = DDL  # its constructor is not typed

FEED = Table(
    "feed",
    metadata,
    Column("place", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("type", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("generation", "partition", "sequence", name="feed_number"),
    Index("feed_position", "position"),
)
"""Published events, frozen. ``place``: the order in which they were frozen, contiguous from 1; the relay follows it.
(generation, partition, sequence) is the identity for receivers, the sequence contiguous from 1."""

HEAD = Table(
    "feed_head",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
)
"""The last sequence of each partition, so that asking for heads costs the same however long the feed is."""

RECEIVED = Table(
    "inbox_checkpoint",
    metadata,
    Column("source", String, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("event_id", Uuid),
    Column("halted", String),
)
"""The last number received per source, generation and partition, with its event id; ``halted`` says why nothing more is
taken from this partition."""

UNREADABLE = Table(
    "inbox_unreadable",
    metadata,
    Column("hash", String, primary_key=True),
    Column("queue", String, nullable=False),
    Column("routing_key", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
)
"""Messages that are no CloudEvents of Daybook's, as they came, by SHA-256. ``received_at``: microseconds since 1970."""

_REFUSE_ON_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS feed_refuses_{what} BEFORE {change} ON feed {when}"
    "BEGIN SELECT RAISE(ABORT, 'what was told is never changed: feed'); END"
)
_REFUSE_ON_POSTGRES = """
    CREATE OR REPLACE FUNCTION daybook_feed_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'what was told is never changed: feed' USING ERRCODE = 'insufficient_privilege'; END $$"""


def _guard_feed() -> None:
    """What was told is history: the database itself refuses to change or forget it."""
    taken = "WHEN EXISTS (SELECT 1 FROM feed WHERE place = NEW.place) "
    for what, change, when in (("update", "UPDATE", ""), ("delete", "DELETE", ""), ("replace", "INSERT", taken)):
        statement = _statement(_REFUSE_ON_SQLITE.format(what=what, change=change, when=when))
        event.listen(FEED, "after_create", statement.execute_if(dialect="sqlite"))
    trigger = (
        "CREATE TRIGGER feed_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON feed "
        "FOR EACH STATEMENT EXECUTE FUNCTION daybook_feed_refuses()"
    )
    for text in (_REFUSE_ON_POSTGRES, trigger):
        event.listen(FEED, "after_create", _statement(text).execute_if(dialect="postgresql"))


_guard_feed()
