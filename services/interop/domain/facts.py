"""What a hospital's message says, apart from the format it came in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class HospitalNumber:
    """A number by which a hospital knows a person, under Daybook's name of the assigning authority."""

    authority: str
    number: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A diagnosis or condition. What a sender writes beside the code stays in its message."""

    code: str
    system: str


StayChange = Literal["started", "ended", "start_cancelled", "end_cancelled"]


@dataclass(frozen=True, slots=True)
class Stay:
    """A change of an inpatient stay. ``visit`` names the stay among all of the hospital's."""

    change: StayChange
    visit: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Medication:
    """One medication order or statement."""

    order_id: str
    status: Literal["active", "changed", "stopped"]
    name: str
    reported_at: datetime
    code: str | None = None
    system: str | None = None
    dose: str | None = None
    frequency: str | None = None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One result. ``value``: a number, a code of ``value_system``, or a word such as positive; none for text."""

    number: int
    code: str
    system: str
    observed_at: datetime
    value: str | None = None
    value_system: str | None = None
    unit: str | None = None
    abnormal: str | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """The sender refers the person to the program."""

    problems: tuple[Problem, ...] = ()
    reason: str | None = None
    urgency: str = "routine"
    from_level_of_care: str | None = None
    always: bool = False
    """True where it is a referral even of someone already known; else a registration, which then updates the person."""


@dataclass(frozen=True, slots=True)
class PersonUpdate:
    """The person's details as they are now."""


@dataclass(frozen=True, slots=True)
class Merge:
    """The retired numbers belong to the person of the surviving ones."""

    retired: tuple[HospitalNumber, ...]


Fact = Stay | Medication | Observation | Referral | PersonUpdate | Merge


@dataclass(frozen=True, slots=True)
class Content:
    """A message understood. ``supported`` is false for a good message of a type that Daybook does not act on."""

    type: str
    supported: bool
    numbers: tuple[HospitalNumber, ...] = ()
    facts: tuple[Fact, ...] = ()
    describe: Callable[[], Mapping[str, Any]] = dict
    """Reads who it is about: name, birth date, sex, contacts. No acknowledgment depends on it, so it is not read
    before the message is applied."""
    stated: Callable[[], datetime | None] = lambda: None
    """Reads when the sender made it, which orders its statements among others of the same sender; likewise."""

    @property
    def merge(self) -> Merge | None:
        return next((fact for fact in self.facts if isinstance(fact, Merge)), None)

    @property
    def all_numbers(self) -> tuple[HospitalNumber, ...]:
        """The person's numbers and, of a merge, the retired ones."""
        merge = self.merge
        return self.numbers + (merge.retired if merge else ())
