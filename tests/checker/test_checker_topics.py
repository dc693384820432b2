"""What the checker finds in topics completed, and that it finds it."""

from typing import Any

import pytest

from tests.checker.case import Case
from tests.checker.checks.topics import completed
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, changed, dropped

COMPLETED, REVERSED = "scheduling.topic_completed", "scheduling.topic_completion_reversed"


@pytest.fixture
def right() -> Story:
    """Sleep on Tuesday and a week later: the first was attended long enough until it was corrected. Of feelings, on
    Thursday, not enough was attended."""
    story = Story().track("evening").admit("ann")
    for name, day, topic in (("s1", 1, "sleep"), ("s3", 3, "feelings"), ("s8", 8, "sleep")):
        story.session(name, day, component="psychoeducation")
        story.tell("scheduling.session_changed", name, at(-5), session_id=name, topic=topic.title(), topic_code=topic,
                   sequence=1)  # fmt: skip
        story.book("ann", name)
    story.outcome("ann", "s1", "present", 180)
    complete(story, at(1, 21), 1, "s1", at(1, 21))
    story.outcome("ann", "s3", "left_early", 134)
    story.outcome("ann", "s1", "left_early", 60, reason="left_unseen", when=at(5, 9))
    story.tell(REVERSED, "ann", at(5, 9), participant_id="ann", episode_id="ann-1", topic="sleep", revision=2)
    story.outcome("ann", "s8", "late", 135)
    return complete(story, at(8, 21), 3, "s8", at(8, 21))


def complete(story: Story, when: str, revision: int, session: str, ends_at: str, topic: str = "sleep") -> Story:
    return story.tell(COMPLETED, "ann", when, participant_id="ann", episode_id="ann-1", topic=topic, revision=revision,
                      session_id=session, completed_at=ends_at)  # fmt: skip


def found(story: Story) -> Finding:
    return completed(Case(story.told(), Packs()))


def test_a_right_story_has_no_difference_and_every_topic_is_judged(right: Story) -> None:
    assert (found(right).judged, found(right).differences) == (1, [])


@pytest.mark.parametrize(
    ("type_", "data", "expected"),
    [(COMPLETED, {"revision": 3}, "'s8'"), (COMPLETED, {"revision": 1}, "[1, 2]"), (REVERSED, {}, "[1, 2]")],
)
def test_what_was_never_told_is_found(right: Story, type_: str, data: dict[str, Any], expected: str) -> None:
    assert any(expected in one.expected for one in found(dropped(right, type_, **data)).differences)


def test_a_topic_completed_by_too_few_minutes_is_found(right: Story) -> None:
    """75 % of three hours are 135 minutes."""
    complete(right, at(3, 21), 1, "s3", at(3, 21), "feelings")
    assert [(one.subject, one.expected) for one in found(right).differences] == [("feelings, episode ann-1", "None")]


def test_a_topic_completed_by_another_session_is_found(right: Story) -> None:
    broken = changed(right, COMPLETED, lambda data: data | {"session_id": "s1"}, revision=3)
    assert len(found(broken).differences) == 1


def test_a_session_whose_topic_is_free_text_by_now_completes_none(right: Story) -> None:
    right.tell("scheduling.session_changed", "s8", at(-4), session_id="s8", topic="Anything", topic_code=None,
               sequence=2)  # fmt: skip
    assert [one.expected for one in found(right).differences] == ["None"]
