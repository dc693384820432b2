"""What enrollment tells of an episode: it is suspended, goes on, ends."""

from uuid import UUID

import pytest
from scheduling_placements import STAY, booked_weeks, ids, resumed, suspended, weekly_group
from scheduling_world import TRACK, World, day, named, session_on

from services.scheduling.domain import errors, told_commands


@pytest.fixture
def group(world: World) -> UUID:
    return weekly_group(world)


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


def test_a_track_is_learnt_once(world: World) -> None:
    world.do(told_commands.LearnTrack(TRACK, "Adult", "America/New_York"))
    before = len(world.log)
    world.do(told_commands.LearnTrack(TRACK, "Adult", "America/New_York"))
    assert len(world.log) == before
