"""When a placement is open: the verdict that follows from what was told, whatever the order in which it came."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.scheduling.domain.errors import ParticipantNotPlaceable


@dataclass(frozen=True)
class Suspension:
    """From when until when; ``cancelled``: it never was. Unknown instants are those nobody has told of yet."""

    suspended_at: datetime | None = None
    resumed_at: datetime | None = None
    cancelled: bool = False

    def takes(self, instant: datetime) -> bool:
        """Whether a booking for that time that it freed stays freed: what a resumption ends is not given back."""
        return not self.cancelled and self.suspended_at is not None and self.suspended_at <= instant

    def covers(self, instant: datetime) -> bool:
        """Whether no booking is possible at that time."""
        return self.takes(instant) and (self.resumed_at is None or instant < self.resumed_at)

    def begun(self, suspended_at: datetime) -> "Suspension":
        """With its beginning as told last. One that was cancelled holds again, and what ended it is told anew."""
        held = Suspension() if self.cancelled and self.suspended_at is not None else self
        return replace(held, suspended_at=suspended_at)


@dataclass(frozen=True)
class Stay:
    """Admission, suspensions and discharge of an episode, as far as they were told."""

    admitted_at: datetime | None = None
    discharged_at: datetime | None = None
    suspensions: Mapping[UUID, Suspension] = field(default_factory=dict)

    def suspension(self, suspension_id: UUID) -> Suspension:
        return self.suspensions.get(suspension_id, Suspension())

    def with_suspension(self, suspension_id: UUID, suspension: Suspension) -> "Stay":
        return replace(self, suspensions={**self.suspensions, suspension_id: suspension})

    def check_placeable(self, instant: datetime) -> None:
        """Raises ``ParticipantNotPlaceable`` saying why no booking is possible at that time."""
        why = None
        if self.admitted_at is None:
            why = "not admitted yet"
        elif instant < self.admitted_at:
            why = "not admitted before that time"
        elif self.discharged_at is not None and instant >= self.discharged_at:
            why = "discharged by that time"
        elif any(suspension.covers(instant) for suspension in self.suspensions.values()):
            why = "suspended at that time"
        if why is not None:
            raise ParticipantNotPlaceable(f"the participant has no open placement: {why}")

    def is_placeable(self, instant: datetime) -> bool:
        try:
            self.check_placeable(instant)
        except ParticipantNotPlaceable:
            return False
        return True
