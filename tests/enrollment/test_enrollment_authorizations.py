"""Authorizations: which one pays for which billable day, when to warn, what is left."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import pytest
from enrollment_states import day
from enrollment_world import PERSON, World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.enrollment.domain import authorization_commands, commands, errors, people_commands
from services.enrollment.domain.coverage import AuthorizationTold
from services.enrollment.domain.units import Authorized, cover, units_left

MONDAY = date(2026, 3, 2)
FIRST, SECOND = UUID(int=1), UUID(int=2)


@pytest.fixture
def episode(world: World) -> UUID:
    return UUID(world.admit(world.a_participant(), world.a_track())["episode_id"])


def on(number: int) -> date:
    return MONDAY + timedelta(days=number)


def authorize(world: World, episode: UUID, units: int = 10, **changes: Any) -> UUID:
    id_ = changes.pop("authorization_id", None)
    told = {
        "number": "AUTH-4711",
        "payer": "acme_health",
        "from_date": MONDAY,
        "through_date": on(27),
        "units": units,
        "unit": "day",
        "days_per_week": None,
        "level_of_care": None,
        "status": "active",
        **changes,
    }
    command = authorization_commands.RecordAuthorization(episode, AuthorizationTold(**told), id_)
    return UUID(str(world.do(command).body["authorization_id"]))


def verdict(participant: str, episode: UUID, number: int, billable: bool = True, revision: int = 1) -> Any:
    facts = {"date": on(number).isoformat(), "billable": billable, "revision": revision, "minutes": 180}
    rest = {"components": ["group_therapy"], "group": True, "packs": ["program_default@2020-01-01"]}
    ids = {"participant_id": participant, "episode_id": str(episode)}
    return ("attendance.billable_day_determined", {**ids, **facts, **rest})


def attend(world: World, episode: UUID, *numbers: int, **more: Any) -> None:
    (admitted,) = [one for one in world.told("participant_admitted") if one["episode_id"] == str(episode)]
    world.hear(*(verdict(admitted["participant_id"], episode, number, **more) for number in numbers))


def seen(world: World, episode: UUID) -> Any:
    return world.ask("authorizations", episode_id=episode)


def states(world: World, episode: UUID) -> list[tuple[int, str]]:
    return [(one["units_left"], one["state"]) for one in seen(world, episode)["authorizations"]]


def one(id_: UUID, first: int, last: int, units: int, **more: Any) -> Authorized:
    return Authorized(id_, on(first), on(last), units, more.pop("status", "active"), **more)


def test_each_billable_day_consumes_a_unit_of_the_authorization_that_ends_first():
    """Payer practice: each billable day consumes a unit."""
    both = [one(FIRST, 0, 20, 5), one(SECOND, 0, 10, 1)]
    covered = cover(both, [on(3), on(1)])
    assert covered == {on(1): SECOND, on(3): FIRST}
    assert units_left(both, covered) == {FIRST: 4, SECOND: 0}


def test_an_authorization_pays_within_its_dates_and_only_while_it_is_active():
    """Payer practice: number, dates, units or days, frequency, level of care, status."""
    assert cover([one(FIRST, 1, 2, 9)], [on(0), on(1), on(2), on(3)]) == {
        on(0): None,
        on(1): FIRST,
        on(2): FIRST,
        on(3): None,
    }
    for status in ("pending", "denied", "cancelled"):
        assert cover([one(FIRST, 0, 9, 9, status=status)], [on(1)]) == {on(1): None}


def test_an_authorization_pays_for_so_many_days_of_a_week():
    """Payer practice: the frequency is part of the authorization."""
    covered = cover([one(FIRST, 0, 20, 9, days_per_week=2)], [on(0), on(2), on(4), on(7)])
    assert [covered[on(number)] for number in (0, 2, 4, 7)] == [FIRST, FIRST, None, FIRST]


def test_an_authorization_pays_for_its_level_of_care_only():
    """Payer practice: the level of care is part of the authorization."""
    both = [one(FIRST, 0, 20, 9, level_of_care="asam_2.1"), one(SECOND, 0, 20, 9, level_of_care="outpatient")]
    levels = {on(0): "asam_2.1", on(3): "outpatient", on(6): "residential"}
    assert cover(both, [on(2), on(3), on(6)], levels) == {on(2): FIRST, on(3): SECOND, on(6): None}


def test_days_after_a_step_down_are_covered_by_what_was_authorized_for_it(world, episode):
    higher = authorize(world, episode, level_of_care="mental_health_iop")
    lower = authorize(world, episode, level_of_care="outpatient")
    attend(world, episode, 3)
    world.clock.set(day(2))
    transfer = commands.TransferParticipant(episode, world.a_track(), "step_down", level_of_care="outpatient")
    world.do(transfer)
    attend(world, episode, 1)
    assert [(row["date"], row["authorization_id"]) for row in seen(world, episode)["days"]] == [
        (on(1), str(higher)),
        (on(3), str(lower)),
    ]


def test_uncovered_billable_days_are_listed(world, episode):
    attend(world, episode, 0)
    authorize(world, episode, from_date=on(1))
    attend(world, episode, 2)
    answer = seen(world, episode)
    assert answer["uncovered"] == [on(0)]
    assert [row["date"] for row in answer["days"]] == [on(0), on(2)]
    assert states(world, episode) == [(9, "active")]


def test_a_unit_is_given_back_when_a_later_revision_says_not_billable(world, episode):
    authorize(world, episode)
    attend(world, episode, 0)
    attend(world, episode, 0, billable=False, revision=3)
    attend(world, episode, 0, billable=True, revision=2)
    assert states(world, episode) == [(10, "active")]
    attend(world, episode, 0, billable=True, revision=4)
    assert states(world, episode) == [(9, "active")]


@pytest.mark.rule("authorization.warn_units")
@pytest.mark.rule("authorization.renewal_days")
def test_a_warning_comes_before_the_last_unit_and_more_is_asked_for(world, episode):
    """Payer practice: warn before the last; shipped at three units left."""
    authorization = authorize(world, episode, units=5)
    attend(world, episode, 0)
    assert world.told("authorization_running_low") == []
    attend(world, episode, 2)
    (told,) = world.told("authorization_running_low")
    assert (told["authorization_id"], told["units"], told["units_left"]) == (str(authorization), 5, 3)
    (due,) = [row for row in world.ask("due", role="coordinator")["due"] if row["kind"] == "authorization_renewal"]
    assert due["due_at"] == day(2)
    attend(world, episode, 4, 7, 9)
    assert states(world, episode) == [(0, "exhausted")]
    assert [row["units_left"] for row in world.told("authorization_exhausted")] == [0]
    authorize(world, episode, units=12)
    assert "authorization_renewal" not in {row["kind"] for row in world.ask("due")["due"]}


def test_it_is_told_again_when_units_were_given_back_in_between(world, episode):
    authorize(world, episode, units=4)
    attend(world, episode, 0)
    attend(world, episode, 0, billable=False, revision=2)
    assert states(world, episode) == [(4, "active")]
    attend(world, episode, 2)
    assert len(world.told("authorization_running_low")) == 2


def test_an_authorization_expires_at_the_end_of_its_last_day_and_is_extended_by_correction(world, episode):
    id_ = authorize(world, episode, through_date=on(6))
    world.clock.set(day(6.3))
    assert states(world, episode) == [(10, "active")]
    world.clock.set(day(6.6))
    assert states(world, episode) == [(10, "expired")]
    assert "authorization_renewal" in {row["kind"] for row in world.ask("due")["due"]}
    authorize(world, episode, through_date=on(13), authorization_id=id_)
    assert states(world, episode) == [(10, "active")]
    assert "authorization_renewal" not in {row["kind"] for row in world.ask("due")["due"]}


def test_what_is_recorded_is_told_without_its_number(world, episode, tmp_path):
    authorize(world, episode)
    (told,) = world.told("authorization_recorded")
    assert "number" not in told
    assert (told["units"], told["from_date"], told["through_date"]) == (10, "2026-03-02", "2026-03-29")
    assert seen(world, episode)["authorizations"][0]["number"] == "AUTH-4711"
    assert (
        "number" not in world.ask("authorizations", frozenset({"therapist"}), episode_id=episode)["authorizations"][0]
    )
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"AUTH-4711" not in stored


def test_an_authorization_ends_after_it_begins(world, episode):
    with pytest.raises(errors.AuthorizationDatesReversed):
        authorize(world, episode, through_date=on(-1))


def test_days_told_after_the_discharge_still_count_but_ask_for_nothing(world, episode):
    authorize(world, episode, units=2)
    world.do(commands.DischargeParticipant(episode, "administrative"))
    attend(world, episode, 0, 1)
    assert states(world, episode) == [(0, "exhausted")]
    assert world.ask("due")["due"] == []


TOLD = [
    (0, True, 1),
    (0, False, 2),
    (2, True, 1),
    (2, False, 2),
    (2, True, 3),
    (4, True, 1),
    (7, False, 1),
    (9, True, 1),
]


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations([*range(len(TOLD)), 1, 4]), st.integers(0, len(TOLD)))
def test_any_order_and_any_duplication_of_verdicts_ends_in_the_same_rows(order: Sequence[int], recorded: int) -> None:
    ids = [uuid4() for _ in range(4)]
    assert _rows(order, recorded, ids) == _rows(range(len(TOLD)), 0, ids)


def _rows(order: Sequence[int], recorded: int, ids: list[UUID]) -> Any:
    """With two authorizations recorded after so many verdicts, the verdicts in this order, some told twice."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            world.do(people_commands.RegisterParticipant(PERSON, participant_id=ids[3]))
            episode = UUID(world.admit(ids[3], world.a_track(), episode_id=ids[0])["episode_id"])
            for number, index in enumerate([*order, None]):
                if number == min(recorded, len(order)):
                    authorize(world, episode, units=2, through_date=on(8), authorization_id=ids[1])
                    authorize(world, episode, units=9, from_date=on(3), authorization_id=ids[2])
                if index is not None:
                    which, billable, revision = TOLD[index]
                    world.hear(verdict(str(ids[3]), episode, which, billable, revision))
            answer = seen(world, episode)
            due = [(row["kind"], row["due_at"]) for row in world.ask("due")["due"]]
            return answer["authorizations"], answer["days"], answer["uncovered"], due
        finally:
            world.close()
