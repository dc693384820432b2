"""Who has a seat: a group and an appointment for everybody admitted, booked as far ahead as sessions are planned."""

from datetime import date, timedelta

from services.cli.simulator.world import ADMITTED, DISCHARGED, SUSPENDED, WAITING, Enrolled, World

FULL = "SessionIsFull"
"""Why a session of a series was not booked."""


def notice(world: World, day: date) -> list[Enrolled]:
    """Looks at the list of participants; those whose seats have to be booked are returned: admitted, promoted from the
    waitlist, back from hospital, or in another track."""
    rows = {row["participant_id"]: row for row in world.coordinator.get("/enrollment/participants")["participants"]}
    changed = []
    for enrolled in world.people:
        row = rows.get(enrolled.participant_id)
        if row is None or not enrolled.episode_id or enrolled.status == DISCHARGED:
            continue
        before, enrolled.status = enrolled.status, row["status"]
        track = world.tracks.index(row["track_id"]) if row["track_id"] in world.tracks else enrolled.track
        if track != enrolled.track and enrolled.status == ADMITTED and before != WAITING:
            _leave_group(enrolled)
            enrolled.track = track
            changed.append(enrolled)
        elif enrolled.status == ADMITTED and before in (WAITING, SUSPENDED):
            enrolled.booked_through = None  # what was freed by the stay in hospital is booked again
            changed.append(enrolled)
        if enrolled.status in (ADMITTED, SUSPENDED) and enrolled.admitted_on is None:
            enrolled.admitted_on = day
    return changed


def seat(world: World, enrolled: Enrolled, day: date) -> None:
    """Books every session from this day on that they are to attend."""
    if enrolled.group is None:
        _join_group(world, enrolled)
    if enrolled.group is None:
        world.refused["no group has room"] += 1
        return
    ends = (enrolled.admitted_on or day) + timedelta(weeks=enrolled.life.stay_weeks)
    through = min(max(ends, day), world.planned_through)
    begins = max(day, enrolled.booked_through + timedelta(days=1)) if enrolled.booked_through else day
    if begins > through:
        return
    for series in (*enrolled.group.together, *filter(None, [enrolled.appointment])):
        body = {"participant_id": enrolled.participant_id, "from": begins.isoformat(), "through": through.isoformat()}
        told = world.attempt(world.front_desk, f"/scheduling/series/{series}/bookings", body, what="series booked")
        if told is not None and any(one["code"] == FULL for one in told["refused"]):
            _wait(world, enrolled, series)
    enrolled.booked_through = through


def _wait(world: World, enrolled: Enrolled, series: str) -> None:
    """For whatever seat comes free in any of its sessions."""
    if series not in enrolled.waits:
        body = {"participant_id": enrolled.participant_id}
        world.attempt(world.front_desk, f"/scheduling/series/{series}/waitlist", body, what="waits for a seat")
        enrolled.waits.add(series)


def leave(enrolled: Enrolled) -> None:
    """Their place in the group is free again."""
    _leave_group(enrolled)
    enrolled.status = DISCHARGED


def _join_group(world: World, enrolled: Enrolled) -> None:
    """The group of the track with the most room."""
    groups = [group for group in world.groups if group.track == enrolled.track and len(group.members) < group.seats]
    if not groups:
        return
    group = max(groups, key=lambda one: one.seats - len(one.members))
    enrolled.group = group
    group.members.append(enrolled)
    taken = {one.appointment for one in group.members}
    enrolled.appointment = next((one for one in group.appointments if one not in taken), "")


def _leave_group(enrolled: Enrolled) -> None:
    if enrolled.group is not None:
        enrolled.group.members.remove(enrolled)
    enrolled.group, enrolled.appointment, enrolled.booked_through = None, "", None
    enrolled.waits.clear()
