"""A transfer moves the placement: the old track's seats are freed, and the new track's can be had."""

from datetime import time
from uuid import UUID

import pytest
from scheduling_world import NOW, World, day, named, session_on

from services.scheduling.domain import errors, review_commands, told_commands, waitlist_commands

ELSEWHERE = named("another track")


@pytest.fixture
def group(world: World) -> UUID:
    """Four Mondays (2, 9, 16, 23 March) of the track of admission."""
    series = world.series("group", world.facilitator("f", "therapist"))
    world.sessions(series)
    return series


@pytest.fixture
def other(world: World) -> UUID:
    """The same four Mondays, later, of another track."""
    series = world.series("other", world.facilitator("g", "therapist"), track_id=ELSEWHERE, starts_at=time(21))
    world.sessions(series)
    return series


def moved(world: World, at: int, left: UUID | None = None, to: UUID = ELSEWHERE, told: int | None = None) -> None:
    ids = {"participant_id": named("ann"), "episode_id": named("ann's episode")}
    told_at = day(told or at)
    world.do(told_commands.TransferPlacement(**ids, from_track_id=left or named("track"), track_id=to,
             effective_at=day(at), told_at=told_at))  # fmt: skip


def book(world: World, *sessions: UUID) -> None:
    world.admitted("ann")
    for session in sessions:
        world.booked(session, named("ann"))


@pytest.mark.rule("transfer_frees_seats")
def test_a_transfer_frees_the_seats_of_the_track_left(world: World, group: UUID, other: UUID) -> None:
    """Domain.md: step-up, step-down, transfer; program practice, to be verified by the program."""
    book(world, session_on(group, 2), session_on(group, 9), session_on(other, 16), session_on(group, 16))
    moved(world, 9)
    assert world.seats_held("ann") == [session_on(group, 2), session_on(other, 16)]
    assert {one.reason for one in world.happened("BookingCancelled")} == {"transferred"}


def test_a_session_that_had_begun_when_it_was_told_keeps_its_seat(world: World, group: UUID) -> None:
    book(world, session_on(group, 9), session_on(group, 16))
    moved(world, 9, told=12)
    assert world.seats_held("ann") == [session_on(group, 9)]


def test_no_seat_is_had_in_a_track_that_was_left(world: World, group: UUID, other: UUID) -> None:
    book(world)
    moved(world, 9)
    with pytest.raises(errors.ParticipantNotPlaceable):
        world.booked(session_on(group, 16), named("ann"))
    world.booked(session_on(group, 2), named("ann"))
    world.booked(session_on(other, 16), named("ann"))


def test_who_comes_back_has_seats_there_again(world: World, group: UUID) -> None:
    book(world)
    moved(world, 3)
    moved(world, 10, left=ELSEWHERE, to=named("track"))
    world.booked(session_on(group, 16), named("ann"))
    with pytest.raises(errors.ParticipantNotPlaceable):
        world.booked(session_on(group, 9), named("ann"))


def test_told_again_a_transfer_changes_nothing(world: World, group: UUID) -> None:
    book(world, session_on(group, 9))
    moved(world, 3)
    before = len(world.log)
    moved(world, 3)
    assert len(world.log) == before


def test_a_suspension_that_never_was_restores_nothing_in_the_track_left(world: World, group: UUID) -> None:
    book(world, session_on(group, 16))
    ids = {"participant_id": named("ann"), "episode_id": named("ann's episode"), "suspension_id": named("stay")}
    world.do(told_commands.SuspendPlacement(**ids, suspended_at=NOW, reason="hospitalized", told_at=NOW))
    moved(world, 3)
    world.do(told_commands.CancelSuspension(**ids, told_at=day(4)))
    assert world.seats_held("ann") == []
    assert [one.why for one in world.happened("BookingLost")] == ["ParticipantNotPlaceable"]


def test_a_review_finds_its_prescriber_in_the_track_joined(world: World) -> None:
    for name, track in (("here", named("track")), ("there", ELSEWHERE)):
        leader = world.facilitator(f"prescriber {name}", "prescriber")
        clinic = world.series(name, leader, component="medication_management", track_id=track, seats=1)
        world.sessions(clinic)
    book(world)
    world.do(
        review_commands.BookReview(named("ann"), named("ann's episode"), named("review"), opened_at=NOW, due_at=day(20))
    )
    assert world.seats_held("ann") == [session_on(named("here"), 2)]
    moved(world, 1, told=1)
    assert world.seats_held("ann") == [session_on(named("there"), 2)]


def test_who_waits_for_a_seat_of_the_track_left_waits_no_longer(world: World, group: UUID) -> None:
    for name in ("ben", "cem"):
        world.booked(session_on(group, 9), world.admitted(name))
    book(world)
    world.do(waitlist_commands.WaitForSession(session_on(group, 9), named("ann")))
    moved(world, 3)
    assert [one.reason for one in world.happened("SeatWaitLeft")] == ["transferred"]
