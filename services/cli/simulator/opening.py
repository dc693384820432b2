"""Before the first day: tracks are opened, staff and rooms registered, the timetable planned; later it goes on."""

from datetime import date, timedelta

from services.cli.simulator.model.timetable import (
    KINDS,
    ROOMS,
    STAFF,
    ZONE,
    Series,
    appointments,
    medication_clinic,
    together,
)
from services.cli.simulator.world import Group, World

WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}

PLANNED_EVERY_WEEKS = 4
PLANNED_WEEKS = 5
"""Sessions are scheduled, and seats booked, every four weeks for five: there is always a week to look ahead to."""


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
            world.groups.append(_group(world, number, f"T{number + 1}{chr(ord('A') + index)}", seats))
    plan_on(world, world.day(0))


def plan_on(world: World, today: date) -> None:
    """Schedules the sessions of the weeks from this Monday on, as far as the program runs."""
    last = world.day(world.program.weeks * 7 - 1)
    world.planned_through = min(today + timedelta(weeks=PLANNED_WEEKS, days=-1), last)
    for enrolled in world.people:
        enrolled.waits.clear()  # there are new sessions to wait for
    for group in world.groups:
        for series in group.series:
            body = {"through": world.planned_through.isoformat()}
            world.coordinator.post(f"/scheduling/series/{series}/sessions", body)
    world.settle()


def _group(world: World, track: int, label: str, seats: int) -> Group:
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
        return [_plan(world, track, one, leaders, rooms) for one in offered]

    attended, individual = planned(together(kind, seats)), planned(appointments(kind, seats))
    return Group(label, track, seats, leaders, attended, individual, planned(medication_clinic(kind)))


def _plan(world: World, track: int, series: Series, leaders: dict[str, str], rooms: dict[str, str]) -> str:
    planned = world.coordinator.post(
        "/scheduling/series",
        {
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
