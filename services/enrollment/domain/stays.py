"""Hospital stays: facts in any order of arrival, and what follows from all of them together.

A hospital tells four kinds of facts about one stay: it started (A01), it ended (A03), the start was cancelled
(A11), the end was cancelled (A13); each with the instant at which the hospital stated it. They come in any order,
and more than once. Of the facts about the start the one stated last holds, and so for the end; where a statement
and its cancellation carry the same instant, the cancellation holds. So the same facts give the same stays,
whichever came first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

STARTED = "started"
ENDED = "ended"
START_CANCELLED = "start_cancelled"
END_CANCELLED = "end_cancelled"
KINDS = (STARTED, ENDED, START_CANCELLED, END_CANCELLED)


@dataclass(frozen=True)
class HospitalFact:
    """One thing a hospital stated about one stay. ``instant``: of the start or the end; none for a cancellation."""

    hospitalization_id: UUID
    kind: str
    stated_at: datetime
    instant: datetime | None = None


@dataclass(frozen=True)
class Stay:
    """An inpatient stay that holds: from its start until its end, or still going on."""

    hospitalization_id: UUID
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Interruption:
    """The part of a stay that falls into an episode: what a suspension is for."""

    suspension_id: UUID
    suspended_at: datetime
    resumed_at: datetime | None


def stays(facts: Iterable[HospitalFact]) -> tuple[Stay, ...]:
    """The stays that hold, by start and id. A stay whose start is not known (yet), or was cancelled, does not."""
    by_stay: dict[UUID, list[HospitalFact]] = {}
    for fact in facts:
        by_stay.setdefault(fact.hospitalization_id, []).append(fact)
    found = []
    for hospitalization_id, about in by_stay.items():
        started_at = _holding(about, STARTED, START_CANCELLED)
        if started_at is not None:
            found.append(Stay(hospitalization_id, started_at, _holding(about, ENDED, END_CANCELLED)))
    return tuple(sorted(found, key=lambda stay: (stay.started_at, stay.hospitalization_id)))


def interruptions(
    facts: Iterable[HospitalFact], admitted_at: datetime, discharged_at: datetime | None
) -> tuple[Interruption, ...]:
    """What the stays mean for an episode: each cut to the time between admission and discharge."""
    found = []
    for stay in stays(facts):
        if stay.ended_at is not None and stay.ended_at <= max(admitted_at, stay.started_at):
            continue
        if discharged_at is not None and stay.started_at >= discharged_at:
            continue
        ends_within = stay.ended_at is not None and (discharged_at is None or stay.ended_at < discharged_at)
        found.append(
            Interruption(
                stay.hospitalization_id, max(stay.started_at, admitted_at), stay.ended_at if ends_within else None
            )
        )
    return tuple(found)


def _holding(about: Iterable[HospitalFact], statement: str, cancellation: str) -> datetime | None:
    relevant = [fact for fact in about if fact.kind in (statement, cancellation)]
    if not relevant:
        return None
    last = max(relevant, key=lambda fact: (fact.stated_at, fact.kind == cancellation, fact.instant or fact.stated_at))
    return None if last.kind == cancellation else last.instant
