"""A level-of-care assessment: an assessor's answers, and the decision with the criteria met and not met."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.enrollment.domain.criteria import Finding


class LevelOfCareAssessment(Aggregate):
    TOPIC = "enrollment.level_of_care_assessment"

    class Created(Aggregate.Created):
        """``answers``: per criterion or dimension. ``rationale``: the assessor's words, per answer."""

        TOPIC = "enrollment.level_of_care_assessment.assessed"
        PERSONAL = ("rationale",)
        participant_id: UUID
        kind: str
        edition: str
        answers: Mapping[str, int]
        rationale: Any
        met: tuple[str, ...]
        not_met: tuple[str, ...]
        supports_admission: bool
        level_of_care: str
        age_group: str
        assessor: str
        assessed_at: datetime
        decided_by: tuple[str, ...] = ()
        """``PARAMETER of PACK`` of what the packs said about the edition and its ratings."""

    @classmethod
    def complete(
        cls,
        assessment_id: UUID,
        participant_id: UUID,
        *,
        kind: str,
        answers: Mapping[str, int],
        rationale: Mapping[str, str],
        finding: Finding,
        decided_by: tuple[str, ...],
        age_group: str,
        assessor: str,
        at: datetime,
    ) -> "LevelOfCareAssessment":
        return cls._create(
            cls.Created,
            id=assessment_id,
            timestamp=at,
            participant_id=participant_id,
            kind=kind,
            edition=finding.edition,
            answers={name: int(answer) for name, answer in answers.items()},
            rationale=rationale,
            met=finding.met,
            not_met=finding.not_met,
            supports_admission=finding.supports_admission,
            level_of_care=finding.level_of_care,
            age_group=age_group,
            assessor=assessor,
            assessed_at=at,
            decided_by=decided_by,
        )

    @event(Created)
    def __init__(
        self,
        participant_id: UUID,
        supports_admission: bool,
        not_met: tuple[str, ...],
        level_of_care: str,
        age_group: str,
    ) -> None:
        self.participant_id = participant_id
        self.supports_admission = supports_admission
        self.level_of_care = level_of_care
        self.age_group = age_group
        self.not_met = not_met
