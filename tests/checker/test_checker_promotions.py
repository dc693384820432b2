"""What the checker finds where seats are waited for, and that it finds it."""

import pytest

from tests.checker.case import Case
from tests.checker.checks.promotions import seat_promotions
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, dropped


@pytest.fixture
def right() -> Story:
    """One seat, which ann has; ben and cem wait, and cem, who is more urgent, has it when ann gives it up."""
    story = Story().track("evening")
    for who in ("ann", "ben", "cem"):
        story.admit(who)
    story.session("g4", 4, seats=1).book("ann", "g4")
    wait(wait(story, "ben", at(-2, 10), 2), "cem", at(-2, 11), 1)
    story.free("ann", "g4", at(0)).book("cem", "g4", at(0), kind="promoted")
    return left(story, "cem", at(0), "promoted")


def wait(story: Story, who: str, when: str, priority: int) -> Story:
    return story.tell("scheduling.seat_waitlist_joined", who, when, participant_id=who, episode_id=f"{who}-1",
                      session_id="g4", series_id=None, priority=priority)  # fmt: skip


def left(story: Story, who: str, when: str, reason: str) -> Story:
    return story.tell("scheduling.seat_waitlist_left", who, when, participant_id=who, episode_id=f"{who}-1",
                      session_id="g4", series_id=None, reason=reason)  # fmt: skip


def found(story: Story) -> Finding:
    return seat_promotions(Case(story.told(), Packs()))


def told(story: Story) -> list[str]:
    return [one.told for one in found(story).differences]


def test_a_right_story_has_no_difference_and_every_wait_is_judged(right: Story) -> None:
    assert (found(right).judged, found(right).differences) == (2, [])


def test_a_seat_left_free_is_found(right: Story) -> None:
    empty = dropped(dropped(right, "scheduling.booking_made", kind="promoted"), "scheduling.seat_waitlist_left")
    assert told(empty) == ["a seat is free", "a seat is free"]


def test_who_is_promoted_past_another_is_found(right: Story) -> None:
    passed = dropped(dropped(right, "scheduling.booking_made", kind="promoted"), "scheduling.seat_waitlist_left")
    assert told(passed.book("ben", "g4", at(0), kind="promoted")) == ["given to ben-1"]


def test_a_seat_given_past_those_who_wait_is_found_unless_it_is_an_override(right: Story) -> None:
    passed = dropped(dropped(right, "scheduling.booking_made", kind="promoted"), "scheduling.seat_waitlist_left")
    passed.admit("dan")
    assert told(Story(passed.events).book("dan", "g4", at(0))) == ["given to dan-1", "given to dan-1"]
    assert told(Story(passed.events).book("dan", "g4", at(0), kind="override")) == []


def test_who_could_not_have_it_is_passed_over(right: Story) -> None:
    passed = dropped(dropped(right, "scheduling.booking_made", kind="promoted"), "scheduling.seat_waitlist_left")
    passed.book("ben", "g4", at(0), kind="promoted").session("other", 4).book("cem", "other")
    assert told(passed) == []


def test_a_seat_that_comes_free_too_late_is_nobodys() -> None:
    story = Story().track("evening").admit("ann").admit("ben").session("g4", 4, seats=1).book("ann", "g4")
    late = wait(story, "ben", at(0), 1).free("ann", "g4", at(4, 12))
    assert told(late) == []
    assert told(Story(late.events[:-1]).free("ann", "g4", at(2))) == ["a seat is free"]
