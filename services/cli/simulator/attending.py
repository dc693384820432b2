"""A day's sessions: people come, come late, or do not; the front desk writes it down as it happens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import draw
from services.cli.simulator.model.visits import Absence, Visit, visit
from services.cli.simulator.world import Enrolled, World

ROUND_MINUTES = 30
"""So often the front desk writes down who came and who left, well within the grace after which a no-show is one."""

KIOSK_ROUND_MINUTES = 5
"""Who enters a code before the beginning does so at a moment of their own, as closely as it matters."""


@dataclass(frozen=True)
class Call:
    """``code_of``: the booking whose kiosk code is entered, where it is."""

    path: str
    body: dict[str, str]
    code_of: str | None = None
    wrong_first: bool = False


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
            for moment, call in _calls(world, expected, does):
                rounds.setdefault(moment, []).append(call)
            _find_out_later(world, expected, does, day)
        else:
            _settle_later(world, expected, does, day)
    for moment in sorted(rounds):
        world.advance(moment)
        for call in rounds[moment]:
            if call.code_of is not None:
                _enter_code(world, call)
            else:
                world.attempt(world.front_desk, call.path, call.body, what="check-ins and check-outs")
        world.take_turns()


def _enter_code(world: World, call: Call) -> None:
    """At the kiosk: the participant's code of the day, which staff have told them; some mistype it first."""
    code = world.front_desk.get(f"/attendance/bookings/{call.code_of}/kiosk-code")["code"]
    if call.wrong_first:
        wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
        world.attempt(world.front_desk, call.path, {"code": wrong})
    world.attempt(world.front_desk, call.path, {"code": code}, what="kiosk codes entered")


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


def _calls(world: World, expected: Expected, visited: Visit) -> Iterator[tuple[datetime, Call]]:
    """When the front desk, the call, or the kiosk writes down what."""
    came, went = expected.starts + _minutes(visited.late), expected.ends - _minutes(visited.early)
    booking = f"/attendance/bookings/{expected.booking_id}"
    if expected.telehealth or visited.by_call:
        for device, comes, goes in _connections(expected, visited, came, went):
            joined = {"joined_at": comes.isoformat(), "connection": device}
            left = {"left_at": goes.isoformat(), "connection": device}
            yield _round_after(comes), Call(f"{booking}/telehealth-join", joined)
            yield _round_after(goes), Call(f"{booking}/telehealth-leave", left)
    elif visited.kiosk:
        kiosk = f"/attendance/sessions/{expected.session_id}/kiosk"
        wrong = draw(world.seed, "wrong code", expected.enrolled.life.number, expected.starts).random() < p.WRONG_CODE
        yield _kiosk_moment(came), Call(f"{kiosk}-check-in", {}, expected.booking_id, wrong)
        yield _round_after(went), Call(f"{kiosk}-check-out", {}, expected.booking_id)
    else:
        for comes, goes in _spans(expected, visited.out, came, went):
            yield _round_after(comes), Call(f"{booking}/check-in", {"checked_in_at": comes.isoformat()})
            yield _round_after(goes), Call(f"{booking}/check-out", {"checked_out_at": goes.isoformat()})


def _connections(
    expected: Expected, visited: Visit, came: datetime, went: datetime
) -> Iterator[tuple[str, datetime, datetime]]:
    """Devices, and from when until when each was in the call."""
    for comes, goes in _spans(expected, visited.out, came, went):
        if visited.breaks is None:
            yield "call", comes, goes
        else:
            lost, back = (expected.starts + _minutes(minute) for minute in visited.breaks)
            yield "call", comes, lost
            yield "phone", back, goes


def _spans(
    expected: Expected, out: tuple[int, int] | None, came: datetime, went: datetime
) -> list[tuple[datetime, datetime]]:
    """In and out."""
    if out is None:
        return [(came, went)]
    left, back = (expected.starts + _minutes(minute) for minute in out)
    return [(came, left), (back, went)]


def _kiosk_moment(came: datetime) -> datetime:
    return came - timedelta(minutes=came.minute % KIOSK_ROUND_MINUTES, seconds=came.second)


def _find_out_later(world: World, expected: Expected, visited: Visit, day: date) -> None:
    """That they had gone before the end."""
    if visited.left_unseen is None or expected.telehealth:
        return
    before, days = visited.left_unseen
    body = {
        "reason": "left_unseen",
        "checked_in_at": expected.starts.isoformat(),
        "checked_out_at": (expected.ends - _minutes(before)).isoformat(),
    }
    path = f"/attendance/bookings/{expected.booking_id}/correction"
    _note(world, day, days, path, body, "corrections of visits")


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
