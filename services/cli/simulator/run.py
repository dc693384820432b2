"""A whole simulated program on embedded services under a simulated clock, from the first referral to the last week."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from services.cli.demo import figures
from services.cli.demo.receiver import HospitalSender
from services.cli.demo.stage import Stage, raised
from services.cli.simulator.days import Besides, begin, live
from services.cli.simulator.model.lives import OPENING_DAY
from services.cli.simulator.model.program import Program
from services.cli.simulator.model.traffic import instant
from services.cli.simulator.opening import prepare
from services.cli.simulator.published import write_published
from services.cli.simulator.world import World
from services.platform.clock import SimulatedClock
from services.platform.tokens import Role

SET_UP_DAYS = 1
"""The services are there so long before the first referral."""


class Interrupted(Exception):
    """Somebody has asked to end it."""


@dataclass
class Run:
    """``folder``: where the services keep their data. ``say`` is told how far it is."""

    program: Program
    folder: Path
    published: Path | None
    say: Callable[[str], None]
    weeks_done: int = 0
    interrupted: bool = False

    def run(self) -> dict[str, Any]:
        """Plays the program; the counts. Ctrl-C ends it at the moment at hand: ``interrupted`` is set, the counts are
        those until then."""
        started = time.monotonic()
        set_up = instant(self.program.first_day, OPENING_DAY - SET_UP_DAYS)
        with raised(self.folder, set_up) as stage:
            sender = HospitalSender("127.0.0.1", stage.settings.mllp_port)
            world = World(self.program, stage.client, self._moving(stage.clock), stage.settle, sender)
            signal.signal(signal.SIGINT, self._mark)
            try:
                prepare(world)
                begin(world)
                live(world, Besides(told=lambda day, of: self._tell(day, of, stage, started)))
            except Interrupted:
                self.say("interrupted; counting what was done")
                stage.settle()
            client = stage.client(Role.COORDINATOR, Role.OPERATOR, Role.AUDITOR, Role.INTEGRATION)
            answer = self._counts(world, stage, client)
            if self.published is not None:
                answer["published"] = write_published(client, self.published)
            sender.close()
        return answer | {"seconds": round(time.monotonic() - started, 1)}

    def _mark(self, *_: object) -> None:
        """A handler may interrupt any of the services' threads, so it only leaves a mark. The second Ctrl-C kills."""
        self.interrupted = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def _moving(self, clock: SimulatedClock) -> Callable[[datetime], None]:
        def move(now: datetime) -> None:
            if self.interrupted:
                raise Interrupted
            clock.set(now)

        return move

    def _tell(self, day: int, of: int, stage: Stage, started: float) -> None:
        if day % 7:
            return
        self.weeks_done = day // 7
        events = sum(service.log.head() for service in stage.runner.services.values())
        seconds = time.monotonic() - started
        self.say(f"week {day // 7} of {of // 7}: {events} events, {events / seconds:.0f} a second")

    def _counts(self, world: World, stage: Stage, client: Any) -> dict[str, Any]:
        return {
            "participants": self.program.participants,
            "weeks": self.weeks_done,
            "seed": self.program.seed,
            **{name: count for name, count in figures.program(client).items() if name != "participants"},
            **figures.hospital(client),
            **figures.logs(stage.runner.services),
            "done": dict(sorted(world.done.items())),
            "refused": dict(sorted(world.refused.items())),
        }
