"""What other services told, applied: each function is one fact and what follows from it in the same transaction."""

from uuid import UUID

from events.log.commands import Unit
from services.scheduling.desk import Answered, free_seat, free_suspended_seats, restore_bookings
from services.scheduling.domain.known import Track
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.placement_seats import Booking
from services.scheduling.domain.review_commands import BookReview, CloseReview, RescheduleReview
from services.scheduling.domain.session import Session
from services.scheduling.domain.told_commands import (
    CancelResumption,
    CancelSuspension,
    ClosePlacement,
    LearnTrack,
    OpenPlacement,
    ResumePlacement,
    SuspendPlacement,
    TransferPlacement,
)
from services.scheduling.merging import person_of
from services.scheduling.prescribers import seek_prescriber
from services.scheduling.waitlists import leave, leave_all, track_awaited


def learn_track(unit: Unit, command: LearnTrack) -> Answered:
    if unit.find(Track, command.track_id) is None:
        unit.add(Track.learn(command.track_id, command.name, command.time_zone, command.packs, unit.context.at))
    return {"track_id": command.track_id}


def open_placement(unit: Unit, command: OpenPlacement) -> Answered:
    """Bookings become possible, and reviews that waited for it find their prescriber."""
    placement = _placement(unit, command.episode_id, command.participant_id)
    person_of(unit, command.participant_id).learn_episode(command.episode_id, unit.context.at)
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
