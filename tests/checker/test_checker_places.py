"""What the checker finds in places, waitlists and offers, and that it finds it."""

from typing import Any

import pytest

from tests.checker.case import Case
from tests.checker.checks import places
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, changed, dropped

ALL = (places.census, places.in_turn, places.offers)
OFFERS = ["program_default", "waitlist_offers"]


@pytest.fixture
def right() -> Story:
    """One place; ben and cem wait, and cem, who is more urgent, has it when ann leaves."""
    story = Story().track("evening", census=1).admit("ann").wait("ben", at(0), 2).wait("cem", at(1), 1)
    return story.discharge("ann", at(2)).admit("cem", at(2))


@pytest.fixture
def offered() -> Story:
    """The place that ann leaves is offered to ben, who declines it, and then to cem, who accepts."""
    story = Story().track("evening", census=1, packs=OFFERS).admit("ann").wait("ben", at(0)).wait("cem", at(1))
    offer(story.discharge("ann", at(2)), "ben", at(2), at(4))
    offer(answer(story, "ben", at(3), "declined"), "cem", at(3), at(5))
    return answer(story, "cem", at(4), "accepted").admit("cem", at(4))


def offer(story: Story, who: str, since: str, until: str) -> Story:
    return story.tell("enrollment.place_offered", who, since, participant_id=who, episode_id=f"{who}-1",
                      track_id="evening", offer_id=f"offer to {who}", offered_at=since, expires_at=until)  # fmt: skip


def answer(story: Story, who: str, when: str, outcome: str) -> Story:
    return story.tell("enrollment.offer_closed", who, when, participant_id=who, episode_id=f"{who}-1",
                      track_id="evening", offer_id=f"offer to {who}", outcome=outcome, closed_at=when)  # fmt: skip


def found(story: Story, check: Any) -> Finding:
    return check(Case(story.told(), Packs()))


def test_a_right_story_has_no_difference_and_everything_is_judged(right: Story, offered: Story) -> None:
    for story in (right, offered):
        assert [found(story, check).differences for check in ALL] == [[], [], []]
    assert [found(right, check).judged for check in ALL] == [1, 2, 0]
    assert [found(offered, check).judged for check in ALL] == [1, 3, 2]


def test_one_admission_too_many_is_found(right: Story) -> None:
    (one,) = found(right.admit("dan", at(3)), places.census).differences
    assert (one.expected, one.told) == ("at most 1 places", "2")


def test_a_lowered_limit_takes_nobodys_place_but_gives_none(right: Story) -> None:
    right.tell("enrollment.census_limit_changed", "evening", at(1, 1), track_id="evening", census_limit=1)
    lowered = changed(right, "enrollment.track_opened", lambda data: data | {"census_limit": 2})
    assert found(lowered, places.census).differences == []
    assert len(found(lowered.admit("dan", at(3)), places.census).differences) == 1


def test_who_is_promoted_past_another_is_found(right: Story) -> None:
    passed = dropped(right, "enrollment.participant_admitted", participant_id="cem").admit("ben", at(2))
    (one,) = found(passed, places.in_turn).differences
    assert (one.expected, one.told) == ("cem-1", "ben-1")


def test_who_is_admitted_past_those_who_wait_is_found(right: Story) -> None:
    passed = dropped(right, "enrollment.participant_admitted", participant_id="cem").admit("dan", at(2))
    assert [(one.expected, one.told) for one in found(passed, places.in_turn).differences] == [("cem-1", "dan-1")]


def test_a_place_left_free_while_somebody_waits_is_found(right: Story) -> None:
    empty = dropped(right, "enrollment.participant_admitted", participant_id="cem")
    assert [one.expected for one in found(empty, places.in_turn).differences] == ["a place for the first in turn"]
    both_left = Story(empty.events)
    for who in ("ben", "cem"):
        both_left.tell("enrollment.waitlist_left", who, at(1, 1), participant_id=who, episode_id=f"{who}-1",
                       track_id="evening", reason="moved_away")  # fmt: skip
    assert found(both_left, places.in_turn).differences == []


def test_a_transfer_takes_one_place_and_frees_another(right: Story) -> None:
    right.track("morning", census=1)
    right.tell("enrollment.participant_transferred", "cem", at(3), participant_id="cem", episode_id="cem-1",
               kind="step_up", from_track_id="evening", track_id="morning", level_of_care="asam_2.1",
               age_group="adult", time_zone="America/New_York", packs=[], components=[],
               effective_at=at(3))  # fmt: skip
    assert [one.subject for one in found(right, places.in_turn).differences] == ["track evening"]
    assert found(right.admit("ben", at(3)), places.in_turn).differences == []


def test_who_let_an_offer_pass_is_not_offered_that_place_again(offered: Story) -> None:
    again = dropped(dropped(offered, "enrollment.place_offered", participant_id="cem"), "enrollment.offer_closed",
                    participant_id="cem")  # fmt: skip
    late = dropped(again, "enrollment.participant_admitted", participant_id="cem")
    assert [one.told for one in found(late, places.in_turn).differences] == ["a place is free and cem-1 waits"]


def test_an_offer_for_other_hours_than_the_packs_is_found(offered: Story) -> None:
    longer = changed(offered, "enrollment.place_offered", lambda data: data | {"expires_at": at(9)})
    assert len(found(longer, places.offers).differences) == 1


@pytest.mark.parametrize(("outcome", "when"), [("accepted", at(5)), ("expired", at(4))])
def test_an_offer_accepted_too_late_or_expired_too_early_is_found(offered: Story, outcome: str, when: str) -> None:
    wrong = dropped(offered, "enrollment.offer_closed", participant_id="cem")
    assert len(found(answer(wrong, "cem", when, outcome), places.offers).differences) == 1


def test_an_offer_that_never_ends_or_ends_twice_is_found(offered: Story) -> None:
    endless = dropped(offered, "enrollment.offer_closed", participant_id="ben").score("cem", at(9))
    assert [one.told for one in found(endless, places.offers).differences] == ["0 ends"]
    twice = answer(Story(offered.events), "ben", at(3, 1), "withdrawn").score("cem", at(9))
    assert [one.told for one in found(twice, places.offers).differences] == ["2 ends"]
