"""What is done about what other services told: bookings and their sessions, episodes and their suspensions."""

from datetime import date
from uuid import UUID

from services.attendance.desk import Answered, Desk
from services.attendance.domain import told_commands
from services.attendance.domain.calendar import week_start
from services.attendance.domain.episode import Episode
from services.attendance.domain.judging import open_week
from services.attendance.domain.record import AttendanceRecord
from services.attendance.domain.seat import Seat


def book_seat(desk: Desk, command: told_commands.BookSeat) -> Answered:
    """The record begins; before the admission is known the episode keeps the booking in mind."""
    record = desk.unit.find(AttendanceRecord, command.booking_id)
    if record is None:
        booked = AttendanceRecord.book(
            command.booking_id,
            command.participant_id,
            command.episode_id,
            command.seat,
            desk.at,
            makes_up_for=command.makes_up_for,
        )
        record = desk.unit.add(booked)
    else:
        _seat_again(desk, record, command.seat)
    episode = desk.episode(command.episode_id, command.participant_id)
    if not episode.stay.admitted:
        episode.let_wait(record.id, desk.at)
    desk.settling(episode).await_outcome(record)
    restored = command.restores and desk.unit.find(AttendanceRecord, command.restores)
    if restored:
        restored.restore(record.id, desk.at)
        desk.settle(restored, "booking_restored")
    return desk.settle(record, "booked_again")


def change_seat(desk: Desk, command: told_commands.ChangeSeat) -> Answered:
    """The booking's session was moved or changed: from now on the last known facts judge. Nothing happens to a booking
    that was given back."""
    record = desk.record(command.booking_id)
    if record.freed is not None:
        return {"booking_id": record.id}
    _seat_again(desk, record, command.seat)
    desk.settling(desk.episode(record.episode_id, record.participant_id)).await_outcome(record)
    return desk.settle(record, "session_changed")


def _seat_again(desk: Desk, record: AttendanceRecord, seat: Seat) -> None:
    before = record.seat
    record.book_again(seat, desk.at)
    desk.settling(desk.episode(record.episode_id, record.participant_id)).moved(record, before)


def free_seat(desk: Desk, command: told_commands.FreeSeat) -> Answered:
    record = desk.record(command.booking_id)
    record.free(command.reason, command.notice_hours, desk.at)
    return desk.settle(record, f"booking_cancelled_{command.reason}")


def admit(desk: Desk, command: told_commands.AdmitToEpisode) -> Answered:
    """Opens the first treatment week; bookings that waited get their deadlines and outcomes."""
    episode = desk.episode(command.episode_id, command.participant_id)
    waiting = episode.waiting
    episode.admit(command.admitted_at, command.placement, desk.at)
    open_week(episode, week_start(command.placement.since), desk.book, desk.at)
    for booking_id in waiting:
        record = desk.record(booking_id)
        desk.settling(episode).await_outcome(record)
        desk.settle(record, "admitted")
    desk.meet_others(episode)
    return {"episode_id": episode.id}


def transfer(desk: Desk, command: told_commands.TransferEpisode) -> Answered:
    """From that day on the episode is judged as one of another track."""
    episode = desk.episode(command.episode_id, command.participant_id)
    episode.transfer(command.kind, command.placement, desk.at)
    desk.settling(episode).judge_step_down(command.placement.since)
    return desk.settle_since(episode, command.placement.since, "transferred")


def suspend(desk: Desk, command: told_commands.SuspendEpisode) -> Answered:
    episode = desk.episode(command.episode_id, command.participant_id)
    told_before = _since(episode, command.suspension_id)
    episode.suspend(command.suspension_id, command.suspended_at, desk.at)
    return desk.settle_since(episode, min(told_before, _since(episode, command.suspension_id)), "suspended")


def resume(desk: Desk, command: told_commands.ResumeEpisode) -> Answered:
    episode = desk.episode(command.episode_id, command.participant_id)
    episode.resume(command.suspension_id, command.resumed_at, desk.at)
    return desk.settle_since(episode, _since(episode, command.suspension_id), "resumed")


def cancel_suspension(desk: Desk, command: told_commands.CancelSuspension) -> Answered:
    episode = desk.episode(command.episode_id, command.participant_id)
    episode.cancel_suspension(command.suspension_id, desk.at)
    return desk.settle_since(episode, _since(episode, command.suspension_id), "suspension_cancelled")


def cancel_resumption(desk: Desk, command: told_commands.CancelResumption) -> Answered:
    episode = desk.episode(command.episode_id, command.participant_id)
    episode.cancel_resumption(command.suspension_id, desk.at)
    return desk.settle_since(episode, _since(episode, command.suspension_id), "resumption_cancelled")


def close(desk: Desk, command: told_commands.CloseEpisode) -> Answered:
    episode = desk.episode(command.episode_id, command.participant_id)
    episode.discharge(command.discharged_at, command.discharged_on, command.reason, desk.at)
    desk.settling(episode).judge_step_down(command.discharged_on)
    return desk.settle_since(episode, command.discharged_on, "discharged")


def _since(episode: Episode, suspension_id: UUID) -> date:
    """The local day on which a suspension began; the last day there is where it is unknown, so that nothing follows."""
    suspension = episode.stay.suspensions.get(suspension_id)
    return date.max if suspension is None or not episode.stay.admitted else episode.stay.local_day(suspension.since)
