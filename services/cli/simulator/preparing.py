"""Before the first day: tracks are opened, staff and rooms registered, the timetable planned for its weeks."""

from datetime import date, timedelta

from services.cli.simulator.timetable import STAFF, TRACKS, ZONE, Series, Track, appointments, groups, medication_clinic
from services.cli.simulator.world import World

WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}


def prepare(world: World, weeks: int) -> None:
    """Plans ``weeks`` weeks from the world's first Monday."""
    through = world.first_day + timedelta(weeks=weeks, days=-1)
    for track in TRACKS:
        opened = world.coordinator.post(
            "/enrollment/tracks",
            {"name": track.name, "time_zone": ZONE, "packs": list(track.packs), "census_limit": track.census},
        )
        world.tracks.append(opened["track_id"])
    world.settle()
    for number, track in enumerate(TRACKS):
        leaders = {
            staff.label: world.coordinator.post(
                "/scheduling/facilitators",
                {"label": f"{staff.label}, track {number + 1}", "qualifications": list(staff.qualifications)},
            )["facilitator_id"]
            for staff in STAFF
        }
        rooms = _rooms(world, number)
        world.group_series.append([_plan(world, number, one, leaders, rooms, through) for one in groups(track)])
        world.appointment_series.append(
            [_plan(world, number, one, leaders, rooms, through) for one in appointments(track)]
        )
        for one in medication_clinic(track):
            _plan(world, number, one, leaders, rooms, through)
    world.settle()


def _rooms(world: World, number: int) -> dict[str, str]:
    rooms = {}
    for kind, seats in (("group", 16), ("office-a", 2), ("office-b", 2), ("clinic", 2)):
        code = f"T{number + 1}-{kind}"
        world.coordinator.post("/scheduling/rooms", {"code": code, "seats": seats})
        rooms[kind] = code
    return rooms


def _plan(
    world: World, number: int, series: Series, leaders: dict[str, str], rooms: dict[str, str], through: date
) -> str:
    planned = world.coordinator.post(
        "/scheduling/series",
        {
            "track_id": world.tracks[number],
            "component": series.component,
            "title": series.title,
            "rule": f"FREQ=WEEKLY;BYDAY={series.days}",
            "first_date": _first(world, series).isoformat(),
            "starts_at": series.starts_at.isoformat(),
            "minutes": series.minutes,
            "time_zone": ZONE,
            "seats": series.seats,
            "facilitators": [leaders[series.leader]],
            "room": None if series.telehealth else rooms[_room_kind(series)],
            "modality": "telehealth" if series.telehealth else "in_person",
        },
    )
    series_id: str = planned["series_id"]
    world.coordinator.post(f"/scheduling/series/{series_id}/sessions", {"through": through.isoformat()})
    return series_id


def _first(world: World, series: Series) -> date:
    return min(world.day(WEEKDAYS[day]) for day in series.days.split(","))


def _room_kind(series: Series) -> str:
    if series.component == "individual_therapy":
        return "office-a" if series.leader == "Therapist A" else "office-b"
    return "clinic" if series.component == "medication_management" else "group"


def total_places() -> int:
    """Places on all tracks."""
    return sum(track.census for track in TRACKS)


def track_of(number: int) -> Track:
    """The track of a world's track number."""
    return TRACKS[number]
