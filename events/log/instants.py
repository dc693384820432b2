"""An instant → the position that it means, for good: whoever asks again gets the same answer.

A record that was recorded later than the instant makes its answer final, once it is decided. Where there is none yet
the instant is settled first: from then on nothing is recorded at or before it, and what was under way is waited for.
See ``docs/adr/0001-how-appends-keep-order.md``.
"""

from sqlalchemy import Connection, func, select, text

from events.log import ledger
from events.log.database import Database
from events.log.recorder import Recorder
from events.log.schema import LOG


def position_at(database: Database, recorder: Recorder, instant: int, patience: float) -> int:
    """The last position up to which everything was recorded by an instant (microseconds); 0 before the first.

    Raises ``NotSettledYet`` or ``Busy`` when appends that may belong to it do not end within ``patience`` seconds.
    """
    with database.look() as connection:
        sealed, passed = ledger.recorded_by(connection, instant)
    if passed:
        return sealed
    position, passed = _recorded_by(database, instant, sealed, recorder.head())
    if passed:
        return position
    return _recorded_by(database, instant, sealed, recorder.settle(instant, patience))[0]


def stamp(tx: Connection, recorded_at: int) -> int:
    """The recorded-at of what ``tx`` appends: the instant given, or the first one that is not settled.

    On PostgreSQL a trigger raises it, under the mark.
    """
    if tx.dialect.name == "postgresql":
        return recorded_at
    over = settled(tx)
    return recorded_at if over is None else max(recorded_at, over + 1)


def settled(connection: Connection) -> int | None:
    """On SQLite, the latest instant that is settled; None when none ever was."""
    over: int | None = connection.scalar(text("SELECT instant FROM log_settled"))
    return over


def _recorded_by(database: Database, instant: int, after: int, decided: int) -> tuple[int, bool]:
    """The same for records after ``after``, all of which are decided up to ``decided``."""
    with database.read() as connection:
        later = connection.scalar(
            select(func.min(LOG.c.position)).where(
                LOG.c.position > after, LOG.c.position <= decided, LOG.c.recorded_at > instant
            )
        )
        before = LOG.c.position <= decided if later is None else LOG.c.position < later
        return connection.scalar(select(func.max(LOG.c.position)).where(before)) or 0, later is not None
