"""Who works here and where: facilitators and rooms, by command."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid5

from events.log.commands import Unit
from services.scheduling.domain.commands import ChangeQualifications, OpenRoom, RegisterFacilitator
from services.scheduling.domain.errors import FacilitatorAlreadyRegistered, RoomAlreadyOpened
from services.scheduling.domain.identity import room_id
from services.scheduling.domain.resources import Facilitator, Room
from services.scheduling.prescribers import led_again, sessions_to_come


def register_facilitator(unit: Unit, command: RegisterFacilitator) -> Mapping[str, Any]:
    """A new facilitator under the id given, or under one made from the command's id."""
    facilitator_id = command.facilitator_id or uuid5(unit.context.command_id, "facilitator")
    if unit.find(Facilitator, facilitator_id) is not None:
        raise FacilitatorAlreadyRegistered("a facilitator of this id exists; leave the id out to get a new one")
    unit.add(Facilitator.register(facilitator_id, command.label, command.qualifications, unit.context.at))
    return {"facilitator_id": facilitator_id}


def change_qualifications(unit: Unit, command: ChangeQualifications) -> Mapping[str, Any]:
    """Who may prescribe again is found by the reviews that passed their sessions over."""
    facilitator = unit.get(Facilitator, command.facilitator_id)
    might_prescribe = facilitator.may_prescribe
    facilitator.change_qualifications(command.qualifications, unit.context.at)
    if facilitator.may_prescribe and not might_prescribe:
        for session in sessions_to_come(unit, facilitator.id):
            led_again(unit, session)
    return {"facilitator_id": facilitator.id, "qualifications": sorted(facilitator.qualifications)}


def open_room(unit: Unit, command: OpenRoom) -> Mapping[str, Any]:
    if unit.find(Room, room_id(command.code)) is not None:
        raise RoomAlreadyOpened(f"a room {command.code} exists; choose another code")
    room = unit.add(Room.open(command.code, command.seats, command.modality, unit.context.at))
    return {"room_id": room.id, "code": room.code}
