"""Rows of several views about the same, in one statement: a chart asks half a dozen views, and on PostgreSQL each
question by itself is a round trip."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    String,
    Text,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from events.contract.canonical import loads
from events.follow.values import Json, Normal
from events.follow.view import View

POSITION = "snapshot_position"
IDS = "about_ids"

Orders = tuple[tuple[View, tuple[str, ...]], ...]
"""Which views, and by which columns their rows are ordered."""


def orders(views: Mapping[View, Sequence[str]]) -> Orders:
    """The views in the order given, with their keys as the last word on the order of rows."""
    return tuple((view, (*columns, *view.key)) for view, columns in views.items())


@cache
def valid(view: View) -> Select[Any]:
    """The versions that hold at the position."""
    position: ColumnElement[int] = bindparam(POSITION)
    columns = [view.c[name] for name in view.columns]
    return select(*columns).where(view.c.valid_to > position, view.c.valid_from <= position)


@cache
def question(whose: str, asked: Orders) -> Select[Any]:
    """PostgreSQL's one statement: a column per view with its rows as JSON text, null where there is none."""
    return select(*(_as_json(view, whose, order) for view, order in asked))


def _as_json(view: View, whose: str, order: tuple[str, ...]) -> ScalarSelect[Any]:
    ids: ColumnElement[Any] = bindparam(IDS, type_=ARRAY(String))
    row = func.json_build_array(*(view.c[name] for name in view.columns))
    rows = func.json_agg(aggregate_order_by(row, *(view.c[name] for name in order)))
    return valid(view).where(view.c[whose] == any_(ids)).with_only_columns(cast(rows, Text)).scalar_subquery()


def answer(asked: Orders, found: Row[Any]) -> dict[View, list[Mapping[str, Any]]]:
    """The rows of each view, every value as it reads from its column."""
    return {view: _rows(view, told) for (view, _), told in zip(asked, found, strict=True)}


def _rows(view: View, told: str | None) -> list[Mapping[str, Any]]:
    return [
        {
            name: None if value is None else form(value)
            for name, form, value in zip(view.columns, _forms(view), row, strict=True)
        }
        for row in (loads(told) if told else ())
    ]


@cache
def _forms(view: View) -> tuple[Normal, ...]:
    # JSON columns are text in the database, so they come as text within JSON.
    return tuple(loads if isinstance(view.c[name].type, Json) else view.normal[name] for name in view.columns)
