"""What a service tells about itself while others do not answer, and while it is at work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pytest import MonkeyPatch

from events.follow.comparing import Difference, first_difference
from events.follow.meanwhile import meanwhile
from events.log.commands import Context
from events.log.database import Appended
from events.transport.source import Heads
from services.platform import keyring, status
from services.platform.clock import SystemClock
from services.platform.definition import ServiceDefinition
from services.platform.metrics import Metrics
from services.platform.packs import Packs
from services.platform.problem import Refused
from services.platform.roles import Work
from services.platform.service import Service, Surroundings
from services.platform.settings import load
from tests.platform.library import BuyBook, books, readers


class Silent:
    """Answers much later than anybody waits."""

    source = "/daybook/enrollment"
    remote = True

    def __init__(self) -> None:
        self.gate = threading.Event()

    def heads(self) -> Heads:
        self.gate.wait()
        return Heads(1, {})


@contextmanager
def service(definition: ServiceDefinition, folder: Path, work: Work) -> Iterator[Service]:
    settings = load({"DAYBOOK_SERVICES": "enrollment=http://127.0.0.1:9"}, data=folder)
    around = Surroundings(settings, SystemClock(), keyring.load(settings), Packs.load(), Metrics(), Appended())
    made = Service(definition, around, frozenset({work}), {})
    try:
        made.connect({})
        yield made
    finally:
        made.close()


def test_a_source_that_does_not_answer_is_told_as_such_and_not_waited_for(tmp_path: Path) -> None:
    silent = Silent()
    with service(readers(), tmp_path, Work.INBOX) as asked:
        assert asked.inbox is not None
        asked.inbox.receiver.sources = {silent.source: silent}
        [inbox] = status.document(asked)["inbox"]
        silent.gate.set()
    assert (inbox["source"], inbox["lag_events"]) == (silent.source, None)


def test_a_rebuild_that_is_under_way_is_told_and_not_begun_again(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    built, go_on = threading.Event(), threading.Event()

    def compares(*arguments: Any) -> Difference | None:
        built.set()
        go_on.wait()
        return first_difference(*arguments)

    monkeypatch.setattr("events.follow.rebuild.first_difference", compares)
    with service(books(), tmp_path, Work.PROJECTIONS) as library:
        for title in ("The Trial", "The Castle", "Amerika"):
            library.application.buy(BuyBook(uuid4(), title, 1), context())
        library.followers.drain()
        [shelf] = [follower.projection for follower in library.followers.projections]
        coming = meanwhile("rebuild", lambda: library.rebuilding.run(shelf))
        built.wait()
        [under_way] = status.document(library)["rebuilds"]
        with pytest.raises(Refused) as refused:
            library.rebuilding.run(shelf)
        go_on.set()
        assert coming.result().identical
        assert status.document(library)["rebuilds"] == []
        assert library.rebuilding.run(shelf).identical
    assert under_way.pop("events_per_second") > 0
    assert under_way == {"projection": "shelf", "position": 3, "events": 3}
    assert (refused.value.status, refused.value.code) == (409, "rebuild_under_way")


def context() -> Context:
    return Context(uuid4(), datetime.now(UTC), "person:1", frozenset({"coordinator"}), "conversation")
