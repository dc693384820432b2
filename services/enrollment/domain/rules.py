"""The rules of assessing, measuring and disclosing as named values. Their numbers come from the rule packs in force."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NamedRule:
    """What a rule says and where it comes from. Its number, if any, is in the packs."""

    name: str
    says: str
    source: str


A_NEED_AND_NO_EXCLUSION = NamedRule(
    "a_need_and_no_exclusion",
    "Mental health conditions and eating disorders: at least one need (more than outpatient, step-down, significant "
    "distress or impairment) and no exclusion (24-hour care, acute withdrawal, imminent risk) support admission.",
    "42 CFR 410.44, 424.24(d); CMS-1786-FC; program practice",
)
WITHIN_LEVEL_AND_NEEDED = NamedRule(
    "within_level_and_needed",
    "ASAM level 2.1: all dimensions within what the level can serve, and at least one of those that speak for it rated "
    "as needing its structure. Person-centred considerations decide nothing.",
    "The ASAM Criteria, 3rd and 4th edition, level 2.1 dimensional admission criteria",
)
SAFETY_ITEM = NamedRule(
    "safety_item",
    "PHQ-9: item 9 above 0 is a safety trigger, whatever the total; so is a total told alone that needs it above 0 "
    "(25 to 27, of which the other eight items make at most 24).",
    "Kroenke, Spitzer and Williams 2001; program practice",
)
NO_VALID_TOTAL = NamedRule(
    "no_valid_total",
    "BAM and BAM-IOP have three subscales and no valid total: Use 4 to 6; Risk 1, 2, 3, 8, 11, 15; Protective 9, 10, "
    "12, 13, 14, 16.",
    "Cacciola et al. 2013; VA CESATE, BAM scoring and clinical guidelines",
)
ITEMS_LEFT_OUT = NamedRule(
    "items_left_out",
    "EDE-Q: a subscale of which more than half of the items were rated is the mean of those; else it is not scored, "
    "and neither is the global score, the mean of all four. Other instruments are scored from all their answers.",
    "Fairburn and Beglin 2008, EDE-Q 6.0 scoring",
)
RELIABLE_CHANGE = NamedRule(
    "reliable_change",
    "A change since admission counts from the points that held when the later score was taken; less is no reliable "
    "change, and where no source states the points there is no verdict.",
    "NHS Talking Therapies manual (PHQ-9 6, GAD-7 4)",
)
MEASURED_AT_ADMISSION = NamedRule(
    "measured_at_admission",
    "An instrument is due reassessment.days_after_admission from the admission, where none was answered at intake.",
    "DC Municipal Regulations 22-A §6329; domain.md: measure at admission; program practice",
)
MEASURED_AT_EVERY_REVIEW = NamedRule(
    "measured_at_every_review",
    "An instrument is due with every review of the plan of care. What one review lacked stays due; done late, the next "
    "is due plan_review.days from then.",
    "domain.md: measure at every review; program practice",
)
MEASURED_BEFORE_DISCHARGE = NamedRule(
    "measured_before_discharge",
    "An instrument is due reassessment.days_before_discharge from the review that plans the discharge, and is "
    "withdrawn where the next one does not.",
    "DC Municipal Regulations 22-A §6329; domain.md: measure before discharge; program practice",
)
CERTIFIED_UPON_ADMISSION = NamedRule(
    "certified_upon_admission",
    "The first certification is due certification.first_days from the admission, each further one certification.days "
    "from the one before, however late that was.",
    "42 CFR 424.24(d)(1), (3)(ii); Medicare Benefit Policy Manual (100-02) chapter 6",
)
CERTIFIED_BY_A_PHYSICIAN = NamedRule(
    "certified_by_a_physician",
    "Who certifies is a prescriber by the token and says as what; where the packs name professions it is one of them. "
    "What was not said is shown as not said.",
    "42 CFR 424.24(b), (d): a physician certifies and recertifies",
)
CONSENT_ALLOWS = NamedRule(
    "consent_allows",
    "A consent allows to tell whom it names what it names for the purpose that it names, from when it was signed until "
    "the end of its last local day or its revocation, whichever is first; at that instant it allows nothing any more.",
    "42 CFR 2.31(a)",
)
REDISCLOSURE_NOTICE = NamedRule(
    "redisclosure_notice",
    "What a consent allows to be disclosed is accompanied by the notice that it must not be disclosed further.",
    "42 CFR 2.32(a)(2)",
)
NAMED_RULES = (
    A_NEED_AND_NO_EXCLUSION,
    WITHIN_LEVEL_AND_NEEDED,
    SAFETY_ITEM,
    NO_VALID_TOTAL,
    ITEMS_LEFT_OUT,
    RELIABLE_CHANGE,
    MEASURED_AT_ADMISSION,
    MEASURED_AT_EVERY_REVIEW,
    MEASURED_BEFORE_DISCHARGE,
    CERTIFIED_UPON_ADMISSION,
    CERTIFIED_BY_A_PHYSICIAN,
    CONSENT_ALLOWS,
    REDISCLOSURE_NOTICE,
)
"""All of them, for those who list rules."""
