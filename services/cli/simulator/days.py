"""The weeks: places are booked, people come, come late, or do not; hospitals report; prescribers review."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from services.cli.simulator import story
from services.cli.simulator.intake import score
from services.cli.simulator.world import Enrolled, World

OPENING, CLOSING = time(8, 30), time(22, 30)


def live(world: World, weeks: int, remember: Callable[[], None], told: Callable[[int, int], None]) -> None:
    """``weeks`` weeks from Monday on. ``remember`` is called when answers are to be kept, ``told`` after each day."""
    last = weeks * 7
    for number in range(last):
        day = world.day(number)
        if number % 7 == 0:
            _book_newcomers(world, day, world.day(last - 1))
        now = world.move_to(day, OPENING)
        story.morning(world, number, now)
        if number % 7 < 5:
            _sessions_of(world, day)
            world.move_to(day, CLOSING)
            _reviews(world, day)
            story.evening(world, number)
            world.settle()
        if number % 7 in (2, 4):
            remember()
        told(number + 1, last)
    _discharge(world)
    # The last weeks are judged two days after their end.
    world.move_to(world.day(last + 3), OPENING)
    remember()


def _book_newcomers(world: World, day: date, through: date) -> None:
    _notice_promoted(world)
    for enrolled in world.present():
        if enrolled.appointment:
            continue
        for series in world.group_series[enrolled.track]:
            _book(world, enrolled, series, day, through)
        taken = {one.appointment for one in world.present() if one.track == enrolled.track}
        free = [series for series in world.appointment_series[enrolled.track] if series not in taken]
        enrolled.appointment = free[0]
        _book(world, enrolled, free[0], day, through)
    world.settle()


def _book(world: World, enrolled: Enrolled, series: str, day: date, through: date) -> None:
    body = {"participant_id": enrolled.participant_id, "from": day.isoformat(), "through": through.isoformat()}
    world.attempt(world.front_desk, f"/scheduling/series/{series}/bookings", body)


def _notice_promoted(world: World) -> None:
    listed = world.coordinator.get("/enrollment/participants", status="admitted")["participants"]
    admitted = {row["participant_id"] for row in listed}
    for enrolled in world.people:
        if enrolled.waiting and enrolled.participant_id in admitted:
            enrolled.waiting = False
            score(world, enrolled, "admission")


def _sessions_of(world: World, day: date) -> None:
    """Everybody booked comes, or not, by their reliability; the front desk writes it down as it happens."""
    moments = []
    for starts, ends, enrolled, booking_id in _expected(world, day):
        visit = _visit(world, enrolled, starts, ends)
        if visit is not None:
            came, went = visit
            booking = f"/attendance/bookings/{booking_id}"
            moments.append((came, f"{booking}/check-in", {"checked_in_at": came.isoformat()}))
            moments.append((went, f"{booking}/check-out", {"checked_out_at": went.isoformat()}))
    for moment, path, body in sorted(moments, key=lambda one: one[:2]):
        world.set_clock(moment)
        world.attempt(world.front_desk, path, body)


def _expected(world: World, day: date) -> Iterator[tuple[datetime, datetime, Enrolled, str]]:
    """Start, end, participant and booking of each seat taken on a day."""
    by_id = {one.participant_id: one for one in world.people}
    found = world.front_desk.get("/scheduling/sessions", **{"from": day.isoformat(), "through": day.isoformat()})
    for session in found["sessions"]:
        if session["seats_taken"]:
            roster = world.front_desk.get(f"/attendance/sessions/{session['session_id']}/roster")["roster"]
            for entry in roster:
                enrolled = by_id.get(entry["participant_id"])
                if enrolled is not None and entry["status"] is None:
                    yield _instant(session["starts_at"]), _instant(session["ends_at"]), enrolled, entry["booking_id"]


def _visit(world: World, enrolled: Enrolled, starts: datetime, ends: datetime) -> tuple[datetime, datetime] | None:
    """When they come and go; None when they do not come."""
    chance = world.random.random()
    if chance > enrolled.reliability:
        return None
    late = timedelta(minutes=12 if chance < 0.04 else world.random.randrange(-6, 3))
    early = timedelta(minutes=25 if 0.04 <= chance < 0.07 else 0)
    return starts + late, ends - early


def _reviews(world: World, day: date) -> None:
    """The prescriber sees to what falls due within a day; the coordinator compares the lists of newcomers."""
    until = (world.at(day, CLOSING) + timedelta(hours=30)).isoformat()
    for due in world.prescriber.get("/medication_review/due", until=until)["due"]:
        episode = f"/medication_review/episodes/{due['episode_id']}"
        if due["kind"] == "reconciliation":
            world.attempt(world.prescriber, f"{episode}/reconciliations/{due['review_id']}/completion", {})
        elif world.random.random() < 0.85:
            body = {"decisions": [], "rationale": "No change is indicated"}
            world.attempt(world.prescriber, f"{episode}/reviews/{due['review_id']}/completion", body)


def _discharge(world: World) -> None:
    """Some have reached their goals by the end."""
    for enrolled in world.present()[::9]:
        story.discharge(world, enrolled)
    world.settle()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
