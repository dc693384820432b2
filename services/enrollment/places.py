"""Where the sealed columns of enrollment's views were sealed: column → event and field. A value that was moved to
another column, or to somebody else's row, is not opened."""

from collections.abc import Mapping

SEALED: Mapping[str, frozenset[str]] = {
    "reason": frozenset({"enrollment.referral.participant_referred.reason"}),
    "rationale": frozenset({"enrollment.level_of_care_assessment.assessed.rationale"}),
    "override_reason": frozenset({"enrollment.episode.opened.override_reason"}),
    "discharge_override": frozenset({"enrollment.episode.participant_discharged.override_reason"}),
    "plan_after": frozenset({"enrollment.episode.participant_discharged.plan_after"}),
    "answers": frozenset({"enrollment.follow_up.instrument_scored.answers"}),
    "text": frozenset({"enrollment.plan_of_care.goal_set.text", "enrollment.plan_of_care.goal_revised.text"}),
    "note": frozenset({"enrollment.plan_of_care.reviewed.note", "enrollment.follow_up.discharge_reviewed.note"}),
    "number": frozenset({"enrollment.coverage.authorization_recorded.number"}),
}
