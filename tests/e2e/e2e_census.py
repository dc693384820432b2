"""One of several processes that admit participants at the same moment.

Reads the settings' URLs, the master key and the track from its arguments and the episodes from standard input, one JSON
a line; waits for the word; admits all from several threads; prints what came of each."""

import json
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from events.log.commands import Context
from events.log.database import Appended
from events.log.errors import Busy
from services.cli.composition import definition
from services.platform import keyring
from services.platform.clock import SimulatedClock
from services.platform.metrics import Metrics
from services.platform.packs import Packs
from services.platform.service import Service, Surroundings
from services.platform.settings import load

THREADS = 8
NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)


def enrollment(folder: Path, database: str, keys: str, master_key: str) -> Service:
    """The enrollment service of one process, without loops."""
    settings = load({}, data=folder, database=database, keys=keys, master_key=master_key)
    clock = SimulatedClock(NOW)
    around = Surroundings(settings, clock, keyring.load(settings), Packs.load(), Metrics(), Appended())
    return Service(definition("enrollment"), around, frozenset(), {})


def admitted(service: Service, wanted: Mapping[str, Any]) -> str:
    """``admitted`` or ``waitlisted``. Sent again only where the service had no connection free in time, as on a slow
    machine: nothing of the command is stored then, so what the service itself does is what counts."""
    from services.enrollment.domain.commands import AdmitParticipant

    command = AdmitParticipant(
        participant_id=UUID(wanted["participant_id"]),
        track_id=UUID(wanted["track_id"]),
        components=("group_therapy",),
        assessment_id=UUID(wanted["assessment_id"]),
        episode_id=UUID(wanted["episode_id"]),
        priority=wanted["priority"],
    )
    context = Context(uuid4(), NOW, "somebody", frozenset({"coordinator"}), "rush")
    while True:
        with suppress(Busy):
            return str(service.application.handle(command, context).body["outcome"])


def main() -> None:
    service = enrollment(Path(sys.argv[1]), *sys.argv[2:5])
    wanted = [json.loads(line) for line in iter(sys.stdin.readline, "go\n")]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    assert sys.stdin.readline() == "now\n"
    with ThreadPoolExecutor(THREADS) as pool:
        print(json.dumps(list(pool.map(lambda one: admitted(service, one), wanted))))
    service.close()


if __name__ == "__main__":
    main()
