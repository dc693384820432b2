"""When certifications and reviews would have fallen due by other packs; the due dates that were set stand."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from enrollment_states import day
from enrollment_world import World

from services.enrollment.domain import commands, plan_of_care_commands
from services.enrollment.domain.follow_up import INSTRUMENT
from services.enrollment.what_if import what_if
from services.platform.definition import Runtime
from services.platform.packs import Packs
from services.platform.what_if import supposed

PACK = "name: %s\ntitle: Others\neditions:\n  - {effective_from: 2020-01-01, rules: {%s}}\n"
SAID = "certification.days: {value: 30, source: a law}, certification.first_days: {value: 2, source: a law}"
THIRTY = PACK % ("medicare_iop", SAID)
SILENT = PACK % ("medicare_iop", "week.minimum_hours: {value: 9, source: a law}")
PRESCRIBER = frozenset({"prescriber"})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def episode(world: World) -> UUID:
    return UUID(world.admit(world.a_participant(), world.a_track())["episode_id"])


def differences(world: World, text: str, **span: str) -> list[dict[str, Any]]:
    """Of due dates; the log is as it was."""
    world.drain()
    head = world.log.head()
    packs = Packs.load()
    runtime = Runtime("enrollment", world.log, world.reader, world.vault, world.clock, None, packs)
    asking = supposed(packs, {"packs": {"p.yaml": text}, **span})
    found = what_if(runtime, asking).document(asking)["differences"]["due_dates"]
    assert world.log.head() == head
    return found


def told(found: list[dict[str, Any]]) -> list[tuple[Any, Any, Any]]:
    return [(one["what"], *((one[side] or {}).get("due_at") for side in ("was", "would_be"))) for one in found]


def both(was: datetime | None, would_be: datetime | None) -> list[tuple[str, datetime | None, datetime | None]]:
    """A review of the plan, and the instrument that is due with it."""
    return [("instrument_at_review", was, would_be), ("plan_review", was, would_be)]


def test_a_certification_would_have_fallen_due_sooner_and_so_would_the_next(world, episode):
    world.clock.set(day(20))
    world.plan(episode)
    world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)
    assert told(differences(world, THIRTY)) == [
        ("certification", day(1), day(2)),
        ("certification", day(80), day(50)),
    ]
    assert {one["due_at"] for one in world.ask("due")["due"] if one["kind"] == "certification"} == {day(80)}


def test_what_would_be_due_and_decided_it_is_named(world, episode):
    (one,) = differences(world, THIRTY)
    assert one["was"]["decided_by"] == ["certification.first_days of medicare_iop@2024-01-01"]
    assert one["would_be"]["decided_by"] == ["certification.first_days of medicare_iop@2020-01-01"]
    assert one["episode_id"] == episode


def test_where_packs_would_be_silent_nothing_would_have_been_due(world, episode):
    assert told(differences(world, SILENT)) == [("certification", day(1), None)]


def test_where_packs_were_silent_something_would_have_been_due(world):
    world.admit(world.a_participant(), world.a_track(packs=("h0015_day",)))
    spoken = PACK % ("h0015_day", "plan_review.days: {value: 14, source: a law}")
    assert told(differences(world, spoken)) == both(None, day(14))


def test_a_transfer_brings_forward_what_the_new_packs_ask_for_sooner(world, episode):
    stricter = world.a_track(packs=("plan_review_30", "medicare_iop"))
    world.clock.set(day(10))
    world.do(commands.TransferParticipant(episode, stricter, "transfer", "asked"))
    forty = PACK % ("plan_review_30", "plan_review.days: {value: 35, source: a law}")
    assert told(differences(world, forty)) == both(day(40), day(45))
    late = PACK % ("plan_review_30", "plan_review.days: {value: 85, source: a law}")
    assert told(differences(world, late)) == both(day(40), None), "what was due before stays sooner"


def test_the_instrument_due_with_each_review_is_counted_anew_with_it(world):
    episode = UUID(world.admit(world.a_participant(), world.a_track(packs=("plan_review_60",)))["episode_id"])
    world.plan(episode)
    world.clock.set(day(20))
    world.do(commands.ScoreInstrument(episode, "phq_9", "review", score=9))
    world.clock.set(day(30))
    world.do(plan_of_care_commands.ReviewPlanOfCare(episode, "continued"))
    fifty = PACK % ("plan_review_60", "plan_review.days: {value: 50, source: a law}")
    assert sorted(told(differences(world, fifty))) == sorted(both(day(60), day(50)) + both(day(90), day(80)))


def test_the_instrument_due_after_the_admission_is_counted_anew(world, episode):
    three = PACK % ("district_of_columbia", "reassessment.days_after_admission: {value: 3, source: a law}")
    assert told(differences(world, three)) == [(INSTRUMENT, day(7), day(3))]


def test_only_the_days_asked_for_are_looked_at(world, episode):
    assert differences(world, THIRTY, through="2020-01-01") == []
