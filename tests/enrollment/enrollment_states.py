"""Fixtures of enrollment's pure tests, named after states."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.enrollment.domain.care_record import CareRecord
from services.enrollment.domain.episode import Episode
from services.enrollment.domain.plan import Plan
from services.enrollment.domain.stays import HospitalFact
from services.enrollment.domain.track import Track

MONDAY = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
PARTICIPANT = UUID("11111111-1111-4111-8111-111111111111")
ANOTHER = UUID("22222222-2222-4222-8222-222222222222")
TRACK = UUID("33333333-3333-4333-8333-333333333333")
EPISODE = UUID("44444444-4444-4444-8444-444444444444")
STAY = UUID("55555555-5555-4555-8555-555555555555")
OTHER_STAY = UUID("66666666-6666-4666-8666-666666666666")


def day(number: float) -> datetime:
    """So many days after the first Monday."""
    return MONDAY + timedelta(days=number)


def a_plan(**changes: Any) -> Plan:
    return Plan(
        **{
            "track_id": TRACK,
            "level_of_care": "mental_health_iop",
            "age_group": "adult",
            "time_zone": "America/New_York",
            "packs": ("medicare",),
            "components": ("group_therapy", "individual_therapy"),
            **changes,
        }
    )


def a_track(limit: int = 2) -> Track:
    track = Track.open(
        TRACK,
        name="Adult mental health",
        time_zone="America/New_York",
        packs=("medicare",),
        census_limit=limit,
        at=MONDAY,
    )
    track.collect_events()
    return track


def an_opened_episode(plan: Plan | None = None) -> Episode:
    episode = Episode.open(
        EPISODE,
        PARTICIPANT,
        plan=plan or a_plan(),
        referral_id=None,
        assessment_id=UUID(int=1),
        override=None,
        decided_by="coordinator-1",
        at=MONDAY,
    )
    episode.collect_events()
    return episode


def an_admitted_episode(at: datetime = MONDAY) -> Episode:
    episode = an_opened_episode()
    episode.admit(at)
    episode.collect_events()
    return episode


def a_discharged_episode(at: datetime) -> Episode:
    episode = an_admitted_episode()
    episode.discharge(reason="completed", plan_after=None, to_level_of_care=None, last_scores={}, since=at, at=at)
    episode.collect_events()
    return episode


def a_care_record(participant_id: UUID = PARTICIPANT) -> CareRecord:
    record = CareRecord.begin(participant_id, MONDAY)
    record.collect_events()
    return record


def fact(kind: str, stated: float, instant: float | None = None, stay: UUID = STAY) -> HospitalFact:
    return HospitalFact(stay, kind, day(stated), None if instant is None else day(instant))


def happened(aggregate: Aggregate) -> list[str]:
    """The names of the events since the last look."""
    return [type(one).__name__ for one in aggregate.collect_events()]
