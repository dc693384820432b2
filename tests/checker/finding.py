"""What a check answers: how many subjects it judged, and those of which something else was told."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.checker.reading import Event


@dataclass(frozen=True)
class Difference:
    """``told``: what the services published; ``events``: where what was expected is derived from."""

    rule: str
    subject: str
    expected: str
    told: str
    events: tuple[str, ...]


@dataclass
class Finding:
    """The result of one check. ``unit``: what is counted in ``judged``."""

    rule: str
    unit: str
    judged: int = 0
    differences: list[Difference] = field(default_factory=list)

    def differs(self, subject: str, expected: object, told: object, events: Iterable[Event] = ()) -> None:
        """Notes that something else was told."""
        places = tuple(dict.fromkeys(event.place for event in events))
        self.differences.append(Difference(self.rule, subject, str(expected), str(told), places))

    def compare(self, subject: str, expected: object, told: object, events: Iterable[Event] = ()) -> None:
        """Notes it where the two differ."""
        if expected != told:
            self.differs(subject, expected, told, events)
