"""Level-of-care criteria, and the person's identifiers."""

import pytest
from enrollment_standards import ASAM_3RD, ASAM_4TH
from enrollment_states import ANOTHER, PARTICIPANT, day, happened

from services.enrollment.domain.criteria import CLINICAL_ANSWERS, asam_finding, clinical_finding
from services.enrollment.domain.errors import (
    AssessmentIncomplete,
    ParticipantErased,
    RatingOutOfRange,
    UnknownCriterion,
)
from services.enrollment.domain.participant import Identifier, IdentifierClaim, Participant


def answers(*yes):
    return {name: name in yes for name in CLINICAL_ANSWERS}


def ratings(*values):
    return dict(zip(ASAM_3RD.asked, values, strict=True))


@pytest.mark.rule("a_need_and_no_exclusion")
@pytest.mark.parametrize("need", ["needs_more_than_outpatient", "step_down", "significant_distress_or_impairment"])
def test_one_need_without_exclusion_supports_admission(need):
    """42 CFR 410.44, 424.24(d); CMS-1786-FC."""
    finding = clinical_finding("mental_health", answers(need))
    assert finding.supports_admission
    assert need in finding.met
    assert finding.level_of_care == "mental_health_iop"


def test_no_need_does_not_support_admission():
    assert not clinical_finding("eating_disorder", answers()).supports_admission


@pytest.mark.rule("a_need_and_no_exclusion")
@pytest.mark.parametrize("exclusion", ["needs_24_hour_care", "acute_withdrawal", "imminent_risk"])
def test_an_exclusion_forbids_admission_and_is_named(exclusion):
    """42 CFR 410.44, 424.24(d); CMS-1786-FC."""
    finding = clinical_finding("mental_health", answers("step_down", exclusion))
    assert not finding.supports_admission
    assert f"no_{exclusion}" in finding.not_met


def test_every_criterion_is_answered_and_none_else():
    with pytest.raises(AssessmentIncomplete, match="step_down"):
        clinical_finding("mental_health", {k: v for k, v in answers().items() if k != "step_down"})
    with pytest.raises(UnknownCriterion, match="likes_it"):
        clinical_finding("mental_health", {**answers(), "likes_it": True})


def test_criteria_are_answered_true_or_false():
    with pytest.raises(RatingOutOfRange, match="step_down"):
        clinical_finding("mental_health", {**answers(), "step_down": 2})


@pytest.mark.rule("within_level_and_needed")
@pytest.mark.rule("assessment.asam_dimensions")
@pytest.mark.parametrize(
    ("rated", "supports"),
    [
        ((0, 0, 1, 2, 0, 0), True),
        ((1, 1, 2, 0, 0, 2), True),
        ((0, 0, 0, 1, 1, 1), False),
        ((2, 0, 1, 2, 2, 2), False),
        ((0, 2, 1, 2, 2, 2), False),
        ((0, 0, 3, 2, 2, 2), False),
        ((0, 0, 1, 2, 4, 2), False),
    ],
)
def test_asam_level_2_1_needs_structure_within_what_it_can_manage(rated, supports):
    """The ASAM Criteria, 3rd edition, level 2.1 dimensional admission criteria."""
    finding = asam_finding(ratings(*rated), ASAM_3RD)
    assert finding.supports_admission is supports
    assert (finding.level_of_care, finding.edition) == ("asam_2.1", "asam_3rd")
    assert finding.not_met or supports


def test_asam_names_the_criteria_met_and_not_met():
    finding = asam_finding(ratings(2, 0, 1, 2, 0, 0), ASAM_3RD)
    assert "withdrawal_manageable_outpatient" in finding.not_met
    assert "readiness_needs_structure" in finding.met
    assert "relapse_risk_needs_monitoring" in finding.not_met


FOURTH = {
    "intoxication_withdrawal_medications": 0,
    "biomedical": 0,
    "psychiatric_cognitive": 1,
    "substance_use_risks": 2,
    "recovery_environment": 1,
    "barriers_to_care": 1,
    "preferences_for_care": 0,
    "needs_motivational_enhancement": 1,
}


@pytest.mark.rule("within_level_and_needed")
@pytest.mark.rule("assessment.asam_considerations")
@pytest.mark.parametrize(
    ("changed", "supports"),
    [
        ({}, True),
        ({"substance_use_risks": 1}, False),
        ({"substance_use_risks": 1, "recovery_environment": 2}, True),
        ({"substance_use_risks": 4}, False),
        ({"biomedical": 2}, False),
        ({"needs_motivational_enhancement": 0, "barriers_to_care": 0}, True),
    ],
)
def test_asam_4th_edition_has_five_dimensions_and_considerations_that_decide_nothing(changed, supports):
    """The ASAM Criteria, 4th edition: readiness is folded into the other dimensions, person-centred considerations
    shape the care."""
    finding = asam_finding({**FOURTH, **changed}, ASAM_4TH)
    assert (finding.supports_admission, finding.edition, finding.level_of_care) == (supports, "asam_4th", "asam_2.1")


def test_asam_4th_edition_names_the_criteria_met_and_not_met():
    finding = asam_finding(FOURTH, ASAM_4TH)
    assert "use_risks_need_monitoring" in finding.met
    assert "environment_needs_structure" in finding.not_met


@pytest.mark.rule("assessment.asam_edition")
def test_each_asam_edition_asks_for_its_own_dimensions():
    """The ASAM Criteria, 3rd and 4th edition: six dimensions, and five with considerations."""
    with pytest.raises(UnknownCriterion, match="readiness_to_change"):
        asam_finding({**FOURTH, "readiness_to_change": 1}, ASAM_4TH)
    with pytest.raises(AssessmentIncomplete, match="preferences_for_care"):
        asam_finding({name: one for name, one in FOURTH.items() if name != "preferences_for_care"}, ASAM_4TH)
    with pytest.raises(RatingOutOfRange, match="0 to 1"):
        asam_finding({**FOURTH, "barriers_to_care": 2}, ASAM_4TH)


def test_asam_dimensions_are_rated_0_to_4():
    with pytest.raises(RatingOutOfRange, match="biomedical"):
        asam_finding(ratings(0, 5, 0, 0, 0, 0), ASAM_3RD)


def number(lookup):
    return Identifier("GENERAL", lookup, "sealed:1:x:y")


def a_participant():
    participant = Participant.register(
        PARTICIPANT, person={"family": "X"}, identifiers=[number("a")], name_lookup="n", source="staff", at=day(0)
    )
    participant.collect_events()
    return participant


def test_a_known_identifier_is_not_added_again():
    participant = a_participant()
    participant.add_identifiers([number("a")], day(1))
    assert happened(participant) == []
    participant.add_identifiers([number("b"), number("b")], day(1))
    assert [one.lookup for one in participant.identifiers] == ["a", "b"]


def test_a_suspected_duplicate_is_noted_once():
    participant = a_participant()
    participant.suspect_duplicate(ANOTHER, "c", day(1))
    participant.suspect_duplicate(ANOTHER, "c", day(2))
    assert happened(participant) == ["DuplicateSuspected"]


def test_nothing_is_added_to_an_erased_participant():
    participant = a_participant()
    participant.erase("request", day(1))
    with pytest.raises(ParticipantErased):
        participant.add_identifiers([number("b")], day(2))
    with pytest.raises(ParticipantErased):
        participant.update_person({"family": "Y"}, [], "n", "staff", day(2))


def test_a_number_keeps_its_owner_until_released():
    claim = IdentifierClaim.claim("a", PARTICIPANT, day(0))
    claim.claim_again(ANOTHER, day(1))
    assert claim.participant_id == PARTICIPANT
    claim.release(day(2))
    claim.claim_again(ANOTHER, day(3))
    assert claim.participant_id == ANOTHER
