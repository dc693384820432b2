"""One of several processes that send commands at the same moment.

Reads rounds from standard input, one JSON list of commands a line. For each it readies a thread per command, says
``ready``, waits for the word, sends all at once and prints what came of each."""

import json
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

from scheduling_service import Service

from events.log.errors import Busy, Conflict
from services.scheduling.domain import commands as c
from services.scheduling.domain import waitlist_commands
from services.scheduling.domain.availability_commands import StateAvailability
from services.scheduling.domain.available_times import Window
from services.scheduling.domain.closure_commands import CloseDays
from services.scheduling.domain.errors import SchedulingRefused


def outcome(service: Service, wanted: Mapping[str, Any], together: Barrier) -> str:
    """``done``, the code of the refusal, or ``Conflict``: sent once, so what the service itself does is what counts."""
    command: object
    if "closes" in wanted:
        closed = date.fromisoformat(wanted["closes"])
        command = CloseDays(UUID(wanted["closure_id"]), None, closed, closed, "storm")
    elif "kind" in wanted:
        away = Window(available=False, weekdays=(1, 2))
        command = StateAvailability(wanted["kind"], UUID(wanted["resource_id"]), "UTC", (away,), (None,))
    elif "waits" in wanted:
        command = waitlist_commands.WaitForSession(UUID(wanted["session_id"]), UUID(wanted["participant_id"]))
    elif "booking_id" in wanted:
        command = c.CancelBooking(UUID(wanted["session_id"]), UUID(wanted["booking_id"]))
    elif "participant_id" in wanted:
        missed = UUID(wanted["makes_up_for"]) if "makes_up_for" in wanted else None
        command = c.BookSession(UUID(wanted["session_id"]), UUID(wanted["participant_id"]), makes_up_for=missed)
    else:
        command = c.ScheduleSessions(UUID(wanted["series_id"]), date.fromisoformat(wanted["through"]))
    command_id = uuid4()
    together.wait()
    while True:
        try:
            service.do(command, command_id=command_id)
        except SchedulingRefused as refusal:
            return refusal.code
        except Conflict:
            return "Conflict"
        except Busy:  # on a slow machine connections to the database are waited for longer than the service does
            continue
        return "done"


def main() -> None:
    service = Service(*sys.argv[1:3])
    for line in iter(sys.stdin.readline, ""):
        wanted = json.loads(line)
        together = Barrier(len(wanted) + 1)
        with ThreadPoolExecutor(len(wanted)) as pool:
            found = [pool.submit(outcome, service, one, together) for one in wanted]
            print("ready", flush=True)
            sys.stdin.readline()
            together.wait()
            print(json.dumps([one.result() for one in found]), flush=True)
    service.close()


if __name__ == "__main__":
    main()
