"""What is reported between reviews, and what that asks for: medications, adverse effects, checks, interactions."""

from services.medication_review.desk import Answered, Desk
from services.medication_review.domain import commands
from services.medication_review.domain.case import MedicationCase
from services.medication_review.domain.errors import MedicationNotListed, NotHappenedYet
from services.medication_review.domain.medications import Medication
from services.medication_review.domain.pdmp import PdmpCheck, valid_until
from services.medication_review.domain.who_may import check_delegate
from services.medication_review.flagging import watch_of


def list_medication(desk: Desk, command: commands.ListMedication) -> Answered:
    stated_at = command.stated_at or desk.at
    if stated_at > desk.at:
        raise NotHappenedYet("a source says what was so by then; send a time that is past")
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
        stated_at,
    )
    desk.list_of(command.participant_id).report(entry, desk.at)
    desk.weigh_all(command.participant_id)
    return {"participant_id": command.participant_id, "source": entry.source, "order_id": order_id}


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


def note_pdmp_check_missed(desk: Desk, command: commands.NotePdmpCheckMissed) -> Answered:
    return desk.weigh(desk.unit.get(MedicationCase, command.episode_id))


def end_washout(desk: Desk, command: commands.EndWashout) -> Answered:
    return desk.weigh(desk.unit.get(MedicationCase, command.episode_id))
