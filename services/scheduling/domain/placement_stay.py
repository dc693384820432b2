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
    """Admission, suspensions, transfers and discharge of an episode, as far as they were told."""

    admitted_at: datetime | None = None
    discharged_at: datetime | None = None
    suspensions: Mapping[UUID, Suspension] = field(default_factory=dict)
    transfers: Mapping[datetime, tuple[UUID, UUID]] = field(default_factory=dict)
    """From when on → the track left and the track joined."""

    def suspension(self, suspension_id: UUID) -> Suspension:
        return self.suspensions.get(suspension_id, Suspension())

    def with_suspension(self, suspension_id: UUID, suspension: Suspension) -> "Stay":
        return replace(self, suspensions={**self.suspensions, suspension_id: suspension})

    def with_transfer(self, effective_at: datetime, from_track_id: UUID, track_id: UUID) -> "Stay":
        return replace(self, transfers={**self.transfers, effective_at: (from_track_id, track_id)})

    def joined(self) -> UUID | None:
        """The track of the last transfer; None where there was none."""
        return self.transfers[max(self.transfers)][1] if self.transfers else None

    def has_left(self, track_id: UUID, instant: datetime) -> bool:
        """Whether a transfer led out of this track by that time, and none back into it."""
        past = [self.transfers[one] for one in sorted(self.transfers) if one <= instant]
        return any(left == track_id for left, _ in past) and past[-1][1] != track_id

    def check_track(self, track_id: UUID, instant: datetime) -> None:
        """Raises ``ParticipantNotPlaceable`` for a session of a track that was left by that time."""
        if self.has_left(track_id, instant):
            raise ParticipantNotPlaceable("the participant was transferred to another track by that time")

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
