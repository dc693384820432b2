"""A handler that fails parks one key and nobody else; mended and released, it leaves what order would have left."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from events.contract.canonical import dumps, loads
from events.follow.parking import Parking
from events.follow.reading import Reader
from events.follow.rebuild import rebuild
from events.log.event import Event
from services.medication_review.policies import FollowEnrollment
from services.medication_review.projections.participant_reviews import ParticipantReviews
from services.medication_review.wiring import define
from tests.support.whole_service import NAMES, Told, WholeService, opened

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
PEOPLE = ("ann", "bob", "cid")
Rows = Mapping[str, list[dict[str, Any]]]


def named(name: str) -> UUID:
    return uuid5(NAMES, name)


def enrolled(type_: str, name: str, **data: object) -> Told:
    ids = {"participant_id": named(name), "episode_id": named(f"{name}'s episode")}
    return Told(f"enrollment.{type_}", {**ids, **data}, NOW)


def admitted(name: str) -> Told:
    return enrolled(
        "participant_admitted",
        name,
        track_id=named("track"),
        level_of_care="mental_health_iop",
        age_group="adult",
        admitted_at=NOW,
        admitted_on=NOW.date(),
        time_zone="America/New_York",
        packs=["medicare_iop"],
        components=["medication_management"],
    )


def away(name: str, time: int) -> Iterator[Told]:
    """A hospital stay, the ``time``-th."""
    stay = {"suspension_id": named(f"{name}'s stay {time}")}
    begun = NOW + timedelta(days=time)
    yield enrolled("episode_suspended", name, **stay, reason="hospitalized", suspended_at=begun)
    yield enrolled("episode_resumed", name, **stay, resumed_at=begun + timedelta(hours=8))


def everything(service: WholeService, as_of: int | None = None) -> Rows:
    """All views, now or then."""
    found = {}
    for projection in service.definition.projections:
        snapshot = Reader(service.database, service.log).at([projection.name], as_of=as_of)
        found |= {view.name: loads(dumps(snapshot.many(view))) for view in projection.views}
    return found


def but(rows: Rows, name: str) -> Rows:
    """What the views hold of everybody else."""
    return {view: [row for row in kept if str(named(name)) not in row.values()] for view, kept in rows.items()}


def break_for(monkeypatch: pytest.MonkeyPatch, where: type, method: str, name: str) -> None:
    handler: Callable[..., Any] = getattr(where, method)

    def broken(self: object, event: Event, *rest: object) -> Any:
        if event.key == str(named(name)):
            raise ZeroDivisionError
        return handler(self, event, *rest)

    monkeypatch.setattr(where, method, broken)


@pytest.mark.parametrize(
    ("where", "method"), [(FollowEnrollment, "suspended"), (ParticipantReviews, "suspended")], ids=["reaction", "view"]
)
def test_a_failing_handler_parks_its_key_alone_and_after_the_fix_retry_leaves_what_order_would_have_left(
    monkeypatch: pytest.MonkeyPatch, where: type, method: str
) -> None:
    with opened(define, NOW) as live, opened(define, NOW) as calm:
        answered: dict[int, Rows] = {}

        def told(*events: Told) -> None:
            calm.told(*events)
            with monkeypatch.context() as while_live:
                if broken:
                    break_for(while_live, where, method, "ann")
                live.told(*events)
            answered[live.log.head()] = everything(live)

        broken = False
        told(*map(admitted, PEOPLE))
        broken = True
        for time in (1, 2):
            told(*(event for name in PEOPLE for event in away(name, time)))
        parking = Parking(live.database, live.log)
        (parked,) = parking.list()
        assert (parked.key, parked.error, parked.waiting > 0) == (str(named("ann")), "ZeroDivisionError", True)
        assert everything(live) != everything(calm)
        assert but(everything(live), "ann") == but(everything(calm), "ann")

        broken = False
        told(*(event for name in PEOPLE for event in away(name, 3)))
        assert [one.id for one in parking.list()] == [parked.id], "nothing goes on behind anybody's back"
        parking.retry(parked.id)
        live.settle()
        assert parking.list() == []
        assert everything(live) == everything(calm)
        answered[live.log.head()] = everything(live)

        assert {position: everything(live, position) for position in answered} == answered
        for projection in live.definition.projections:
            assert rebuild(live.database, live.log, projection()).identical
        assert {position: everything(live, position) for position in answered} == answered
