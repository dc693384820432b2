"""The demo from the first referral to the last proof."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from services.cli.client import Client, Refusal
from services.cli.demo import figures, proofs, report
from services.cli.demo.receiver import HospitalSender
from services.cli.demo.remembered import Memory, questions
from services.cli.demo.stage import Stage, raised
from services.cli.demo.story import Story
from services.cli.output import progress
from services.cli.simulator.days import Besides, begin, live
from services.cli.simulator.model.program import Program
from services.cli.simulator.opening import prepare
from services.cli.simulator.world import World
from services.cli.wrong_use import WrongUse
from services.interop.er7 import split_messages
from services.platform.tokens import Role

PARTICIPANTS = 48
WEEKS = 3
FIRST_MONDAY = date(2026, 3, 2)
BEGIN = datetime(2026, 2, 25, 14, tzinfo=UTC)
TAMPERED = "attendance"
"""Whose log the copy is of that must fail."""

EVERYTHING = (Role.COORDINATOR, Role.OPERATOR, Role.AUDITOR, Role.INTEGRATION)


@dataclass(frozen=True)
class Outcome:
    """``answer`` is what ``--json`` prints."""

    answer: dict[str, Any]
    proved: bool


@dataclass
class Play:
    """``feeds``: files of HL7 messages; ``referrals``: FHIR bundles, with ``reason`` where they give none."""

    folder: Path
    seed: int
    feeds: list[Path]
    referrals: list[Path]
    reason: str | None

    def run(self) -> Outcome:
        """Plays, proves, reports."""
        started = time.monotonic()
        with self._bar() as bar, raised(self.folder, BEGIN) as stage:
            task = bar.add_task("starting", total=WEEKS * 7 + 6)

            def step(text: str) -> None:
                bar.update(task, description=text, advance=1)
                if not progress.is_terminal:
                    progress.print(f"{time.monotonic() - started:5.1f} s  {text}")

            sender = HospitalSender("127.0.0.1", stage.settings.mllp_port)
            world = World(self._program(), stage.client, stage.clock.set, stage.settle, sender, in_turn=False)
            memory = Memory(stage.client(*EVERYTHING))
            self._perform(world, memory, stage, step)
            step("proving")
            answer = self._prove(stage, memory, world)
            told = stage.receiver.told
            sender.close()
        answer["seconds"] = round(time.monotonic() - started, 1)
        proved = report.proved(answer)
        report.show(answer, dict(told), world.refused)
        return Outcome(answer, proved)

    def _perform(self, world: World, memory: Memory, stage: Stage, step: Any) -> None:
        step("opening tracks, planning groups")
        prepare(world)
        step("referrals come in")
        begin(world)
        self._take_files(world, stage, step)
        story = Story(world)

        def remember() -> None:
            some = [one.participant_id for one in world.people[::13]]
            memory.ask(questions(some, stage.clock().date().isoformat()))

        live(world, Besides(story.morning, story.evening, remember, lambda day, of: step(f"day {day} of {of}")))

    def _take_files(self, world: World, stage: Stage, step: Any) -> None:
        for path in self.referrals:
            self._refer(world.coordinator, path)
        for path in self.feeds:
            step(f"hospital feed {path.name}")
            for message in split_messages(path.read_bytes()):
                world.line.send(message)
        stage.settle()

    def _refer(self, client: Client, path: Path) -> None:
        try:
            body = {"bundle": json.loads(path.read_bytes()), "reason": self.reason}
            client.post("/interop/referrals", body)
        except ValueError:
            raise WrongUse(f"{path} is no JSON", "name a file of one FHIR R4 bundle") from None
        except Refusal as refusal:
            raise WrongUse(f"{path} was refused: {refusal}", "mend the bundle, or leave the file out") from None

    def _program(self) -> Program:
        return Program(PARTICIPANTS, WEEKS, self.seed, FIRST_MONDAY)

    def _prove(self, stage: Stage, memory: Memory, world: World) -> dict[str, Any]:
        stage.settle()
        client, services = memory.client, stage.runner.services
        answer: dict[str, Any] = {
            **figures.program(client),
            **figures.hospital(client),
            **figures.logs(services),
        }
        differing = memory.differing()
        rebuilt = proofs.rebuilt_identical(client, services)
        stage.settle()
        ledgers = proofs.ledgers(services.values())
        tampered = proofs.tampered_fails(services[TAMPERED], self.folder)
        secrets = [text for one in world.people for text in one.life.person.secrets]
        leaks = proofs.found_in_files(self.folder, secrets)
        answer |= {
            "rebuild_identical": all(rebuilt.values()),
            "answers_compared": len(memory.kept),
            "as_of_identical": not differing,
            "ledger_verified": all(one.ok for one in ledgers.values()) and not tampered.ok,
            "tampered_copy": {"service": TAMPERED, "first_bad_position": tampered.first_bad_position},
            "personal_data_found": len(leaks),
        }
        for one in differing[:5]:
            progress.print(f"differs as of then: {one.path}")
        for path, _ in leaks[:5]:
            progress.print(f"personal data in {path.relative_to(self.folder)}")
        return answer

    def _bar(self) -> Progress:
        columns = (TextColumn("{task.description:<34}"), BarColumn(), TimeElapsedColumn())
        return Progress(*columns, console=progress, transient=True)
