"""What can be asked about the end of a series."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class EndSeries:
    """Nothing of the series takes place that is planned for ``from_date`` (a local day; today where left out) or later.
    ``reason``: a code such as group_closed."""

    series_id: UUID
    reason: str
    from_date: date | None = None


@dataclass(frozen=True)
class CancelEndedSession:
    """By scheduling itself, for each session that the end of its series found."""

    session_id: UUID
    reason: str
