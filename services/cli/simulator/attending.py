"""A day's sessions: people come, come late, or do not; the front desk writes it down as it happens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.cli.simulator.model.visits import Absence, Visit, visit
from services.cli.simulator.world import Enrolled, World

ROUND_MINUTES = 30
"""So often the front desk writes down who came and who left, well within the grace after which a no-show is one."""

Call = tuple[str, dict[str, str]]
"""Path and body."""

CALLED_OFF_DAYS = 3
"""Who calls off does so that many weekdays before: more than 48 hours, which the packs count as notice."""


@dataclass(frozen=True)
class Expected:
    """A seat taken in a session of the day."""

    enrolled: Enrolled
    session_id: str
    booking_id: str
    starts: datetime
    ends: datetime
    telehealth: bool


def sessions(world: World, day: date) -> None:
    """Everybody booked comes, or not; round by round it is written down when they did."""
    rounds: dict[datetime, list[Call]] = {}
    for expected in _expected(world, day):
        does = _does(world, expected, day)
        if isinstance(does, Visit):
            expected.enrolled.came_on = day
            for moment, call in _calls(expected, does):
                rounds.setdefault(_round_after(moment), []).append(call)
        else:
            _settle_later(world, expected, does, day)
    for moment in sorted(rounds):
        world.set_clock(moment)
        for path, body in rounds[moment]:
            world.attempt(world.front_desk, path, body, what="check-ins and check-outs")
        world.take_turns()


def _round_after(moment: datetime) -> datetime:
    past = timedelta(minutes=moment.minute % ROUND_MINUTES, seconds=moment.second)
    return moment - past + timedelta(minutes=ROUND_MINUTES) if past else moment


def call_off(world: World, day: date) -> None:
    """In the evening, people give seats back that they will not take some days from now."""
    coming = _weekdays_later(day, CALLED_OFF_DAYS)
    for expected in _expected(world, coming):
        does = _does(world, expected, coming)
        if isinstance(does, Absence) and does.called_off:
            path = f"/scheduling/sessions/{expected.session_id}/bookings/{expected.booking_id}/cancellation"
            world.attempt(world.front_desk, path, {}, what="bookings called off")


def _expected(world: World, day: date) -> Iterator[Expected]:
    by_id = {one.participant_id: one for one in world.people}
    found = world.front_desk.get("/scheduling/sessions", **{"from": day.isoformat(), "through": day.isoformat()})
    for session in found["sessions"]:
        if not session["seats_taken"]:
            continue
        roster = world.front_desk.get(f"/attendance/sessions/{session['session_id']}/roster")["roster"]
        for entry in roster:
            enrolled = by_id.get(entry["participant_id"])
            if enrolled is not None and entry["status"] is None and entry.get("state", "booked") == "booked":
                yield Expected(
                    enrolled,
                    session["session_id"],
                    entry["booking_id"],
                    _instant(session["starts_at"]),
                    _instant(session["ends_at"]),
                    session["modality"] == "telehealth",
                )


def _does(world: World, expected: Expected, day: date) -> Visit | Absence:
    """What the model says; who has dropped out comes no more."""
    enrolled, minutes = expected.enrolled, int((expected.ends - expected.starts).total_seconds()) // 60
    if enrolled.weeks(day) >= enrolled.life.drops_out and enrolled.episodes == 1:
        return Absence(0, None, None)
    life = enrolled.life
    return visit(world.seed, life.number, life.absence, day, minutes, expected.starts.isoformat())


def _calls(expected: Expected, visited: Visit) -> Iterator[tuple[datetime, Call]]:
    """When the front desk, or the call, writes down what."""
    came, went = expected.starts + _minutes(visited.late), expected.ends - _minutes(visited.early)
    booking = f"/attendance/bookings/{expected.booking_id}"
    spans = [(came, went)]
    if visited.out is not None:
        left, back = (expected.starts + _minutes(minute) for minute in visited.out)
        spans = [(came, left), (back, went)]
    for comes, goes in spans:
        if expected.telehealth:
            yield comes, (f"{booking}/telehealth-join", {"joined_at": comes.isoformat()})
            yield goes, (f"{booking}/telehealth-leave", {"left_at": goes.isoformat()})
        else:
            yield comes, (f"{booking}/check-in", {"checked_in_at": comes.isoformat()})
            yield goes, (f"{booking}/check-out", {"checked_out_at": goes.isoformat()})


def _settle_later(world: World, expected: Expected, absence: Absence, day: date) -> None:
    """An excuse, or a paper sheet that shows that they had been there, turns up in the evening of a later day."""
    booking = f"/attendance/bookings/{expected.booking_id}"
    if absence.excused is not None:
        _note(world, day, absence.excused, f"{booking}/excuse", {"reason": "illness"}, "excuses")
    elif absence.corrected is not None:
        body = {
            "reason": "paper_sheet",
            "checked_in_at": expected.starts.isoformat(),
            "checked_out_at": (expected.ends - _minutes(10)).isoformat(),
        }
        _note(world, day, absence.corrected, f"{booking}/correction", body, "corrections")


def _note(world: World, day: date, days: int, path: str, body: dict[str, Any], what: str) -> None:
    def write() -> None:
        world.attempt(world.therapist, path, body, what=what)

    world.later.setdefault(day + timedelta(days=days), []).append(write)


def _weekdays_later(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
