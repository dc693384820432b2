"""Every parameter that a rule pack may set: its unit, what values it takes, and which value is the stricter one."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from events.contract.fields import COMPONENTS
from services.platform import absence_policies, standards
from services.platform.parameter_values import BadValue
from services.platform.tokens import Role

AGE_GROUPS = ("adult", "adolescent")

CREDENTIALS = ("physician", "nurse_practitioner", "clinical_nurse_specialist", "physician_assistant")
"""As what prescribers sign."""

Stricter = Literal["highest", "lowest", "fewest", "first", "false", "together", "every", "each", "named_first"]
"""``fewest``: what all packs name; ``every``: what any of them names; ``together``: the policies of all of them;
``each``: of each part the stricter; ``first``: the choice listed first; ``named_first``: what the pack says that is
named first; ``false``: not allowed beats allowed."""

_STRICTEST: dict[Stricter, Callable[[list[Any]], Any]] = {
    "highest": max,
    "lowest": min,
    "fewest": lambda values: frozenset.intersection(*values),
    "every": lambda values: frozenset.union(*values),
    "together": absence_policies.together,
    "each": standards.strictest_dimensions,
    "named_first": lambda values: values[0],
    "false": all,
}


@dataclass(frozen=True)
class Parameter:
    """One parameter. ``unit`` and ``help`` are for people; ``check`` returns the value or raises ``BadValue``."""

    key: str
    help: str
    unit: str
    stricter: Stricter
    check: Callable[[Any], Any]
    choices: tuple[str, ...] = ()

    def strictest(self, values: "list[Any]") -> Any:
        """The value that holds when several packs speak."""
        if self.stricter == "first":
            return min(values, key=self.choices.index)
        return _STRICTEST[self.stricter](values)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100_000:  # nor .nan
        raise BadValue("is not a number from 0 up")
    return Decimal(str(value))


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
        raise BadValue("is not a whole number from 0 up")
    return value


def _interval(value: Any) -> int:
    """Days from one to the next: at least a day, else the next would be due at once."""
    if _count(value) == 0:
        raise BadValue("is 0, so that the next would be due at once; give 1 or more")
    return _count(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadValue("is neither true nor false")
    return value


def _components(value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not all(one in COMPONENTS for one in value):
        raise BadValue(f"is not a list of components ({', '.join(COMPONENTS)})")
    return frozenset(value)


def _texts(value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise BadValue("is not a list of texts (write numbers in quotes)")
    return frozenset(value)


def _roles(value: Any) -> frozenset[str]:
    known = [role.value for role in Role]
    if not isinstance(value, list) or not value or not all(one in known for one in value):
        raise BadValue(f"is not a list of roles ({', '.join(known)})")
    return frozenset(value)


def _credentials(value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not value or not all(one in CREDENTIALS for one in value):
        raise BadValue(f"is not a list of professions ({', '.join(CREDENTIALS)})")
    return frozenset(value)


def _percent(value: Any) -> Decimal:
    if _number(value) > 100:
        raise BadValue("is not a percentage from 0 to 100")
    return _number(value)


def _asam_edition(value: Any) -> int:
    if value not in (3, 4) or isinstance(value, bool):
        raise BadValue("is neither 3 nor 4")
    return int(value)


def _one_of(*choices: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in choices:
            raise BadValue(f"is not one of {', '.join(choices)}")
        return str(value)

    return check


def _every(key: str, help_: str) -> Parameter:
    """Days from one to the next: the lower the stricter."""
    return Parameter(key, help_, "days", "lowest", _interval)


def _choice(key: str, help_: str, *strictest_first: str) -> Parameter:
    return Parameter(key, help_, "choice", "first", _one_of(*strictest_first), strictest_first)


def _scales(instrument: str, title: str, *leading_first: str) -> Parameter:
    help_, read = f"Bands, caseness and reliable change of {title}", partial(standards.read_scales, leading_first)
    return Parameter(f"instrument.{instrument}", help_, "scales", "named_first", read)


def _least(key: str, help_: str, unit: str) -> Parameter:
    """A minimum: the higher the stricter."""
    return Parameter(key, help_, unit, "highest", _count if unit in ("days", "people", "sessions") else _number)


def _most(key: str, help_: str, unit: str) -> Parameter:
    """A maximum or a due time: the lower the stricter."""
    whole = ("days", "people", "absences", "weeks", "units", "sessions", "doses")
    return Parameter(key, help_, unit, "lowest", _count if unit in whole else _number)


_TOLD_NEXT = ("auditor", "coordinator", "prescriber", "therapist")
"""Roles that may be told of what another left undone: who is further from the work first."""

_ALL = (
    _least("week.minimum_hours", "Hours of counted service in a treatment week", "hours"),
    _most("week.maximum_hours", "Hours above which the level of care is no longer this one", "hours"),
    _most("week.partial_hospitalization_hours", "Hours at which partial hospitalization begins", "hours"),
    _least("week.minimum_days", "Days with enough service in a treatment week", "days"),
    _choice("week.partial_weeks", "A week cut by admission, discharge or suspension", "pro_rated", "not_judged"),
    Parameter("week.counted_components", "Components that count towards weekly hours", "list", "fewest", _components),
    _most("week.step_down_weeks", "Weeks below the minimum that still count while stepping down", "weeks"),
    _most("week.warned_after_hours", "Hours of a treatment week before early warnings are raised", "hours"),
    _most("week.judged_after_hours", "Hours from the end of a treatment week until it is judged", "hours"),
    _least("day.minimum_hours", "Hours attended that make a day of service", "hours"),
    Parameter("day.counted_components", "Components that count towards a day", "list", "fewest", _components),
    _most("day.maximum_gap_days", "Consecutive days without service", "days"),
    Parameter("day.group_optional", "Whether a service day may be without a group", "flag", "false", _flag),
    _choice("day.under_minimum", "What a day under its minimum is billed as", "nothing", "discrete_services"),
    Parameter(
        "curriculum.minimum_percent", "Share of a session attended that completes its topic", "%", "highest", _percent
    ),
    _most("certification.first_days", "Days from the admission to the first certification", "days"),
    Parameter("certification.credentials", "Professions that may certify", "list", "fewest", _credentials),
    _every("certification.days", "Days from one certification to the next"),
    _every("plan_review.days", "Days from one review of the plan of care to the next"),
    _most("escalation.days", "Days overdue after which the next role is told", "days"),
    _choice("escalation.from_prescriber", "Who is told of a prescriber's overdue work", *_TOLD_NEXT),
    _choice("escalation.from_therapist", "Who is told of a therapist's overdue work", *_TOLD_NEXT),
    _choice("escalation.from_coordinator", "Who is told of a coordinator's overdue work", *_TOLD_NEXT),
    _least("group.minimum", "People in a group", "people"),
    _most("group.maximum", "People in a group", "people"),
    _most("group.note_days", "Days within which a group note is written", "days"),
    Parameter("claims.condition_codes", "Condition codes on claims", "codes", "every", _texts),
    Parameter("claims.condition_codes_apart", "Condition codes that never stand together", "codes", "every", _texts),
    Parameter("claims.revenue_codes", "Revenue codes on claims", "codes", "every", _texts),
    Parameter("claims.procedure_codes", "Procedure codes on claims", "codes", "every", _texts),
    Parameter("authorization.warn_units", "Units left at which to warn", "units", "highest", _count),
    _most("authorization.renewal_days", "Days within which more is asked for when units run low", "days"),
    _most("absence.late_minutes", "Minutes after the start from which one is late", "minutes"),
    _most("absence.late_is_no_show_minutes", "Minutes after the start from which late counts as no-show", "minutes"),
    _most("absence.left_early_minutes", "Minutes before the end that are still staying to the end", "minutes"),
    _least("absence.notice_hours", "Notice that excuses an absence", "hours"),
    _most("absence.no_show_grace_minutes", "Minutes after the end until an absence is fixed", "minutes"),
    _choice("absence.open_visit_counts", "A check-in without check-out counts as", "nothing", "until_session_end"),
    _most("absence.unexcused_no_shows", "Unexcused no-shows in an episode that are repeated no-shows", "absences"),
    _most("absence.discharge_review_days", "Days within which a discharge review is held", "days"),
    Parameter(
        "absence.policies",
        "What is counted within which window, and which step follows at how many",
        "policies",
        "together",
        absence_policies.read_policies,
    ),
    _most(
        "reassessment.days_after_admission",
        "Days from the admission within which an assessment and an instrument are made up for",
        "days",
    ),
    _most(
        "reassessment.days_before_discharge",
        "Days from the review that plans the discharge within which an instrument is answered",
        "days",
    ),
    Parameter("reassessment.optional_before_discharge", "Whether a discharge may lack one", "flag", "false", _flag),
    Parameter("discharge.plan_optional", "Whether a planned discharge may lack a plan", "flag", "false", _flag),
    _most("medication.reconciliation_hours", "Hours from admission to reconciliation", "hours"),
    _most("medication.transition_hours", "Hours from a transition to reconciliation", "hours"),
    _every("medication.review_cycle_days", "Days from one medication review to the next"),
    _most("medication.urgent_review_hours", "Hours from a safety trigger to an urgent review", "hours"),
    _most("medication.order_changed_hours", "Hours from a changed hospital order to a review", "hours"),
    _most("medication.adverse_effect_hours", "Hours from an adverse effect to a review", "hours"),
    _most("medication.severe_effect_hours", "Hours from a severe adverse effect to an urgent review", "hours"),
    _most("medication.no_shows_hours", "Hours from the last of repeated no-shows to a review", "hours"),
    _most("medication.discrepancies_hours", "Hours from a reconciliation with discrepancies to a review", "hours"),
    _most("medication.interaction_hours", "Hours from a contraindicated interaction to an urgent review", "hours"),
    _least("medication.cycle_notice_days", "Days before a review of the cycle falls due when it opens", "days"),
    Parameter("medication.pdmp_schedules", "Schedules of which the PDMP is asked", "codes", "every", _texts),
    _most("medication.pdmp_start_hours", "Hours around the start of a controlled substance to a PDMP check", "hours"),
    _most("medication.pdmp_valid_days", "Days for which a PDMP check is good", "days"),
    _most("medication.pdmp_review_hours", "Hours from a PDMP check not made, or inconsistent, to a review", "hours"),
    Parameter("medication.pdmp_checked_by", "Roles that may ask the PDMP", "roles", "fewest", _roles),
    _most("medication.missed_doses_methadone", "Observed doses of methadone missed in a row before a review", "doses"),
    _most("medication.missed_doses_buprenorphine", "The same of buprenorphine", "doses"),
    _most("medication.missed_doses_naltrexone", "The same of naltrexone", "doses"),
    _most("medication.missed_doses_review_hours", "Hours from so many missed doses to a review", "hours"),
    Parameter("medication.doses_observed_by", "Roles that may observe a dose", "roles", "fewest", _roles),
    _most("medication.escalation_hours_coordinator", "Hours overdue after which a coordinator is told", "hours"),
    _most("medication.escalation_hours_auditor", "Hours overdue after which an auditor is told", "hours"),
    Parameter("medication.reconciled_by", "Roles that may complete a reconciliation", "roles", "fewest", _roles),
    _most("waitlist.offer_hours", "Hours for which a free place is kept for who is next; silent: promoted", "hours"),
    _least("seat_promotion.notice_hours", "Hours before a session until which free seats go to who waits", "hours"),
    Parameter("telehealth.counts", "Whether telehealth counts as service", "flag", "false", _flag),
    Parameter("assessment.asam_edition", "Edition of the ASAM criteria", "edition", "lowest", _asam_edition),
    Parameter(
        "assessment.asam_dimensions",
        "Ratings of each ASAM dimension that level 2.1 can serve, and from which it speaks for it",
        "ratings",
        "each",
        standards.read_dimensions,
    ),
    Parameter("assessment.asam_considerations", "What is asked beside and decides nothing", "list", "every", _texts),
    _scales("phq_9", "PHQ-9", "total"),
    _scales("gad_7", "GAD-7", "total"),
    _scales("bam", "BAM", "use", "risk", "protective"),
    _scales("bam_iop", "BAM-IOP", "use", "risk", "protective"),
    _scales("ede_q", "EDE-Q", "global", "restraint", "eating_concern", "shape_concern", "weight_concern"),
    _scales("whodas_12", "WHODAS 2.0, 12 items", "percent"),
)

PARAMETERS = {parameter.key: parameter for parameter in _ALL}
"""By key."""

LIMITS = (("week.minimum_hours", "week.maximum_hours"), ("group.minimum", "group.maximum"))
"""A minimum and the maximum that it cannot be above in one edition."""
