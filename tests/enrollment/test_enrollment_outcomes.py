"""The program report: how participants fare from admission to discharge."""

from typing import Any
from uuid import UUID

import pytest
from enrollment_standards import BAM, EDE_Q, PHQ_9
from enrollment_states import day
from enrollment_world import World
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.domain import commands
from services.enrollment.domain.outcomes import SMALL_CELL, Course, diagnosis_group, outcome
from services.enrollment.domain.planned_care import Diagnosis
from services.enrollment.service import EnrollmentService
from services.platform.web import routes

TOTAL = PHQ_9.lead
SCORE = st.none() | st.integers(0, 27)


def course(first, last, scale=TOTAL) -> Course:
    """As the shipped packs judge it."""
    cases = (None if score is None else scale.case(score) for score in (first, last))
    return Course(first, last, *cases, scale.reliable_change)


def an_episode(world: World, track: UUID, code: str | None, *scores: tuple[str, str, Any]) -> UUID:
    """Discharged, with these scores: instrument, occasion, and total or scores by scale."""
    episode = UUID(world.admit(world.a_participant(), track)["episode_id"])
    if code is not None:
        world.plan(episode, diagnoses=(Diagnosis(code, "icd-10-cm"),))
    for instrument, occasion, told in scores:
        given = {"scores": told} if isinstance(told, dict) else {"score": told}
        world.do(commands.ScoreInstrument(episode, instrument, occasion, **given))
    world.do(commands.DischargeParticipant(episode, "administrative"))
    return episode


def cells(world: World, **params: Any) -> dict[tuple[str, str, str], dict[str, Any]]:
    found = world.ask("outcomes", **params)["outcomes"]
    return {(one["diagnosis_group"], one["instrument"], one["scale"]): one for one in found}


def test_effect_size_is_d_av():
    """Lakens 2013, formula 10: mean difference by the mean of both SDs. Here 8 / ((4 + 2) / 2) = 2.67."""
    figures = outcome(TOTAL, [course(14, 8), course(18, 10), course(22, 12)])
    assert (figures.mean_at_admission, figures.mean_at_discharge) == (18, 10)
    assert (figures.sd_at_admission, figures.sd_at_discharge, figures.effect_size) == (4, 2, 2.67)


def test_more_protection_is_an_effect_above_zero():
    """VA CESATE: protective factors are better where higher."""
    protective = BAM.scale("protective")
    assert outcome(protective, [course(8, 12, protective), course(10, 16, protective)]).effect_size > 0
    assert outcome(BAM.lead, [course(8, 12), course(10, 16)]).effect_size < 0


def test_no_effect_size_of_fewer_than_two_or_of_equals():
    assert outcome(TOTAL, [course(18, 10)]).effect_size is None
    assert outcome(TOTAL, [course(18, 10), course(18, 10)]).effect_size is None


def test_reliable_change_is_counted_and_who_has_no_second_score():
    """NHS Talking Therapies manual: PHQ-9 6 points; caseness 10."""
    courses = [course(18, 12), course(18, 13), course(8, 14), course(20, None), course(None, 3), course(None, None)]
    figures = outcome(TOTAL, courses)
    assert (figures.improved, figures.unchanged, figures.worsened) == (1, 1, 1)
    assert (figures.episodes, figures.pairs, figures.no_second_score, figures.no_first_score) == (5, 3, 1, 1)
    assert (figures.cases_at_admission, figures.cases_at_discharge) == (2, 3)


def test_no_reliable_change_is_counted_without_a_source():
    figures = outcome(EDE_Q.lead, [course(4.2, 1.1, EDE_Q.lead)])
    assert (figures.improved, figures.unchanged, figures.worsened) == (None, None, None)
    assert (figures.cases_at_admission, figures.cases_at_discharge) == (1, 0)


def test_a_small_cell_is_marked_and_not_suppressed():
    """CMS cell size suppression policy: fewer than 11."""
    small, large = ([course(18, 10)] * n for n in (SMALL_CELL - 1, SMALL_CELL))
    assert outcome(TOTAL, small).small_cell
    assert outcome(TOTAL, small).mean_at_admission == 18
    assert not outcome(TOTAL, large).small_cell


@given(st.lists(st.builds(course, SCORE, SCORE)))
def test_every_measured_episode_is_counted_once(courses):
    figures = outcome(TOTAL, courses)
    assert figures.episodes == sum(one != course(None, None) for one in courses)
    assert figures.pairs + figures.no_second_score + figures.no_first_score == figures.episodes
    counted = (figures.improved, figures.unchanged, figures.worsened)
    assert sum(map(int, counted)) == figures.pairs if figures.episodes else counted == (None, None, None)


@given(st.lists(st.builds(course, st.integers(0, 27), st.integers(0, 27)), min_size=2))
def test_the_way_back_has_the_opposite_effect(courses):
    there, back = outcome(TOTAL, courses), outcome(TOTAL, [course(one.last, one.first) for one in courses])
    assert (there.improved, there.worsened) == (back.worsened, back.improved)
    if there.effect_size is None:
        assert back.effect_size is None
    else:
        assert back.effect_size == pytest.approx(-there.effect_size, abs=0.011)


@pytest.mark.parametrize(
    ("codes", "group"),
    [
        (("F33.1", "F10.20"), "mood"),
        (("f10.20",), "substance_use"),
        (("F19.99",), "substance_use"),
        (("F25.0",), "psychotic"),
        (("F43.10",), "anxiety_and_stress"),
        (("F50.2",), "eating"),
        (("F51.01",), "other"),
        (("F60.3",), "personality"),
        (("Z63.0",), "other"),
        ((), "unknown"),
    ],
)
def test_a_diagnosis_group_is_the_block_of_the_principal_diagnosis(codes, group):
    """ICD-10-CM, chapter 5."""
    assert diagnosis_group(codes) == group


def test_the_report_is_by_track_and_diagnosis_group(world):
    adults, others = world.a_track(limit=9), world.a_track(limit=9)
    for first, last in ((18, 10), (20, 8)):
        an_episode(world, adults, "F33.1", ("phq_9", "admission", first), ("phq_9", "discharge", last))
    an_episode(world, adults, None, ("phq_9", "admission", 15), ("phq_9", "review", 2))
    before, after = {"use": 9, "risk": 14, "protective": 8}, {"use": 0, "risk": 6, "protective": 18}
    an_episode(world, others, "F10.20", ("bam", "admission", before), ("bam", "discharge", after))
    found = cells(world)
    assert len(found) == 5
    mood = cells(world, track_id=adults)["mood", "phq_9", "total"]
    assert (mood["track_id"], mood["track"], mood["pairs"]) == (str(adults), "Adult mental health", 2)
    assert (mood["mean_at_admission"], mood["mean_at_discharge"], mood["improved"]) == (19, 9, 2)
    unknown = found["unknown", "phq_9", "total"]
    assert (unknown["pairs"], unknown["no_second_score"], unknown["small_cell"]) == (0, 1, True)
    assert list(cells(world, track_id=others)) == [
        ("substance_use", "bam", scale) for scale in ("use", "risk", "protective")
    ]


def test_who_is_still_in_care_is_not_in_the_report(world):
    episode = UUID(world.admit(world.a_participant(), world.a_track())["episode_id"])
    world.do(commands.ScoreInstrument(episode, "phq_9", "admission", score=18))
    world.do(commands.ScoreInstrument(episode, "phq_9", "discharge", score=4))
    assert cells(world) == {}


def test_the_first_score_at_admission_counts_and_the_last_at_discharge(world):
    scores = (("admission", 20), ("admission", 11), ("discharge", 9), ("discharge", 7))
    an_episode(world, world.a_track(), "F33.1", *(("phq_9", occasion, score) for occasion, score in scores))
    found = cells(world)["mood", "phq_9", "total"]
    assert (found["mean_at_admission"], found["mean_at_discharge"]) == (20, 7)


def test_the_report_is_told_as_of_any_time(world):
    track = world.a_track(limit=9)
    an_episode(world, track, "F33.1", ("phq_9", "admission", 18), ("phq_9", "discharge", 10))
    then = world.ask("outcomes")
    world.clock.set(day(5))
    an_episode(world, track, "F33.1", ("phq_9", "admission", 18), ("phq_9", "discharge", 10))
    assert cells(world)["mood", "phq_9", "total"]["pairs"] == 2
    assert world.ask("outcomes", as_of=then["position"]) == then


def test_program_figures_are_for_coordinators_and_auditors():
    report = next(route for route in routes(EnrollmentService) if route.name == "outcomes")
    assert report.roles == {"coordinator", "auditor"}
