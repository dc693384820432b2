"""One module per rule; ``CHECKS`` lists them in the order in which they are reported."""

from collections.abc import Callable

from tests.checker.case import Case
from tests.checker.checks import absences, billable_days, reactions, reviews, seats, treatment_weeks
from tests.checker.finding import Finding

Check = Callable[[Case], Finding]

CHECKS: tuple[Check, ...] = (
    seats.seats,
    seats.one_place_at_a_time,
    seats.one_leader_at_a_time,
    seats.one_room_at_a_time,
    seats.within_the_placement,
    seats.group_sizes,
    treatment_weeks.judged_once,
    treatment_weeks.verdicts,
    billable_days.days_counted,
    billable_days.verdicts,
    absences.steps,
    absences.repeated_no_shows,
    absences.excused,
    reviews.due_times,
    reviews.none_forgotten,
    reviews.overdue,
    reactions.hospital_stays,
    reactions.freed_for_a_reason,
    reactions.compensated,
    reactions.safety_triggers,
    reactions.prescribers_found,
)
