"""One person under two ids, and two people after all."""

from datetime import datetime
from uuid import UUID

import pytest
from scheduling_placements import weekly_group
from scheduling_world import NOW, World, named, session_on

from services.scheduling.domain import commands as c
from services.scheduling.domain import errors, told_commands


@pytest.fixture
def group(world: World) -> UUID:
    return weekly_group(world)


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
