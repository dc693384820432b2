"""What the checker finds in medication reviews, and that it finds it."""

from typing import Any

import pytest

from tests.checker.case import Case
from tests.checker.checks import reviews
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, changed, dropped

ADMITTED, ANSWERED = at(-3, 9), at(1, 12)
OPENED, OVERDUE = "medication_review.review_opened", "medication_review.review_overdue"
ALL = (reviews.due_times, reviews.none_forgotten, reviews.overdue)


@pytest.fixture
def right() -> Story:
    """Reconciled in time; the urgent review after a safety trigger was done too late."""
    story = Story().track("evening").admit("ann", ADMITTED)
    story.review("opened", "ann", ADMITTED, kind="reconciliation", cause="admission", urgent=False, due_at=at(0, 9))
    story.review("completed", "ann", at(-1), kind="reconciliation", completed_at=at(-1), decisions=0)
    story.score("ann", ANSWERED, safety_trigger=True)
    story.review("opened", "ann", ANSWERED, cause="safety_trigger", urgent=True, due_at=at(2, 12))
    story.review("overdue", "ann", at(2, 12), due_at=at(2, 12))
    return story.review("completed", "ann", at(3), completed_at=at(3), decisions=1)


def found(story: Story, check: Any) -> Finding:
    return check(Case(story.told(), Packs()))


def test_a_right_story_has_no_difference_and_every_review_is_judged(right: Story) -> None:
    assert [found(right, check).differences for check in ALL] == [[], [], []]
    assert [found(right, check).judged for check in ALL] == [2, 1, 2]


def test_a_due_date_that_was_shifted_is_found(right: Story) -> None:
    broken = changed(right, OPENED, lambda data: data | {"due_at": at(0, 10)}, cause="admission")
    assert [one.told for one in found(broken, reviews.due_times).differences] == [at(0, 10)]


def test_an_urgent_review_told_as_any_other_is_found(right: Story) -> None:
    broken = changed(right, OPENED, lambda data: data | {"urgent": False}, cause="safety_trigger")
    assert [one.expected for one in found(broken, reviews.due_times).differences] == ["urgent"]


def test_a_review_for_no_reason_is_found(right: Story) -> None:
    (one,) = found(dropped(right, "enrollment.instrument_scored"), reviews.due_times).differences
    assert one.expected == "no such cause"


@pytest.mark.parametrize("kind", ["reconciliation", "review"])
def test_a_review_that_was_forgotten_is_found(right: Story, kind: str) -> None:
    forgotten = Story(one for one in right.events if one["data"].get("kind") != kind)
    (one,) = found(forgotten, reviews.none_forgotten).differences
    assert one.subject == f"{kind} of episode ann-1" and one.told == "none is open"


def test_two_open_reviews_of_a_kind_are_found(right: Story) -> None:
    for number in (2, 3):
        right.review("opened", "ann", at(4), number, cause="safety_trigger", urgent=True, due_at=at(2, 12))
    assert "2" in {one.told for one in found(right, reviews.none_forgotten).differences}


def test_a_review_left_open_at_the_discharge_is_found(right: Story) -> None:
    left = dropped(right, "medication_review.review_completed", kind="review").discharge("ann", at(5))
    assert [one.expected for one in found(left, reviews.none_forgotten).differences] == ["withdrawn at the discharge"]


def test_overdue_that_was_never_told_is_found(right: Story) -> None:
    assert len(found(dropped(right, OVERDUE), reviews.overdue).differences) == 1


def test_overdue_told_twice_is_found(right: Story) -> None:
    twice = right.review("overdue", "ann", at(2, 13), due_at=at(2, 12))
    assert len(found(twice, reviews.overdue).differences) == 1


def test_overdue_of_what_was_done_in_time_is_found(right: Story) -> None:
    late = right.review("overdue", "ann", at(0, 9), kind="reconciliation", due_at=at(0, 9))
    assert len(found(late, reviews.overdue).differences) == 1


def test_overdue_is_told_again_for_another_time_though_that_has_passed(right: Story) -> None:
    again = dropped(right, "medication_review.review_completed", kind="review")
    again.review("rescheduled", "ann", at(3), cause="order_changed", urgent=False, due_at=at(2, 20))
    assert len(found(again, reviews.overdue).differences) == 1
    again.review("overdue", "ann", at(3), due_at=at(2, 20)).score("ann", at(4))
    assert found(again, reviews.overdue).differences == []


def test_what_was_never_opened_is_found(right: Story) -> None:
    unopened = dropped(right, OPENED, cause="admission")
    assert [one.told for one in found(unopened, reviews.overdue).differences] == ["never opened"]


def test_overdue_told_too_early_is_found(right: Story) -> None:
    early = dropped(right, OVERDUE).review("overdue", "ann", at(2, 11), due_at=at(2, 12))
    assert len(found(early, reviews.overdue).differences) == 1


def test_the_cycle_asks_for_a_review_a_week_before_it_is_due(right: Story) -> None:
    right.score("ann", at(30))
    (one,) = found(right, reviews.none_forgotten).differences
    assert one.expected.startswith("open for cycle, due 2026-04-04")


@pytest.mark.parametrize(("severity", "due_at"), [("moderate", at(4, 12)), ("severe", at(2, 12))])
def test_an_adverse_effect_is_reviewed_in_time(severity: str, due_at: str) -> None:
    story = Story().track("evening").admit("ann", ADMITTED)
    story.tell("medication_review.adverse_effect_reported", "ann", at(1, 12), participant_id="ann", episode_id="ann-1",
               effect_id="effect", severity=severity, reported_at=at(1, 12))  # fmt: skip
    story.review("opened", "ann", at(1, 12), cause="adverse_effect", urgent=severity == "severe", due_at=due_at)
    assert found(story, reviews.due_times).differences == []
    wrong = changed(story, OPENED, lambda data: data | {"due_at": at(3, 12)})
    assert len(found(wrong, reviews.due_times).differences) == 1


def test_an_adverse_effect_reported_by_mistake_asks_for_no_review(right: Story) -> None:
    right.tell("medication_review.adverse_effect_reported", "ann", at(4), participant_id="ann", episode_id="ann-1",
               effect_id="effect", severity="mild", reported_at=at(4))  # fmt: skip
    assert len(found(right, reviews.none_forgotten).differences) == 1
    right.tell("medication_review.adverse_effect_withdrawn", "ann", at(5), participant_id="ann", episode_id="ann-1",
               effect_id="effect")  # fmt: skip
    assert found(right, reviews.none_forgotten).differences == []


def test_escalations_are_told_once_each_after_the_packs_hours(right: Story) -> None:
    late = dropped(right, "medication_review.review_completed", kind="review")
    late.review("escalated", "ann", at(3, 12), due_at=at(2, 12), escalated_to="coordinator")
    late.review("escalated", "ann", at(5, 12), due_at=at(2, 12), escalated_to="auditor").score("ann", at(6))
    assert found(late, reviews.escalations).judged == 1
    assert found(late, reviews.escalations).differences == []
    missing = dropped(late, "medication_review.review_escalated", escalated_to="auditor")
    assert [one.told for one in found(missing, reviews.escalations).differences] == ["0"]
    twice = Story(late.events).review("escalated", "ann", at(4), due_at=at(2, 12), escalated_to="coordinator")
    assert [one.told for one in found(twice, reviews.escalations).differences] == ["2"]
    early = missing.review("escalated", "ann", at(2, 13), due_at=at(2, 12), escalated_to="auditor")
    assert len(found(early, reviews.escalations).differences) == 1


def test_an_order_of_somebody_taken_for_them_for_a_while_asked_for_a_review(right: Story) -> None:
    """ann and ben are one person for a day: ben's order asks for a review of ann's, withdrawn when they are two."""
    due_at = at(6)
    for type_, when, revision in (("merged", at(4), 1), ("unmerged", at(5), 2)):
        for told_to in ("ann", "ben"):
            both = {"surviving_id": "ann", "retired_id": "ben", "revision": revision}
            right.tell(f"enrollment.participants_{type_}", told_to, when, told_to=told_to, **both)
        if type_ == "merged":
            right.tell("interop.medication_reported", "ben", at(3), participant_id="ben", order_id="1",
                       source="hospital_order:general", status="active", name="Lithium", reported_at=at(3))  # fmt: skip
            right.review("opened", "ann", at(4), 2, cause="order_changed", urgent=False, due_at=due_at)
    right.review("withdrawn", "ann", at(5), 2)
    assert [found(right, check).differences for check in ALL] == [[], [], []]
    never_one = dropped(dropped(right, "enrollment.participants_merged"), "enrollment.participants_unmerged")
    assert [one.expected for one in found(never_one, reviews.due_times).differences] == ["no such cause"]
