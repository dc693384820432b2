"""One person under several ids, and two people after all: what becomes of their bookings."""

from datetime import datetime
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.claims import move_time
from services.scheduling.desk import Answered, free_seat, give_back, identity
from services.scheduling.domain.claimed_day import PARTICIPANT
from services.scheduling.domain.known import Person
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.told_commands import MergeParticipants, SeparateParticipants
from services.scheduling.prescribers import seek_prescriber


def merge_participants(unit: Unit, command: MergeParticipants) -> Answered:
    """Both ids are one person: of bookings that overlap from now on, the survivor's stands."""
    at = unit.context.at
    person = person_of(unit, command.retired_id)
    if command.revision <= person.revision:
        return {"surviving_id": identity(unit, command.surviving_id).ids[0]}
    _separate(unit, person, command.revision, command.told_at)
    surviving, retired = identity(unit, command.surviving_id), identity(unit, command.retired_id)
    person.merge_into(person_of(unit, command.surviving_id), command.revision, at)
    if person.id in surviving.ids:
        return {"surviving_id": surviving.ids[0]}
    staying = [unit.get(Placement, episode) for episode in surviving.episodes]
    joining = [unit.get(Placement, episode) for episode in retired.episodes]
    held = [booking for placement in staying for booking in placement.seats.held.values()]
    for placement in joining:
        for booking in placement.seats.held_from(command.told_at):
            if any(booking.span.overlaps(other.span) for other in held):
                free_seat(unit, placement, booking, "merged")
    for placement in (*staying, *joining):
        placement.note_merge(command.surviving_id, command.retired_id, at)
        seek_prescriber(unit, placement)
    return {"surviving_id": surviving.ids[0]}


def separate_participants(unit: Unit, command: SeparateParticipants) -> Answered:
    """Two people after all: bookings stay with the placements that they were made for and claim their own person's
    time."""
    person = person_of(unit, command.retired_id)
    if command.revision > person.revision:
        _separate(unit, person, command.revision, command.told_at)
        if person.revision < command.revision:  # it was no alias here: the merge before it is still to come
            person.separate_from(person_of(unit, command.surviving_id), command.revision, unit.context.at)
    return {"surviving_id": command.surviving_id}


def _separate(unit: Unit, person: Person, revision: int, told_at: datetime) -> None:
    """Ends the alias that there is, if any, moves the claims of future bookings to whose they are, and gives back what
    the merge took because the two overlapped."""
    if person.merged_into is None:
        return
    before = identity(unit, person.id)
    other_id = person.merged_into
    person.separate_from(person_of(unit, other_id), revision, unit.context.at)
    for now in (identity(unit, other_id), identity(unit, person.id)):
        for placement in (unit.get(Placement, episode) for episode in now.episodes):
            placement.note_separation(other_id, person.id, unit.context.at)
            placement.time_came_free(unit.context.at)
            for booking in placement.seats.held_from(told_at):
                move_time(unit, PARTICIPANT, before.ids[0], now.ids[0], booking.booking_id, booking.span)
    for placement in (unit.get(Placement, episode) for episode in before.episodes):
        give_back(unit, placement, tuple(placement.seats.merged_away.values()), told_at)


def person_of(unit: Unit, participant_id: UUID) -> Person:
    found = unit.find(Person, participant_id)
    return found or unit.add(Person.learn(participant_id, unit.context.at))
