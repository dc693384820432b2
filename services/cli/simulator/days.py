"""The weeks, day by day: who comes new, who has a seat, who attends, what is due, who leaves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from services.cli.simulator import attending, caring, intake, leaving, opening, seats, teaching
from services.cli.simulator.available import say_who_is_away
from services.cli.simulator.changing import change_sessions
from services.cli.simulator.closing import close_and_reopen
from services.cli.simulator.identities import register_second_numbers, tell_apart
from services.cli.simulator.making_up import make_up
from services.cli.simulator.medicating import observe_doses, report_adverse_effects
from services.cli.simulator.model.lives import OPENING_DAY
from services.cli.simulator.world import Enrolled, World

OPENING, CLOSING = time(8, 30), time(22, 30)
REFERRED, ASSESSED = time(10), time(7)
"""Before the first session: Thursday's referrals, Monday's assessments and admissions."""


def _nothing(*_: object) -> None:
    return


@dataclass
class Besides:
    """What somebody wants to do beside the program: ``morning`` and ``evening`` get day and instant; ``remember`` is
    called when answers are to be kept, ``told`` after each day with its number from 1 and how many there are."""

    morning: Callable[[int, datetime], None] = _nothing
    evening: Callable[[int, datetime], None] = _nothing
    remember: Callable[[], None] = _nothing
    told: Callable[[int, int], None] = _nothing


def begin(world: World) -> None:
    """The days before: those who are there from the beginning are referred, assessed, admitted or waitlisted."""
    day = world.day(OPENING_DAY)
    now = world.move_to(day, REFERRED)
    world.send_until(now)
    intake.refer(world, day, now)
    world.settle()
    day = world.day(0)
    world.move_to(day, ASSESSED)
    _admissions(world, day)


def live(world: World, besides: Besides) -> None:
    """All weeks from Monday on, until the last one is judged."""
    last = world.program.weeks * 7
    for number in range(last):
        day = world.day(number)
        now = world.move_to(day, OPENING)
        if number and number % (7 * opening.PLANNED_EVERY_WEEKS) == 0:
            opening.plan_on(world, day)
            _seat(world, world.present(), day)
        _morning(world, number, day, now, besides)
        if number % 7 < 6:
            attending.sessions(world, day)
        if number % 7 < 5:
            _evening(world, number, world.move_to(day, CLOSING), besides)
        if number % 7 in (2, 4):
            besides.remember()
        besides.told(number + 1, last)
    # The last weeks are judged two days after their end.
    world.move_to(world.day(last + 3), OPENING)
    besides.remember()


def _morning(world: World, number: int, day: date, now: datetime, besides: Besides) -> None:
    register_second_numbers(world, number)
    world.send_until(now)
    besides.morning(number, now)
    if number % 7 < 5:
        intake.refer(world, day, now)
        world.settle()
        _admissions(world, day)


def _admissions(world: World, day: date) -> None:
    if intake.assess(world, day):
        world.settle()
    take_up(world, day, max(day, world.program.first_day))


def take_up(world: World, day: date, seats_from: date) -> None:
    """What has changed about somebody since the last look: papers for those admitted, seats for those who need them."""
    changed = seats.notice(world, day)
    for enrolled in changed:
        if enrolled.measured_on is None:
            caring.admitted(world, enrolled, day)
            world.take_turns()
    _seat(world, changed, seats_from)


def _seat(world: World, whom: Sequence[Enrolled], day: date) -> None:
    for enrolled in whom:
        seats.seat(world, enrolled, day)
        world.take_turns()
    if whom:
        world.settle()


def _evening(world: World, number: int, now: datetime, besides: Besides) -> None:
    day = world.day(number)
    world.send_until(now)
    world.settle()
    tell_apart(world, number)
    take_up(world, day, world.day(number + 1))
    for write in world.due_until(day):
        write()
        world.take_turns()
    attending.call_off(world, day)
    if day.weekday() < 4:
        change_sessions(world, world.day(number + 1))
    say_who_is_away(world, day)
    close_and_reopen(world, number)
    world.take_turns()
    make_up(world, day)
    teaching.catch_up(world, day)
    observe_doses(world, day)
    report_adverse_effects(world, day)
    caring.measure(world, day)
    world.take_turns()
    caring.see_to_what_is_due(world, day, now)
    leaving.leave(world, day)
    besides.evening(number, now)
    world.settle()
