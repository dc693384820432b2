-- What makes SQLite refuse UPDATE, DELETE and REPLACE, whatever program writes to the file. Safe to run again.
-- INSERT OR REPLACE fires delete triggers only under recursive_triggers, a setting of each connection, so guards of
-- their own refuse any insert over an existing row.

CREATE TRIGGER IF NOT EXISTS log_refuses_update
BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'this table is append-only: log'); END;

CREATE TRIGGER IF NOT EXISTS log_refuses_delete
BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'this table is append-only: log'); END;

CREATE TRIGGER IF NOT EXISTS log_refuses_replace
BEFORE INSERT ON log
WHEN EXISTS (SELECT 1 FROM log WHERE position = NEW.position OR (stream = NEW.stream AND version = NEW.version))
BEGIN SELECT RAISE(ABORT, 'a row with this key exists: log'); END;

CREATE TRIGGER IF NOT EXISTS command_refuses_update
BEFORE UPDATE ON command
BEGIN SELECT RAISE(ABORT, 'this table is append-only: command'); END;

CREATE TRIGGER IF NOT EXISTS command_refuses_delete
BEFORE DELETE ON command
BEGIN SELECT RAISE(ABORT, 'this table is append-only: command'); END;

CREATE TRIGGER IF NOT EXISTS command_refuses_replace
BEFORE INSERT ON command
WHEN EXISTS (SELECT 1 FROM command WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a row with this key exists: command'); END;

CREATE TRIGGER IF NOT EXISTS log_generation_refuses_update
BEFORE UPDATE ON log_generation
BEGIN SELECT RAISE(ABORT, 'this table is append-only: log_generation'); END;

CREATE TRIGGER IF NOT EXISTS log_generation_refuses_delete
BEFORE DELETE ON log_generation
BEGIN SELECT RAISE(ABORT, 'this table is append-only: log_generation'); END;

CREATE TRIGGER IF NOT EXISTS log_generation_refuses_replace
BEFORE INSERT ON log_generation
WHEN EXISTS (SELECT 1 FROM log_generation WHERE generation = NEW.generation)
BEGIN SELECT RAISE(ABORT, 'a row with this key exists: log_generation'); END;

CREATE TRIGGER IF NOT EXISTS ledger_refuses_update
BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'this table is append-only: ledger'); END;

CREATE TRIGGER IF NOT EXISTS ledger_refuses_delete
BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'this table is append-only: ledger'); END;

CREATE TRIGGER IF NOT EXISTS ledger_refuses_replace
BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE position = NEW.position OR predecessor = NEW.predecessor)
BEGIN SELECT RAISE(ABORT, 'a row with this key exists: ledger'); END;

-- The latest instant that is settled: nothing is recorded at or before it any more.
CREATE TABLE IF NOT EXISTS log_settled (id INTEGER PRIMARY KEY CHECK (id = 1), instant INTEGER NOT NULL);

CREATE TRIGGER IF NOT EXISTS log_settled_only_grows
BEFORE UPDATE ON log_settled
WHEN NEW.instant < OLD.instant
BEGIN SELECT RAISE(ABORT, 'what is settled only grows: log_settled'); END;

CREATE TRIGGER IF NOT EXISTS log_settled_refuses_delete
BEFORE DELETE ON log_settled
BEGIN SELECT RAISE(ABORT, 'what is settled only grows: log_settled'); END;

CREATE TRIGGER IF NOT EXISTS log_settled_refuses_replace
BEFORE INSERT ON log_settled
WHEN EXISTS (SELECT 1 FROM log_settled)
BEGIN SELECT RAISE(ABORT, 'a row with this key exists: log_settled'); END;

CREATE TRIGGER IF NOT EXISTS log_keeps_what_is_settled
BEFORE INSERT ON log
WHEN NEW.recorded_at <= (SELECT instant FROM log_settled)
BEGIN SELECT RAISE(ABORT, 'this instant is settled, nothing is recorded there any more: log'); END;

CREATE TRIGGER IF NOT EXISTS log_positions_grow
AFTER INSERT ON log
WHEN NEW.position < (SELECT max(position) FROM log)
BEGIN SELECT RAISE(ABORT, 'positions only grow: log'); END;

-- The machinery's notes are few among millions of events: whoever looks for them needs no scan. See schema.IS_NOTE.
CREATE INDEX IF NOT EXISTS log_notes ON log (position) WHERE substr(type, 1, 5) = 'note:';
