"""Medication reviews find a prescriber's session in time, or a coordinator is asked."""

from datetime import time
from uuid import UUID

import pytest
from scheduling_placements import (
    ids,
    prescribers_clinic,
    rescheduled,
    resumed,
    review,
    suspended,
    suspension_cancelled,
    weekly_group,
)
from scheduling_world import NOW, World, day, named, session_on

from services.scheduling.domain import commands as c
from services.scheduling.domain import review_commands


@pytest.fixture
def group(world: World) -> UUID:
    return weekly_group(world)


@pytest.fixture
def clinic(world: World) -> UUID:
    return prescribers_clinic(world)


class TestReviews:
    @pytest.mark.rule("review_finds_a_prescriber")
    def test_the_earliest_free_prescribers_session_before_it_is_due_is_booked(self, world: World, clinic: UUID) -> None:
        """Domain.md: across services: review due."""
        world.booked(session_on(clinic, 2), world.admitted("ben"))
        world.admitted("ann")
        review(world, "ann", due=day(20))
        assert world.seats_held("ann") == [session_on(clinic, 9)]
        (booked,) = world.happened("ReviewBooked")
        assert booked.seat_taken
        assert world.happened("PrescriberRequested") == []

    @pytest.mark.rule("review_finds_a_prescriber")
    def test_where_none_is_free_in_time_a_coordinator_is_asked_once(self, world: World, clinic: UUID) -> None:
        """Domain.md: across services: review due."""
        world.booked(session_on(clinic, 2), world.admitted("ben"))
        world.admitted("ann")
        review(world, "ann", due=day(9, 9))
        suspended(world, "ann", day(4))
        resumed(world, "ann", day(5))
        (asked,) = world.happened("PrescriberRequested")
        assert (asked.review_id, asked.due_at) == (named("review"), day(9, 9))
        assert world.seats_held("ann") == []

    def test_a_session_in_which_no_prescriber_leads_does_not_serve(self, world: World, group: UUID) -> None:
        world.booked(session_on(group, 2), world.admitted("ann"))
        review(world, "ann", due=day(20))
        assert len(world.happened("PrescriberRequested")) == 1

    def test_a_seat_held_already_serves(self, world: World, clinic: UUID) -> None:
        world.booked(session_on(clinic, 9), world.admitted("ann"))
        review(world, "ann", due=day(20))
        review(world, "ann", due=day(18), review_id="urgent")
        assert world.seats_held("ann") == [session_on(clinic, 9)]
        assert [event.seat_taken for event in world.happened("ReviewBooked")] == [False, False]

    def test_a_session_at_a_time_taken_is_passed_over(self, world: World, clinic: UUID) -> None:
        other = world.series("other", world.facilitator("g", "therapist"), starts_at=time(9))
        world.sessions(other)
        world.booked(session_on(other, 2), world.admitted("ann"))
        review(world, "ann", due=day(20))
        assert world.seats_held("ann") == [session_on(other, 2), session_on(clinic, 9)]

    def test_it_waits_for_a_placement_not_known_yet(self, world: World, clinic: UUID) -> None:
        review(world, "ann", due=day(20))
        assert not world.happened("PrescriberRequested")
        world.admitted("ann")
        assert world.seats_held("ann") == [session_on(clinic, 2)]

    def test_a_seat_lost_by_suspension_is_sought_again_after_resumption(self, world: World, clinic: UUID) -> None:
        world.admitted("ann")
        review(world, "ann", due=day(20))
        suspended(world, "ann", day(1, 13))
        assert world.seats_held("ann") == []
        assert len(world.happened("PrescriberRequested")) == 1
        resumed(world, "ann", day(8))
        assert world.seats_held("ann") == [session_on(clinic, 9)]

    def test_a_cancelled_suspension_restores_the_same_session(self, world: World, clinic: UUID) -> None:
        world.admitted("ann")
        review(world, "ann", due=day(20))
        suspended(world, "ann", day(1, 13))
        suspension_cancelled(world, "ann", day(1, 14))
        assert world.seats_held("ann") == [session_on(clinic, 2)]

    def test_a_session_cancelled_by_the_program_is_replaced(self, world: World, clinic: UUID) -> None:
        world.admitted("ann")
        review(world, "ann", due=day(20))
        world.do(c.CancelSession(session_on(clinic, 2), "prescriber_ill"))
        assert world.seats_held("ann") == [session_on(clinic, 9)]

    def test_a_session_that_the_participant_gave_up_is_not_forced_on_them(self, world: World, clinic: UUID) -> None:
        world.admitted("ann")
        review(world, "ann", due=day(8))
        (made,) = world.happened("BookingMade")
        world.do(c.CancelBooking(made.session_id, made.booking_id))
        assert world.seats_held("ann") == []
        assert len(world.happened("PrescriberRequested")) == 1

    def test_a_review_completed_keeps_the_seat_and_is_sought_no_more(self, world: World, clinic: UUID) -> None:
        world.admitted("ann")
        review(world, "ann", due=day(20))
        world.do(review_commands.CloseReview(**ids("ann"), review_id=named("review"), withdrawn=False, told_at=NOW))
        assert world.seats_held("ann") == [session_on(clinic, 2)]
        world.do(c.CancelSession(session_on(clinic, 2), "prescriber_ill"))
        assert world.seats_held("ann") == []

    def test_a_review_withdrawn_gives_back_the_seat_taken_for_it(self, world: World, clinic: UUID) -> None:
        world.admitted("ann")
        review(world, "ann", due=day(20))
        review(world, "ann", due=day(20), review_id="urgent")
        world.do(review_commands.CloseReview(**ids("ann"), review_id=named("review"), withdrawn=True, told_at=NOW))
        assert world.seats_held("ann") == [session_on(clinic, 2)]  # the other review still needs it
        world.do(review_commands.CloseReview(**ids("ann"), review_id=named("urgent"), withdrawn=True, told_at=NOW))
        assert world.seats_held("ann") == []
        assert [event.reason for event in world.happened("BookingCancelled")] == ["review_withdrawn"]

    def test_a_seat_taken_for_a_review_stays_one_when_it_is_restored(self, world: World, clinic: UUID) -> None:
        world.admitted("ann")
        review(world, "ann", due=day(20))
        suspended(world, "ann", day(1, 13))
        suspension_cancelled(world, "ann", day(1, 14))
        world.do(review_commands.CloseReview(**ids("ann"), review_id=named("review"), withdrawn=True, told_at=NOW))
        assert world.seats_held("ann") == []

    def test_a_review_withdrawn_leaves_a_seat_that_people_booked(self, world: World, clinic: UUID) -> None:
        world.booked(session_on(clinic, 2), world.admitted("ann"))
        review(world, "ann", due=day(20))
        world.do(review_commands.CloseReview(**ids("ann"), review_id=named("review"), withdrawn=True, told_at=NOW))
        assert world.seats_held("ann") == [session_on(clinic, 2)]

    def test_a_withdrawal_that_comes_first_leaves_nothing_to_do(self, world: World, clinic: UUID) -> None:
        world.admitted("ann")
        world.do(review_commands.CloseReview(**ids("ann"), review_id=named("review"), withdrawn=True, told_at=NOW))
        review(world, "ann", due=day(20))
        assert world.seats_held("ann") == []
        assert world.happened("PrescriberRequested") == []

    def test_a_booking_by_hand_meets_the_request(self, world: World) -> None:
        world.admitted("ann")
        review(world, "ann", due=day(20))
        prescriber = world.facilitator("p", "psychiatrist")
        late = world.series("late", prescriber, component="medication_management", seats=1)
        world.sessions(late)
        booking = world.booked(session_on(late, 9), named("ann"))
        assert [event.booking_id for event in world.happened("ReviewBooked")] == [booking]

    def test_a_review_due_earlier_moves_to_an_earlier_session(self, world: World, clinic: UUID) -> None:
        first = world.booked(session_on(clinic, 2), world.admitted("ben"))
        world.admitted("ann")
        review(world, "ann", due=day(20))
        assert world.seats_held("ann") == [session_on(clinic, 9)]
        world.do(c.CancelBooking(session_on(clinic, 2), first))
        rescheduled(world, "ann", due=day(3))
        assert world.seats_held("ann") == [session_on(clinic, 2)]
        assert [event.reason for event in world.happened("BookingCancelled")][-1] == "review_rescheduled"
        assert world.happened("PrescriberRequested") == []

    def test_where_no_earlier_session_is_free_the_later_seat_is_kept_and_a_coordinator_asked(
        self, world: World, clinic: UUID
    ) -> None:
        world.booked(session_on(clinic, 2), world.admitted("ben"))
        world.admitted("ann")
        review(world, "ann", due=day(20))
        rescheduled(world, "ann", due=day(3))
        rescheduled(world, "ann", due=day(3))
        assert world.seats_held("ann") == [session_on(clinic, 9)]
        assert [event.due_at for event in world.happened("PrescriberRequested")] == [day(3)]

    def test_a_review_due_earlier_leaves_a_later_seat_that_people_booked(self, world: World, clinic: UUID) -> None:
        world.booked(session_on(clinic, 9), world.admitted("ann"))
        review(world, "ann", due=day(20))
        rescheduled(world, "ann", due=day(3))
        assert world.seats_held("ann") == [session_on(clinic, 2), session_on(clinic, 9)]

    def test_a_review_due_earlier_leaves_the_seat_to_another_that_needs_it(self, world: World, clinic: UUID) -> None:
        first = world.booked(session_on(clinic, 2), world.admitted("ben"))
        world.admitted("ann")
        review(world, "ann", due=day(20))
        review(world, "ann", due=day(20), review_id="other")
        world.do(c.CancelBooking(session_on(clinic, 2), first))
        rescheduled(world, "ann", due=day(3))
        assert world.seats_held("ann") == [session_on(clinic, 2), session_on(clinic, 9)]
        world.do(review_commands.CloseReview(**ids("ann"), review_id=named("other"), withdrawn=True, told_at=NOW))
        assert world.seats_held("ann") == [session_on(clinic, 2)]

    def test_a_review_due_later_finds_what_was_too_late_before(self, world: World, clinic: UUID) -> None:
        world.booked(session_on(clinic, 2), world.admitted("ben"))
        world.admitted("ann")
        review(world, "ann", due=day(3))
        assert len(world.happened("PrescriberRequested")) == 1
        rescheduled(world, "ann", due=day(20))
        assert world.seats_held("ann") == [session_on(clinic, 9)]
        assert len(world.happened("PrescriberRequested")) == 1

    def test_a_review_that_is_over_is_not_rescheduled(self, world: World, clinic: UUID) -> None:
        world.admitted("ann")
        review(world, "ann", due=day(20))
        world.do(review_commands.CloseReview(**ids("ann"), review_id=named("review"), withdrawn=True, told_at=NOW))
        rescheduled(world, "ann", due=day(3))
        assert world.seats_held("ann") == []
        assert world.happened("ReviewRescheduled") == []
