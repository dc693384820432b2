"""Absence policies: what has been reached by the sessions attended and missed. Pure: a function of the history alone.

So an excuse or a correction that arrives later takes back what it no longer supports, whenever it arrives.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from services.attendance.domain.rules import NamedRule

ABSENCE_STEPS = NamedRule(
    "absence_steps",
    "Each policy of the packs in force on the day of an absence is asked how many absences lie in its window up to and "
    "including this one; a step is reached by the first absence that makes as many as it asks for.",
    "programs' published absence policies: 3 unexcused; more than 6 in 12 weeks; attend at least 5 of 6",
)
SUSPENDED_NEVER_COUNTS = NamedRule(
    "suspended_never_counts",
    "A session missed while the episode is suspended counts for no policy, nor as one of the sessions of a window.",
    "program practice, to be verified by the program",
)
ONE_AT_A_TIME = NamedRule(
    "one_at_a_time",
    "Of several seats at one time all but one were given back, so one counts: who came missed nothing, and who did not "
    "missed one session, without excuse where any of them was.",
    "programs' published absence policies count sessions; program practice, to be verified by the program",
)
NAMED_RULES = (ABSENCE_STEPS, SUSPENDED_NEVER_COUNTS, ONE_AT_A_TIME)

Came = Literal["in_time", "late", "excused", "unexcused"]
Counts = Literal["absences", "unexcused", "late"]

_BEFORE: Sequence[Came] = ("in_time", "late", "unexcused", "excused")
"""What counts of several seats in one session."""

_COUNTED: Mapping[Counts, frozenset[Came]] = {
    "absences": frozenset({"excused", "unexcused"}),
    "unexcused": frozenset({"unexcused"}),
    "late": frozenset({"late"}),
}


@dataclass(frozen=True)
class PastSession:
    """One session with its outcome: attended, or missed."""

    booking_id: UUID
    starts_at: datetime
    local_date: date
    came: Came


@dataclass(frozen=True)
class AbsencePolicy:
    """What is counted within the last so many ``weeks``, or ``sessions``, or in the whole episode; and at how many of
    them which step is reached."""

    name: str
    counts: Counts
    weeks: int | None = None
    sessions: int | None = None
    steps: tuple[tuple[str, int], ...] = ()
    cited: tuple[str, ...] = ()
    """``absence.policies of PACK``: whose policy it is."""


UNEXCUSED_NO_SHOWS = AbsencePolicy("unexcused_no_shows", "unexcused")
"""What is counted for repeated no-shows: every unexcused absence of the episode."""


@dataclass(frozen=True)
class StepReached:
    """By which session, and the bookings that were counted."""

    reached_at: datetime
    absences: tuple[UUID, ...]
    decided_by: tuple[str, ...] = ()
    """``absence.policies of PACK``: whose policy it is."""


StepsReached = Mapping[tuple[str, str], StepReached]
"""(policy, step) → how it was reached."""


def in_order(sessions: Iterable[PastSession]) -> list[PastSession]:
    """The history as policies read it: of seats at one time, the one that counts by the rule ``one_at_a_time``."""
    once: dict[datetime, PastSession] = {}
    for session in sorted(sessions, key=lambda one: (_BEFORE.index(one.came), one.booking_id)):
        once.setdefault(session.starts_at, session)
    return sorted(once.values(), key=lambda session: session.starts_at)


def counted(history: Sequence[PastSession], policy: AbsencePolicy) -> list[PastSession]:
    """What a policy counts at the last session of the history."""
    window = history if policy.sessions is None else history[-policy.sessions :]
    if policy.weeks is not None:
        since = history[-1].local_date - timedelta(weeks=policy.weeks)
        window = [session for session in window if session.local_date > since]
    return [session for session in window if session.came in _COUNTED[policy.counts]]


def steps_reached(
    history: Sequence[PastSession], policies_on: Callable[[date], Iterable[AbsencePolicy]]
) -> StepsReached:
    """Every step that the history reaches, by the rule ``absence_steps``."""
    found: dict[tuple[str, str], StepReached] = {}
    for number, session in enumerate(history, start=1):
        if session.came == "in_time":
            continue
        for policy in policies_on(session.local_date):
            ids = [one.booking_id for one in counted(history[:number], policy)]
            for step, needed in policy.steps:
                if len(ids) >= needed and session.booking_id in ids:
                    reached = StepReached(session.starts_at, tuple(ids[-needed:]), policy.cited)
                    found.setdefault((policy.name, step), reached)
    return found
