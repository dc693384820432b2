"""Before the first day: tracks are opened, staff and rooms registered, the timetable planned; later it goes on."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID, uuid5

from services.cli.simulator import teaching
from services.cli.simulator.closing import close_ahead
from services.cli.simulator.model.curriculum import SECOND_EDITION_AFTER_WEEKS
from services.cli.simulator.model.timetable import (
    KINDS,
    ROOMS,
    STAFF,
    ZONE,
    Series,
    appointments,
    make_up_group,
    medication_clinic,
    together,
)
from services.cli.simulator.world import Group, World

WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}

PLANNED_EVERY_WEEKS = 4
PLANNED_WEEKS = 5
"""Sessions are scheduled, and seats booked, every four weeks for five: there is always a week to look ahead to."""

OF_SERIES = UUID("7c1a2b52-3f38-5c1e-9d0c-2d4be9f6a710")
"""Ids of series follow from the seed: of make-ups that are as good, attendance suggests the one with the lower id."""

NOT_AVAILABLE = {"FacilitatorNotAvailable", "RoomNotAvailable"}
"""Why a session was not scheduled, which is set aside: somebody else, or another place, is found later."""


def prepare(world: World) -> None:
    """Opens what the program's size asks for, and schedules the first weeks."""
    size = world.program.size
    for number, track in enumerate(size.tracks):
        kind = KINDS[track.kind]
        opened = world.coordinator.post(
            "/enrollment/tracks",
            {"name": kind.name, "time_zone": ZONE, "packs": list(kind.packs), "census_limit": track.places},
        )
        world.tracks.append(opened["track_id"])
        world.settle()
        for index, seats in enumerate(track.groups):
            label = f"T{number + 1}{chr(ord('A') + index)}"
            world.groups.append(_group(world, number, label, seats, makes_up=index == 0))
    teaching.adopt(world, 0)
    close_ahead(world)
    plan_on(world, world.day(0))


def plan_on(world: World, today: date) -> None:
    """Schedules the sessions of the weeks from this Monday on, as far as the program runs."""
    last = world.day(world.program.weeks * 7 - 1)
    world.planned_through = min(today + timedelta(weeks=PLANNED_WEEKS, days=-1), last)
    for enrolled in world.people:
        enrolled.waits.clear()  # there are new sessions to wait for
    for group in world.groups:
        for series in group.series:
            _schedule(world, series, today)
    if (today - world.program.first_day).days // 7 == SECOND_EDITION_AFTER_WEEKS:
        teaching.adopt(world, SECOND_EDITION_AFTER_WEEKS)
    teaching.plan_topics(world)
    world.settle()


def _schedule(world: World, series: str, today: date) -> None:
    """What is free; and what is not because somebody is on leave, or a room repaired, all the same."""
    path = f"/scheduling/series/{series}/sessions"
    body = {"through": world.planned_through.isoformat(), "partial": True}
    refused = world.coordinator.post(path, body)["refused"]
    if world.count_refused(refused) & NOT_AVAILABLE:
        again = body | {"from": max(today, _first(refused)).isoformat(), "override": "substitute_is_sought"}
        world.attempt(world.coordinator, path, again, what="sessions scheduled by override")


def _first(refused: Iterable[dict[str, str]]) -> date:
    return min(date.fromisoformat(one["local_date"]) for one in refused)


def _group(world: World, track: int, label: str, seats: int, *, makes_up: bool) -> Group:
    """``makes_up``: with the make-up group of the track."""
    kind = world.program.kind(track)
    leaders = {
        staff.label: world.coordinator.post(
            "/scheduling/facilitators",
            {"label": f"{staff.label}, {label}", "qualifications": list(staff.qualifications)},
        )["facilitator_id"]
        for staff in STAFF
    }
    rooms = {}
    for room, room_seats in ROOMS.items():
        rooms[room] = f"{label}-{room}"
        world.coordinator.post("/scheduling/rooms", {"code": rooms[room], "seats": room_seats})

    def planned(offered: tuple[Series, ...]) -> list[str]:
        return [_plan(world, label, track, one, leaders, rooms) for one in offered]

    attended, individual = planned(together(kind, seats)), planned(appointments(kind, seats))
    besides = planned((make_up_group(kind),)) if makes_up else []
    clinic = planned(medication_clinic(kind))
    return Group(label, track, seats, leaders, attended, individual, clinic, besides, rooms)


def _plan(world: World, label: str, track: int, series: Series, leaders: dict[str, str], rooms: dict[str, str]) -> str:
    planned = world.coordinator.post(
        "/scheduling/series",
        {
            "series_id": str(uuid5(OF_SERIES, f"{world.seed}/{label}/{series.title}")),
            "track_id": world.tracks[track],
            "component": series.component,
            "title": series.title,
            "rule": f"FREQ=WEEKLY;BYDAY={series.days}",
            "first_date": min(world.day(WEEKDAYS[day]) for day in series.days.split(",")).isoformat(),
            "starts_at": series.starts_at.isoformat(),
            "minutes": series.minutes,
            "time_zone": ZONE,
            "seats": series.seats,
            "facilitators": [leaders[series.leader]],
            "room": rooms[series.room] if series.room else None,
            "modality": "in_person" if series.room else "telehealth",
        },
    )
    return str(planned["series_id"])
