"""The months of a program: asked by what schedules and moves sessions whether a day is closed."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.domain.closure import Closure
from services.scheduling.domain.errors import ClosedThen
from services.scheduling.domain.identity import program_month_id
from services.scheduling.domain.program_month import ProgramMonth
from services.scheduling.domain.session import Session


def month(unit: Unit, day: date) -> ProgramMonth:
    """The month of a day."""
    first = day.replace(day=1)
    found = unit.find(ProgramMonth, program_month_id(first))
    return found or unit.add(ProgramMonth.open(first, unit.context.at))


def months_touched(from_date: date, through: date) -> Iterator[date]:
    """The first days of the months that a span of days touches."""
    first = from_date.replace(day=1)
    while first <= through:
        yield first
        first = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def closure_on(unit: Unit, track_id: UUID, day: date) -> Closure | None:
    """Why the track is closed on the local day, if it is."""
    found = unit.find(ProgramMonth, program_month_id(day.replace(day=1)))
    closures = (unit.get(Closure, id_) for id_ in (found.closures if found else ()))
    return next((closure for closure in closures if closure.covers(track_id, day)), None)


def check_open_on(unit: Unit, track_id: UUID, day: date) -> None:
    """Raises ``ClosedThen``. By the rule ``closed_days``."""
    if closure_on(unit, track_id, day) is not None:
        raise ClosedThen("the program is closed on that day; choose another, or open it again")


def plan_in_month(unit: Unit, session: Session) -> None:
    """Notes on which day the session takes place."""
    month(unit, session.local_date).plan(session.id, session.local_date, unit.context.at)
