"""The tables in which followers remember how far they came, who may go on, and what is held back."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, String, Table

from events.follow.values import Instant

metadata = MetaData()

CHECKPOINT = Table(
    "follow_checkpoint",
    metadata,
    Column("name", String, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("build", Integer, nullable=False),
)
"""One row per follower. ``fence`` grows whenever somebody takes over, so that who had it before can no longer write;
``version`` and ``build`` say which version of a projection the tables hold and how often they were built."""

HELD = Table(
    "follow_held",
    metadata,
    Column("follower", String, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String, nullable=False),
    Column("type", String, nullable=False),
    Column("error", String),
    Column("handler", String),
    Column("parked_at", Instant),
    Index("follow_held_key", "follower", "key", "position"),
)
"""Events held back by a follower: per key the first is the one that failed (``error`` names the exception's class), the
others wait behind it. Worked out from the records of the log; here only to be looked up."""

DONE, PARKED = "done", "parked"
"""States of what was due."""

FIRED = Table(
    "follow_fired",
    metadata,
    Column("deadlines", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("due_at", Instant, primary_key=True),
    Column("key", String, nullable=False),
    Column("command", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("error", String),
    Column("fired_at", Instant, nullable=False),
    Index("follow_fired_state", "state", "deadlines", "key"),
)
"""Deadlines that fired (``state`` done) or could not (``state`` parked). Not a projection: a rebuild fires nothing."""

COPY = Table(
    "follow_copy",
    metadata,
    Column("kind", String, primary_key=True),
    Column("copy", String, primary_key=True),
    Column("expires_at", Double, nullable=False),
)
"""Copies of this service that take work of a kind, until when they count as alive (seconds, database clock)."""

LEASE = Table(
    "follow_lease",
    metadata,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("copy", String),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", Double, nullable=False),
)
"""Who does a named unit of work, until when (seconds, database clock); ``token`` grows with every change of hands."""
