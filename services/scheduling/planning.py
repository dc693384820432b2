"""What a session is held to, whether it is planned, scheduled or changed: who leads it, for how many, where."""

from datetime import date
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.claims import check_available
from services.scheduling.domain.claimed_day import FACILITATOR, ROOM, Span
from services.scheduling.domain.errors import FacilitatorNeeded, FacilitatorNotAvailable, RoomNeeded, RoomNotAvailable
from services.scheduling.domain.identity import room_id, slot_week_id, week_of
from services.scheduling.domain.known import Track
from services.scheduling.domain.override import Override
from services.scheduling.domain.prescriber_slots import PrescriberSlots
from services.scheduling.domain.resources import Facilitator, Room
from services.scheduling.domain.rulebook import RuleBook
from services.scheduling.domain.session import Session


def check_led(unit: Unit, facilitators: tuple[UUID, ...], component: str) -> bool:
    """Everyone who leads is qualified for the component; whether one of them may prescribe. Raises
    ``FacilitatorNeeded``, ``NotFound`` or ``FacilitatorNotQualified``."""
    if not facilitators:
        raise FacilitatorNeeded("name at least one facilitator")
    leading = [unit.get(Facilitator, facilitator_id) for facilitator_id in facilitators]
    for facilitator in leading:
        facilitator.check_may_lead(component)
    return any(facilitator.may_prescribe for facilitator in leading)


def check_group(unit: Unit, rules: RuleBook, track_id: UUID, component: str, seats: int, on: date) -> None:
    """Raises ``SeatsOutOfRange`` where the track's packs in force on the day allow no group of that size."""
    track = unit.find(Track, track_id)
    if track is not None and component == "group_therapy":
        rules.group_size(track.packs, on).check(seats)


def room_for(unit: Unit, code: str | None, seats: int, modality: str) -> Room | None:
    """Raises ``RoomNeeded``, ``NotFound``, ``RoomModalityDiffers`` or ``RoomTooSmall``."""
    if code is None:
        if modality == "in_person":
            raise RoomNeeded("a session in person needs a room; name one by its code")
        return None
    room = unit.get(Room, room_id(code))
    room.check_holds(seats, modality)
    return room


def taken_by(session: Session) -> list[tuple[str, UUID]]:
    """The kinds and ids of those whose time a session takes."""
    return resources(session.facilitators, session.room_id)


def resources(facilitators: tuple[UUID, ...], room_id: UUID | None) -> list[tuple[str, UUID]]:
    """The kinds and ids of those who lead, and of the room."""
    taken = [(FACILITATOR, facilitator_id) for facilitator_id in facilitators]
    return taken if room_id is None else [*taken, (ROOM, room_id)]


def offer(unit: Unit, session: Session) -> None:
    """Says that there is a prescriber's session in that week."""
    at = unit.context.at
    week = week_of(session.starts_at)
    slots = unit.find(PrescriberSlots, slot_week_id(session.track_id, week))
    if slots is None:
        unit.add(PrescriberSlots.open(session.track_id, week, session.id, session.starts_at, at))
    else:
        slots.offer(session.id, session.starts_at, at)


def check_all_available(
    unit: Unit, taking: list[tuple[str, UUID]], span: Span, override: Override | None
) -> list[tuple[str, UUID]]:
    """Those whose availability it takes the override to set aside. Raises ``FacilitatorNotAvailable`` or
    ``RoomNotAvailable`` where there is none."""
    outside = []
    for kind, resource_id in taking:
        try:
            check_available(unit, kind, resource_id, span)
        except (FacilitatorNotAvailable, RoomNotAvailable):
            if override is None:
                raise
            outside.append((kind, resource_id))
    return outside
