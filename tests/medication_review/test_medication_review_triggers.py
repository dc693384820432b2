"""Transitions and adverse effects ask for reconciliations and reviews: each test is one rule."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from medication_review_world import ADMITTED, World, hours

from services.medication_review.domain.errors import AdverseEffectUnknown, EpisodeEnded


@pytest.mark.rule("medication.transition_hours")
@pytest.mark.rule("reconciled_at_transition")
@pytest.mark.parametrize("move", ["transfer", "step_up", "step_down"])
def test_a_transition_asks_for_a_reconciliation_within_the_packs_hours(move):
    """domain.md: medication, reconciliation at every transition."""
    world = World().admitted().completed("reconciliation", 10).transferred(50, move)
    need = world.open("reconciliation").need
    assert (need.cause, need.urgent, need.due_at) == ("transition", False, hours(50 + 72))


def test_each_transfer_is_a_transition_of_its_own_and_told_twice_it_is_one():
    world = World().admitted().completed("reconciliation", 10).transferred(50).completed("reconciliation", 51)
    assert world.transferred(50).open("reconciliation") is None
    assert world.transferred(60).open("reconciliation").need.due_at == hours(60 + 72)


def test_a_transfer_that_is_heard_of_before_the_admission_asks_once_that_is_known():
    world = World().transferred(50)
    assert world.open("reconciliation") is None
    need = world.admitted().open("reconciliation").need
    assert (need.causes, need.due_at) == (("admission", "transition"), hours(72))


def test_from_a_transfer_on_the_packs_of_the_other_track_judge():
    world = World().admitted()
    asked = []

    class Book(type(world.book)):
        def reviews(self, packs, on):
            asked.append((packs, on))
            return super().reviews(packs, on)

    world.book = Book()
    world.transferred(50).no_shows(3, 49).no_shows(6, 51)
    assert {(packs, on) for packs, on in asked if on == hours(50).date()} == {
        (("program_default",), hours(49).date()),
        (("other",), hours(51).date()),
    }


@pytest.mark.rule("medication.adverse_effect_hours")
@pytest.mark.rule("medication.severe_effect_hours")
@pytest.mark.rule("adverse_effect_is_reviewed")
@pytest.mark.parametrize(
    ("severity", "within", "urgent"), [("mild", 48, False), ("moderate", 48, False), ("severe", 20, True)]
)
def test_an_adverse_effect_asks_for_a_review_and_a_severe_one_for_an_urgent_one(severity, within, urgent):
    """domain.md: adverse effect is a trigger of a medication review; the hours are program practice."""
    need = World().admitted().adverse_effect(5, severity).open("review").need
    assert (need.cause, need.urgent, need.due_at) == ("adverse_effect", urgent, hours(5 + within))


def test_a_severe_effect_makes_an_open_review_urgent_and_brings_it_forward():
    world = World().admitted().adverse_effect(5).adverse_effect(6, "severe", "another")
    need = world.open("review").need
    assert (need.urgent, need.due_at) == (True, hours(26))
    assert world.completed("review", 7).open("review") is None, "one review answers both"


def test_an_effect_reported_by_mistake_asks_for_nothing_any_more():
    world = World().admitted().adverse_effect(5, "severe")
    (effect,) = world.case.facts.adverse_effects
    world.after(lambda case: case.withdraw_adverse_effect(effect, "another participant's", hours(6)))
    assert world.open("review") is None
    with pytest.raises(AdverseEffectUnknown):
        world.case.withdraw_adverse_effect(effect, "again", hours(7))


def test_after_the_discharge_no_adverse_effect_is_reported_in_the_episode():
    world = World().admitted()
    world.after(lambda case: case.close(hours(20), ADMITTED))
    with pytest.raises(EpisodeEnded):
        world.adverse_effect(21)


STEPS = (
    lambda world: world.admitted(),
    lambda world: world.transferred(40, "step_down"),
    lambda world: world.adverse_effect(5, "severe"),
    lambda world: world.adverse_effect(30, name="another"),
    lambda world: world.no_shows(3, 41),
)


@given(order=st.permutations(STEPS), twice=st.booleans())
def test_transfers_and_effects_ask_for_the_same_in_every_order(order, twice):
    expected, world = World(), World()
    for step in STEPS:
        step(expected)
    for step in order:
        step(world)
        if twice and step in (STEPS[0], STEPS[1], STEPS[4]):
            step(world)
    assert world.needs() == expected.needs()
    assert world.case.facts.cycle_due_at == expected.case.facts.cycle_due_at == ADMITTED + timedelta(days=30)
