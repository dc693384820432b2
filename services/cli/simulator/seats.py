"""Who has a seat: a group and an appointment for everybody admitted, booked as far ahead as sessions are planned."""

from datetime import date, timedelta

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import draw
from services.cli.simulator.model.duties import duties
from services.cli.simulator.model.timetable import appointments, together
from services.cli.simulator.world import ADMITTED, DISCHARGED, SUSPENDED, WAITING, Enrolled, World

FULL, NOT_AVAILABLE, KEPT = "SessionIsFull", "ParticipantNotAvailable", "OthersWait"
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
        if row["episode_id"] != enrolled.episode_id:
            continue  # for the time being the hospital takes them for somebody else
        before, enrolled.status = enrolled.status, row["status"]
        track = world.tracks.index(row["track_id"]) if row["track_id"] in world.tracks else enrolled.track
        if track != enrolled.track and enrolled.status == ADMITTED and before != WAITING:
            _leave_group(enrolled)
            enrolled.track = track
            changed.append(enrolled)
        elif enrolled.status == ADMITTED and before in (WAITING, SUSPENDED):
            enrolled.booked_through = None  # what was freed by the stay in hospital is booked again
            enrolled.is_back = before == SUSPENDED
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
    book(world, enrolled, begins, through)
    enrolled.booked_through = through
    enrolled.is_back = False


def book(world: World, enrolled: Enrolled, begins: date, through: date) -> None:
    """Every session between the two days that they are to attend. What is full is waited for; hours at which they
    cannot come, and seats kept for others, are given by a coordinator where the model says so."""
    if enrolled.group is None:
        return
    for series in (*enrolled.group.together, *filter(None, [enrolled.appointment])):
        path = f"/scheduling/series/{series}/bookings"
        body = {"participant_id": enrolled.participant_id, "from": begins.isoformat(), "through": through.isoformat()}
        told = world.attempt(world.front_desk, path, body, what="series booked")
        if told is None:
            continue
        why = world.count_refused(told["refused"])
        if FULL in why and not _can_never_come(world, enrolled, series):
            _wait(world, enrolled, series)
        override = _override(world, enrolled, series, why)
        if override is not None:
            world.attempt(world.coordinator, path, body | {"override": override}, what="series booked by override")


def _override(world: World, enrolled: Enrolled, series: str, why: set[str]) -> str | None:
    """A coordinator's reason to book all the same; None where there is none."""
    place = enrolled.group.series.index(series) if enrolled.group is not None else 0
    random = draw(world.seed, "override", enrolled.life.number, place, enrolled.episodes)
    if NOT_AVAILABLE in why and random.random() < p.COMES_ALL_THE_SAME:
        return "agreed_with_participant"
    if KEPT in why and enrolled.is_back and random.random() < p.PAST_THE_LINE:
        return "back_from_hospital"
    return None


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
    free = [number for number, series in enumerate(group.appointments) if series not in taken]
    suits = next((number for number in free if not _bars(world, enrolled, number)), free[0] if free else None)
    enrolled.appointment = "" if suits is None else group.appointments[suits]


def _can_never_come(world: World, enrolled: Enrolled, series: str) -> bool:
    """Whether what they have to do each week lies in the way of a series that its group attends together."""
    if enrolled.group is None or series not in enrolled.group.together:
        return False
    kind = world.program.kind(enrolled.track)
    planned = together(kind, enrolled.group.seats)[enrolled.group.together.index(series)]
    stated = duties(world.seed, enrolled.life.number, kind.begins)
    days = planned.days.split(",")
    return any(one.bars(day, planned.starts_at, planned.minutes) for one in stated for day in days)


def _bars(world: World, enrolled: Enrolled, number: int) -> bool:
    """Whether what they have to do each week lies in the way of this appointment of their group."""
    kind = world.program.kind(enrolled.track)
    slot = appointments(kind, number + 1)[number]
    stated = duties(world.seed, enrolled.life.number, kind.begins)
    return any(one.bars(slot.days, slot.starts_at, slot.minutes) for one in stated)


def _leave_group(enrolled: Enrolled) -> None:
    if enrolled.group is not None:
        enrolled.group.members.remove(enrolled)
    enrolled.group, enrolled.appointment, enrolled.booked_through = None, "", None
    enrolled.waits.clear()
