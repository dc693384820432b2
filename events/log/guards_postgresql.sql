-- What keeps a log append-only on PostgreSQL, and its readers behind unfinished appends.
-- Safe to run again. {schema} is the service's schema. See docs/adr/0001-how-appends-keep-order.md for the mark.

CREATE OR REPLACE FUNCTION {schema}.daybook_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'this table is append-only: %', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$;

CREATE OR REPLACE TRIGGER log_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.log
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.daybook_refuse();

CREATE OR REPLACE TRIGGER command_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.command
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.daybook_refuse();

CREATE OR REPLACE TRIGGER log_generation_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.log_generation
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.daybook_refuse();

CREATE OR REPLACE TRIGGER ledger_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.ledger
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.daybook_refuse();

-- The key is the last position drawn before this statement draws its own: readers stay at or below the lowest key held.
CREATE OR REPLACE FUNCTION {schema}.daybook_mark() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    drawn bigint;
BEGIN
    SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END INTO drawn FROM {schema}.log_position_seq;
    PERFORM pg_advisory_xact_lock_shared(TG_RELID::int4, drawn::bit(32)::int4);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER log_takes_mark BEFORE INSERT ON {schema}.log
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.daybook_mark();

-- The latest instant that is settled: what is appended from then on is recorded after it, whatever its writer's clock.
-- A sequence, since it is read as it is now, in any isolation level: who settles an instant waits for an append that has
-- its mark, and an append that takes its mark later finds the instant settled.
CREATE SEQUENCE IF NOT EXISTS {schema}.log_settled_seq MINVALUE -9223372036854775808;

CREATE OR REPLACE FUNCTION {schema}.daybook_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.recorded_at := pg_sequence_last_value('{schema}.log_settled_seq') + 1;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER log_stamps BEFORE INSERT ON {schema}.log
    FOR EACH ROW WHEN (NEW.recorded_at <= pg_sequence_last_value('{schema}.log_settled_seq'))
    EXECUTE FUNCTION {schema}.daybook_stamp();

-- The service's role cannot set the sequence itself, so what is settled only grows.
CREATE OR REPLACE FUNCTION {schema}.daybook_settle(instant bigint) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock('{schema}.log_settled_seq'::regclass::oid::bigint);
    IF (pg_sequence_last_value('{schema}.log_settled_seq') < instant) IS NOT FALSE THEN
        PERFORM setval('{schema}.log_settled_seq', instant);
    END IF;
END $$;

-- How far the lowest mark held lies behind a position drawn; null where no append that could lie at or below it is open.
-- Keys hold 32 bits; a key ahead of the position belongs to a later append and does not matter.
CREATE OR REPLACE FUNCTION {schema}.daybook_behind(drawn bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT max(distance)
        FROM (
            SELECT ((drawn & 4294967295) - objid::bigint + 4294967296) % 4294967296 AS distance
            FROM pg_locks
            WHERE locktype = 'advisory' AND objsubid = 2 AND classid = '{schema}.log'::regclass::oid
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        ) AS held
        WHERE distance < 2147483648
    );
END $$;

-- The last position readers may pass: the sequence first, then the locks, each in a statement of its own.
CREATE OR REPLACE FUNCTION {schema}.daybook_low_water() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    drawn bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the log is read in READ COMMITTED only: another isolation level skips events';
    END IF;
    SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END INTO drawn FROM {schema}.log_position_seq;
    RETURN drawn - coalesce({schema}.daybook_behind(drawn), 0);
END $$;

-- Draws the positions of one append next to each other: by nextval() per row two appends' positions could interleave.
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
END $$;

-- A position given by hand could appear below one that readers have passed, so only drawn ones are let in.
CREATE OR REPLACE FUNCTION {schema}.daybook_check_position() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    drawn bigint[] := string_to_array(nullif(current_setting('daybook.drawn', true), ''), ' ');
BEGIN
    IF drawn IS NULL OR NEW.position NOT BETWEEN drawn[1] AND drawn[2] THEN
        RAISE EXCEPTION 'positions are drawn from the sequence, never given by hand: %', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER log_checks_position BEFORE INSERT ON {schema}.log
    FOR EACH ROW WHEN (NEW.position IS DISTINCT FROM currval('{schema}.log_position_seq'))
    EXECUTE FUNCTION {schema}.daybook_check_position();

-- The machinery's notes are few among millions of events: whoever looks for them needs no scan. See schema.IS_NOTE.
CREATE INDEX IF NOT EXISTS log_notes ON {schema}.log (position) WHERE substr(type, 1, 5) = 'note:';
