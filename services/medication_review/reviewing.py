"""How reviews and reconciliations are completed, and what happens where they are not."""

from collections.abc import Sequence

from services.medication_review.desk import Answered, Desk
from services.medication_review.domain import commands
from services.medication_review.domain.case import MedicationCase
from services.medication_review.domain.medications import Decision
from services.medication_review.domain.reconciling import check_compared, outcomes
from services.medication_review.domain.who_may import check_prescriber


def complete_reconciliation(desk: Desk, command: commands.CompleteReconciliation) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    case.check_reconciliation(command.review_id)
    return _complete(desk, case, command)


def complete_review(desk: Desk, command: commands.CompleteReview) -> Answered:
    """The decisions change the program's own list; undecided discrepancies of a reconciliation ask for a review."""
    case = desk.unit.get(MedicationCase, command.episode_id)
    check_prescriber(desk.roles)
    return _complete(desk, case, command, command.decisions, command.rationale)


def _complete(
    desk: Desk,
    case: MedicationCase,
    command: commands.CompleteReconciliation | commands.CompleteReview,
    decisions: Sequence[Decision] = (),
    rationale: str = "",
) -> Answered:
    listed = desk.listed_for(case)
    if command.compared is not None or case.is_reconciliation(command.review_id):
        check_compared(command.compared or (), listed)
    before = desk.discrepancies_for(case)
    desk.list_of(case.participant_id).decide(command.review_id, decisions, listed, desk.at)
    compared = outcomes(before, desk.discrepancies_for(case), command.explained)
    case.complete(
        command.review_id,
        desk.evidence_for(case),
        desk.book,
        desk.at,
        roles=desk.roles,
        decisions=len(decisions),
        compared=compared,
        rationale=rationale,
    )
    desk.weigh_all(case.participant_id)
    undecided = sum(one.outcome == "left" for one in compared)
    told = [{"id": one.id, "outcome": one.outcome} for one in compared]
    return {"episode_id": case.id, "review_id": command.review_id, "undecided": undecided, "discrepancies": told}


def mark_overdue(desk: Desk, command: commands.MarkReviewOverdue) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    case.fall_overdue(command.review_id, command.due_at, desk.book, desk.at)
    return {"episode_id": case.id, "review_id": command.review_id}


def escalate(desk: Desk, command: commands.EscalateReview) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    case.escalate(command.review_id, command.due_at, command.escalate_to, desk.at)
    return {"episode_id": case.id, "review_id": command.review_id}


def open_cycle_review(desk: Desk, command: commands.OpenCycleReview) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    case.reach_cycle(command.due_at, desk.at)
    return desk.weigh(case)
