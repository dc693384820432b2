"""What enrollment and scheduling tell attendance in these tests: two episodes over two weeks."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from attendance_world import MONDAY, NAMES, NEW_YORK, at

from tests.support.whole_service import Told

NOW = at(MONDAY, "07:00")
TRACK = uuid5(NAMES, "track")
OTHER_TRACK = uuid5(NAMES, "other track")
STAY = uuid5(NAMES, "stay")


def named(name: str) -> UUID:
    return uuid5(NAMES, name)


def of(name: str) -> dict[str, object]:
    return {"participant_id": named(name), "episode_id": named(f"{name}'s episode")}


def enrolled(type_: str, name: str, when: datetime = NOW, **data: object) -> Told:
    return Told(f"enrollment.{type_}", {**of(name), **data}, when)


def admitted(name: str, on: date = MONDAY, packs: tuple[str, ...] = ("medicare_iop", "h0015_day")) -> Told:
    return enrolled(
        "participant_admitted",
        name,
        track_id=TRACK,
        level_of_care="mental_health_iop",
        age_group="adult",
        admitted_at=at(on, "06:00"),
        admitted_on=on,
        time_zone=NEW_YORK,
        packs=list(packs),
        components=["group_therapy"],
    )


def transferred(name: str, on: date, packs: tuple[str, ...], kind: str = "transfer") -> Told:
    return enrolled(
        "participant_transferred",
        name,
        kind=kind,
        from_track_id=TRACK,
        track_id=OTHER_TRACK,
        level_of_care="asam_2.1",
        age_group="adult",
        time_zone=NEW_YORK,
        packs=list(packs),
        components=["group_therapy"],
        effective_at=at(on, "00:00"),
    )


def suspended(name: str, since: datetime) -> Told:
    return enrolled("episode_suspended", name, suspension_id=STAY, reason="hospitalized", suspended_at=since)


def resumed(name: str, when: datetime) -> Told:
    return enrolled("episode_resumed", name, suspension_id=STAY, resumed_at=when)


def suspension_cancelled(name: str) -> Told:
    return enrolled("suspension_cancelled", name, suspension_id=STAY)


def discharged(name: str, on: date) -> Told:
    facts = {"track_id": TRACK, "reason": "completed", "discharged_at": at(on, "15:00"), "discharged_on": on}
    return enrolled("participant_discharged", name, **facts)


def merged(surviving: str, retired: str, told_to: str, revision: int = 1) -> Told:
    """Every second revision says that they are two people after all."""
    ids = {"told_to": named(told_to), "surviving_id": named(surviving), "retired_id": named(retired)}
    what = "merged" if revision % 2 else "unmerged"
    return Told(f"enrollment.participants_{what}", {**ids, "revision": revision}, NOW)


def session(day: date, component: str = "group_therapy") -> dict[str, object]:
    return {
        "session_id": named(f"session {day}"),
        "series_id": named("series"),
        "track_id": TRACK,
        "component": component,
        "title": "Group",
        "modality": "in_person",
        "starts_at": at(day, "09:00"),
        "ends_at": at(day, "12:00"),
        "local_date": day,
        "time_zone": NEW_YORK,
        "room": "A1",
    }


def scheduled(day: date) -> Told:
    return Told("scheduling.session_scheduled", {**session(day), "seats": 12, "facilitators": [named("t")]}, NOW)


def moved(day: date, to: date) -> Told:
    """The session of a day is on another one."""
    times = {"starts_at": at(to, "09:00"), "ends_at": at(to, "12:00"), "local_date": to}
    return Told("scheduling.session_moved", {"session_id": named(f"session {day}"), **times, "sequence": 1}, NOW)


def session_changed(day: date, **facts: object) -> Told:
    facts = {"session_id": named(f"session {day}"), "sequence": 2, **facts}
    return Told("scheduling.session_changed", facts, NOW)


def booking(name: str, day: date) -> UUID:
    return named(f"{name}'s booking {day}")


def booked(name: str, day: date, component: str = "group_therapy", **more: object) -> Told:
    data = {**of(name), **session(day, component), "booking_id": booking(name, day), **more}
    return Told("scheduling.booking_made", data, NOW)


def changed(name: str, day: date, to: date, **facts: object) -> Told:
    """The session of a booking was moved to another day, or changed."""
    data = {**of(name), **session(day), "booking_id": booking(name, day), "sequence": 1}
    times = {"starts_at": at(to, "09:00"), "ends_at": at(to, "12:00"), "local_date": to}
    return Told("scheduling.booking_changed", {**data, **times, **facts}, NOW)


def freed(name: str, day: date, reason: str, notice_hours: float | None = None) -> Told:
    facts = {
        "booking_id": booking(name, day),
        "session_id": named(f"session {day}"),
        "starts_at": at(day, "09:00"),
        "reason": reason,
        "notice_hours": notice_hours,
    }
    return Told("scheduling.booking_cancelled", {**of(name), **facts}, NOW)


def days(*numbers: int) -> list[date]:
    return [MONDAY + timedelta(days=n) for n in numbers]
