"""Every command of scheduling and the function that decides it: the index of this service."""

from collections.abc import Callable, Mapping
from typing import Any

from events.log.commands import Unit
from services.scheduling import (
    availability,
    bookings,
    calendar_feeds,
    changes,
    closing,
    curricula,
    merging,
    prescribers,
    promotion,
    series_changes,
    series_ending,
    staff_and_rooms,
    timetable,
    told,
    topics_attended,
    waiting,
)
from services.scheduling.domain import (
    availability_commands,
    calendar_commands,
    closure_commands,
    commands,
    curriculum_commands,
    review_commands,
    series_commands,
    told_commands,
    waitlist_commands,
)
from services.scheduling.domain.rulebook import RuleBook

DECISIONS: Mapping[type, Callable[[Unit, Any], Mapping[str, Any]]] = {
    commands.RegisterFacilitator: staff_and_rooms.register_facilitator,
    commands.ChangeQualifications: staff_and_rooms.change_qualifications,
    commands.OpenRoom: staff_and_rooms.open_room,
    commands.CancelSession: timetable.cancel_session,
    commands.SubstituteFacilitator: changes.substitute_facilitator,
    commands.SettleSubstitute: changes.settle_substitute,
    commands.CancelBooking: bookings.cancel_booking,
    commands.CancelSeriesBookings: bookings.cancel_series_bookings,
    commands.SettleLoss: bookings.settle_loss,
    curriculum_commands.AdoptCurriculum: curricula.adopt_curriculum,
    curriculum_commands.PlanTopics: curricula.plan_topics,
    calendar_commands.OpenCalendarFeed: calendar_feeds.open_calendar_feed,
    calendar_commands.RevokeCalendarFeed: calendar_feeds.revoke_calendar_feed,
    availability_commands.StateAvailability: availability.state_availability,
    availability_commands.SettleConflict: availability.settle_conflict,
    closure_commands.ReopenDays: closing.reopen_days,
    closure_commands.CancelClosedSession: closing.cancel_closed_session,
    series_commands.EndSeries: series_ending.end_series,
    series_commands.CancelEndedSession: series_ending.cancel_ended_session,
    waitlist_commands.StopWaitingForSession: waiting.stop_waiting_for_session,
    waitlist_commands.StopWaitingForSeries: waiting.stop_waiting_for_series,
    waitlist_commands.EndSessionWaits: promotion.end_session_waits,
    waitlist_commands.EndSeriesWait: promotion.end_series_wait,
    told_commands.LearnTrack: told.learn_track,
    told_commands.OpenPlacement: told.open_placement,
    told_commands.SuspendPlacement: told.suspend_placement,
    told_commands.CancelSuspension: told.cancel_suspension,
    told_commands.ResumePlacement: told.resume_placement,
    told_commands.CancelResumption: told.cancel_resumption,
    told_commands.TransferPlacement: told.transfer_placement,
    told_commands.ClosePlacement: told.close_placement,
    told_commands.MergeParticipants: merging.merge_participants,
    told_commands.SeparateParticipants: merging.separate_participants,
    review_commands.BookReview: told.book_review,
    review_commands.RescheduleReview: told.reschedule_review,
    review_commands.CloseReview: told.close_review,
    review_commands.TryRequestsAgain: prescribers.try_requests_again,
    review_commands.SeekPrescriber: prescribers.seek_again,
}


BY_RULE_PACKS: Mapping[type, Callable[[Unit, Any, RuleBook], Mapping[str, Any]]] = {
    commands.PlanSeries: timetable.plan_series,
    commands.ScheduleSessions: timetable.schedule_sessions,
    commands.ChangeSeries: series_changes.change_series,
    commands.MoveSession: changes.move_session,
    commands.AlterSession: changes.alter_session,
    curriculum_commands.NoteAttendance: topics_attended.note_attendance,
    curriculum_commands.JudgeTopicsAgain: topics_attended.judge_topics_again,
    commands.BookSession: bookings.book_session,
    commands.BookSeries: bookings.book_series,
    waitlist_commands.WaitForSession: waiting.wait_for_session,
    waitlist_commands.WaitForSeries: waiting.wait_for_series,
    waitlist_commands.PromoteWaiting: promotion.promote_waiting,
    waitlist_commands.PromoteIntoSeries: promotion.promote_into_series,
    waitlist_commands.TryWaitsAgain: promotion.try_waits_again,
}
"""Those that the track's rule packs have a say in."""


def decide(
    unit: Unit, command: object, rules: RuleBook, listed: closing.SessionsOn = lambda first, last: ()
) -> Mapping[str, Any]:
    """Decides any command; what it answers is stored with it. Raises the refusal of the rule that forbids it."""
    if isinstance(command, closure_commands.CloseDays):
        return closing.close_days(unit, command, listed)
    if (by_packs := BY_RULE_PACKS.get(type(command))) is not None:
        return by_packs(unit, command, rules)
    return DECISIONS[type(command)](unit, command)
