"""What scores and ratings mean is the packs' to say; what was scored or assessed stays as it was judged then."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from enrollment_standards import EDE_Q, PHQ_9
from enrollment_states import day
from enrollment_world import World

from services.enrollment.application import Enrollment
from services.enrollment.domain import commands
from services.enrollment.domain.errors import AnswersOutOfRange
from services.enrollment.domain.scoring import result
from services.enrollment.standards import asam_by
from services.platform.packs import PackError, Packs

OURS = """
name: ours
title: Our program
editions:
  - effective_from: {since}
    rules:
      {rules}
"""
PHQ_OF_OURS = """instrument.phq_9:
        value:
          - {scale: total, bands: {fine: 0, ill: 8}, caseness: 8, reliable_change: 5}
        source: our own study"""
"""Earlier than as published."""
ASAM_OF_OURS = """assessment.asam_edition: {value: 3, source: our state}
      assessment.asam_dimensions:
        value:
          - {dimension: withdrawal_potential, criterion: withdrawal_manageable_outpatient, at_most: 0}
          - {dimension: readiness_to_change, criterion: readiness_needs_structure, at_most: 3, speaks_for_at: 3}
        source: our state"""
THIRD = {
    "withdrawal_potential": 1,
    "biomedical": 0,
    "emotional_behavioural_cognitive": 0,
    "readiness_to_change": 2,
    "relapse_potential": 0,
    "recovery_environment": 0,
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "world")
    yield made
    made.close()


def with_packs(world: World, folder: Path, rules: str, since: date | str = "2020-01-01") -> None:
    """From now on the service runs with this pack beside the shipped ones."""
    folder.mkdir(exist_ok=True)
    (folder / "ours.yaml").write_text(OURS.format(rules=rules, since=since))
    world.application = Enrollment(world.log, world.reader, world.vault, Packs.load(folder))


def scores(world: World, participant: UUID) -> list[tuple]:
    charted = world.chart(participant)["scores"]
    return [(one["score"], one["band"], one["scales"][0]["case"], one["change"]) for one in charted]


@pytest.mark.rule("instrument.phq_9")
def test_a_score_means_what_the_packs_of_its_day_say_and_stays_so(world, tmp_path):
    """Kroenke 2001; NHS Talking Therapies manual: a case from 10, six points of change; a program may differ."""
    with_packs(world, tmp_path / "packs", PHQ_OF_OURS, since=day(5).date())
    participant = world.a_participant()
    episode = UUID(world.admit(participant, world.a_track(packs=("ours", "program_default")))["episode_id"])
    world.do(commands.ScoreInstrument(episode, "phq_9", "admission", score=9))
    world.do(commands.ScoreInstrument(episode, "phq_9", "review", score=4))
    world.clock.set(day(6))
    decided = world.do(commands.ScoreInstrument(episode, "phq_9", "discharge", score=4)).body
    published = [(9, "mild", False, None), (4, "minimal", False, "no_reliable_change")]
    assert scores(world, participant) == [*published, (4, "fine", False, "improved")]
    assert decided["decided_by"] == [f"instrument.phq_9 of ours@{day(5).date()}"]
    told = world.told("instrument_scored")
    assert told[0]["decided_by"] == ["instrument.phq_9 of published_scales@2000-01-01"]
    with_packs(world, tmp_path / "packs", PHQ_OF_OURS.replace("reliable_change: 5", "reliable_change: 25"))
    assert scores(world, participant) == [*published, (4, "fine", False, "improved")]


@pytest.mark.rule("assessment.asam_dimensions")
@pytest.mark.rule("assessment.asam_considerations")
def test_ratings_that_a_level_can_serve_are_the_packs_and_an_assessment_stays_as_it_was_judged(world, tmp_path):
    """The ASAM Criteria, 3rd edition: six dimensions; a state may ask for more, and the strictest of each holds."""
    participant, track = world.a_participant(), world.a_track(packs=("asam_2_1", "program_default"))
    command = commands.AssessLevelOfCare(participant, "asam", THIRD, "adult", track_id=track)
    first = world.do(command).body
    assert first["supports_admission"] and first["decided_by"][1] == "assessment.asam_dimensions of asam_2_1@2013-10-24"
    with_packs(world, tmp_path / "packs", ASAM_OF_OURS)
    stricter = world.a_track(packs=("asam_2_1", "ours"))
    command = commands.AssessLevelOfCare(participant, "asam", THIRD, "adult", track_id=stricter)
    second = world.do(command).body
    assert not second["supports_admission"]
    assert set(second["not_met"]) >= {"withdrawal_manageable_outpatient", "readiness_needs_structure"}
    assessed = {one["assessment_id"]: one["supports_admission"] for one in world.chart(participant)["assessments"]}
    assert assessed == {str(first["assessment_id"]): True, str(second["assessment_id"]): False}


def test_packs_of_another_edition_have_no_say():
    packs = Packs.load()
    edition, decided_by = asam_by(packs, packs.in_force(("asam_2_1", "asam_2_1_4th"), date(2026, 3, 2)), "adult")
    assert (edition.name, len(edition.rules), edition.considerations) == ("asam_3rd", 6, ())
    assert all("4th" not in one for one in decided_by)


@pytest.mark.rule("items_left_out")
def test_items_left_out():
    """Fairburn and Beglin 2008, EDE-Q 6.0: the mean of the items rated, if more than half of a subscale's were."""
    answers = [3] * 28
    answers[0] = answers[1] = None
    answers[2:5] = [6, 3, 3]
    scored = {one.scale: one.score for one in result(EDE_Q, answers).scales}
    assert (scored["restraint"], scored["eating_concern"], scored["global"]) == (4, 3, 3.25)
    answers[2] = None
    with pytest.raises(AnswersOutOfRange, match="more than half of the 5 items of restraint"):
        result(EDE_Q, answers)
    half = [3] * 28
    half[5] = half[9] = half[10] = half[22] = None
    with pytest.raises(AnswersOutOfRange, match="more than half of the 8 items of shape_concern"):
        result(EDE_Q, half)
    with pytest.raises(AnswersOutOfRange, match="item 3 was left out; phq_9"):
        result(PHQ_9, [0, 0, None, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("instrument.phq_9: {value: [{scale: whole}], source: x}", "has a scale whole; known are total"),
        ("instrument.phq_9: {value: [{scale: total}], source: x}", "has no bands of total"),
        ("instrument.phq_9: {value: [{scale: total, bands: {a: 1}}], source: x}", "do not ascend from 0"),
        ("instrument.phq_9: {value: [{scale: total, bands: {a: 0, b: 5, c: 5}}], source: x}", "do not ascend from 0"),
        ("instrument.phq_9: {value: [{scale: total, bands: {a: 0}, cases: 1}], source: x}", "has cases of total"),
        ("instrument.phq_9: {value: [{scale: total, bands: {a: 0}, caseness: x}], source: x}", "is no number"),
        ("instrument.phq_9: {value: {total: 1}, source: x}", "by age group"),
        ("instrument.phq_9: {value: [], source: x}", "is not a list of at least one scale"),
        (
            "assessment.asam_dimensions: {value: [{dimension: biomedical}], source: x}",
            "has biomedical without criterion or at_most",
        ),
        (
            "assessment.asam_dimensions: {value: [{dimension: biomedical, criterion: c, at_most: 5}], source: x}",
            "not 0 to 4",
        ),
    ],
)
def test_a_bad_standard_names_file_key_and_reason(tmp_path, rules, reason):
    (tmp_path / "ours.yaml").write_text(OURS.format(rules=rules, since="2020-01-01"))
    with pytest.raises(PackError) as refused:
        Packs.load(tmp_path)
    assert "ours.yaml: editions[0].rules." in str(refused.value) and reason in str(refused.value)
