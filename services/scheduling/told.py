"""What other services told, applied: each function is one fact and what follows from it in the same transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.claims import move_time
from services.scheduling.desk import free_seat, free_suspended_seats, give_back, identity, restore_bookings
from services.scheduling.domain.claimed_day import PARTICIPANT
from services.scheduling.domain.known import Person, Track
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.placement_seats import Booking
from services.scheduling.domain.review_commands import BookReview, CloseReview, RescheduleReview
from services.scheduling.domain.session import Session
from services.scheduling.domain.told_commands import (
    CancelResumption,
    CancelSuspension,
    ClosePlacement,
    LearnTrack,
    MergeParticipants,
    OpenPlacement,
    ResumePlacement,
    SeparateParticipants,
    SuspendPlacement,
    TransferPlacement,
)
from services.scheduling.prescribers import seek_prescriber
from services.scheduling.waitlists import leave, leave_all, track_awaited

Answered = Mapping[str, Any]


def learn_track(unit: Unit, command: LearnTrack) -> Answered:
    if unit.find(Track, command.track_id) is None:
        unit.add(Track.learn(command.track_id, command.name, command.time_zone, command.packs, unit.context.at))
    return {"track_id": command.track_id}


def open_placement(unit: Unit, command: OpenPlacement) -> Answered:
    """Bookings become possible, and reviews that waited for it find their prescriber."""
    placement = _placement(unit, command.episode_id, command.participant_id)
    _person(unit, command.participant_id).learn_episode(command.episode_id, unit.context.at)
    placement.open(command.track_id, command.admitted_at, unit.context.at)
    return _settled(unit, placement)


def suspend_placement(unit: Unit, command: SuspendPlacement) -> Answered:
    """No bookings from then on. Told again, its beginning was corrected."""
    placement = _placement(unit, command.episode_id, command.participant_id)
    placement.suspend(command.suspension_id, command.suspended_at, command.reason, unit.context.at)
    return _suspension_applied(unit, placement, command)


def cancel_suspension(unit: Unit, command: CancelSuspension) -> Answered:
    """The suspension never was."""
    placement = _placement(unit, command.episode_id, command.participant_id)
    placement.cancel_suspension(command.suspension_id, unit.context.at)
    return _suspension_applied(unit, placement, command)


def resume_placement(unit: Unit, command: ResumePlacement) -> Answered:
    """Bookings are possible again from then on. Told again, the end of the suspension was corrected."""
    placement = _placement(unit, command.episode_id, command.participant_id)
    placement.resume(command.suspension_id, command.resumed_at, unit.context.at)
    return _suspension_applied(unit, placement, command)


def cancel_resumption(unit: Unit, command: CancelResumption) -> Answered:
    """The suspension holds again from its beginning: what was booked since is freed."""
    placement = _placement(unit, command.episode_id, command.participant_id)
    placement.cancel_resumption(command.suspension_id, unit.context.at)
    return _suspension_applied(unit, placement, command)


def transfer_placement(unit: Unit, command: TransferPlacement) -> Answered:
    """The placement moves to the new track: seats in sessions of a track that was left are freed, as far as these had
    not begun when it was told, and what is waited for there is waited for no longer.
    By the rule ``transfer_frees_seats``."""
    placement = _placement(unit, command.episode_id, command.participant_id)
    placement.transfer(command.from_track_id, command.track_id, command.effective_at, unit.context.at)
    left = placement.stay.has_left
    for awaited in list(placement.waits.values()):
        if left(track_awaited(unit, awaited), command.effective_at):
            leave(unit, placement, awaited, "transferred")
    for booking in placement.seats.held_from(command.told_at):
        if left(unit.get(Session, booking.session_id).track_id, booking.starts_at):
            free_seat(unit, placement, booking, "transferred")
    return _settled(unit, placement)


def close_placement(unit: Unit, command: ClosePlacement) -> Answered:
    """Frees the bookings from the discharge on. By the rule ``discharge_frees_seats``."""
    placement = _placement(unit, command.episode_id, command.participant_id)
    placement.close(command.discharged_at, unit.context.at)
    leave_all(unit, placement, "discharged")
    for booking in placement.seats.held_from(max(command.discharged_at, command.told_at)):
        free_seat(unit, placement, booking, "discharged")
    return {"episode_id": placement.id}


def merge_participants(unit: Unit, command: MergeParticipants) -> Answered:
    """Both ids are one person: of bookings that overlap from now on, the survivor's stands."""
    at = unit.context.at
    person = _person(unit, command.retired_id)
    if command.revision <= person.revision:
        return {"surviving_id": identity(unit, command.surviving_id).ids[0]}
    _separate(unit, person, command.revision, command.told_at)
    surviving, retired = identity(unit, command.surviving_id), identity(unit, command.retired_id)
    person.merge_into(_person(unit, command.surviving_id), command.revision, at)
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
    person = _person(unit, command.retired_id)
    if command.revision > person.revision:
        _separate(unit, person, command.revision, command.told_at)
        if person.revision < command.revision:  # it was no alias here: the merge before it is still to come
            person.separate_from(_person(unit, command.surviving_id), command.revision, unit.context.at)
    return {"surviving_id": command.surviving_id}


def _separate(unit: Unit, person: Person, revision: int, told_at: datetime) -> None:
    """Ends the alias that there is, if any, moves the claims of future bookings to whose they are, and gives back what
    the merge took because the two overlapped."""
    if person.merged_into is None:
        return
    before = identity(unit, person.id)
    other_id = person.merged_into
    person.separate_from(_person(unit, other_id), revision, unit.context.at)
    for now in (identity(unit, other_id), identity(unit, person.id)):
        for placement in (unit.get(Placement, episode) for episode in now.episodes):
            placement.note_separation(other_id, person.id, unit.context.at)
            placement.time_came_free(unit.context.at)
            for booking in placement.seats.held_from(told_at):
                move_time(unit, PARTICIPANT, before.ids[0], now.ids[0], booking.booking_id, booking.span)
    for placement in (unit.get(Placement, episode) for episode in before.episodes):
        give_back(unit, placement, tuple(placement.seats.merged_away.values()), told_at)


def book_review(unit: Unit, command: BookReview) -> Answered:
    """Kept until the placement is known; then a prescriber's session is booked or a coordinator asked."""
    placement = _placement(unit, command.episode_id, command.participant_id)
    placement.await_review(command.review_id, command.opened_at, command.due_at, unit.context.at)
    return _settled(unit, placement)


def reschedule_review(unit: Unit, command: RescheduleReview) -> Answered:
    """Due earlier, an earlier session is sought; where none is found the later seat is kept and a coordinator asked."""
    placement = _placement(unit, command.episode_id, command.participant_id)
    placement.reschedule_review(command.review_id, command.due_at, command.told_at, unit.context.at)
    return _settled(unit, placement)


def close_review(unit: Unit, command: CloseReview) -> Answered:
    """The request is over; a review withdrawn gives back the seat that was taken for it alone."""
    placement = _placement(unit, command.episode_id, command.participant_id)
    booking: Booking | None = placement.close_review(command.review_id, unit.context.at)
    if command.withdrawn and booking is not None and booking.starts_at >= command.told_at:
        free_seat(unit, placement, booking, "review_withdrawn")
    return {"review_id": command.review_id}


def _placement(unit: Unit, episode_id: UUID, participant_id: UUID) -> Placement:
    found = unit.find(Placement, episode_id)
    return found or unit.add(Placement.expect(episode_id, participant_id, unit.context.at))


def _person(unit: Unit, participant_id: UUID) -> Person:
    found = unit.find(Person, participant_id)
    return found or unit.add(Person.learn(participant_id, unit.context.at))


def _suspension_applied(
    unit: Unit, placement: Placement, told: SuspendPlacement | CancelSuspension | ResumePlacement | CancelResumption
) -> Answered:
    """Whatever was told of a suspension: what it covers now is freed, and what it did not take after all is restored,
    as far as the sessions had not begun by then."""
    free_suspended_seats(unit, placement, told.suspension_id, told.told_at)
    restore_bookings(unit, placement, told.told_at)
    placement.time_came_free(unit.context.at)
    return _settled(unit, placement)


def _settled(unit: Unit, placement: Placement) -> Answered:
    seek_prescriber(unit, placement)
    return {"episode_id": placement.id}
