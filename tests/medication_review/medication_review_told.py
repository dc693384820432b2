"""What other services tell medication review in these tests."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from medication_review_world import ADMITTED, NAMES, hours

from tests.support.whole_service import Told

NOW = ADMITTED
STAY = uuid5(NAMES, "stay")


def named(name: str) -> UUID:
    return uuid5(NAMES, name)


def of(name: str) -> dict[str, object]:
    return {"participant_id": named(name), "episode_id": named(f"{name}'s episode")}


def enrolled(type_: str, name: str, **data: object) -> Told:
    return Told(f"enrollment.{type_}", {**of(name), **data}, NOW)


def admitted(name: str, when: datetime = ADMITTED) -> Told:
    return enrolled(
        "participant_admitted",
        name,
        track_id=named("track"),
        level_of_care="mental_health_iop",
        age_group="adult",
        admitted_at=when,
        admitted_on=when.date(),
        time_zone="America/New_York",
        packs=["medicare_iop"],
        components=["medication_management"],
    )


def transferred(name: str, n: float, kind: str = "transfer") -> Told:
    return enrolled(
        "participant_transferred",
        name,
        kind=kind,
        from_track_id=named("track"),
        track_id=named("other track"),
        level_of_care="mental_health_iop",
        age_group="adult",
        time_zone="America/Chicago",
        packs=["medicare_iop"],
        components=["medication_management"],
        effective_at=hours(n),
    )


def suspended(name: str, n: float) -> Told:
    return enrolled("episode_suspended", name, suspension_id=STAY, reason="hospitalized", suspended_at=hours(n))


def resumed(name: str, n: float) -> Told:
    return enrolled("episode_resumed", name, suspension_id=STAY, resumed_at=hours(n))


def cancelled(type_: str, name: str) -> Told:
    return enrolled(type_, name, suspension_id=STAY)


def discharged(name: str, n: float) -> Told:
    facts = {"track_id": named("track"), "reason": "completed"}
    return enrolled("participant_discharged", name, discharged_at=hours(n), discharged_on=hours(n).date(), **facts)


def scored(name: str, n: float, *, trigger: bool = True) -> Told:
    facts = {"instrument": "phq_9", "occasion": "review", "score": 18, "band": "moderately_severe"}
    return enrolled("instrument_scored", name, scored_at=hours(n), safety_trigger=trigger, **facts)


def no_shows(name: str, count: int, n: float) -> Told:
    return Told("attendance.no_shows_repeated", {**of(name), "count": count, "last_missed_at": hours(n)}, NOW)


def no_shows_excused(name: str, count: int) -> Told:
    return Told("attendance.no_shows_excused", {**of(name), "count": count}, NOW)


def reported(whose: str, order: str, n: float, source: str = "hospital_order:general", **changes: object) -> Told:
    facts = {
        "participant_id": named(whose),
        "message_id": named(f"{order} {n}"),
        "order_id": order,
        "source": source,
        "status": "active",
        "code": "6809",
        "system": "rxnorm",
        "name": "Metformin 500 MG Oral Tablet",
        "dose": "500 mg",
        "frequency": "daily",
        "route": "oral",
        "reported_at": hours(n),
    }
    return Told("interop.medication_reported", {**facts, **changes}, NOW + timedelta(hours=n))


def merged(surviving: str, retired: str, told_to: str, revision: int = 1) -> Told:
    """Every second revision says that they are two people after all."""
    ids = {"told_to": named(told_to), "surviving_id": named(surviving), "retired_id": named(retired)}
    what = "merged" if revision % 2 else "unmerged"
    return Told(f"enrollment.participants_{what}", {**ids, "revision": revision}, NOW)
