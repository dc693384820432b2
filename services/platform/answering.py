"""How queries are answered: from one snapshot of a service's views, whose position goes with the answer."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement

from events.follow.reading import Reader, Snapshot
from services.platform.web import Query


class FromViews:
    """What every class of queries is made from."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def _at(self, request: Query, *projections: str) -> Snapshot:
        """The views of these projections, as of when it is asked."""
        return self._reader.at(projections, as_of=request.as_of, after=request.after)


def found(snapshot: Snapshot, **body: object) -> Mapping[str, Any]:
    """An answer with the position of what it was read from."""
    return {"position": snapshot.position, **body}


def between(column: ColumnElement[Any], request: Query) -> list[ColumnElement[bool]]:
    """The conditions of ``from_date`` and ``through``, both included; none for one that is left out."""
    conditions = []
    if request["from_date"] is not None:
        conditions.append(column >= request["from_date"])
    if request["through"] is not None:
        conditions.append(column <= request["through"])
    return conditions
