"""Files of published events (CloudEvents as JSON, one a line) → what each source told, in its order."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


class WrongInput(ValueError):
    """What was given is no file of published events; the message says where, ``hint`` what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Event:
    """One published event. ``at``: when its source wrote it; never earlier than the event before it in its partition.
    ``happened_at``: the instant that the decision went by.
    ``order``: by source, partition and sequence, for what was written at one instant."""

    id: str
    source: str
    generation: int
    partition: int
    sequence: int
    type: str
    key: str
    at: datetime
    happened_at: datetime
    cause: str | None
    actor: str
    order: int
    data: Mapping[str, Any]

    @property
    def place(self) -> str:
        """How people find it in the feed: ``scheduling/1/17/204``."""
        return f"{self.source}/{self.generation}/{self.partition}/{self.sequence}"


def instant(text: str) -> datetime:
    """An ISO 8601 instant with its offset."""
    return datetime.fromisoformat(text)


class Told:
    """Everything that was told. ``now``: the last instant at which any source wrote something."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = tuple(sorted(events, key=lambda one: (one.at, one.order)))
        self._by_type: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            self._by_type[event.type].append(event)
        if not self.events:
            raise WrongInput("there is no published event in it", "name a file in which feeds were kept")
        self.now = self.events[-1].at

    def of(self, *names: str) -> tuple[Event, ...]:
        """Events of these types (without ``.v1``), in the order in which they were written."""
        found = [event for name in names for event in self._by_type.get(f"{name}.v1", ())]
        return tuple(found if len(names) == 1 else sorted(found, key=lambda one: (one.at, one.order)))


def read(paths: Iterable[Path]) -> Told:
    """Reads the files together. Raises ``WrongInput`` where a line is no event, a number is missing, or two events have
    one number: what is worked out from half of a feed would differ for no fault of the services."""
    raw: list[dict[str, Any]] = []
    for path in paths:
        try:
            with path.open("rb") as lines:
                raw += [_object(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
        except OSError as error:
            raise WrongInput(f"{path} cannot be read: {error.strerror}", "name files that exist") from None
    return Told(numbered(raw))


def numbered(raw: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
    """CloudEvents as JSON objects → events, each once, however often and in which order they were told."""
    feeds: dict[tuple[str, int, int], dict[int, Mapping[str, Any]]] = defaultdict(dict)
    for one in raw:
        feed = feeds[one["source"], one["generation"], one["partition"]]
        known = feed.setdefault(one["sequence"], one)
        if known["id"] != one["id"]:
            raise WrongInput(
                f"two events have the number {one['sequence']} of partition {one['partition']} of {one['source']}",
                "name files of one program only",
            )
    order = 0
    for (source, generation, partition), feed in sorted(feeds.items()):
        before = None
        for expected, sequence in enumerate(sorted(feed), 1):
            if sequence != expected:
                raise WrongInput(
                    f"number {expected} of partition {partition} of {source} is missing",
                    f"pull it: GET {source.removeprefix('/daybook')}/feed/{partition}?after={expected - 1}",
                )
            one = feed[sequence]
            order += 1
            at = instant(one["recordedat"])
            before = at if before is None else max(before, at)
            yield Event(
                one["id"],
                source.removeprefix("/daybook/"),
                generation,
                partition,
                sequence,
                one["type"],
                one["subject"],
                before,
                instant(one["time"]),
                one.get("causationid"),
                one["actor"],
                order,
                one["data"],
            )


_ATTRIBUTES = {
    "id": str,
    "source": str,
    "type": str,
    "subject": str,
    "generation": int,
    "partition": int,
    "sequence": int,
    "recordedat": str,
    "time": str,
    "actor": str,
    "data": dict,
}


def _object(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        one = json.loads(line)
        wrong = [name for name, kind in _ATTRIBUTES.items() if not isinstance(one[name], kind)]
        wrong += [name for name in ("recordedat", "time") if instant(one[name]).tzinfo is None]
    except (ValueError, KeyError, TypeError) as error:
        what = f"{error.args[0]} is missing" if isinstance(error, KeyError) else "not a CloudEvent in JSON"
        raise WrongInput(f"{path}, line {number}: {what}", "each line is one published event") from None
    if wrong:
        raise WrongInput(f"{path}, line {number}: {wrong[0]} is malformed", "each line is one published event")
    return one
