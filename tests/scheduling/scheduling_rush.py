"""One of several processes that send commands at the same moment.

Reads them from standard input, one JSON a line, waits for the word, sends all from several threads, and prints what
came of each."""

import json
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from scheduling_service import Service

from events.log.errors import Conflict
from services.scheduling.domain import commands as c
from services.scheduling.domain.errors import SchedulingRefused

THREADS = 8


def outcome(service: Service, wanted: Mapping[str, Any]) -> str:
    """``done``, or the code of the refusal. A conflict is sent again with the same command id, as clients do."""
    command: object
    if "participant_id" in wanted:
        command = c.BookSession(UUID(wanted["session_id"]), UUID(wanted["participant_id"]))
    else:
        command = c.ScheduleSessions(UUID(wanted["series_id"]), date.fromisoformat(wanted["through"]))
    command_id = uuid4()
    while True:
        try:
            service.do(command, command_id)
        except Conflict:
            continue
        except SchedulingRefused as refusal:
            return refusal.code
        return "done"


def main() -> None:
    service = Service(*sys.argv[1:3])
    wanted = [json.loads(line) for line in iter(sys.stdin.readline, "go\n")]
    with ThreadPoolExecutor(THREADS) as pool:
        print(json.dumps(list(pool.map(lambda one: outcome(service, one), wanted))))
    service.close()


if __name__ == "__main__":
    main()
