"""What other services tell: suspension and its cancellation, discharge, merges, and medication reviews."""

from datetime import datetime, time, timedelta
from uuid import UUID

import pytest
from scheduling_world import MONDAY, NOW, TRACK, World, day, named, session_on

from services.scheduling.domain import commands as c
from services.scheduling.domain import errors, review_commands, told_commands

STAY = named("stay")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def group(world: World) -> UUID:
    """Four Mondays (2, 9, 16, 23 March), two seats."""
    series = world.series("group", world.facilitator("f", "therapist"))
    world.sessions(series)
    return series


@pytest.fixture
def clinic(world: World) -> UUID:
    """Medication management, four Mondays at 10:00, led by a prescriber, one seat."""
    prescriber = world.facilitator("p", "prescriber")
    series = world.series("clinic", prescriber, component="medication_management", starts_at=time(10), seats=1)
    world.sessions(series)
    return series


def ids(name: str) -> dict[str, UUID]:
    return {"participant_id": named(name), "episode_id": named(f"{name}'s episode")}


def suspended(world: World, name: str, at: datetime, stay: UUID = STAY, told: datetime | None = None) -> None:
    world.do(
        told_commands.SuspendPlacement(
            **ids(name), suspension_id=stay, suspended_at=at, reason="hospitalized", told_at=told or at
        )
    )


def suspension_cancelled(world: World, name: str, told: datetime, stay: UUID = STAY) -> None:
    world.do(told_commands.CancelSuspension(**ids(name), suspension_id=stay, told_at=told))


def resumed(world: World, name: str, at: datetime, stay: UUID = STAY, told: datetime | None = None) -> None:
    world.do(told_commands.ResumePlacement(**ids(name), suspension_id=stay, resumed_at=at, told_at=told or at))


def review(world: World, name: str, due: datetime, review_id: str = "review", opened: datetime = NOW) -> None:
    world.do(review_commands.BookReview(**ids(name), review_id=named(review_id), opened_at=opened, due_at=due))


def booked_weeks(world: World, group: UUID, name: str = "ann") -> UUID:
    participant = world.admitted(name)
    world.do(c.BookSeries(group, participant, MONDAY, MONDAY + timedelta(days=60)))
    return participant


class TestSuspension:
    @pytest.mark.rule("suspension_frees_seats")
    def test_it_frees_the_bookings_from_then_on(self, world: World, group: UUID) -> None:
        """Domain.md: across services: suspended."""
        booked_weeks(world, group)
        booked_weeks(world, group, "ben")
        suspended(world, "ann", day(10))
        assert world.seats_held("ann") == [session_on(group, 2), session_on(group, 9)]
        assert len(world.seats_held("ben")) == 4
        assert {event.reason for event in world.happened("BookingCancelled")} == {"suspended"}

    def test_told_twice_it_frees_once(self, world: World, group: UUID) -> None:
        booked_weeks(world, group)
        suspended(world, "ann", day(10))
        before = len(world.log)
        suspended(world, "ann", day(10))
        assert len(world.log) == before

    @pytest.mark.rule("suspension_frees_seats")
    def test_sessions_that_had_begun_when_it_was_told_are_left_to_attendance(self, world: World, group: UUID) -> None:
        """Domain.md: across services: suspended."""
        booked_weeks(world, group)
        suspended(world, "ann", day(5), told=day(12))
        assert world.seats_held("ann") == [session_on(group, 2), session_on(group, 9)]

    def test_no_booking_while_it_lasts(self, world: World, group: UUID) -> None:
        ann = world.admitted("ann")
        suspended(world, "ann", day(8))
        world.booked(session_on(group, 2), ann)
        with pytest.raises(errors.ParticipantNotPlaceable, match="suspended"):
            world.booked(session_on(group, 9), ann)

    def test_after_resumption_bookings_are_possible_again(self, world: World, group: UUID) -> None:
        ann = booked_weeks(world, group)
        suspended(world, "ann", day(8))
        resumed(world, "ann", day(15))
        assert world.seats_held("ann") == [session_on(group, 2)]
        with pytest.raises(errors.ParticipantNotPlaceable):
            world.booked(session_on(group, 9), ann)
        world.booked(session_on(group, 16), ann)

    def test_a_resumption_that_never_was_frees_again_what_was_booked_since(self, world: World, group: UUID) -> None:
        ann = booked_weeks(world, group)
        suspended(world, "ann", day(8))
        resumed(world, "ann", day(15))
        world.booked(session_on(group, 16), ann)
        world.do(told_commands.CancelResumption(**ids("ann"), suspension_id=STAY, told_at=day(15, 15)))
        assert world.seats_held("ann") == [session_on(group, 2)]
        with pytest.raises(errors.ParticipantNotPlaceable):
            world.booked(session_on(group, 16), ann)


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


class TestDischarge:
    @pytest.mark.rule("discharge_frees_seats")
    def test_it_frees_the_bookings_from_then_on(self, world: World, group: UUID) -> None:
        """Domain.md: across services: discharged."""
        ann = booked_weeks(world, group)
        world.do(told_commands.ClosePlacement(**ids("ann"), discharged_at=day(10), told_at=day(10)))
        assert world.seats_held("ann") == [session_on(group, 2), session_on(group, 9)]
        assert {event.reason for event in world.happened("BookingCancelled")} == {"discharged"}
        with pytest.raises(errors.ParticipantNotPlaceable, match="discharged"):
            world.booked(session_on(group, 16), ann)

    def test_readmission_opens_another_placement(self, world: World, group: UUID) -> None:
        ann = booked_weeks(world, group)
        world.do(told_commands.ClosePlacement(**ids("ann"), discharged_at=day(8), told_at=day(8)))
        world.admitted("ann", "second episode", at=day(15))
        world.booked(session_on(group, 16), ann)
        assert named("second episode") in world.session(session_on(group, 16)).taken.values()


class TestMerge:
    def merge(self, world: World, surviving: str, retired: str, told: datetime = NOW) -> None:
        world.do(told_commands.MergeParticipants(named(surviving), named(retired), told))

    def test_one_place_at_a_time_holds_across_both_ids(self, world: World, group: UUID) -> None:
        other = world.series("other", world.facilitator("g", "therapist"))
        world.sessions(other)
        world.admitted("ann")
        world.admitted("anna")
        world.do(c.BookSession(session_on(group, 2), named("anna")))
        self.merge(world, "ann", "anna")
        for id_, episode in (("ann", "ann's episode"), ("anna", "ann's episode"), ("ann", "anna's episode")):
            with pytest.raises(errors.ParticipantAlreadyBooked):
                world.do(c.BookSession(session_on(other, 2), named(id_), named(episode)))

    def test_of_overlapping_bookings_the_survivors_stands(self, world: World, group: UUID) -> None:
        other = world.series("other", world.facilitator("g", "therapist"))
        world.sessions(other)
        world.booked(session_on(group, 2), world.admitted("ann"))
        gone = world.booked(session_on(other, 2), world.admitted("anna"))
        kept = world.booked(session_on(other, 9), named("anna"))
        self.merge(world, "ann", "anna")
        assert [(e.booking_id, e.reason) for e in world.happened("BookingCancelled")] == [(gone, "merged")]
        assert kept in world.session(session_on(other, 9)).taken

    def test_told_under_both_keys_it_happens_once(self, world: World) -> None:
        world.admitted("ann")
        world.admitted("anna")
        self.merge(world, "ann", "anna")
        before = len(world.log)
        self.merge(world, "ann", "anna")
        assert len(world.log) == before

    def test_told_before_anything_else_it_holds_all_the_same(self, world: World, group: UUID) -> None:
        self.merge(world, "ann", "anna")
        self.merge(world, "anne", "ann")
        world.admitted("anna")
        for name in ("ann", "anna", "anne"):
            world.booked(session_on(group, 2 if name == "ann" else 9 if name == "anna" else 16), named(name))
        assert len(world.seats_held("anna")) == 3

    def test_a_booking_decided_before_the_merge_conflicts_with_it(self, world: World, group: UUID) -> None:
        """The merge writes to every placement of the person, so a booking that did not know of it decides anew."""
        world.admitted("ann")
        world.admitted("anna")
        before = len(world.log)
        self.merge(world, "ann", "anna")
        touched = {event.originator_id for event in world.log[before:]}
        assert {named("ann's episode"), named("anna's episode")} <= touched


class TestUnmerge:
    """Merged, un-merged, merged again: every word about the retired id has its revision, and the last one counts."""

    def say(self, world: World, revision: int, surviving: str = "ann", retired: str = "anna") -> None:
        told = (named(surviving), named(retired), NOW, revision)
        world.do(told_commands.MergeParticipants(*told) if revision % 2 else told_commands.SeparateParticipants(*told))

    def together(self, world: World, group: UUID) -> bool:
        """Whether one is refused a place at the time at which the other has one."""
        other = world.series("other", world.facilitator("g", "therapist"))
        world.sessions(other)
        world.do(c.BookSession(session_on(group, 2), named("anna"), named("anna's episode")))
        try:
            world.do(c.BookSession(session_on(other, 2), named("ann"), named("ann's episode")))
        except errors.ParticipantAlreadyBooked:
            return True
        return False

    @pytest.mark.parametrize("order", [(1, 2), (2, 1), (2,), (1, 1, 2, 2, 1)], ids=str)
    def test_an_unmerge_holds_whenever_the_merge_before_it_is_told(
        self, world: World, group: UUID, order: tuple[int, ...]
    ) -> None:
        world.admitted("ann")
        world.admitted("anna")
        for revision in order:
            self.say(world, revision)
        assert not self.together(world, group)

    @pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (1, 3, 2)], ids=str)
    def test_a_merge_after_an_unmerge_holds_in_every_order(
        self, world: World, group: UUID, order: tuple[int, ...]
    ) -> None:
        world.admitted("ann")
        world.admitted("anna")
        for revision in order:
            self.say(world, revision)
        assert self.together(world, group)

    def test_a_later_merge_into_another_ends_the_one_before(self, world: World, group: UUID) -> None:
        world.admitted("ann")
        world.admitted("anna")
        self.say(world, 1)
        self.say(world, 3, surviving="beth")
        assert not self.together(world, group)

    def test_claims_made_while_merged_go_with_whose_bookings_they_are(self, world: World, group: UUID) -> None:
        other = world.series("other", world.facilitator("g", "therapist"))
        world.sessions(other)
        world.admitted("ann")
        world.admitted("anna")
        self.say(world, 1)
        world.do(c.BookSession(session_on(group, 2), named("anna"), named("anna's episode")))
        self.say(world, 2)
        world.booked(session_on(other, 2), named("ann"))
        with pytest.raises(errors.ParticipantAlreadyBooked):
            world.booked(session_on(other, 2), named("anna"))

    def test_what_the_merge_took_because_it_overlapped_is_given_back(self, world: World, group: UUID) -> None:
        other = world.series("other", world.facilitator("g", "therapist"))
        world.sessions(other)
        world.booked(session_on(group, 2), world.admitted("ann"))
        gone = world.booked(session_on(other, 2), world.admitted("anna"))
        self.say(world, 1)
        assert gone not in world.session(session_on(other, 2)).taken
        self.say(world, 2)
        assert named("anna's episode") in world.session(session_on(other, 2)).taken.values()
        (made,) = [one for one in world.happened("BookingMade") if one.restores_booking_id == gone]
        assert made.booking_id in world.session(session_on(other, 2)).taken

    def test_a_booking_decided_before_the_unmerge_conflicts_with_it(self, world: World) -> None:
        world.admitted("ann")
        world.admitted("anna")
        self.say(world, 1)
        before = len(world.log)
        self.say(world, 2)
        touched = {event.originator_id for event in world.log[before:]}
        assert {named("ann's episode"), named("anna's episode")} <= touched


def rescheduled(world: World, name: str, due: datetime, review_id: str = "review") -> None:
    world.do(review_commands.RescheduleReview(**ids(name), review_id=named(review_id), due_at=due, told_at=NOW))


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


def test_a_track_is_learnt_once(world: World) -> None:
    world.do(told_commands.LearnTrack(TRACK, "Adult", "America/New_York"))
    before = len(world.log)
    world.do(told_commands.LearnTrack(TRACK, "Adult", "America/New_York"))
    assert len(world.log) == before
