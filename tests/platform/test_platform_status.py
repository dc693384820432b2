"""What a service tells about itself while others do not answer."""

import threading
from pathlib import Path

from events.log.database import Appended
from events.transport.source import Heads
from services.platform import keyring, status
from services.platform.clock import SystemClock
from services.platform.metrics import Metrics
from services.platform.packs import Packs
from services.platform.roles import Work
from services.platform.service import Service, Surroundings
from services.platform.settings import load
from tests.platform.library import readers


class Silent:
    """Answers much later than anybody waits."""

    source = "/daybook/enrollment"
    remote = True

    def __init__(self) -> None:
        self.gate = threading.Event()

    def heads(self) -> Heads:
        self.gate.wait(20)
        return Heads(1, {})


def test_a_source_that_does_not_answer_is_told_as_such_and_not_waited_for(tmp_path: Path) -> None:
    settings = load({"DAYBOOK_SERVICES": "enrollment=http://127.0.0.1:9"}, data=tmp_path)
    around = Surroundings(settings, SystemClock(), keyring.load(settings), Packs.load(), Metrics(), Appended())
    service = Service(readers(), around, frozenset({Work.INBOX}), {})
    silent = Silent()
    try:
        service.connect({})
        assert service.inbox is not None
        service.inbox.receiver.sources = {silent.source: silent}
        [inbox] = status.document(service)["inbox"]
        assert (inbox["source"], inbox["lag_events"]) == (silent.source, None)
    finally:
        silent.gate.set()
        service.close()
