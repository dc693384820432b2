"""When participants, facilitators and rooms can be had: stated by command, and asked by whatever takes their time."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from events.log.commands import Unit
from services.scheduling.claims import opened
from services.scheduling.desk import identity
from services.scheduling.domain.availability import Availability
from services.scheduling.domain.availability_commands import SettleConflict, StateAvailability
from services.scheduling.domain.available_times import Times
from services.scheduling.domain.claimed_day import FACILITATOR, PARTICIPANT, ROOM, ClaimedDay, Span
from services.scheduling.domain.identity import availability_id, claimed_day_id, days_touched
from services.scheduling.domain.known import Person
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.resources import Facilitator, Room
from services.scheduling.domain.series import LONGEST_HORIZON
from services.scheduling.prescribers import seek_prescriber

OWNERS: Mapping[str, type[Aggregate]] = {PARTICIPANT: Person, FACILITATOR: Facilitator, ROOM: Room}


def state_availability(unit: Unit, command: StateAvailability) -> Mapping[str, Any]:
    """All of it anew. What is booked or scheduled already and lies outside stays; it is listed, and a coordinator is
    asked to see to it. Raises ``NotFound``, ``UnknownTimeZone`` or ``AvailabilityMalformed``."""
    at = unit.context.at
    unit.get(OWNERS[command.kind], command.resource_id)
    stated = opened(unit, command.kind, command.resource_id)
    stated.state(Times(command.time_zone, command.windows), command.reasons, at)
    placements = _placements(unit, command)
    taken = list(_booked(unit, placements) if command.kind == PARTICIPANT else _scheduled(unit, command))
    outside = [one for one in taken if not stated.times.allow(one[3])]
    for known in stated.conflicts - {claim_id for claim_id, *_ in outside}:
        stated.end_conflict(known, at)
    for claim_id, session_id, episode_id, span in outside:
        stated.note_conflict(claim_id, session_id, episode_id, span.starts_at, at)
    for placement in placements:
        placement.note_availability(at)
        seek_prescriber(unit, placement)
    conflicts = [
        {"claim_id": claim_id, "session_id": session_id, "starts_at": span.starts_at}
        for claim_id, session_id, _, span in outside
    ]
    return {"resource_id": command.resource_id, "conflicts": conflicts}


def settle_conflict(unit: Unit, command: SettleConflict) -> Mapping[str, Any]:
    """What lies outside stays as it is, or was seen to in another way. Raises ``NotFound`` or ``ConflictUnknown``."""
    stated = unit.get(Availability, availability_id(command.kind, command.resource_id))
    stated.settle_conflict(command.claim_id, command.outcome, unit.context.at)
    return {"claim_id": command.claim_id, "outcome": command.outcome}


Taken = tuple[UUID, UUID, UUID | None, Span]
"""The claim, its session, whose episode, and when."""


def _placements(unit: Unit, command: StateAvailability) -> list[Placement]:
    if command.kind != PARTICIPANT:
        return []
    return [unit.get(Placement, episode) for episode in identity(unit, command.resource_id).episodes]


def _booked(unit: Unit, placements: list[Placement]) -> Iterator[Taken]:
    for placement in placements:
        for booking in placement.seats.held_from(unit.context.at):
            yield booking.booking_id, booking.session_id, placement.id, booking.span


def _scheduled(unit: Unit, command: StateAvailability) -> Iterator[Taken]:
    """Sessions from now on for as long as one command schedules, in order."""
    at = unit.context.at
    days = [claimed_day_id(command.kind, command.resource_id, day) for day in days_touched(at, at + LONGEST_HORIZON)]
    unit.look_up(ClaimedDay, days)
    found: dict[UUID, Span] = {}
    for claimed in (unit.find(ClaimedDay, day) for day in days):
        found |= claimed.claims if claimed is not None else {}
    for session_id, span in sorted(found.items(), key=lambda entry: entry[1].starts_at):
        if span.starts_at >= at:
            yield session_id, session_id, None, span
