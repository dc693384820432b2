"""What every statement about a participant is made of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Identifier:
    """A hospital number without the number: authority, keyed hash, and the number sealed for the participant."""

    authority: str
    lookup: str
    number: str | None


@dataclass(frozen=True)
class Problem:
    """As published. ``display`` was told once and is none since: senders write there what they like."""

    code: str
    system: str
    display: str | None = None


@dataclass(frozen=True)
class Told:
    """What every statement about a participant has: whom it concerns, when its sender made it, when it was applied."""

    participant_id: UUID
    stated_at: datetime | None
    at: datetime

    @property
    def fields(self) -> dict[str, Any]:
        return {"participant_id": self.participant_id, "stated_at": self.stated_at, "timestamp": self.at}
