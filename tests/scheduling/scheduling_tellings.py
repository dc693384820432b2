"""What other services tell scheduling, and a timetable to tell it to."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

from scheduling_service import Service, Told
from scheduling_world import MONDAY, NOW, TRACK, ZONE, named

from services.scheduling.domain import commands as c

STAY = named("stay")


def opened(folder: Path) -> Service:
    (folder / "log").mkdir()
    return Service(f"sqlite:///{folder}/log/scheduling.db", f"sqlite:///{folder}/keys.db")


def timetable(service: Service, seats: int = 4) -> tuple[UUID, UUID]:
    """A group on Mondays at 18:00 and a prescriber's clinic on Mondays at 10:00, both for four weeks."""
    service.do(c.RegisterFacilitator(named("t"), "Theodora Quill", ("therapist",)))
    service.do(c.RegisterFacilitator(named("p"), "Percival Inkwell", ("prescriber",)))
    service.do(c.OpenRoom("A1", 12, "in_person"))
    for name, component, leader, start in (
        ("group", "group_therapy", "t", time(18)),
        ("clinic", "medication_management", "p", time(10)),
    ):
        service.do(
            c.PlanSeries(
                series_id=named(name),
                track_id=TRACK,
                component=component,
                title=name,
                rule="FREQ=WEEKLY",
                first_date=MONDAY,
                starts_at=start,
                minutes=90,
                time_zone=ZONE,
                seats_min=1,
                seats=seats,
                facilitators=(named(leader),),
                room="A1",
                modality="in_person",
            )
        )
        service.do(c.ScheduleSessions(named(name), MONDAY + timedelta(days=27)))
    return named("group"), named("clinic")


def of(name: str) -> dict[str, object]:
    return {"participant_id": named(name), "episode_id": named(f"{name}'s episode")}


def admitted(name: str) -> Told:
    facts = {
        "track_id": TRACK,
        "level_of_care": "mental_health_iop",
        "age_group": "adult",
        "admitted_at": NOW - timedelta(days=1),
        "admitted_on": date(2026, 2, 28),
        "time_zone": ZONE,
        "packs": ["medicare_iop"],
        "components": ["group_therapy"],
    }
    return ("enrollment.participant_admitted", of(name) | facts, NOW - timedelta(days=1))


def suspended(name: str, at: datetime) -> Told:
    facts = {"suspension_id": STAY, "reason": "hospitalized", "suspended_at": at}
    return ("enrollment.episode_suspended", of(name) | facts, at)


def suspension_cancelled(name: str, at: datetime) -> Told:
    return ("enrollment.suspension_cancelled", of(name) | {"suspension_id": STAY}, at)


def resumed(name: str, at: datetime) -> Told:
    return ("enrollment.episode_resumed", of(name) | {"suspension_id": STAY, "resumed_at": at}, at)


def transferred(name: str, at: datetime, to: UUID, left: UUID = TRACK) -> Told:
    facts = {
        "kind": "transfer",
        "from_track_id": left,
        "track_id": to,
        "level_of_care": "mental_health_iop",
        "age_group": "adult",
        "time_zone": ZONE,
        "packs": ["medicare_iop"],
        "components": ["group_therapy"],
        "effective_at": at,
    }
    return ("enrollment.participant_transferred", of(name) | facts, at)


def discharged(name: str, at: datetime) -> Told:
    facts = {"track_id": TRACK, "discharged_at": at, "discharged_on": at.date(), "reason": "completed"}
    return ("enrollment.participant_discharged", of(name) | facts, at)


def merged(told_to: str, surviving: str, retired: str, at: datetime = NOW) -> Told:
    facts = {"told_to": named(told_to), "surviving_id": named(surviving), "retired_id": named(retired)}
    return ("enrollment.participants_merged", facts, at)


def unmerged(told_to: str, surviving: str, retired: str, at: datetime = NOW) -> Told:
    facts = {"told_to": named(told_to), "surviving_id": named(surviving), "retired_id": named(retired), "revision": 2}
    return ("enrollment.participants_unmerged", facts, at)


def review_opened(name: str, due: datetime, kind: str = "review") -> Told:
    facts = {"review_id": named(f"{name}'s review"), "kind": kind, "cause": "cycle", "urgent": False, "due_at": due}
    return ("medication_review.review_opened", of(name) | facts, NOW)


def review_rescheduled(name: str, due: datetime) -> Told:
    facts = {"review_id": named(f"{name}'s review"), "kind": "review", "cause": "safety_trigger", "urgent": True}
    return ("medication_review.review_rescheduled", of(name) | facts | {"due_at": due}, NOW)


def review_withdrawn(name: str) -> Told:
    facts = {"review_id": named(f"{name}'s review"), "kind": "review", "reason": "cause_cancelled"}
    return ("medication_review.review_withdrawn", of(name) | facts, NOW)


TRACK_OPENED: Told = (
    "enrollment.track_opened",
    {"track_id": TRACK, "name": "Adult", "time_zone": ZONE, "packs": ["medicare_iop"], "census_limit": 20},
    NOW - timedelta(days=30),
)


def book_weeks(service: Service, group: UUID, name: str = "ann") -> None:
    service.do(c.BookSeries(group, named(name), MONDAY, MONDAY + timedelta(days=27)))


def held(service: Service, name: str) -> list[tuple[str, str]]:
    answer = service.ask("bookings", participant_id=named(name), from_date=None, through=None)
    return [(b["component"], b["local_date"]) for b in answer["bookings"] if b["state"] == "booked"]
