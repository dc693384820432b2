"""Every kind of value is stored as it was put, however many rows are written at once."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from follow_tally import Service
from sqlalchemy import Boolean, Column, Date, Float, Integer, String, Uuid

from events.follow.parking import Parking
from events.follow.projecting import ProjectionFollower
from events.follow.projection import Projection, handles
from events.follow.reading import Reader
from events.follow.rebuild import rebuild
from events.follow.rows import Rows
from events.follow.values import Instant, Json
from events.follow.view import view
from events.log.event import Event

PUT, CHANGED = "ballot.vote_cast.v1", "ballot.vote_withdrawn.v1"
MANY = 150
"""More than are written row by row."""

KINDS = view(
    "kinds",
    Column("number", Integer),
    Column("id", Uuid, nullable=False),
    Column("text", String),
    Column("whole", Integer),
    Column("truth", Boolean),
    Column("real", Float),
    Column("day", Date),
    Column("instant", Instant),
    Column("json", Json),
    key=("number", "id"),
)
ID = "0bb4f0c1-6f4c-5b43-8f5b-5d0cf8d3a001"
VALUES: dict[str, Any] = {
    "text": 'a\ttab, a \\, a "quote", a\nline, \\N, ä, 😀',
    "whole": -(2**63),
    "truth": False,
    "real": 1e-300,
    "day": "2024-02-29",
    "instant": "2026-03-01T09:00:00.000001+02:00",
    "json": {"b": [1, None, "\u0000"], "a": {"x": 0.1}},
}
AS_READ = VALUES | {
    "day": date(2024, 2, 29),
    "instant": datetime(2026, 3, 1, 7, 0, 0, 1, tzinfo=UTC),
}
NOTHING: dict[str, Any] = dict.fromkeys(VALUES)


FURTHER = view("further", Column("number", Integer), Column("id", Uuid), key=("number",))


class Kinds(Projection):
    name = "kinds"
    views = (KINDS, FURTHER)

    @handles(PUT)
    def put(self, event: Event, rows: Rows) -> None:
        rows.put(KINDS, event.data)

    @handles(CHANGED)
    def changed(self, event: Event, rows: Rows) -> None:
        rows.change(KINDS, event.data["number"], UUID(ID), **event.data["values"])


def put(number: int, **values: Any) -> tuple[str, str, dict[str, Any]]:
    return PUT, "a", {"number": number, "id": ID, **values}


def change(number: int, **values: Any) -> tuple[str, str, dict[str, Any]]:
    return CHANGED, "a", {"number": number, "values": values}


def followed(service: Service, batch: int) -> list[Any]:
    follower = ProjectionFollower(Kinds(), service.database, service.log)
    follower.batch = batch
    while follower.step():
        pass
    return Reader(service.database, service.log).at(["kinds"]).many(KINDS)


def test_written_one_by_one_or_many_at_once_the_values_are_the_same(service: Service) -> None:
    service.hear(*(put(number, **VALUES) for number in range(MANY)), put(MANY))
    found = followed(service, batch=10)
    assert found == [
        *({"number": number, "id": ID, **AS_READ} for number in range(MANY)),
        {"number": MANY, "id": ID, **NOTHING},
    ]
    result = rebuild(service.database, service.log, Kinds())
    assert result.identical, result.difference
    assert Reader(service.database, service.log).at(["kinds"]).many(KINDS) == found


def test_a_change_leaves_the_other_columns_as_they_are(service: Service) -> None:
    service.hear(put(1, **VALUES), change(1, whole=7, text=None, day="2024-03-01"))
    assert followed(service, batch=10) == [
        {"number": 1, "id": ID, **AS_READ, "whole": 7, "text": None, "day": date(2024, 3, 1)}
    ]


def test_what_a_handler_does_with_json_that_it_was_given_changes_no_row(service: Service) -> None:
    class Careless(Kinds):
        @handles(CHANGED)
        def changed(self, event: Event, rows: Rows) -> None:
            row = rows.get(KINDS, event.data["number"], ID)
            assert row is not None
            row["json"]["b"].append("changed by hand")

    service.hear(put(1, **VALUES), change(1))
    follower = ProjectionFollower(Careless(), service.database, service.log)
    while follower.step():
        pass
    (row,) = Reader(service.database, service.log).at(["kinds"]).many(KINDS)
    assert row["json"] == VALUES["json"]


def test_rows_of_several_views_at_once_are_those_of_each_by_itself(service: Service) -> None:
    other = {"id": "1" + ID[1:]}
    service.hear(*(put(number, **VALUES) for number in (3, 1)), put(2), put(4, **VALUES | other), change(1, text="b"))
    followed(service, batch=10)
    for position in range(6):
        snapshot = Reader(service.database, service.log).at(["kinds"], as_of=position)
        for ids in ([ID], [ID, other["id"]], ["unknown"], []):
            by_text = snapshot.about("id", ids, {KINDS: ("text",)})
            assert by_text == {KINDS: snapshot.many(KINDS, KINDS.c.id.in_(ids), order_by=KINDS.c.text)}
            wholes = snapshot.about("id", ids, {KINDS: (), FURTHER: ("number",)})
            assert wholes == {KINDS: snapshot.many(KINDS, KINDS.c.id.in_(ids)), FURTHER: []}


def test_a_change_that_the_view_cannot_hold_is_parked(service: Service) -> None:
    service.hear(put(1), change(1, colour="red"))
    followed(service, batch=10)
    (parked,) = Parking(service.database, service.log).list()
    assert (parked.position, parked.error) == (2, "ValueError")
