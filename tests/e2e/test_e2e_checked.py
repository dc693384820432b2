"""A simulated program through all services: the independent checker finds nothing that differs, and what is broken."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from e2e_simulated import Simulated

from tests.checker.__main__ import check
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.reading import Told, numbered

Raw = dict[str, Any]


@pytest.fixture(scope="module")
def told(program: Simulated) -> list[Raw]:
    """What all services published."""
    return [json.loads(body) for bodies in program.told.values() for body in bodies]


def findings(events: Sequence[Raw]) -> dict[str, Finding]:
    return {one.rule: one for one in check(Told(numbered(events)), Packs())}


def test_nothing_differs_from_what_must_have_followed(told: list[Raw]) -> None:
    found = findings(told)
    assert [one for finding in found.values() for one in finding.differences] == []
    judged = {rule: finding.judged for rule, finding in found.items()}
    for rule in (
        "seats",
        "seats within the placement",
        "census",
        "outcomes",
        "whose turn it was",
        "week verdicts",
        "weeks judged once",
        "billable days",
        "authorization units",
        "absence steps",
        "dates due",
        "dates begun and renewed",
        "reviews that must be open",
        "times due of reviews",
        "overdue reviews",
        "closed days",
        "make-ups",
        "early warnings",
        "make-ups suggested",
        "topics completed",
        "minutes attended",
        "merges and un-merges",
    ):
        assert judged[rule] > 0, rule


Change = Callable[[Raw], Raw]

BROKEN: dict[str, tuple[str, Change | None, str]] = {
    "a booking that nobody told": ("scheduling.booking_made", None, "outcomes"),
    "a booking cancellation that nobody told": ("scheduling.booking_cancelled", None, "seats within the placement"),
    "fewer seats than are taken": ("scheduling.session_scheduled", lambda data: data | {"seats": 0}, "seats"),
    "a smaller track": ("enrollment.track_opened", lambda data: data | {"census_limit": 1}, "census"),
    "a week that was not judged": ("attendance.treatment_week_judged", None, "weeks judged once"),
    "a verdict that was flipped": (
        "attendance.treatment_week_judged",
        lambda data: data | {"compliant": not data["compliant"]},
        "week verdicts",
    ),
    "a day that bills": (
        "attendance.billable_day_determined",
        lambda data: data | {"billable": not data["billable"]},
        "billable days",
    ),
    "an absence step that nobody told": ("attendance.absence_step_reached", None, "absence steps"),
    "minutes that were attended": (
        "attendance.attendance_recorded",
        lambda data: data | {"minutes": data["minutes"] + 7, "status": "present"},
        "week verdicts",
    ),
    "a date that was shifted": (
        "enrollment.due_set",
        lambda data: data | {"due_at": later(data["due_at"])},
        "dates due",
    ),
    "a date that was never set": ("enrollment.due_set", None, "dates begun and renewed"),
    "a review that was never opened": ("medication_review.review_opened", None, "overdue reviews"),
    "a review due at another time": (
        "medication_review.review_opened",
        lambda data: data | {"due_at": later(data["due_at"])},
        "times due of reviews",
    ),
    "an overdue review that nobody told": ("medication_review.review_overdue", None, "overdue reviews"),
    "units of an authorization": (
        "enrollment.authorization_recorded",
        lambda data: data | {"units": 1},
        "authorization units",
    ),
    "a make-up for another booking": (
        "scheduling.booking_made",
        lambda data: data | {"kind": "make_up", "makes_up_for": data["booking_id"]},
        "make-ups",
    ),
    "an early warning that was never cleared": ("attendance.early_warning_cleared", None, "early warnings"),
    "make-ups that are too few": (
        "attendance.early_warning_raised",
        lambda data: data | {"missing_minutes": 10_000},
        "make-ups suggested",
    ),
    "a topic that nobody told": ("scheduling.topic_completed", None, "topics completed"),
    "a topic that was not taught": (
        "scheduling.session_changed",
        lambda data: data | {"topic_code": data["topic"] and "something_else"},
        "topics completed",
    ),
    "more minutes than there were": (
        "attendance.attendance_recorded",
        lambda data: data | {"minutes": data["minutes"] + 1000},
        "minutes attended",
    ),
    "an un-merge that one of them was not told": ("enrollment.participants_unmerged", None, "merges and un-merges"),
}
"""What is broken → the type of the events of which each is left out, or changed; the check that must find it."""


def later(text: str) -> str:
    return (datetime.fromisoformat(text) + timedelta(hours=1)).isoformat()


@pytest.mark.parametrize(("type_", "change", "rule"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_found(told: list[Raw], type_: str, change: Change | None, rule: str) -> None:
    """Event by event, until one is found: not each is missed, such as a step that is told again."""
    places = [number for number, one in enumerate(told) if one["type"] == f"{type_}.v1"]
    assert places, f"no {type_} in the program: choose another seed"
    for place in places[:25]:
        if findings(without(told, place) if change is None else changed(told, place, change))[rule].differences:
            return
    pytest.fail(f"{rule} finds nothing wrong with any {type_}")


def changed(told: list[Raw], place: int, change: Change) -> list[Raw]:
    return [*told[:place], told[place] | {"data": change(told[place]["data"])}, *told[place + 1 :]]


def without(told: list[Raw], place: int) -> list[Raw]:
    """The numbers after it close up: otherwise it would be missed at once."""
    gone = told[place]
    feed = ("source", "generation", "partition")
    return [
        one | {"sequence": one["sequence"] - 1}
        if all(one[name] == gone[name] for name in feed) and one["sequence"] > gone["sequence"]
        else one
        for number, one in enumerate(told)
        if number != place
    ]
