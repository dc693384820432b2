"""Order per patient: what was received is applied in order of arrival, and nothing passes what stands still.

Messages are taken up one by one in the order of the log. That alone is order, until one that was accepted cannot be
applied: it is parked and stands in line, and so does whatever comes after it about any person of any of its numbers,
and so on from message to message. Settled messages leave, and those that then have nobody ahead of them go on. The
reasons are in docs/adr/0005."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from events.log.commands import Unit
from services.interop.domain.identity import Waiting
from services.interop.domain.ids import line_id
from services.interop.domain.line import Line
from services.interop.domain.message import HELD_UP, PARKED, Message
from services.interop.people import People


class Lines:
    """The lines that one unit has to do with."""

    def __init__(self, unit: Unit, people: People, at: datetime) -> None:
        self._unit = unit
        self._people = people
        self._at = at
        self._seen: dict[str, Line | None] = {}

    def place(self, message_id: UUID, lookups: Iterable[str]) -> Waiting | None:
        """Where a message stands; none where it stands in no line."""
        return next((one for one in self._standing(lookups) if one.message_id == message_id), None)

    def blocked(self, place: Waiting) -> bool:
        """Whether anything that arrived before stands in line about the same people."""
        return any(one.arrival < place.arrival for one in self._standing(place.lookups))

    def settle(self, message: Message, place: Waiting) -> None:
        """A message that stands still stays in line, or begins one; any other leaves, and those next in line go on."""
        if message.state in (PARKED, HELD_UP):
            self._stand(place)
        elif self.place(message.id, place.lookups):
            self._leave(place)
            self._go_on(self._standing(place.lookups))

    def without(self, message: Message) -> None:
        """The message concerns nobody any more; nor does it connect the people of its numbers, if it did."""
        own = self.place(message.id, message.lookups)
        standing = self._standing((*message.lookups, *(own.lookups if own else ())))
        self._people.leave(message)
        if own is not None:
            self._leave(own)
        self._go_on(place for place in standing if place.message_id != message.id)

    def seat_anew(self, who: str) -> None:
        """Something else is known about who is who: all that stands in this line stands in those of whom its numbers
        mean now, by order of arrival, and those with nobody ahead any more go on."""
        line = self._find(who)
        standing = list(line.standing.values()) if line else []
        for place in standing:
            self._stand(place)
            if line is not None and who not in self._people.whom(place.lookups):
                line.leave(place.message_id, self._at)
        self._go_on(standing)

    def _standing(self, lookups: Iterable[str]) -> list[Waiting]:
        """All that stands in line about whom these numbers name, each once."""
        lines = [self._find(who) for who in self._people.whom(lookups, connected=True)]
        return list({one.message_id: one for line in lines if line for one in line.standing.values()}.values())

    def _stand(self, place: Waiting) -> None:
        for who in self._people.whom(place.lookups):
            self._line(who).stand(place, self._at)

    def _leave(self, place: Waiting) -> None:
        for who in self._people.whom(place.lookups):
            if line := self._find(who):
                line.leave(place.message_id, self._at)

    def _go_on(self, standing: Iterable[Waiting]) -> None:
        """Releases those with nobody ahead, by order of arrival; each is then taken up by itself."""
        passed: set[str] = set()
        for place in sorted(standing, key=lambda one: one.arrival):
            whom = set(self._people.whom(place.lookups, connected=True))
            if not whom & passed and not self.blocked(place):
                self._unit.get(Message, place.message_id).release(self._at)
            passed |= whom

    def _find(self, who: str) -> Line | None:
        if who not in self._seen:
            self._seen[who] = self._unit.find(Line, line_id(who))
        return self._seen[who]

    def _line(self, who: str) -> Line:
        found = self._find(who)
        if found is None:
            found = self._seen[who] = self._unit.add(Line.form(who, self._at))
        return found
