"""What the checker finds where the program is closed, and that it finds it."""

import pytest

from tests.checker.case import Case
from tests.checker.checks.closures import closed_days, given_back
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, dropped, on

CANCELLED = "scheduling.session_cancelled"


@pytest.fixture
def right() -> Story:
    """On Wednesday the track is closed: both sessions of that day are cancelled, that of Friday is not."""
    story = Story().track("evening").session("g2", 2).session("s2", 2, component="psychoeducation").session("g4", 4)
    for name in ("g2", "s2"):
        story.tell(CANCELLED, name, at(1), session_id=name, reason="closed", closure_id="snow")
    return story


def found(story: Story) -> Finding:
    return closed_days(Case(story.told(), Packs()))


def test_a_right_story_has_no_difference_and_the_day_is_judged(right: Story) -> None:
    assert (found(right).judged, found(right).differences) == (1, [])


def test_a_session_that_a_closure_left_is_found(right: Story) -> None:
    (one,) = found(dropped(right, CANCELLED, session_id="s2")).differences
    assert one.subject == "session s2"


def test_a_session_scheduled_on_a_closed_day_is_found(right: Story) -> None:
    right.session("late", 2)
    right.events[-1] |= {"time": at(1, 9), "recordedat": at(1, 9)}
    assert [one.subject for one in found(right).differences] == ["session late"]


def test_a_session_moved_to_a_closed_day_is_found(right: Story) -> None:
    right.tell("scheduling.session_moved", "g4", at(1, 9), session_id="g4", starts_at=at(2, 9), ends_at=at(2, 12),
               local_date=on(2), sequence=1)  # fmt: skip
    assert [one.subject for one in found(right).differences] == ["session g4"]


def test_days_that_are_open_again_are_not_judged(right: Story) -> None:
    right.session("g2", 2)
    right.events[-1] |= {"time": at(1, 9), "recordedat": at(1, 9)}
    assert (found(right).judged, found(right).differences) == (0, [])


def test_a_session_cancelled_for_another_reason_closes_nothing() -> None:
    story = Story().track("evening").session("g2", 2).session("s2", 2)
    story.tell(CANCELLED, "g2", at(1), session_id="g2", reason="facilitator_ill", closure_id=None)
    assert found(story).judged == 0


@pytest.fixture
def reopened() -> Story:
    """ann and ben have seats on Wednesday, which are freed, and given back when the day is open after all."""
    story = Story().track("evening").admit("ann").admit("ben").session("g2", 2)
    for who in ("ann", "ben"):
        story.book(who, "g2")
    story.tell(CANCELLED, "g2", at(0), session_id="g2", reason="closed", closure_id="snow")
    for who in ("ann", "ben"):
        story.free(who, "g2", at(0), "cancelled_by_program")
    story.session("g2", 2)
    story.events[-1] |= {"time": at(1), "recordedat": at(1)}
    for who in ("ann", "ben"):
        story.book(who, "g2", at(1), booking_id=f"{who}-again", restores_booking_id=f"{who}-g2")
    return story


def freed(story: Story) -> Finding:
    return given_back(Case(story.told(), Packs()))


def test_seats_that_are_given_back_when_a_day_is_open_again_are_judged(reopened: Story) -> None:
    assert (freed(reopened).judged, freed(reopened).differences) == (2, [])


def test_a_seat_that_was_not_given_back_is_found(reopened: Story) -> None:
    (one,) = freed(dropped(reopened, "scheduling.booking_made", booking_id="ann-again")).differences
    assert one.subject == "booking ann-g2"


def test_a_seat_that_could_not_be_given_back_is_not_asked_for(reopened: Story) -> None:
    broken = dropped(reopened, "scheduling.booking_made", booking_id="ann-again")
    for gone in (
        Story(broken.events).discharge("ann", at(1)),
        Story(broken.events).session("other", 2).book("ann", "other", at(0, 9)),
        Story(broken.events).session("other", 4).book("ann", "other", at(0, 9), kind="make_up", makes_up_for="ann-g2"),
    ):
        assert freed(gone).differences == []
