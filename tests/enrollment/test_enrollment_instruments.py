"""Instruments: scores from answers or as told, bands, caseness, and the change that counts."""

from uuid import UUID

import pytest
from enrollment_standards import BAM, BAM_IOP, EDE_Q, GAD_7, INSTRUMENTS, PHQ_9, WHODAS_12
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.enrollment import schemas
from services.enrollment.domain import commands
from services.enrollment.domain.errors import (
    AnswersNotTaken,
    AnswersOrScore,
    AnswersOutOfRange,
    NoValidTotal,
    ScalesIncomplete,
    ScoreOutOfRange,
)
from services.enrollment.domain.instruments import IMPROVED, UNCHANGED, WORSENED
from services.enrollment.domain.scoring import result

ANSWERED = [one for one in INSTRUMENTS.values() if one.items]
NOT_USED = {"use": 0, "risk": 11, "protective": 13}


def answers_of(instrument):
    return st.tuples(*(st.integers(0, instrument.answer_maximum(item)) for item in range(1, instrument.items + 1)))


def answered(instrument, **items):
    """All answers 0 except these: ``item_4=2``."""
    return [items.get(f"item_{item}", 0) for item in range(1, instrument.items + 1)]


def by_scale(scored):
    return {one.scale: one.score for one in scored.scales}


def bands(scored):
    return {one.scale: (one.band, one.case) for one in scored.scales}


@pytest.mark.rule("instrument.phq_9")
@pytest.mark.rule("instrument.gad_7")
@pytest.mark.rule("instrument.ede_q")
@pytest.mark.rule("instrument.whodas_12")
@pytest.mark.parametrize(
    ("instrument", "score", "band"),
    [
        (PHQ_9, 0, "minimal"),
        (PHQ_9, 4, "minimal"),
        (PHQ_9, 5, "mild"),
        (PHQ_9, 10, "moderate"),
        (PHQ_9, 15, "moderately_severe"),
        (PHQ_9, 20, "severe"),
        (PHQ_9, 27, "severe"),
        (GAD_7, 4, "minimal"),
        (GAD_7, 5, "mild"),
        (GAD_7, 10, "moderate"),
        (GAD_7, 15, "severe"),
        (EDE_Q, 2.29, "below_cut_offs"),
        (EDE_Q, 2.3, "community_cut_off"),
        (EDE_Q, 2.8, "clinical_cut_off"),
        (WHODAS_12, 19.99, "minimal"),
        (WHODAS_12, 20, "mild"),
        (WHODAS_12, 40, "moderate"),
        (WHODAS_12, 60, "severe"),
        (WHODAS_12, 80, "extreme"),
    ],
)
def test_severity_bands_begin_at_the_published_scores(instrument, score, band):
    """Kroenke 2001; Spitzer 2006; Mond 2004, 2008; WHODAS 2.0 by fifths."""
    assert result(instrument, score=score).band == band


@pytest.mark.rule("instrument.phq_9")
@pytest.mark.rule("instrument.gad_7")
@pytest.mark.rule("instrument.ede_q")
@pytest.mark.parametrize(("instrument", "least"), [(PHQ_9, 10), (GAD_7, 8), (EDE_Q, 2.8)])
def test_caseness_begins_at_the_cut_off(instrument, least):
    """NHS Talking Therapies manual: PHQ-9 10, GAD-7 8; Mond 2008: EDE-Q 2.80."""
    assert instrument.lead.case(least)
    assert not instrument.lead.case(least - (0.01 if instrument.lead.fractional else 1))
    assert WHODAS_12.lead.case(100) is None


@pytest.mark.rule("instrument.bam")
@pytest.mark.rule("instrument.bam_iop")
@pytest.mark.parametrize("instrument", [BAM, BAM_IOP])
def test_bam_has_three_subscales_with_a_cut_off_each(instrument):
    """VA CESATE: use 1 or more, risk 12 or more, protective 12 or less."""
    assert bands(result(instrument, scores=NOT_USED)) == {
        "use": ("no_use", False),
        "risk": ("lower", False),
        "protective": ("higher", False),
    }
    assert bands(result(instrument, scores={"use": 1, "risk": 12, "protective": 12})) == {
        "use": ("use", True),
        "risk": ("high", True),
        "protective": ("low", True),
    }


@pytest.mark.rule("no_valid_total")
def test_bam_subscales_are_sums_of_their_items():
    """VA CESATE: use 4+5+6; risk 1, 2, 3, 8, 11, 15; protective 9, 10, 12, 13, 14, 16; 7 and 17 in none."""
    parts = {"use": (4, 5, 6), "risk": (1, 2, 3, 8, 11, 15), "protective": (9, 10, 12, 13, 14, 16)}
    for item in range(1, 18):
        scored = by_scale(result(BAM, answered(BAM, **{f"item_{item}": 3})))
        assert scored == {name: 3 * (item in items) for name, items in parts.items()}


@pytest.mark.rule("no_valid_total")
def test_bam_has_no_valid_total():
    """VA CESATE: three subscales and no valid total."""
    with pytest.raises(NoValidTotal, match="use, risk, protective"):
        result(BAM, score=20)


def test_ede_q_global_is_the_mean_of_four_subscale_means():
    """Fairburn and Beglin 2008, EDE-Q 6.0; item 8 is in two subscales, items 13 to 18 are counts."""
    scored = by_scale(result(EDE_Q, answered(EDE_Q, item_1=6, item_8=4, item_13=28, item_19=3)))
    assert scored == {
        "global": 0.78,  # (1.2 + 0.6 + 0.5 + 0.8) / 4 = 0.775
        "restraint": 1.2,
        "eating_concern": 0.6,
        "shape_concern": 0.5,
        "weight_concern": 0.8,
    }


def test_ede_q_subscales_cover_the_rated_items():
    """EDE-Q 6.0: 22 rated items, of which one counts twice."""
    items = sorted(item for scale in EDE_Q.basic for item in scale.items)
    assert items == sorted([*(set(range(1, 29)) - set(EDE_Q.counted)), 8])


def test_ede_q_global_follows_from_told_subscales():
    told = {"restraint": 2, "eating_concern": 3, "shape_concern": 4, "weight_concern": 2.2}
    assert by_scale(result(EDE_Q, scores=told))["global"] == 2.8
    assert by_scale(result(EDE_Q, score=2.35)) == {"global": 2.35}
    with pytest.raises(ScalesIncomplete, match="restraint"):
        result(EDE_Q, scores={"restraint": 2})


def test_whodas_is_taken_as_a_score_only():
    """WHO: the items need permission."""
    with pytest.raises(AnswersNotTaken):
        result(WHODAS_12, [0] * 12)
    assert by_scale(result(WHODAS_12, score=20.83)) == {"percent": 20.83}


@pytest.mark.rule("safety_item")
def test_item_9_above_0_is_a_safety_trigger():
    """PHQ-9: thoughts of being better off dead."""
    assert result(PHQ_9, [0, 0, 0, 0, 0, 0, 0, 0, 1]).safety_trigger
    assert not result(PHQ_9, [3, 3, 3, 3, 3, 3, 3, 3, 0]).safety_trigger
    assert result(PHQ_9, score=12, safety_answer=2).safety_trigger
    with pytest.raises(AnswersOutOfRange, match="no safety item"):
        result(GAD_7, score=12, safety_answer=2)


@pytest.mark.rule("safety_item")
def test_a_total_that_the_other_items_cannot_make_up_is_a_safety_trigger_by_itself():
    """PHQ-9: eight items make at most 24, so a total of 25 has item 9 above 0, whoever left it out."""
    assert [result(PHQ_9, score=total).safety_trigger for total in (24, 25, 27)] == [False, True, True]
    assert not result(PHQ_9, score=24, safety_answer=0).safety_trigger
    for total, item_9 in ((25, 0), (27, 2)):
        with pytest.raises(ScoreOutOfRange, match="item 9"):
            result(PHQ_9, score=total, safety_answer=item_9)


def test_whether_item_9_is_known_is_told():
    assert result(PHQ_9, [0] * 9).safety_item_known
    assert result(PHQ_9, score=25).safety_item_known
    assert result(PHQ_9, score=12).safety_item_known is False
    assert result(GAD_7, [0] * 7).safety_item_known is None


@pytest.mark.parametrize("given", [[1] * 8, [1] * 10, [4, *[0] * 8], [-1, *[0] * 8]])
def test_answers_out_of_range_are_refused(given):
    with pytest.raises(AnswersOutOfRange):
        result(PHQ_9, given)


@pytest.mark.parametrize(
    ("instrument", "score"), [(PHQ_9, 28), (PHQ_9, 11.5), (GAD_7, 22), (EDE_Q, 6.1), (EDE_Q, -1), (WHODAS_12, 101)]
)
def test_scores_out_of_range_are_refused(instrument, score):
    with pytest.raises(ScoreOutOfRange):
        result(instrument, score=score)


def test_a_score_is_at_least_its_safety_answer():
    with pytest.raises(ScoreOutOfRange):
        result(PHQ_9, score=1, safety_answer=3)


def test_answers_or_score_or_scores_one_of_the_three():
    with pytest.raises(AnswersOrScore):
        result(PHQ_9)
    with pytest.raises(AnswersOrScore):
        result(PHQ_9, [0] * 9, 0)


@pytest.mark.rule("reliable_change")
@pytest.mark.rule("instrument.phq_9")
@pytest.mark.rule("instrument.gad_7")
@pytest.mark.parametrize(
    ("instrument", "first", "last", "change"),
    [
        (PHQ_9, 19, 13, IMPROVED),
        (PHQ_9, 19, 14, UNCHANGED),
        (PHQ_9, 8, 14, WORSENED),
        (GAD_7, 12, 8, IMPROVED),
        (GAD_7, 12, 9, UNCHANGED),
        (GAD_7, 8, 12, WORSENED),
    ],
)
def test_six_points_of_phq_9_and_four_of_gad_7_are_a_reliable_change(instrument, first, last, change):
    """NHS Talking Therapies manual."""
    assert instrument.lead.change(first, last) == change


@pytest.mark.rule("reliable_change")
@pytest.mark.rule("instrument.whodas_12")
@pytest.mark.parametrize(("first", "last", "change"), [(50, 32, IMPROVED), (50, 33, UNCHANGED), (30, 48, WORSENED)])
def test_eighteen_points_of_whodas_are_a_reliable_change(first, last, change):
    """PMC7649960: a minimal detectable change of 8.6 of 48 points, by 1.96 standard errors of a difference."""
    assert WHODAS_12.lead.reliable_change == pytest.approx(8.6 / 48 * 100, abs=0.1)
    assert WHODAS_12.lead.change(first, last) == change


@pytest.mark.parametrize("scale", [*BAM.scales, *EDE_Q.scales], ids=lambda scale: scale.name)
def test_no_change_is_called_reliable_without_a_source(scale):
    assert scale.change(0, scale.maximum) is None
    assert scale.gain(0, scale.maximum) == scale.maximum * (1 if scale.higher_is_better else -1)


@pytest.mark.parametrize("instrument", ANSWERED, ids=lambda one: one.name)
@given(data=st.data())
def test_any_answers_in_range_score_in_range(instrument, data):
    scored = result(instrument, data.draw(answers_of(instrument)))
    assert [one.scale for one in scored.scales] == [scale.name for scale in instrument.scales]
    for one in scored.scales:
        assert 0 <= one.score <= instrument.scale(one.scale).maximum
    assert scored.band in {name for _, name in instrument.lead.bands}


@pytest.mark.parametrize("instrument", ANSWERED, ids=lambda one: one.name)
@given(data=st.data())
def test_one_answer_higher_never_lowers_a_scale(instrument, data):
    answers = list(data.draw(answers_of(instrument)))
    at = data.draw(st.integers(0, instrument.items - 1))
    before = by_scale(result(instrument, answers))
    answers[at] = min(answers[at] + 1, instrument.answer_maximum(at + 1))
    after = by_scale(result(instrument, answers))
    assert all(after[name] >= before[name] for name in before)


@pytest.mark.parametrize("instrument", [PHQ_9, GAD_7, BAM], ids=lambda one: one.name)
@given(data=st.data())
def test_scores_as_told_mean_what_the_answers_mean(instrument, data):
    scored = result(instrument, data.draw(answers_of(instrument)))
    assert result(instrument, scores=by_scale(scored)).scales == scored.scales


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda one: one.name)
@given(data=st.data())
def test_change_reversed_is_the_opposite_change(instrument, data):
    scale = data.draw(st.sampled_from(instrument.scales))
    first, last = data.draw(st.tuples(*[st.integers(0, scale.maximum)] * 2))
    opposite = {IMPROVED: WORSENED, WORSENED: IMPROVED}
    there, back = scale.change(first, last), scale.change(last, first)
    assert back == opposite.get(there, there)
    assert scale.gain(first, last) == -scale.gain(last, first)


def test_every_subscale_is_told_and_charted_with_its_change(world):
    participant = world.a_participant()
    episode = UUID(world.admit(participant, world.a_track())["episode_id"])
    world.do(commands.ScoreInstrument(episode, "gad_7", "admission", answers=(2,) * 7))
    world.do(commands.ScoreInstrument(episode, "bam_iop", "admission", scores={**NOT_USED, "use": 5}))
    world.do(commands.ScoreInstrument(episode, "bam_iop", "discharge", scores={**NOT_USED, "protective": 20}))
    world.do(commands.ScoreInstrument(episode, "ede_q", "review", score=2.56))
    told = world.told("instrument_scored")
    assert [(one["instrument"], one["score"], one["band"]) for one in told] == [
        ("gad_7", 14, "moderate"),
        ("bam_iop", 5, "use"),
        ("bam_iop", 0, "no_use"),
        ("ede_q", 3, "community_cut_off"),
    ]
    (scored,) = told[-1]["scales"]
    assert scored == {
        "scale": "global", "score": 2.56, "band": "community_cut_off", "case": False, "reliable_change": None
    }  # fmt: skip
    charted = world.chart(participant)["scores"][2]
    assert [(one["scale"], one["points"], one["change"]) for one in charted["scales"]] == [
        ("use", -5, None),
        ("risk", 0, None),
        ("protective", 7, None),
    ]
    world.do(commands.DischargeParticipant(episode, "administrative"))
    last = world.chart(participant)["episodes"][0]["last_scores"]
    assert last == {"gad_7": 14, "bam_iop": 0, "ede_q": 2.56}


@pytest.mark.parametrize("score", ["12", True, None, "NaN", []])
def test_a_score_is_a_number(score):
    given = {"episode_id": "2c9d9e5e-51a0-4a59-9f3b-3c0e94c9a5c7", "instrument": "phq_9", "occasion": "review"}
    assert schemas.ScoreInstrumentSchema().load({**given, "score": 12}).score == 12
    with pytest.raises(ValidationError):
        schemas.ScoreInstrumentSchema().load({**given, "score": score})
