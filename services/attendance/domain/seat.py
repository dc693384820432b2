"""A place in a session, as scheduling told it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.attendance.domain.visits import Modality


@dataclass(frozen=True)
class Seat:
    """A place in one session, as scheduling told it."""

    session_id: UUID
    component: str
    modality: Modality
    starts_at: datetime
    ends_at: datetime
    local_date: date
    time_zone: str
