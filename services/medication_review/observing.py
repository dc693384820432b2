"""How the commands about observed doses are carried out. One function per command."""

from services.medication_review.desk import Answered, Desk
from services.medication_review.domain import dose_commands
from services.medication_review.domain.case import MedicationCase
from services.medication_review.domain.doses import DoseOrder
from services.medication_review.domain.dosing import DoseTold
from services.medication_review.domain.who_may import check_observer, check_prescriber


def order_doses(desk: Desk, command: dose_commands.OrderDoses) -> Answered:
    """The rule ``doses_ordered_by_a_prescriber``."""
    case = desk.unit.get(MedicationCase, command.episode_id)
    check_prescriber(desk.roles)
    case.check_under_way()
    today = case.facts.local_day(desk.at)
    order = DoseOrder(
        order_id=desk.unit.context.command_id,
        medication=command.medication,
        dose=command.dose,
        days=command.days,
        take_home_days=command.take_home_days,
        starts_on=command.starts_on or today,
        ordered_at=desk.at,
    )
    desk.dosing(case).order(order, today, desk.at)
    return {**desk.weigh(case), "order_id": order.order_id, "starts_on": order.starts_on}


def end_dose_order(desk: Desk, command: dose_commands.EndDoseOrder) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    check_prescriber(desk.roles)
    today = case.facts.local_day(desk.at)
    ended_on = command.ended_on or today
    desk.dosing(case).end_order(command.order_id, ended_on, today, desk.at)
    return {**desk.weigh(case), "order_id": command.order_id, "ended_on": ended_on}


def record_dose(desk: Desk, command: dose_commands.RecordDose) -> Answered:
    case = desk.unit.get(MedicationCase, command.episode_id)
    case.check_under_way()
    check_observer(desk.roles, desk.book.doses(*case.facts.judged_by(desk.at)))
    on = command.on or case.facts.local_day(desk.at)
    told = DoseTold(on, command.outcome, command.reason, command.override_reason)
    desk.dosing(case).record(told, case.facts, desk.book, desk.at, roles=desk.roles)
    return {**desk.weigh(case), "on": on, "outcome": command.outcome}


def close_dose_day(desk: Desk, command: dose_commands.CloseDoseDay) -> Answered:
    return desk.weigh(desk.unit.get(MedicationCase, command.episode_id))
