"""An instant → the position that it means, for good: whoever asks again gets the same answer.

A record that was recorded later than the instant makes its answer final, once it is decided. Where there is none yet
the instant is settled first: from then on nothing is recorded at or before it, and what was under way is waited for.
See ``docs/adr/0001-how-appends-keep-order.md``.
"""

from sqlalchemy import BigInteger, Connection, bindparam, func, select, text

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
    position, passed = _recorded_by(database, instant, sealed, recorder.head_above(sealed))
    if passed:
        return position
    return _recorded_by(database, instant, position, recorder.settle(instant, patience))[0]


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
    """The same for records after ``after``, which was recorded by then, all of which are decided up to ``decided``."""
    if decided <= after:
        return after, False
    with database.look() as connection:
        later, before = connection.execute(_LATER, {"after": after, "decided": decided, "instant": instant}).one()
    return before or after, later is not None


_AFTER = LOG.c.position > bindparam("after")
_FIRST_LATER = (
    select(func.min(LOG.c.position).label("position"))
    .where(_AFTER, LOG.c.position <= bindparam("decided"), LOG.c.recorded_at > bindparam("instant"))
    .cte("later")
)
_LATER = select(
    _FIRST_LATER.c.position,
    select(func.max(LOG.c.position))
    .where(_AFTER, LOG.c.position < func.coalesce(_FIRST_LATER.c.position, bindparam("decided", type_=BigInteger) + 1))
    .scalar_subquery(),
)
"""The first record after an instant, and the last one before that: one statement, so both of one moment."""
