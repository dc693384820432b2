"""Who leads and where: facilitators and rooms."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.errors import RoomModalityDiffers, RoomTooSmall, SeatsOutOfRange
from services.scheduling.domain.identity import room_id
from services.scheduling.domain.qualifications import PRESCRIBING, WHO_MAY_LEAD, check_known


class Facilitator(Aggregate):
    """A member of staff under a random id. The label people know them by is personal and sealed under their own key."""

    TOPIC = "scheduling.facilitator"

    class Created(Aggregate.Created):
        TOPIC = "scheduling.facilitator.registered"
        PERSONAL: ClassVar[tuple[str, ...]] = ("label",)
        SUBJECT: ClassVar[str] = "originator_id"
        label: str
        qualifications: tuple[str, ...]

    class QualificationsChanged(Aggregate.Event):
        TOPIC = "scheduling.facilitator.qualifications_changed"
        qualifications: tuple[str, ...]

    @event(Created)
    def __init__(self, label: str, qualifications: tuple[str, ...]) -> None:
        self.label = label
        self.qualifications = frozenset(qualifications)

    @classmethod
    def register(cls, facilitator_id: UUID, label: str, qualifications: Iterable[str], at: datetime) -> "Facilitator":
        """Raises ``UnknownQualification``."""
        held = tuple(sorted(set(qualifications)))
        check_known(held)
        return cls._create(cls.Created, id=facilitator_id, timestamp=at, label=label, qualifications=held)

    def change_qualifications(self, qualifications: Iterable[str], at: datetime) -> None:
        """The whole list anew; sessions already scheduled stay. Raises ``UnknownQualification``."""
        held = tuple(sorted(set(qualifications)))
        check_known(held)
        if frozenset(held) != self.qualifications:
            self.trigger_event(self.QualificationsChanged, timestamp=at, qualifications=held)

    def check_may_lead(self, component: str) -> None:
        """Raises ``FacilitatorNotQualified``."""
        WHO_MAY_LEAD[component].check(self.qualifications)

    @property
    def may_prescribe(self) -> bool:
        return not PRESCRIBING.isdisjoint(self.qualifications)

    @event(QualificationsChanged)
    def _qualifications_changed(self, qualifications: tuple[str, ...]) -> None:
        self.qualifications = frozenset(qualifications)


class Room(Aggregate):
    """A place for sessions: a room with seats, or a telehealth room (a link that serves one session at a time)."""

    TOPIC = "scheduling.room"

    class Created(Aggregate.Created):
        TOPIC = "scheduling.room.opened"
        code: str
        seats: int
        modality: str

    @event(Created)
    def __init__(self, code: str, seats: int, modality: str) -> None:
        self.code = code
        self.seats = seats
        self.modality = modality

    @classmethod
    def open(cls, code: str, seats: int, modality: str, at: datetime) -> "Room":
        """Raises ``SeatsOutOfRange``."""
        if seats < 1:
            raise SeatsOutOfRange("a room has at least one seat")
        return cls._create(cls.Created, id=room_id(code), timestamp=at, code=code, seats=seats, modality=modality)

    def check_holds(self, seats: int, modality: str) -> None:
        """Raises ``RoomModalityDiffers`` or ``RoomTooSmall``."""
        if self.modality != modality:
            raise RoomModalityDiffers(f"the room is for {self.modality} sessions; choose one for {modality}")
        if self.seats < seats:
            raise RoomTooSmall(f"the room has {self.seats} seats and the series {seats}; choose a larger room")
