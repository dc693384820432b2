"""What the checker finds where one service reacts to another, and that it finds it."""

from typing import Any

import pytest

from tests.checker.case import Case
from tests.checker.checks import reactions
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, changed, dropped

SUSPENDED = "enrollment.episode_suspended"


@pytest.fixture
def right() -> Story:
    """A hospital stay that never was: the seat was freed, and booked again. Then one that was, and ended."""
    story = Story().track("evening").admit("ann").session("g2", 2).book("ann", "g2")
    story.hospital("started", "ann", at(0), started_at=at(0)).suspend("ann", at(0), at(0))
    story.free("ann", "g2", at(0), "suspended").hospital("start_cancelled", "ann", at(1))
    story.tell("enrollment.suspension_cancelled", "ann", at(1), participant_id="ann", episode_id="ann-1",
               suspension_id="stay")  # fmt: skip
    return story.book("ann", "g2", at(1), booking_id="again", restores_booking_id="ann-g2")


@pytest.fixture
def stayed() -> Story:
    """In the hospital from Monday to Thursday."""
    story = Story().track("evening").admit("ann")
    story.hospital("started", "ann", at(0), started_at=at(0)).suspend("ann", at(0), at(0))
    story.hospital("ended", "ann", at(3), ended_at=at(3))
    return story.tell("enrollment.episode_resumed", "ann", at(3), participant_id="ann", episode_id="ann-1",
                      suspension_id="stay", resumed_at=at(3))  # fmt: skip


def found(story: Story, check: Any) -> Finding:
    return check(Case(story.told(), Packs()))


def result(story: Story, check: Any) -> tuple[int, list]:
    return found(story, check).judged, found(story, check).differences


def test_a_right_story_has_no_difference_and_everything_is_judged(right: Story, stayed: Story) -> None:
    for check in (reactions.hospital_stays, reactions.freed_for_a_reason, reactions.compensated):
        assert (found(right, check).judged, found(right, check).differences) == (1, [])
    assert (found(stayed, reactions.hospital_stays).judged, found(stayed, reactions.hospital_stays).differences) == (
        1,
        [],
    )


def test_a_stay_that_suspends_nobody_is_found(stayed: Story) -> None:
    missed = dropped(dropped(stayed, SUSPENDED), "enrollment.episode_resumed")
    assert [one.told for one in found(missed, reactions.hospital_stays).differences] == ["None"]


def test_a_stay_that_never_ends_is_found(stayed: Story) -> None:
    assert len(found(dropped(stayed, "enrollment.episode_resumed"), reactions.hospital_stays).differences) == 1


def test_a_suspension_at_another_time_is_found(stayed: Story) -> None:
    shifted = changed(stayed, SUSPENDED, lambda data: data | {"suspended_at": at(1)})
    assert len(found(shifted, reactions.hospital_stays).differences) == 1


def test_a_suspension_that_outlasts_the_stay_that_never_was_is_found(right: Story) -> None:
    lasting = dropped(right, "enrollment.suspension_cancelled")
    assert [one.expected for one in found(lasting, reactions.hospital_stays).differences] == ["None"]


def test_of_contradicting_statements_the_last_holds(stayed: Story) -> None:
    stayed.hospital("ended", "ann", at(2), ended_at=at(2))  # stated before, whenever it was told
    assert found(stayed, reactions.hospital_stays).differences == []


def test_a_seat_that_was_not_restored_is_found(right: Story) -> None:
    lost = dropped(right, "scheduling.booking_made", booking_id="again")
    assert [one.subject for one in found(lost, reactions.compensated).differences] == ["booking ann-g2"]


def test_a_seat_that_was_gone_need_not_be_restored(right: Story) -> None:
    lost = dropped(right, "scheduling.booking_made", booking_id="again").admit("ben").book("ben", "g2", at(0, 1))
    full = changed(lost, "scheduling.session_scheduled", lambda data: data | {"seats": 1})
    assert found(full, reactions.compensated).differences == []


@pytest.mark.parametrize("reason", ["suspended", "discharged", "transferred", "cancelled_by_program"])
def test_a_seat_freed_for_no_reason_is_found(reason: str) -> None:
    story = Story().track("evening").admit("ann").session("g2", 2).book("ann", "g2").free("ann", "g2", at(0), reason)
    assert [one.told for one in found(story, reactions.freed_for_a_reason).differences] == [reason]


def test_a_safety_trigger_without_an_urgent_review_is_found() -> None:
    story = Story().track("evening").admit("ann").score("ann", at(1), safety_trigger=True)
    assert len(found(story, reactions.safety_triggers).differences) == 1
    story.review("opened", "ann", at(1), cause="safety_trigger", urgent=True, due_at=at(2))
    assert (found(story, reactions.safety_triggers).judged, found(story, reactions.safety_triggers).differences) == (
        1,
        [],
    )


def test_a_review_without_a_prescriber_is_found() -> None:
    story = Story().track("evening").admit("ann")
    story.review("opened", "ann", at(1), cause="safety_trigger", urgent=True, due_at=at(3))
    assert len(found(story, reactions.prescribers_found).differences) == 1
    seated = Story(story.events).session("clinic", 2, component="medication_management").book("ann", "clinic", at(1))
    assert found(seated, reactions.prescribers_found).differences == []
    story.tell("scheduling.prescriber_requested", "ann", at(1), participant_id="ann", episode_id="ann-1",
               review_id="ann-review-1", due_at=at(3))  # fmt: skip
    assert found(story, reactions.prescribers_found).differences == []
