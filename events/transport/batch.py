"""What one transaction of the inbox appends, and how far each place was received after it."""

from collections.abc import Mapping
from dataclasses import replace

from events.contract.envelope import CloudEvent
from events.transport.marks import Halt, Mark, Place


class Batch:
    """Filled event by event, in the order of each place; nothing is written here."""

    def __init__(self, before: Mapping[Place, Mark]):
        self.before = before
        self.after: dict[Place, Mark] = {}
        self.kept: list[tuple[CloudEvent, bytes]] = []
        self.halts: dict[Place, Halt] = {}

    def mark(self, place: Place) -> Mark:
        """How far a place is received with what the batch holds so far."""
        return self.after.get(place) or self.before.get(place) or Mark()

    def pass_(self, place: Place, event: CloudEvent, body: bytes, *, keep: bool) -> None:
        """The next event of a place; ``keep``: it is appended, not only passed."""
        self.after[place] = replace(self.mark(place), sequence=event.sequence, event_id=event.id)
        if keep:
            self.kept.append((event, body))

    def halt(self, halt: Halt) -> None:
        """Nothing more is taken from a place, unless it has gone on since the reason was seen."""
        mark = self.mark(halt.place)
        if mark.sequence == halt.after and not mark.halted:
            self.halts[halt.place] = halt

    def leave_out(self, place: Place) -> None:
        """Takes back whatever the batch holds of a place."""
        self.after.pop(place, None)
        self.halts.pop(place, None)
        self.kept = [(event, body) for event, body in self.kept if Place.of(event) != place]

    def passed(self) -> int:
        """How many events were passed."""
        return sum(mark.sequence - (self.before.get(place) or Mark()).sequence for place, mark in self.after.items())
