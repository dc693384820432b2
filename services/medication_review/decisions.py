"""How each command is carried out: load, decide, weigh what falls due, and answer. One function per command."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.medication_review.domain import commands
from services.medication_review.domain.case import MedicationCase
from services.medication_review.domain.controlled import controlled_substances
from services.medication_review.domain.discrepancies import Discrepancy, discrepancies
from services.medication_review.domain.doses import MissedRun
from services.medication_review.domain.dosing import Dosing, dosing_id
from services.medication_review.domain.episode_facts import Track
from services.medication_review.domain.errors import MedicationNotListed
from services.medication_review.domain.evidence import Evidence
from services.medication_review.domain.medication_list import MedicationList
from services.medication_review.domain.medications import Decision, Medication
from services.medication_review.domain.pdmp import PdmpCheck, PdmpStanding, valid_until
from services.medication_review.domain.pdmp_record import PdmpRecord, pdmp_record_id
from services.medication_review.domain.reconciling import check_compared, outcomes
from services.medication_review.domain.rules import RuleBook
from services.medication_review.domain.who_may import check_delegate, check_prescriber
from services.medication_review.flagging import open_flags, watch_of
from services.medication_review.table_files import Tables

Answered = Mapping[str, Any]


class Desk:
    """What every decision needs: the unit, the rules, the medications known, and the time of the command."""

    def __init__(self, unit: Unit, book: RuleBook, tables: Tables) -> None:
        self.unit = unit
        self.book = book
        self.tables = tables
        self.at = unit.context.at
        self.roles = unit.context.roles

    def list_of(self, participant_id: UUID) -> MedicationList:
        known = self.unit.find(MedicationList, participant_id)
        return known or self.unit.add(MedicationList.open(participant_id, self.at))

    def case(self, episode_id: UUID, participant_id: UUID) -> MedicationCase:
        """The case of an episode, begun where it was not known; the participant's list keeps it in mind."""
        known = self.unit.find(MedicationCase, episode_id)
        if known is None:
            known = self.unit.add(MedicationCase.open(episode_id, participant_id, self.at))
            self.list_of(participant_id).add_episode(episode_id, self.at)
        return known

    def lists_of(self, participant_id: UUID) -> list[MedicationList]:
        """The lists under all ids of one person."""
        found = {participant_id: self.list_of(participant_id)}
        waiting = [participant_id]
        while waiting:
            for other in found[waiting.pop()].linked - found.keys():
                found[other] = self.list_of(other)
                waiting.append(other)
        return list(found.values())

    def evidence_for(self, case: MedicationCase) -> Evidence:
        """What is known beside the case, brought up to now."""
        orders = tuple(order for own in self.lists_of(case.participant_id) for order in own.orders)
        taken = self.listed_for(case)
        missed: tuple[MissedRun, ...] = ()
        if (dosing := self.unit.find(Dosing, dosing_id(case.id))) is not None:
            dosing.weigh(case.facts, self.book, self.at)
            taken += dosing.ordered(case.facts.local_day(self.at))
            missed = dosing.runs(case.facts, self.at)
        flags = open_flags(self.unit, case, taken, self.tables, self.at)
        return Evidence(orders, self._pdmp_standing(case, taken), missed, flags)

    def dosing(self, case: MedicationCase) -> Dosing:
        known = self.unit.find(Dosing, dosing_id(case.id))
        return known or self.unit.add(Dosing.begin(case.id, case.participant_id, self.at))

    def pdmp_record(self, case: MedicationCase) -> PdmpRecord:
        known = self.unit.find(PdmpRecord, pdmp_record_id(case.id))
        return known or self.unit.add(PdmpRecord.open(case.id, case.participant_id, self.at))

    def _pdmp_standing(self, case: MedicationCase, taken: Iterable[Medication]) -> PdmpStanding:
        controlled = controlled_substances(taken, self.tables.formulary)
        if not controlled and self.unit.find(PdmpRecord, pdmp_record_id(case.id)) is None:
            return PdmpStanding()
        record = self.pdmp_record(case)
        record.weigh(case.facts, controlled, self.book, self.at)
        return record.standing

    def listed_for(self, case: MedicationCase) -> list[Medication]:
        return [entry for own in self.lists_of(case.participant_id) for entry in own.medications.values()]

    def discrepancies_for(self, case: MedicationCase) -> list[Discrepancy]:
        stated: dict[str, datetime] = {}
        for own in self.lists_of(case.participant_id):
            for source, at in own.stated.items():
                stated[source] = max(stated.get(source, at), at)
        return discrepancies(self.listed_for(case), self.tables.formulary, stated)

    def weigh(self, case: MedicationCase) -> Answered:
        """Opens, reschedules and withdraws what the facts ask for now."""
        case.weigh(self.evidence_for(case), self.book, self.at)
        return {"episode_id": case.id}

    def weigh_all(self, participant_id: UUID) -> None:
        """Every case that a participant's list bears on."""
        for own in self.lists_of(participant_id):
            for episode_id in sorted(own.episodes):
                self.weigh(self.unit.get(MedicationCase, episode_id))


def list_medication(desk: Desk, command: commands.ListMedication) -> Answered:
    order_id = command.order_id or str(desk.unit.context.command_id)
    entry = Medication(
        command.source,
        order_id,
        command.status,
        command.code,
        command.system,
        command.name,
        command.dose,
        command.frequency,
        command.route,
        desk.at,
    )
    desk.list_of(command.participant_id).report(entry, desk.at)
    desk.weigh_all(command.participant_id)
    return {"participant_id": command.participant_id, "source": entry.source, "order_id": order_id}


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
    if command.compared is not None:
        check_compared(command.compared, listed)
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


def acknowledge_interaction(desk: Desk, command: commands.AcknowledgeInteraction) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    watch = watch_of(desk.unit, case)
    watch.acknowledge(command.interaction, command.ingredients, command.reason, desk.at, roles=desk.roles)
    return {**desk.weigh(case), "interaction": command.interaction}


def report_adverse_effect(desk: Desk, command: commands.ReportAdverseEffect) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    suspected = None
    if command.source is not None and command.order_id is not None:
        suspected = (command.source, command.order_id)
        if suspected not in {(entry.source, entry.order_id) for entry in desk.listed_for(case)}:
            raise MedicationNotListed("no such source and order is on the list; read the list and name one that is")
    effect_id = desk.unit.context.command_id
    case.report_adverse_effect(effect_id, command.severity, command.description, suspected, desk.at)
    return {**desk.weigh(case), "effect_id": effect_id}


def withdraw_adverse_effect(desk: Desk, command: commands.WithdrawAdverseEffect) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    case.withdraw_adverse_effect(command.effect_id, command.reason, desk.at)
    return {**desk.weigh(case), "effect_id": command.effect_id}


def record_pdmp_check(desk: Desk, command: commands.RecordPdmpCheck) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    made = PdmpCheck(command.checked_at or desk.at, command.result)
    check_delegate(desk.roles, desk.book.pdmp(*case.facts.judged_by(made.checked_at)))
    until = valid_until(case.facts, made.checked_at, desk.book) if made.valid else None
    check_id = desk.unit.context.command_id
    record = desk.pdmp_record(case)
    record.check(check_id, made, until, desk.at)
    return {**desk.weigh(case), "check_id": check_id, "valid_until": until, "next_due_at": record.due_at}


def admit(desk: Desk, command: commands.AdmitToEpisode) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.admit(command.admitted_at, command.time_zone, command.packs, desk.at)
    return desk.weigh(case)


def transfer(desk: Desk, command: commands.TransferEpisode) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.transfer(command.move, command.effective_at, Track(command.time_zone, command.packs), desk.at)
    return desk.weigh(case)


def suspend(desk: Desk, command: commands.SuspendEpisode) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.suspend(command.suspension_id, command.suspended_at, desk.at)
    return desk.weigh(case)


def resume(desk: Desk, command: commands.ResumeEpisode) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.resume(command.suspension_id, command.resumed_at, desk.at)
    return desk.weigh(case)


def cancel_suspension(desk: Desk, command: commands.CancelSuspension) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.cancel_suspension(command.suspension_id, desk.at)
    return desk.weigh(case)


def cancel_resumption(desk: Desk, command: commands.CancelResumption) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.cancel_resumption(command.suspension_id, desk.at)
    return desk.weigh(case)


def close(desk: Desk, command: commands.CloseEpisode) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.close(command.discharged_at, desk.at)
    return desk.weigh(case)


def note_safety_trigger(desk: Desk, command: commands.NoteSafetyTrigger) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.note_safety_trigger(command.instrument, command.scored_at, desk.at)
    return desk.weigh(case)


def note_no_shows(desk: Desk, command: commands.NoteRepeatedNoShows) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.note_no_shows(command.count, command.last_missed_at, desk.at)
    return desk.weigh(case)


def excuse_no_shows(desk: Desk, command: commands.ExcuseNoShows) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.excuse_no_shows(command.count, desk.at)
    return desk.weigh(case)


def take_report(desk: Desk, command: commands.TakeReport) -> Answered:
    """Kept before an admission too; a hospital's change after it asks for a review."""
    desk.list_of(command.participant_id).report(command.medication, desk.at)
    desk.weigh_all(command.participant_id)
    return {"participant_id": command.participant_id}


def link(desk: Desk, command: commands.LinkParticipants) -> Answered:
    surviving, retired = command.surviving_id, command.retired_id
    for own, other in ((surviving, retired), (retired, surviving)):
        desk.list_of(own).link(other, retired, command.revision, desk.at)
    desk.weigh_all(surviving)
    return {"participant_id": surviving}


def separate(desk: Desk, command: commands.SeparateParticipants) -> Answered:
    """Each list bears on its own person's reviews alone again."""
    surviving, retired = command.surviving_id, command.retired_id
    for own, other in ((surviving, retired), (retired, surviving)):
        desk.list_of(own).separate(other, retired, command.revision, desk.at)
    for participant_id in (surviving, retired):
        desk.weigh_all(participant_id)
    return {"participant_id": surviving}


def mark_overdue(desk: Desk, command: commands.MarkReviewOverdue) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    case.fall_overdue(command.review_id, command.due_at, desk.book, desk.at)
    return {"episode_id": case.id, "review_id": command.review_id}


def escalate(desk: Desk, command: commands.EscalateReview) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    case.escalate(command.review_id, command.due_at, command.escalate_to, desk.at)
    return {"episode_id": case.id, "review_id": command.review_id}


def note_pdmp_check_missed(desk: Desk, command: commands.NotePdmpCheckMissed) -> Answered:
    return desk.weigh(desk.unit.get(MedicationCase, command.episode_id))


def open_cycle_review(desk: Desk, command: commands.OpenCycleReview) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    case.reach_cycle(command.due_at, desk.at)
    return desk.weigh(case)


HANDLERS: Mapping[type, Callable[[Desk, Any], Answered]] = {
    commands.ListMedication: list_medication,
    commands.CompleteReconciliation: complete_reconciliation,
    commands.CompleteReview: complete_review,
    commands.AcknowledgeInteraction: acknowledge_interaction,
    commands.ReportAdverseEffect: report_adverse_effect,
    commands.WithdrawAdverseEffect: withdraw_adverse_effect,
    commands.RecordPdmpCheck: record_pdmp_check,
    commands.AdmitToEpisode: admit,
    commands.TransferEpisode: transfer,
    commands.SuspendEpisode: suspend,
    commands.ResumeEpisode: resume,
    commands.CancelSuspension: cancel_suspension,
    commands.CancelResumption: cancel_resumption,
    commands.CloseEpisode: close,
    commands.NoteSafetyTrigger: note_safety_trigger,
    commands.NoteRepeatedNoShows: note_no_shows,
    commands.ExcuseNoShows: excuse_no_shows,
    commands.TakeReport: take_report,
    commands.LinkParticipants: link,
    commands.SeparateParticipants: separate,
    commands.MarkReviewOverdue: mark_overdue,
    commands.EscalateReview: escalate,
    commands.NotePdmpCheckMissed: note_pdmp_check_missed,
    commands.OpenCycleReview: open_cycle_review,
}
"""Every command of medication review and what carries it out."""
