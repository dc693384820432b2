"""What the checker finds in what falls due in an episode and in authorization units, and that it finds it."""

from typing import Any

import pytest

from tests.checker.case import Case
from tests.checker.checks import dues, units
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, changed, dropped, on

PACKS = ["program_default", "medicare_iop"]
ALL = (dues.set_as_packs_say, dues.begun_and_renewed, dues.missed)
ADMITTED, CERTIFIED = at(0, 9), at(0, 15)
CERTIFICATION = "certification.days of medicare_iop@2024-01-01"
FIRST = "certification.first_days of medicare_iop@2024-01-01"
REVIEW = "plan_review.days of program_default@2020-01-01"


@pytest.fixture
def right() -> Story:
    """Certified on the day of admission; the plan's review, due after 90 days, is missed."""
    story = Story().track("evening", packs=PACKS).admit("ann", ADMITTED, packs=PACKS)
    story.due("set", "ann", ADMITTED, "certification", due_at=at(1, 9), rule=FIRST)
    story.due("set", "ann", ADMITTED, "plan_review", due_at=days_after(0, 90), rule=REVIEW)
    story.tell("enrollment.plan_certified", "ann", CERTIFIED, participant_id="ann", episode_id="ann-1",
               certified_at=CERTIFIED)  # fmt: skip
    story.due("met", "ann", CERTIFIED, "certification", met_at=CERTIFIED)
    story.due("set", "ann", CERTIFIED, "certification", due_at=at(60, 16), rule=CERTIFICATION)
    return story.due("missed", "ann", days_after(0, 90), "plan_review", due_at=days_after(0, 90)).due(
        "missed", "ann", days_after(0, 90), "certification", due_at=at(60, 16)
    )


def days_after(day: int, days: int) -> str:
    """So many days of 24 hours after 09:00 on a day of the story: an hour later by the clock once summer time began."""
    return at(day + days, 10)


def found(story: Story, check: Any) -> Finding:
    return check(Case(story.told(), Packs()))


def test_a_right_story_has_no_difference_and_every_date_is_judged(right: Story) -> None:
    assert [found(right, check).differences for check in ALL] == [[], [], []]
    assert [found(right, check).judged for check in ALL] == [3, 3, 3]


def test_a_date_that_was_shifted_is_found(right: Story) -> None:
    broken = changed(right, "enrollment.due_set", lambda data: data | {"due_at": at(61)}, kind="certification")
    assert len(found(broken, dues.set_as_packs_say).differences) == 1


def test_a_date_by_another_pack_than_the_strictest_is_found(right: Story) -> None:
    broken = changed(right, "enrollment.due_set", lambda data: data | {"rule": REVIEW}, kind="certification")
    assert [one.expected for one in found(broken, dues.set_as_packs_say).differences] == [FIRST]


def test_a_date_that_no_pack_asks_for_is_found() -> None:
    story = Story().track("evening", packs=["medicare_iop"]).admit("ann", ADMITTED, packs=["medicare_iop"])
    story.due("set", "ann", at(1), "reassessment", due_at=at(8), rule="none")
    assert [one.expected for one in found(story, dues.set_as_packs_say).differences] == ["no pack asks for it"]


def test_a_date_set_before_a_transfer_on_the_same_day_goes_by_the_track_that_is_left(right: Story) -> None:
    right.track("morning", packs=["program_default"])
    right.tell("enrollment.participant_transferred", "ann", at(0, 16), participant_id="ann", episode_id="ann-1",
               from_track_id="evening", to_track_id="morning", track_id="morning", kind="transfer",
               effective_at=at(0, 16), level_of_care="asam_2.1", age_group="adult", time_zone="America/New_York",
               packs=["program_default"], components=["group_therapy"])  # fmt: skip
    assert found(right, dues.set_as_packs_say).differences == []
    right.due("set", "ann", at(0, 17), "certification", due_at=at(60, 18), rule=CERTIFICATION)
    assert [one.expected for one in found(right, dues.set_as_packs_say).differences] == ["no pack asks for it"]


@pytest.mark.parametrize("due_at", [at(1, 9), at(60, 16)])
def test_a_date_that_was_never_set_is_found(right: Story, due_at: str) -> None:
    assert len(found(dropped(right, "enrollment.due_set", due_at=due_at), dues.begun_and_renewed).differences) == 1


@pytest.mark.parametrize("kind", ["plan_review", "certification"])
def test_a_miss_that_was_never_told_is_found(right: Story, kind: str) -> None:
    assert len(found(dropped(right, "enrollment.due_missed", kind=kind), dues.missed).differences) == 1


def test_a_miss_told_twice_or_too_early_or_of_nothing_due_is_found(right: Story) -> None:
    twice = Story(right.events).due("missed", "ann", at(99), "plan_review", due_at=days_after(0, 90))
    early = dropped(right, "enrollment.due_missed", kind="plan_review").due(
        "missed", "ann", at(50), "plan_review", due_at=days_after(0, 90)
    )
    nothing = Story(right.events).due("missed", "ann", at(50), "reassessment", due_at=at(50))
    assert [len(found(one, dues.missed).differences) for one in (twice, early, nothing)] == [1, 1, 1]


def test_a_miss_of_what_was_done_in_time_is_found(right: Story) -> None:
    right.due("missed", "ann", at(1, 9), "certification", due_at=at(1, 9))
    assert len(found(right, dues.missed).differences) == 1


def test_a_discharge_ends_what_is_due(right: Story) -> None:
    ended = dropped(right, "enrollment.due_missed").discharge("ann", at(20)).score("ann", at(120))
    assert found(ended, dues.missed).differences == []


def test_a_discharge_review_is_due_while_its_step_stands() -> None:
    story = Story().track("evening").admit("ann").session("g0", 0).book("ann", "g0")
    story.step("ann", "three_unexcused", "discharge_review", "g0", "g0")
    assert [one.expected for one in found(story, dues.discharge_reviews).differences] == ["a discharge review"]
    story.due("set", "ann", at(1), "discharge_review", due_at=at(8), rule="")
    assert found(story, dues.discharge_reviews).differences == []
    story.step("ann", "three_unexcused", "discharge_review", "g0", "g0", reversed_=True)
    assert [one.expected for one in found(story, dues.discharge_reviews).differences] == ["no discharge review"]


@pytest.fixture
def covered() -> Story:
    """Five units, of which the days of two weeks take all: low from the second on, exhausted with the fifth."""
    story = Story().track("evening").admit("ann")
    authorized(story, at(0), units=5)
    for number, day in enumerate((0, 2, 4, 7, 9)):
        story.day("ann", day, 180)
        if number == 1:
            told(story, "running_low", day)
    return told(story, "exhausted", 9)


def authorized(story: Story, when: str, **facts: object) -> Story:
    data: dict[str, Any] = {"units": 5, "from_date": on(0), "through_date": on(60), "status": "active"}
    return story.tell("enrollment.authorization_recorded", "ann", when, participant_id="ann", episode_id="ann-1",
                      authorization_id="first", **data | facts)  # fmt: skip


def told(story: Story, what: str, day: int) -> Story:
    return story.tell(f"enrollment.authorization_{what}", "ann", at(day, 21), participant_id="ann",
                      episode_id="ann-1", authorization_id="first")  # fmt: skip


def test_right_units_have_no_difference_and_every_authorization_is_judged(covered: Story) -> None:
    assert (found(covered, units.units).judged, found(covered, units.units).differences) == (1, [])


@pytest.mark.parametrize("what", ["running_low", "exhausted"])
def test_a_warning_that_is_missing_or_told_twice_is_found(covered: Story, what: str) -> None:
    assert len(found(dropped(covered, f"enrollment.authorization_{what}"), units.units).differences) == 1
    assert len(found(told(covered, what, 9), units.units).differences) == 1


def test_a_day_that_is_not_billable_after_all_gives_its_unit_back(covered: Story) -> None:
    back = covered.day("ann", 9, 0, billable=False, revision=2, when=at(10)).day("ann", 11, 180)
    assert {one.expected for one in found(back, units.units).differences} == {"2"}


def test_days_beyond_an_authorizations_time_level_and_frequency_take_no_unit(covered: Story) -> None:
    recorded = "enrollment.authorization_recorded"
    for facts in ({"through_date": on(1)}, {"level_of_care": "php"}, {"days_per_week": 1}, {"status": "denied"}):
        other = changed(covered, recorded, lambda data, facts=facts: data | facts)
        assert "exhausted: authorization first" in {one.subject for one in found(other, units.units).differences}
