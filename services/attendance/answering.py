"""What every query of attendance needs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from events.follow.reading import Reader, Snapshot
from services.attendance.domain.kiosk import Codes
from services.attendance.domain.rulebook import RuleBook
from services.platform.web import Query


class Answering:
    """Where answers come from: the views, the rules, the time, and the codes of kiosks."""

    def __init__(self, reader: Reader, book: RuleBook, codes: Codes, clock: Callable[[], datetime]) -> None:
        self._reader = reader
        self._book = book
        self._codes = codes
        self._clock = clock

    def _now(self, request: Query) -> datetime:
        """The time of the answer: the one asked for, else the instant that it is given as of, else the present."""
        asked: datetime | None = request["at"]
        return asked or (request.as_of if isinstance(request.as_of, datetime) else self._clock())

    def _at(self, request: Query, *projections: str) -> Snapshot:
        return self._reader.at(projections, as_of=request.as_of, after=request.after)


def found(snapshot: Snapshot, **body: object) -> Mapping[str, Any]:
    """An answer with the position of what it was read from."""
    return {"position": snapshot.position, **body}


def between(column: ColumnElement[Any], request: Query) -> list[ColumnElement[bool]]:
    """The conditions of ``from_date`` and ``through``, both included."""
    conditions = []
    if request["from_date"] is not None:
        conditions.append(column >= request["from_date"])
    if request["through"] is not None:
        conditions.append(column <= request["through"])
    return conditions
