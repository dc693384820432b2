"""A fleet, those who talk to it, and who judges what came of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.platform.tokens import Role
from tests.faults.faults_fleet import Fleet, Plan, fleet_on
from tests.faults.faults_oracle import Oracle
from tests.faults.faults_talk import Talk


@dataclass(frozen=True)
class Scene:
    fleet: Fleet
    talk: Talk
    oracle: Oracle

    def judge(self) -> None:
        """Everything arrives, and is as promised."""
        self.oracle.settle()
        self.oracle.judge(self.talk.said)
        assert not self.talk.refused, self.talk.refused

    def talk_for(self, commands: int) -> None:
        """Clients get this many answers more, and then fall silent."""
        with self.talk.going_on():
            self.hear(commands)

    def hear(self, commands: int) -> None:
        """Waits for this many answers more."""
        wanted = len(self.talk.said) + commands
        self.fleet.eventually(lambda: len(self.talk.said) >= wanted or self.talk.failures, "nobody answers")


@contextmanager
def scene_on(
    folder: Path,
    database: str,
    broker: str,
    plans: Iterable[Plan],
    *,
    with_deadlines: bool = False,
    **environment: str,
) -> Iterator[Scene]:
    """Two services and their clients, for as long as the block lasts."""
    fleet = fleet_on(folder, database, broker, plans, environment)
    try:
        assert fleet.keys.issuer is not None
        token = fleet.keys.issuer.issue("test-client", [Role.COORDINATOR, Role.OPERATOR], datetime.now(UTC))
        oracle = Oracle(fleet, with_deadlines=with_deadlines)
        try:
            yield Scene(fleet, Talk(fleet.fronts, token), oracle)
        finally:
            oracle.close()
    finally:
        fleet.close()
