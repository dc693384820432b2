"""A referral: somebody asks the program to take a person on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

URGENCIES = ("routine", "urgent", "emergency")


@dataclass(frozen=True)
class Problem:
    """A diagnosis as the referrer codes it."""

    code: str
    system: str
    display: str | None


class Referral(Aggregate):
    TOPIC = "enrollment.referral"

    class Created(Aggregate.Created):
        TOPIC = "enrollment.referral.participant_referred"
        PERSONAL = ("reason",)
        participant_id: UUID
        source: str
        urgency: str
        reason: Any
        from_level_of_care: str | None
        problems: tuple[Problem, ...]
        referred_at: datetime

    @classmethod
    def receive(
        cls,
        referral_id: UUID,
        participant_id: UUID,
        *,
        source: str,
        urgency: str,
        reason: str | None,
        from_level_of_care: str | None,
        problems: Sequence[Problem],
        at: datetime,
        referred_at: datetime | None = None,
    ) -> "Referral":
        """``referred_at``: when the referrer wrote it, where that is not now."""
        return cls._create(
            cls.Created,
            id=referral_id,
            timestamp=at,
            participant_id=participant_id,
            source=source,
            urgency=urgency,
            reason=reason,
            from_level_of_care=from_level_of_care,
            problems=tuple(problems),
            referred_at=referred_at or at,
        )

    @event(Created)
    def __init__(self, participant_id: UUID) -> None:
        self.participant_id = participant_id
