"""What can be asked of curricula, and what attendance tells that bears on them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.scheduling.domain.curriculum import Topic


@dataclass(frozen=True)
class AdoptCurriculum:
    """``topics`` in the order in which they are taught."""

    track_id: UUID
    edition: str
    topics: tuple[Topic, ...]


@dataclass(frozen=True)
class PlanTopics:
    """The series' sessions from a day on (today where left out) get the topics in the curriculum's order, beginning
    with ``first``, a code, or with the curriculum's first."""

    series_id: UUID
    from_date: date | None
    first: str | None


@dataclass(frozen=True)
class NoteAttendance:
    """What came of a booking in psychoeducation, as attendance told it for the first time or corrected."""

    participant_id: UUID
    episode_id: UUID
    booking_id: UUID
    session_id: UUID
    status: str
    minutes: int


@dataclass(frozen=True)
class JudgeTopicsAgain:
    track_id: UUID
