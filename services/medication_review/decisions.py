"""Every command of medication review, and the function that carries it out."""

from collections.abc import Callable, Mapping
from typing import Any

from services.medication_review import observing, reporting, reviewing, told
from services.medication_review.desk import Answered, Desk
from services.medication_review.domain import commands, dose_commands, told_commands

HANDLERS: Mapping[type, Callable[[Desk, Any], Answered]] = {
    commands.ListMedication: reporting.list_medication,
    commands.CompleteReconciliation: reviewing.complete_reconciliation,
    commands.CompleteReview: reviewing.complete_review,
    commands.AcknowledgeInteraction: reporting.acknowledge_interaction,
    commands.ReportAdverseEffect: reporting.report_adverse_effect,
    commands.WithdrawAdverseEffect: reporting.withdraw_adverse_effect,
    commands.RecordPdmpCheck: reporting.record_pdmp_check,
    dose_commands.OrderDoses: observing.order_doses,
    dose_commands.EndDoseOrder: observing.end_dose_order,
    dose_commands.RecordDose: observing.record_dose,
    told_commands.AdmitToEpisode: told.admit,
    told_commands.TransferEpisode: told.transfer,
    told_commands.SuspendEpisode: told.suspend,
    told_commands.ResumeEpisode: told.resume,
    told_commands.CancelSuspension: told.cancel_suspension,
    told_commands.CancelResumption: told.cancel_resumption,
    told_commands.CloseEpisode: told.close,
    told_commands.NoteSafetyTrigger: told.note_safety_trigger,
    told_commands.NoteRepeatedNoShows: told.note_no_shows,
    told_commands.ExcuseNoShows: told.excuse_no_shows,
    told_commands.TakeReport: told.take_report,
    told_commands.LinkParticipants: told.link,
    told_commands.SeparateParticipants: told.separate,
    commands.MarkReviewOverdue: reviewing.mark_overdue,
    commands.EscalateReview: reviewing.escalate,
    commands.NotePdmpCheckMissed: reporting.note_pdmp_check_missed,
    commands.EndWashout: reporting.end_washout,
    commands.OpenCycleReview: reviewing.open_cycle_review,
    dose_commands.CloseDoseDay: observing.close_dose_day,
}
