"""What the checker finds in bookings, and that it finds it."""

from collections.abc import Callable

import pytest

from tests.checker.case import Case
from tests.checker.checks import seats
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, changed, dropped, on

SCHEDULED = "scheduling.session_scheduled"
ALL = (
    seats.seats,
    seats.one_place_at_a_time,
    seats.one_leader_at_a_time,
    seats.one_room_at_a_time,
    seats.within_the_placement,
    seats.group_sizes,
)


@pytest.fixture
def right() -> Story:
    """Two seats on Monday and Wednesday; ben gives his up, and cem takes it."""
    story = Story().track("evening", packs=["program_default", "group_90853"])
    for who in ("ann", "ben", "cem"):
        story.admit(who)
    story.session("g0", 0, seats=2).session("g2", 2, seats=2)
    story.book("ann", "g0").book("ann", "g2").book("ben", "g0")
    return story.free("ben", "g0", at(-1)).book("cem", "g0", at(-1))


def found(story: Story, check: Callable[[Case], Finding]) -> Finding:
    return check(Case(story.told(), Packs()))


def test_a_right_story_has_no_difference_and_everything_is_judged(right: Story) -> None:
    results = {check.__name__: found(right, check) for check in ALL}
    assert [one.differences for one in results.values()] == [[]] * len(ALL)
    assert {name: one.judged for name, one in results.items()} == {
        "seats": 2,
        "one_place_at_a_time": 3,
        "one_leader_at_a_time": 1,
        "one_room_at_a_time": 1,
        "within_the_placement": 4,
        "group_sizes": 2,
    }


def test_a_booking_cancellation_that_is_missing_is_found(right: Story) -> None:
    (one,) = found(dropped(right, "scheduling.booking_cancelled"), seats.seats).differences
    assert (one.subject, one.expected, one.told) == ("session g0", "at most 2 bookings", "3")


def test_one_booking_too_many_is_found_though_it_was_given_back_later(right: Story) -> None:
    right.admit("dan").book("dan", "g0", at(-1, 5)).free("dan", "g0", at(-1, 6))
    assert len(found(right, seats.seats).differences) == 1


def test_two_bookings_at_one_time_are_found_unless_one_is_an_override(right: Story) -> None:
    right.session("other", 0)
    assert len(found(Story(right.events).book("ann", "other"), seats.one_place_at_a_time).differences) == 1
    assert found(Story(right.events).book("ann", "other", kind="override"), seats.one_place_at_a_time).differences == []


def test_two_bookings_at_one_time_are_found_unless_one_was_moved_there(right: Story) -> None:
    right.session("other", 1).book("ann", "other")
    right.tell("scheduling.booking_changed", "ann", at(-1), participant_id="ann", episode_id="ann-1",
               session_id="other", booking_id="ann-other", starts_at=at(0, 18), ends_at=at(0, 21))  # fmt: skip
    assert found(right, seats.one_place_at_a_time).differences == []
    assert len(found(right.book("ann", "g0", booking_id="again"), seats.one_place_at_a_time).differences) == 1


def test_a_person_under_two_ids_is_found_in_two_places(right: Story) -> None:
    for told_to in ("ann", "cem"):
        right.tell("enrollment.participants_merged", told_to, at(-1, 1), told_to=told_to, surviving_id="ann",
                   retired_id="cem", revision=1)  # fmt: skip
    assert len(found(right, seats.one_place_at_a_time).differences) == 1


@pytest.mark.parametrize("check", [seats.one_leader_at_a_time, seats.one_room_at_a_time])
def test_two_sessions_of_one_leader_or_in_one_room_are_found(right: Story, check: Callable[[Case], Finding]) -> None:
    moved = right.tell("scheduling.session_moved", "g2", at(-1, 2), session_id="g2", starts_at=at(0, 19),
                       ends_at=at(0, 20), local_date=on(0), sequence=1)  # fmt: skip
    assert len(found(moved, check).differences) == 1


@pytest.mark.parametrize(
    ("wrong", "tell"),
    [
        ("before the admission", lambda story: story.admit("dan", at(1)).book("dan", "g0")),
        ("not admitted", lambda story: story.book("dan", "g2")),
        ("in a suspension", lambda story: story.suspend("ann", at(-1), at(1))),
        ("after the discharge", lambda story: story.discharge("ann", at(1))),
        (
            "in a cancelled session",
            lambda story: story.tell("scheduling.session_cancelled", "g2", at(1), session_id="g2", reason="illness"),
        ),
        (
            "in a track that was left",
            lambda story: story.tell(
                "enrollment.participant_transferred", "ann", at(1), participant_id="ann", episode_id="ann-1",
                kind="transfer", from_track_id="evening", track_id="morning", level_of_care="asam_2.1",
                age_group="adult", time_zone="America/New_York", packs=["program_default"], components=[],
                effective_at=at(1)),
        ),
    ],
)  # fmt: skip
def test_a_seat_outside_the_placement_is_found(right: Story, wrong: str, tell: Callable[[Story], Story]) -> None:
    assert {one.told for one in found(tell(right), seats.within_the_placement).differences} == {f"held, {wrong}"}


def test_a_group_beyond_the_size_of_its_packs_is_found(right: Story) -> None:
    broken = changed(right, SCHEDULED, lambda data: data | {"seats": 13}, session_id="g2")
    (one,) = found(broken, seats.group_sizes).differences
    assert (one.expected, one.told) == ("0 to 12 seats", "13 seats")
