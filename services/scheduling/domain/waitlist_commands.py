"""Waiting for a seat: who joins and leaves a waitlist, when to look for seats again, and when waiting ends."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class WaitForSession:
    """For a seat in this session. ``priority``: 1 before 2."""

    session_id: UUID
    participant_id: UUID
    episode_id: UUID | None = None
    priority: int = 3


@dataclass(frozen=True)
class WaitForSeries:
    """For a seat in each session of the series that is scheduled and to come."""

    series_id: UUID
    participant_id: UUID
    episode_id: UUID | None = None
    priority: int = 3


@dataclass(frozen=True)
class StopWaitingForSession:
    session_id: UUID
    episode_id: UUID


@dataclass(frozen=True)
class StopWaitingForSeries:
    series_id: UUID
    episode_id: UUID


@dataclass(frozen=True)
class PromoteWaiting:
    """A seat in the session can be had, or somebody has begun to wait for one."""

    session_id: UUID


@dataclass(frozen=True)
class PromoteIntoSeries:
    """Somebody has begun to wait for the series."""

    series_id: UUID


@dataclass(frozen=True)
class TryWaitsAgain:
    """The participant may be able to take now what they wait for."""

    episode_id: UUID


@dataclass(frozen=True)
class EndSessionWaits:
    """The session begins."""

    session_id: UUID


@dataclass(frozen=True)
class EndSeriesWait:
    """The last session of the series that the placement waits for begins."""

    series_id: UUID
    episode_id: UUID
