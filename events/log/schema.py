"""The tables of one log, the same on SQLite and PostgreSQL, and the triggers that keep them append-only.

Instants are integers, microseconds since 1970-01-01 UTC, so that the hashed form of a record is exact in every database.
Other layers keep their tables in MetaData of their own and hand it to ``Database.migrate``.
"""

from collections.abc import Iterator

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, UniqueConstraint, Uuid

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

_REFUSAL = "this table is append-only"


def sqlite_guards() -> Iterator[str]:
    """Statements that make SQLite refuse UPDATE, DELETE and REPLACE, whatever program writes to the file.

    ``INSERT OR REPLACE`` fires delete triggers only under ``recursive_triggers``, which is a setting of each connection, so
    a guard of its own refuses any insert over an existing row.
    """
    keys = {
        "log": "position = NEW.position OR (stream = NEW.stream AND version = NEW.version)",
        "command": "id = NEW.id",
        "log_generation": "generation = NEW.generation",
        "ledger": "position = NEW.position OR predecessor = NEW.predecessor",
    }
    for table in APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}: {table}'); END"
            )
        yield (
            f"CREATE TRIGGER IF NOT EXISTS {table}_refuses_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {keys[table]}) "
            f"BEGIN SELECT RAISE(ABORT, 'a row with this key exists: {table}'); END"
        )
    yield (
        "CREATE TRIGGER IF NOT EXISTS log_positions_grow AFTER INSERT ON log "
        "WHEN NEW.position < (SELECT max(position) FROM log) "
        "BEGIN SELECT RAISE(ABORT, 'positions only grow: log'); END"
    )


def postgres_guards(schema: str) -> Iterator[str]:
    """Statements that make PostgreSQL refuse UPDATE, DELETE and TRUNCATE, and keep readers behind unfinished appends.

    See ``docs/adr/0001-how-appends-keep-order.md`` for the mark. All are safe to run again.
    """
    yield f"""
        CREATE OR REPLACE FUNCTION {schema}.daybook_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{_REFUSAL}: %', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$"""
    for table in APPEND_ONLY:
        yield (
            f"CREATE OR REPLACE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.{table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {schema}.daybook_refuse()"
        )
    # The key is the last position drawn before this statement draws its own: readers stay at or below the lowest key held.
    yield f"""
        CREATE OR REPLACE FUNCTION {schema}.daybook_mark() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock_shared(TG_RELID::int4,
                (CASE WHEN is_called THEN last_value ELSE last_value - 1 END)::bit(32)::int4)
            FROM {schema}.log_position_seq;
            RETURN NULL;
        END $$"""
    yield (
        f"CREATE OR REPLACE TRIGGER log_takes_mark BEFORE INSERT ON {schema}.log "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {schema}.daybook_mark()"
    )
    # The last position readers may pass: the sequence first, then the locks, each in a statement of its own.
    # Keys hold 32 bits; a key ahead of the sequence's value just read belongs to a later append and does not matter.
    yield f"""
        CREATE OR REPLACE FUNCTION {schema}.daybook_low_water() RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE
            drawn bigint;
            behind bigint;
        BEGIN
            IF current_setting('transaction_isolation') <> 'read committed' THEN
                RAISE EXCEPTION 'the log is read in READ COMMITTED only: another isolation level skips events';
            END IF;
            SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END INTO drawn FROM {schema}.log_position_seq;
            SELECT max(distance) INTO behind
            FROM (
                SELECT ((drawn & 4294967295) - objid::bigint + 4294967296) % 4294967296 AS distance
                FROM pg_locks
                WHERE locktype = 'advisory' AND objsubid = 2 AND classid = '{schema}.log'::regclass::oid
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            ) AS held
            WHERE distance < 2147483648;
            RETURN drawn - coalesce(behind, 0);
        END $$"""
    # Draws the positions of one append next to each other. A plain nextval() per row could interleave with another append's.
    yield f"""
        CREATE OR REPLACE FUNCTION {schema}.daybook_draw(wanted int) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
        DECLARE
            drawn bigint[];
        BEGIN
            PERFORM pg_advisory_lock('{schema}.log'::regclass::oid::bigint);
            BEGIN
                SELECT array_agg(nextval('{schema}.log_position_seq')) INTO drawn FROM generate_series(1, wanted);
            EXCEPTION WHEN OTHERS OR query_canceled THEN
                PERFORM pg_advisory_unlock('{schema}.log'::regclass::oid::bigint);
                RAISE;
            END;
            PERFORM pg_advisory_unlock('{schema}.log'::regclass::oid::bigint);
            PERFORM set_config('daybook.drawn', drawn[1] || ' ' || drawn[wanted], true);
            RETURN QUERY SELECT unnest(drawn);
        END $$"""
    # A position given by hand could appear below one that readers have passed, so only drawn ones are let in.
    yield f"""
        CREATE OR REPLACE FUNCTION {schema}.daybook_check_position() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            drawn bigint[] := string_to_array(nullif(current_setting('daybook.drawn', true), ''), ' ');
        BEGIN
            IF drawn IS NULL OR NEW.position NOT BETWEEN drawn[1] AND drawn[2] THEN
                RAISE EXCEPTION 'positions are drawn from the sequence, never given by hand: %', TG_TABLE_NAME
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END $$"""
    yield (
        f"CREATE OR REPLACE TRIGGER log_checks_position BEFORE INSERT ON {schema}.log FOR EACH ROW "
        f"WHEN (NEW.position IS DISTINCT FROM currval('{schema}.log_position_seq')) "
        f"EXECUTE FUNCTION {schema}.daybook_check_position()"
    )
