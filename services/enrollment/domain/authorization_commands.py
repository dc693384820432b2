"""What payers authorize, and what counts against it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.enrollment.domain.coverage import AuthorizationTold


@dataclass(frozen=True)
class RecordAuthorization:
    """A payer's authorization; with the id of one that is known, its correction."""

    episode_id: UUID
    told: AuthorizationTold
    authorization_id: UUID | None = None


@dataclass(frozen=True)
class CountBillableDay:
    """Attendance's verdict on a local day of service."""

    participant_id: UUID
    episode_id: UUID
    date: date
    billable: bool
    revision: int


@dataclass(frozen=True)
class ExpireAuthorization:
    """The last day of an authorization is over."""

    episode_id: UUID
    authorization_id: UUID
    through_date: date
