"""What the checker finds in merges and un-merges, and that it finds it."""

from typing import Any

import pytest

from tests.checker.case import Case
from tests.checker.checks import identities
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, changed, dropped

MERGED, UNMERGED = "enrollment.participants_merged", "enrollment.participants_unmerged"


@pytest.fixture
def right() -> Story:
    """ann and ben, in one group, are taken for one: ben's seat is freed, and given back when they are told apart."""
    story = Story().track("evening").admit("ann").admit("ben").session("g4", 4)
    story.book("ann", "g4").book("ben", "g4")
    said(story, MERGED, at(0, 9), 1).free("ben", "g4", at(0, 9), "merged")
    return give_back(said(story, UNMERGED, at(1, 9), 2))


def said(story: Story, type_: str, when: str, revision: int) -> Story:
    for told_to in ("ann", "ben"):
        story.tell(type_, told_to, when, told_to=told_to, surviving_id="ann", retired_id="ben", revision=revision)
    return story


def give_back(story: Story) -> Story:
    return story.book("ben", "g4", at(1, 9), booking_id="ben-g4-again", restores_booking_id="ben-g4")


def found(story: Story, check: Any) -> Finding:
    return check(Case(story.told(), Packs()))


@pytest.mark.parametrize("check", [identities.told_to_both, identities.merged_seats])
def test_a_right_story_has_no_difference_and_everything_is_judged(right: Story, check: Any) -> None:
    assert (found(right, check).judged, found(right, check).differences) == (1, [])


@pytest.mark.parametrize("type_", [MERGED, UNMERGED])
def test_what_one_of_the_two_was_not_told_is_found(right: Story, type_: str) -> None:
    assert len(found(dropped(right, type_, told_to="ann"), identities.told_to_both).differences) == 1


def test_a_revision_left_out_and_one_said_twice_are_found(right: Story) -> None:
    assert found(dropped(right, MERGED), identities.told_to_both).differences
    twice = changed(right, UNMERGED, lambda data: data | {"revision": 1})
    assert found(twice, identities.told_to_both).differences


def test_an_un_merge_of_what_was_never_merged_is_found() -> None:
    story = said(Story().track("evening").admit("ann"), UNMERGED, at(0), 1)
    assert len(found(story, identities.told_to_both).differences) == 1


def test_a_seat_freed_with_nothing_in_its_way_is_found(right: Story) -> None:
    alone = dropped(right, "scheduling.booking_made", booking_id="ann-g4")
    assert [one.told for one in found(alone, identities.merged_seats).differences] == ["freed as merged"]


def test_a_seat_that_was_not_given_back_is_found(right: Story) -> None:
    broken = dropped(right, "scheduling.booking_made", booking_id="ben-g4-again")
    assert [one.told for one in found(broken, identities.merged_seats).differences] == ["still free"]


def test_a_seat_that_could_not_be_had_any_more_is_not_asked_for(right: Story) -> None:
    broken = dropped(right, "scheduling.booking_made", booking_id="ben-g4-again")
    for gone in (
        Story(broken.events).discharge("ben", at(2)),
        Story(broken.events).tell("scheduling.session_cancelled", "g4", at(2), session_id="g4", reason="ill"),
        Story(broken.events).session("other", 4).book("ben", "other", at(1, 8)),
    ):
        assert found(gone, identities.merged_seats).differences == []
