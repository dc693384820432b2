"""How each command is carried out: load, decide, and let follow what follows. One function per command."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.attendance import persons
from services.attendance.desk import Answered, Desk
from services.attendance.domain import commands
from services.attendance.domain.calendar import week_start
from services.attendance.domain.episode import Episode
from services.attendance.domain.errors import CodeNotValid
from services.attendance.domain.judging import end_week, judge_first, open_week
from services.attendance.domain.kiosk import Kiosk, kiosk_id, whose_code
from services.attendance.domain.record import AttendanceRecord
from services.attendance.domain.seat import Seat

REFUSED = "code_refused"
"""In the answer of a command whose refusal had to be remembered: why the code was not taken."""


def check_in(desk: Desk, command: commands.CheckIn) -> Answered:
    record = desk.booked(command.booking_id)
    record.check_in(command.checked_in_at or desk.at, desk.at)
    return desk.settle(record, "came_in")


def check_out(desk: Desk, command: commands.CheckOut) -> Answered:
    record = desk.booked(command.booking_id)
    record.check_out(command.checked_out_at or desk.at, desk.at)
    return desk.settle(record, "left")


def kiosk_check_in(desk: Desk, command: commands.KioskCheckIn) -> Answered:
    return _at_kiosk(desk, command, _kiosk_in)


def kiosk_check_out(desk: Desk, command: commands.KioskCheckOut) -> Answered:
    return _at_kiosk(desk, command, _kiosk_out)


def _kiosk_in(desk: Desk, record: AttendanceRecord) -> Answered:
    record.check_in(desk.at, desk.at, way="kiosk")
    return desk.settle(record, "came_in")


def _kiosk_out(desk: Desk, record: AttendanceRecord) -> Answered:
    record.check_out(desk.at, desk.at)
    return desk.settle(record, "left")


def _at_kiosk(
    desk: Desk,
    command: commands.KioskCheckIn | commands.KioskCheckOut,
    then: Callable[[Desk, AttendanceRecord], Answered],
) -> Answered:
    """Lets the code's holder in or out. A wrong code is remembered, so it is answered here and refused by whoever
    asked: see ``REFUSED``."""
    kiosk = desk.unit.find(Kiosk, kiosk_id(command.session_id))
    if kiosk is not None:
        kiosk.check_open(desk.at)
    bookings = desk.office.expected(command.session_id)
    records = [record for id_ in bookings if (record := desk.unit.find(AttendanceRecord, id_)) is not None]
    expected = [record for record in records if record.freed is None]
    try:
        record = whose_code(command.code, expected, desk.office.codes, desk.at)
    except CodeNotValid as refused:
        (kiosk or desk.unit.add(Kiosk.of(command.session_id, desk.at))).refuse(desk.at)
        return {REFUSED: refused.detail}
    return then(desk, record)


def join_telehealth(desk: Desk, command: commands.JoinTelehealth) -> Answered:
    record = desk.booked(command.booking_id)
    record.join_telehealth(command.connection, command.joined_at or desk.at, desk.at)
    return desk.settle(record, "came_in")


def leave_telehealth(desk: Desk, command: commands.LeaveTelehealth) -> Answered:
    record = desk.booked(command.booking_id)
    record.leave_telehealth(command.connection, command.left_at or desk.at, desk.at)
    return desk.settle(record, "left")


def excuse(desk: Desk, command: commands.ExcuseAbsence) -> Answered:
    record = desk.booked(command.booking_id)
    record.excuse(command.reason, desk.at)
    return desk.settle(record, command.reason)


def correct(desk: Desk, command: commands.CorrectAttendance) -> Answered:
    record = desk.booked(command.booking_id)
    record.correct(
        command.reason,
        desk.at,
        checked_in_at=command.checked_in_at,
        checked_out_at=command.checked_out_at,
        status=command.status,
        modality=command.modality,
    )
    return desk.settle(record, command.reason)


def write_group_note(desk: Desk, command: commands.WriteGroupNote) -> Answered:
    note = desk.note(command.session_id, begin=True)
    note.write(command.people, command.written_at or desk.at, desk.at)
    return {"session_id": command.session_id, "people": command.people}


def take_step(desk: Desk, command: commands.TakeStep) -> Answered:
    episode = desk.unit.get(Episode, command.episode_id)
    episode.take_step(command.policy, command.step, desk.at)
    return {"episode_id": episode.id, "policy": command.policy, "step": command.step}


def book_seat(desk: Desk, command: commands.BookSeat) -> Answered:
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
    if not episode.admitted:
        episode.let_wait(record.id, desk.at)
    desk.settling(episode).await_outcome(record)
    restored = command.restores and desk.unit.find(AttendanceRecord, command.restores)
    if restored:
        restored.restore(record.id, desk.at)
        desk.settle(restored, "booking_restored")
    return desk.settle(record, "booked_again")


def change_seat(desk: Desk, command: commands.ChangeSeat) -> Answered:
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


def free_seat(desk: Desk, command: commands.FreeSeat) -> Answered:
    record = desk.record(command.booking_id)
    record.free(command.reason, command.notice_hours, desk.at)
    return desk.settle(record, f"booking_cancelled_{command.reason}")


def admit(desk: Desk, command: commands.AdmitToEpisode) -> Answered:
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


def transfer(desk: Desk, command: commands.TransferEpisode) -> Answered:
    """From that day on the episode is judged as one of another track."""
    episode = desk.episode(command.episode_id, command.participant_id)
    episode.transfer(command.kind, command.placement, desk.at)
    desk.settling(episode).judge_step_down(command.placement.since)
    return desk.settle_since(episode, command.placement.since, "transferred")


def suspend(desk: Desk, command: commands.SuspendEpisode) -> Answered:
    episode = desk.episode(command.episode_id, command.participant_id)
    told_before = _since(episode, command.suspension_id)
    episode.suspend(command.suspension_id, command.suspended_at, desk.at)
    return desk.settle_since(episode, min(told_before, _since(episode, command.suspension_id)), "suspended")


def resume(desk: Desk, command: commands.ResumeEpisode) -> Answered:
    episode = desk.episode(command.episode_id, command.participant_id)
    episode.resume(command.suspension_id, command.resumed_at, desk.at)
    return desk.settle_since(episode, _since(episode, command.suspension_id), "resumed")


def cancel_suspension(desk: Desk, command: commands.CancelSuspension) -> Answered:
    episode = desk.episode(command.episode_id, command.participant_id)
    episode.cancel_suspension(command.suspension_id, desk.at)
    return desk.settle_since(episode, _since(episode, command.suspension_id), "suspension_cancelled")


def cancel_resumption(desk: Desk, command: commands.CancelResumption) -> Answered:
    episode = desk.episode(command.episode_id, command.participant_id)
    episode.cancel_resumption(command.suspension_id, desk.at)
    return desk.settle_since(episode, _since(episode, command.suspension_id), "resumption_cancelled")


def close(desk: Desk, command: commands.CloseEpisode) -> Answered:
    episode = desk.episode(command.episode_id, command.participant_id)
    episode.discharge(command.discharged_at, command.discharged_on, command.reason, desk.at)
    desk.settling(episode).judge_step_down(command.discharged_on)
    return desk.settle_since(episode, command.discharged_on, "discharged")


def end_grace(desk: Desk, command: commands.EndGrace) -> Answered:
    record = desk.record(command.booking_id)
    record.end_grace(desk.at)
    return desk.settle(record, "grace_ended")


def look_ahead_in_week(desk: Desk, command: commands.LookAhead) -> Answered:
    desk.look(desk.unit.get(Episode, command.episode_id), command.week_start)
    return {"episode_id": command.episode_id, "week_start": command.week_start}


def end_of_week(desk: Desk, command: commands.EndWeek) -> Answered:
    episode = desk.unit.get(Episode, command.episode_id)
    end_week(desk.week(episode, command.week_start), episode, desk.book, desk.at)
    return {"episode_id": episode.id, "week_start": command.week_start}


def judge_week(desk: Desk, command: commands.JudgeTreatmentWeek) -> Answered:
    """Judges a week when its time has come; nothing happens before, or again."""
    episode = desk.unit.get(Episode, command.episode_id)
    if episode.week_is_due(command.week_start, desk.at):
        judge_first(desk.week(episode, command.week_start), episode, desk.book, desk.at)
    return {"episode_id": episode.id, "week_start": command.week_start}


def _since(episode: Episode, suspension_id: UUID) -> date:
    """The local day on which a suspension began; the last day there is where it is unknown, so that nothing follows."""
    suspension = episode.suspensions.get(suspension_id)
    return date.max if suspension is None or not episode.admitted else episode.local_day(suspension.since)


def carry_out(desk: Desk, command: object) -> Answered:
    """What the command does, and what follows from it."""
    answer = HANDLERS[type(command)](desk, command)
    desk.share_days()
    desk.look_ahead()
    return answer


HANDLERS: Mapping[type, Callable[[Desk, Any], Answered]] = {
    commands.CheckIn: check_in,
    commands.CheckOut: check_out,
    commands.KioskCheckIn: kiosk_check_in,
    commands.KioskCheckOut: kiosk_check_out,
    commands.JoinTelehealth: join_telehealth,
    commands.LeaveTelehealth: leave_telehealth,
    commands.ExcuseAbsence: excuse,
    commands.CorrectAttendance: correct,
    commands.WriteGroupNote: write_group_note,
    commands.TakeStep: take_step,
    commands.BookSeat: book_seat,
    commands.FreeSeat: free_seat,
    commands.ChangeSeat: change_seat,
    commands.AdmitToEpisode: admit,
    commands.TransferEpisode: transfer,
    commands.SuspendEpisode: suspend,
    commands.ResumeEpisode: resume,
    commands.CancelSuspension: cancel_suspension,
    commands.CancelResumption: cancel_resumption,
    commands.CloseEpisode: close,
    commands.LearnEpisode: persons.learn_episode,
    commands.MergeParticipants: persons.merge,
    commands.SeparateParticipants: persons.separate,
    commands.EndGrace: end_grace,
    commands.LookAhead: look_ahead_in_week,
    commands.EndWeek: end_of_week,
    commands.JudgeTreatmentWeek: judge_week,
}
"""Every command of attendance and what carries it out."""
