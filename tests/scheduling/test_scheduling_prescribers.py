"""A review finds a session that somebody leads who may prescribe when it looks, whoever led it when scheduled."""

from datetime import date, time
from uuid import UUID

import pytest
from scheduling_world import World, day, named, session_on

from services.scheduling.domain import commands as c
from services.scheduling.domain import review_commands

P, Q = named("p"), named("q")


@pytest.fixture
def world() -> World:
    """Medication management on four Mondays at 10:00, led by p; q prescribes too. Ann is admitted."""
    made = World()
    made.facilitator("p", "prescriber")
    made.facilitator("q", "psychiatrist")
    clinic = made.series("clinic", P, component="medication_management", starts_at=time(10))
    made.sessions(clinic)
    made.admitted("ann")
    return made


def review(world: World, name: str = "review") -> None:
    world.do(review_commands.BookReview(named("ann"), named("ann's episode"), named(name), world.now, day(20)))


def qualified(world: World, *qualifications: str) -> None:
    world.do(c.ChangeQualifications(P, qualifications))


def tried_again(world: World) -> None:
    """What has come free is told to those who wait, as the reaction does."""
    for event in world.happened("SlotFreed"):
        world.do(review_commands.TryRequestsAgain(event.session_id))


def on(monday: int) -> UUID:
    return session_on(named("clinic"), monday)


@pytest.mark.rule("review_finds_a_prescriber")
def test_who_may_not_prescribe_any_more_leads_no_session_for_a_review(world: World) -> None:
    """Domain.md: medication management is led by a psychiatrist or another qualified prescriber."""
    qualified(world, "nurse")
    review(world)
    assert world.seats_held("ann") == []
    assert len(world.happened("PrescriberRequested")) == 1


def test_a_session_that_a_substitute_leads_is_found_by_those_who_wait(world: World) -> None:
    qualified(world, "nurse")
    review(world)
    world.do(c.SubstituteFacilitator(on(9), P, Q))
    tried_again(world)
    assert world.seats_held("ann") == [on(9)]


def test_sessions_that_others_lead_from_then_on_are_found_by_those_who_wait(world: World) -> None:
    qualified(world, "nurse")
    review(world)
    world.do(c.ChangeSeries(named("clinic"), date(2026, 3, 9), facilitators=(Q,)))
    tried_again(world)
    assert world.seats_held("ann") == [on(9)]


def test_who_may_prescribe_again_is_found_by_those_who_wait(world: World) -> None:
    qualified(world, "nurse")
    review(world)
    assert world.seats_held("ann") == []
    qualified(world, "nurse", "prescriber")
    tried_again(world)
    assert world.seats_held("ann") == [on(2)]


def test_another_qualification_that_lets_them_prescribe_changes_nothing(world: World) -> None:
    before = len(world.log)
    qualified(world, "psychiatrist")
    assert world.happened("SlotFreed", since=before) == []
    review(world)
    assert world.seats_held("ann") == [on(2)]


def test_who_may_prescribe_again_sees_to_a_review_earlier_than_the_seat_that_has_come_too_late_for_it(
    world: World,
) -> None:
    """The session of that seat is led again, too, while the seat in it is given back."""
    group = world.series("group", world.facilitator("t", "therapist"), starts_at=time(10))
    world.sessions(group)
    elsewhere = {of: world.booked(of, named("ann")) for of in (session_on(group, monday) for monday in (2, 9))}
    review(world)
    assert on(16) in world.seats_held("ann")
    for session, booking in elsewhere.items():
        world.do(c.CancelBooking(session, booking))
    qualified(world, "nurse")
    told = (named("ann"), named("ann's episode"), named("review"), day(12), world.now)
    world.do(review_commands.RescheduleReview(*told))
    assert world.seats_held("ann") == [on(16)]
    qualified(world, "prescriber")
    assert world.seats_held("ann") == [on(2)]
