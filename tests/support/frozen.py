"""Old events that must load for ever: one JSON line each, with type, version and the stored state as text.

A service keeps ``tests/<service>/frozen/<aggregate>.jsonl``. Lines are only ever added: when a class changes, the line
of the old shape stays and an upcaster makes it load.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from events.log.mapper import DaybookMapper

STREAM = UUID("00000000-0000-4000-8000-000000000001")


@dataclass(frozen=True)
class Frozen:
    """One stored event as it was written once."""

    type: str
    version: int
    state: str

    def stored(self, stream: UUID = STREAM) -> StoredEvent:
        return StoredEvent(stream, self.version, self.type, self.state.encode())


def read(path: Path) -> list[Frozen]:
    """The frozen events of a file, in order."""
    return [Frozen(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]


def write(path: Path, events: Iterable[StoredEvent]) -> None:
    """Appends events to a file; used once per new event class, by hand."""
    with path.open("a", encoding="utf-8") as file:
        for event in events:
            line = {"type": event.topic, "version": event.originator_version, "state": event.state.decode()}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def load(path: Path, mapper: DaybookMapper, stream: UUID = STREAM) -> object:
    """The aggregate that the frozen events of a file make. Raises what the mapper or the aggregate raises."""
    aggregate = None
    for frozen in read(path):
        aggregate = mapper.to_domain_event(frozen.stored(stream)).mutate(aggregate)
    return aggregate
