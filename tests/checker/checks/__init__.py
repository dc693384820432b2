"""One module per rule; ``CHECKS`` lists them in the order in which they are reported."""

from collections.abc import Callable

from tests.checker.case import Case
from tests.checker.checks import (
    absences,
    attendance,
    billable_days,
    closures,
    dues,
    identities,
    make_ups,
    places,
    promotions,
    reactions,
    reviews,
    seats,
    topics,
    treatment_weeks,
    units,
)
from tests.checker.finding import Finding

Check = Callable[[Case], Finding]

CHECKS: tuple[Check, ...] = (
    seats.seats,
    seats.one_place_at_a_time,
    seats.one_leader_at_a_time,
    seats.one_room_at_a_time,
    seats.within_the_placement,
    seats.group_sizes,
    promotions.seat_promotions,
    places.census,
    places.in_turn,
    places.offers,
    closures.closed_days,
    closures.given_back,
    make_ups.make_ups,
    topics.completed,
    attendance.outcomes_told,
    attendance.minutes_attended,
    treatment_weeks.judged_once,
    treatment_weeks.verdicts,
    make_ups.early_warnings,
    make_ups.suggestions,
    billable_days.days_counted,
    billable_days.verdicts,
    units.units,
    absences.steps,
    absences.repeated_no_shows,
    absences.excused,
    dues.set_as_packs_say,
    dues.begun_and_renewed,
    dues.missed,
    dues.discharge_reviews,
    reviews.due_times,
    reviews.none_forgotten,
    reviews.overdue,
    reviews.escalations,
    reactions.hospital_stays,
    reactions.freed_for_a_reason,
    reactions.compensated,
    reactions.safety_triggers,
    reactions.prescribers_found,
    identities.told_to_both,
    identities.merged_seats,
)
