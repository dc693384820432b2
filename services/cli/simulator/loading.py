"""Sample data for running services, whose clock is real: a program as it stands before its first week.

What a program does afterwards takes its time there: nothing is dated back, so nobody has attended yet.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from services.cli.client import Client
from services.cli.composition import SERVICES
from services.cli.demo import figures
from services.cli.simulator import days, intake
from services.cli.simulator.hospital import Hospital
from services.cli.simulator.model.lives import OPENING_DAY
from services.cli.simulator.model.program import Program
from services.cli.simulator.model.timetable import ZONE
from services.cli.simulator.opening import prepare
from services.cli.simulator.world import Line, World
from services.platform.tokens import Role

LOOK_SECONDS, PATIENCE_SECONDS = 0.1, 120.0


class NotSettled(TimeoutError):
    """The services did not catch up with one another in time."""


def today() -> date:
    """Where the program is."""
    return datetime.now(ZoneInfo(ZONE)).date()


def next_monday() -> date:
    """When the sample program begins."""
    return today() + timedelta(days=7 - today().weekday())


def load(program: Program, client: Callable[..., Client], line: Line | None) -> dict[str, Any]:
    """Opens tracks, plans the first weeks, and refers, assesses, admits and books those who are there from the
    beginning. ``line``: where hospital messages are taken; without one, those whom ADT messages would refer walk in.
    The counts. Raises ``Refusal`` where the services already have these people."""
    operator = client(Role.COORDINATOR, Role.OPERATOR, Role.AUDITOR, Role.INTEGRATION)
    now = datetime.now(UTC)
    settle = partial(_settle, operator)
    world = World(program, client, lambda _: None, settle, line or _Nobody(), in_turn=False)
    prepare(world)
    intake.refer(world, world.day(OPENING_DAY), now, registrations=line is None)
    if line is not None:
        _register(world, line, now)
    world.settle()
    intake.assess(world, world.day(OPENING_DAY + 1))
    world.settle()
    days.take_up(world, today(), program.first_day)
    return {
        "participants": len(world.people),
        "weeks": program.weeks,
        "seed": program.seed,
        **{name: count for name, count in figures.program(operator).items() if name != "participants"},
        "done": dict(sorted(world.done.items())),
        "refused": dict(sorted(world.refused.items())),
    }


class _Nobody:
    """No hospital is listening to us."""

    def send(self, message: bytes) -> str:
        raise AssertionError("nothing is sent without a line")


def _register(world: World, line: Line, now: datetime) -> None:
    """ADT registrations, under control ids that no earlier run has used."""
    hospital = Hospital(sent=int(now.timestamp()) % 10**9)
    for enrolled in world.people:
        if enrolled.life.way == "registration":
            line.send(hospital.registration(enrolled.life.person, f"V{enrolled.life.number:06d}", now))


def _settle(operator: Client) -> None:
    """Blocks until every service says twice that nothing is on its way. Raises ``NotSettled``."""
    until, before = time.monotonic() + PATIENCE_SECONDS, None
    while True:
        found = [operator.get(f"/{service}/status") for service in SERVICES]
        now = None if any(map(_behind, found)) else [one["position"] for one in found]
        if now is not None and now == before:
            return
        before = now
        if time.monotonic() > until:
            raise NotSettled("the services did not catch up with one another: `daybook status` shows who is behind")
        time.sleep(LOOK_SECONDS)


def _behind(status: Mapping[str, Any]) -> bool:
    return any(one["lag_events"] for one in (*status["followers"], *status["inbox"]))
