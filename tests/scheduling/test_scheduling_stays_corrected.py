"""Suspensions that never were or were otherwise: what they took is given back, or a coordinator sees to it."""

from uuid import UUID

import pytest
from scheduling_placements import booked_weeks, resumed, suspended, suspension_cancelled, weekly_group
from scheduling_world import World, day, named, session_on

from services.scheduling.domain import commands as c
from services.scheduling.domain import errors


@pytest.fixture
def group(world: World) -> UUID:
    return weekly_group(world)


class TestSuspensionCancelled:
    @pytest.mark.rule("suspension_cancelled_gives_back")
    def test_what_it_freed_is_restored_under_new_bookings(self, world: World, group: UUID) -> None:
        """Domain.md: across services: cancelled hospitalization (ADT A11)."""
        booked_weeks(world, group)
        suspended(world, "ann", day(8))
        freed = world.happened("BookingCancelled")
        before = len(world.log)
        suspension_cancelled(world, "ann", day(8, 15))
        restored = world.happened("BookingMade", before)
        assert [event.restores_booking_id for event in restored] == [event.booking_id for event in freed]
        assert not {event.booking_id for event in restored} & {event.booking_id for event in freed}
        assert len(world.seats_held("ann")) == 4

    @pytest.mark.rule("suspension_cancelled_gives_back")
    def test_a_seat_gone_meanwhile_is_lost_and_listed(self, world: World, group: UUID) -> None:
        """Domain.md: across services: cancelled hospitalization (ADT A11)."""
        booked_weeks(world, group)
        world.booked(session_on(group, 9), world.admitted("ben"))
        suspended(world, "ann", day(8))
        world.booked(session_on(group, 9), world.admitted("cem"))
        world.do(c.CancelSession(session_on(group, 16), "holiday"))
        suspension_cancelled(world, "ann", day(8, 15))
        lost = world.happened("BookingLost")
        assert [(event.session_id, event.why) for event in lost] == [
            (session_on(group, 9), "SessionIsFull"),
            (session_on(group, 16), "SessionCancelled"),
        ]
        assert world.seats_held("ann") == [session_on(group, 2), session_on(group, 23)]

    def test_a_session_that_passed_meanwhile_is_lost(self, world: World, group: UUID) -> None:
        booked_weeks(world, group)
        suspended(world, "ann", day(8))
        world.now = day(12)
        suspension_cancelled(world, "ann", day(12))
        assert [event.why for event in world.happened("BookingLost")] == ["SessionHasPassed"]
        assert len(world.seats_held("ann")) == 3

    def test_a_session_under_way_when_it_was_told_is_lost(self, world: World, group: UUID) -> None:
        booked_weeks(world, group)
        suspended(world, "ann", day(8))
        world.now = day(9, 23)
        suspension_cancelled(world, "ann", day(9, 23))
        assert [(e.session_id, e.why) for e in world.happened("BookingLost")] == [
            (session_on(group, 9), "SessionHasPassed")
        ]

    def test_a_booking_given_up_is_not_restored(self, world: World, group: UUID) -> None:
        ann = world.admitted("ann")
        world.do(c.CancelBooking(session_on(group, 9), world.booked(session_on(group, 9), ann)))
        suspended(world, "ann", day(8))
        suspension_cancelled(world, "ann", day(8, 15))
        assert world.seats_held("ann") == []

    def test_told_twice_it_restores_once(self, world: World, group: UUID) -> None:
        booked_weeks(world, group)
        suspended(world, "ann", day(8))
        suspension_cancelled(world, "ann", day(8, 15))
        before = len(world.log)
        suspension_cancelled(world, "ann", day(8, 15))
        assert len(world.log) == before

    def test_told_again_after_its_cancellation_the_suspension_holds(self, world: World, group: UUID) -> None:
        ann = booked_weeks(world, group)
        for _ in range(2):
            suspended(world, "ann", day(8))
            assert world.seats_held("ann") == [session_on(group, 2)]
            with pytest.raises(errors.ParticipantNotPlaceable):
                world.booked(session_on(group, 16), ann)
            suspension_cancelled(world, "ann", day(8, 15))
            assert len(world.seats_held("ann")) == 4

    def test_told_before_the_suspension_nothing_is_freed(self, world: World, group: UUID) -> None:
        booked_weeks(world, group)
        suspension_cancelled(world, "ann", day(8, 15))
        suspended(world, "ann", day(8))
        assert len(world.seats_held("ann")) == 4

    def test_what_another_suspension_still_covers_waits_for_its_end(self, world: World, group: UUID) -> None:
        booked_weeks(world, group)
        suspended(world, "ann", day(8))
        suspended(world, "ann", day(8), stay=named("other stay"))
        suspension_cancelled(world, "ann", day(8, 15))
        assert world.seats_held("ann") == [session_on(group, 2)]
        resumed(world, "ann", day(14), stay=named("other stay"))
        assert world.seats_held("ann") == [session_on(group, 2), session_on(group, 16), session_on(group, 23)]


class TestLoss:
    """A seat that a suspension freed for nothing and that could not be given back."""

    @pytest.fixture
    def lost(self, world: World, group: UUID) -> UUID:
        """Ann's second booking."""
        ann = booked_weeks(world, group)
        suspended(world, "ann", day(8))
        for name in ("ben", "cem"):
            world.booked(session_on(group, 9), world.admitted(name))
        suspension_cancelled(world, "ann", day(8, 15))
        (event,) = world.happened("BookingLost")
        assert event.participant_id == ann
        booking = event.booking_id
        assert isinstance(booking, UUID)
        return booking

    def settle(self, world: World, booking: UUID) -> None:
        world.do(c.SettleLoss(named("ann's episode"), booking, "made_up"))

    def test_a_coordinator_sees_to_it_once(self, world: World, lost: UUID) -> None:
        self.settle(world, lost)
        assert [(event.booking_id, event.outcome) for event in world.happened("LossSettled")] == [(lost, "made_up")]
        with pytest.raises(errors.LossUnknown):
            self.settle(world, lost)

    def test_a_booking_of_the_same_session_sees_to_it(self, world: World, group: UUID, lost: UUID) -> None:
        (seat, *_) = world.session(session_on(group, 9)).taken
        world.do(c.CancelBooking(session_on(group, 9), seat))
        world.booked(session_on(group, 9), named("ann"))
        with pytest.raises(errors.LossUnknown):
            self.settle(world, lost)

    def test_what_was_never_lost_cannot_be_seen_to(self, world: World, group: UUID) -> None:
        booking = world.booked(session_on(group, 9), world.admitted("ann"))
        with pytest.raises(errors.LossUnknown):
            self.settle(world, booking)


class TestSuspensionCorrected:
    """Told again with the same id, its beginning or its end was corrected: the last word counts."""

    def test_a_later_beginning_gives_back_what_lies_before_it(self, world: World, group: UUID) -> None:
        booked_weeks(world, group)
        suspended(world, "ann", day(8))
        freed = [event.booking_id for event in world.happened("BookingCancelled")]
        before = len(world.log)
        suspended(world, "ann", day(17), told=day(8, 15))
        assert world.seats_held("ann") == [session_on(group, n) for n in (2, 9, 16)]
        assert [event.restores_booking_id for event in world.happened("BookingMade", before)] == freed[:2]
        assert world.happened("BookingCancelled", before) == []

    def test_what_a_later_beginning_gives_back_is_what_can_be_had(self, world: World, group: UUID) -> None:
        booked_weeks(world, group)
        world.booked(session_on(group, 16), world.admitted("ben"))
        suspended(world, "ann", day(8))
        world.booked(session_on(group, 16), world.admitted("cem"))
        world.now = day(12)
        suspended(world, "ann", day(17), told=day(12))
        assert world.seats_held("ann") == [session_on(group, 2)]
        assert [(event.session_id, event.why) for event in world.happened("BookingLost")] == [
            (session_on(group, 9), "SessionHasPassed"),
            (session_on(group, 16), "SessionIsFull"),
        ]

    def test_an_earlier_beginning_frees_what_lies_after_it(self, world: World, group: UUID) -> None:
        booked_weeks(world, group)
        suspended(world, "ann", day(17), told=day(3))
        suspended(world, "ann", day(8), told=day(4))
        assert world.seats_held("ann") == [session_on(group, 2)]

    def test_however_often_it_is_corrected_the_last_word_counts(self, world: World, group: UUID) -> None:
        booked_weeks(world, group)
        for begins in (8, 17, 3, 10):
            suspended(world, "ann", day(begins), told=day(1, 15))
        assert world.seats_held("ann") == [session_on(group, 2), session_on(group, 9)]
        suspension_cancelled(world, "ann", day(1, 16))
        assert len(world.seats_held("ann")) == 4

    def test_after_its_end_a_later_beginning_gives_back_only_what_lies_before_it(
        self, world: World, group: UUID
    ) -> None:
        booked_weeks(world, group)
        suspended(world, "ann", day(8))
        resumed(world, "ann", day(15), told=day(8, 15))
        suspended(world, "ann", day(10), told=day(8, 16))
        assert world.seats_held("ann") == [session_on(group, 2), session_on(group, 9)]

    def test_a_later_end_frees_what_was_booked_in_between(self, world: World, group: UUID) -> None:
        ann = booked_weeks(world, group)
        suspended(world, "ann", day(8))
        resumed(world, "ann", day(15), told=day(8, 15))
        for n in (16, 23):
            world.booked(session_on(group, n), ann)
        resumed(world, "ann", day(20), told=day(8, 16))
        assert world.seats_held("ann") == [session_on(group, 2), session_on(group, 23)]

    def test_a_seat_booked_again_by_hand_is_neither_restored_nor_lost(self, world: World, group: UUID) -> None:
        ann = booked_weeks(world, group)
        suspended(world, "ann", day(8))
        resumed(world, "ann", day(15), told=day(8, 15))
        world.booked(session_on(group, 16), ann)
        suspension_cancelled(world, "ann", day(8, 16))
        assert len(world.seats_held("ann")) == 4
        assert world.happened("BookingLost") == []
