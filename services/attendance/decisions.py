"""Every command of attendance, and the function that carries it out."""

from collections.abc import Callable, Mapping
from typing import Any

from services.attendance import coming_and_going, duties, persons, told
from services.attendance.desk import Answered, Desk
from services.attendance.domain import commands, told_commands

HANDLERS: Mapping[type, Callable[[Desk, Any], Answered]] = {
    commands.CheckIn: coming_and_going.check_in,
    commands.CheckOut: coming_and_going.check_out,
    commands.KioskCheckIn: coming_and_going.kiosk_check_in,
    commands.KioskCheckOut: coming_and_going.kiosk_check_out,
    commands.JoinTelehealth: coming_and_going.join_telehealth,
    commands.LeaveTelehealth: coming_and_going.leave_telehealth,
    commands.ExcuseAbsence: coming_and_going.excuse,
    commands.CorrectAttendance: coming_and_going.correct,
    commands.WriteGroupNote: duties.write_group_note,
    commands.TakeStep: duties.take_step,
    told_commands.BookSeat: told.book_seat,
    told_commands.FreeSeat: told.free_seat,
    told_commands.ChangeSeat: told.change_seat,
    told_commands.AdmitToEpisode: told.admit,
    told_commands.TransferEpisode: told.transfer,
    told_commands.SuspendEpisode: told.suspend,
    told_commands.ResumeEpisode: told.resume,
    told_commands.CancelSuspension: told.cancel_suspension,
    told_commands.CancelResumption: told.cancel_resumption,
    told_commands.CloseEpisode: told.close,
    told_commands.LearnEpisode: persons.learn_episode,
    told_commands.MergeParticipants: persons.merge,
    told_commands.SeparateParticipants: persons.separate,
    commands.EndGrace: duties.end_grace,
    commands.LookAhead: duties.look_ahead_in_week,
    commands.EndWeek: duties.end_of_week,
    commands.JudgeTreatmentWeek: duties.judge_week,
}


def carry_out(desk: Desk, command: object) -> Answered:
    """What the command does, and what follows from it."""
    answer = HANDLERS[type(command)](desk, command)
    desk.share_days()
    desk.look_ahead()
    return answer
