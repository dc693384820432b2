"""The rules of medication review as named values. Their numbers come from the rule packs in force, never from code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol


@dataclass(frozen=True)
class NamedRule:
    """What a rule says and where it comes from. Its number, if any, is in the packs."""

    name: str
    says: str
    source: str


_PRACTICE = "program practice, to be verified by the program"

RECONCILED_AT_ADMISSION = NamedRule(
    "reconciled_at_admission", "The sources are reconciled within the pack's hours of the admission.", _PRACTICE
)
RECONCILED_AT_TRANSITION = NamedRule(
    "reconciled_at_transition",
    "The sources are reconciled within the pack's hours of every transition: a transfer, step-up or step-down, and the "
    "resumption after a suspension.",
    _PRACTICE,
)
REVIEWED_IN_CYCLES = NamedRule(
    "reviewed_in_cycles",
    "A prescriber reviews within the pack's days of the admission, and of each completed review.",
    _PRACTICE,
)
SAFETY_TRIGGER_IS_URGENT = NamedRule(
    "safety_trigger_is_urgent",
    "An instrument's safety trigger asks for an urgent review within the pack's hours of the answer, or of the "
    "admission where it was answered before.",
    _PRACTICE,
)
ADVERSE_EFFECT_IS_REVIEWED = NamedRule(
    "adverse_effect_is_reviewed",
    "A reported adverse effect asks for a prescriber's review within the pack's hours, a severe one for an urgent one.",
    _PRACTICE,
)
ORDER_CHANGE_IS_REVIEWED = NamedRule(
    "order_change_is_reviewed",
    "A hospital order that is new, changed or stopped after the admission asks for a review. While the episode is "
    "suspended it does not: the reconciliation of the transition covers it.",
    _PRACTICE,
)
REPEATED_NO_SHOWS_ARE_REVIEWED = NamedRule(
    "repeated_no_shows_are_reviewed", "Repeated unexcused no-shows ask for a review.", _PRACTICE
)
DISCREPANCIES_ARE_REVIEWED = NamedRule(
    "discrepancies_are_reviewed",
    "Discrepancies that a reconciliation leaves undecided ask for a prescriber's review.",
    _PRACTICE,
)
ONE_OPEN_REVIEW = NamedRule(
    "one_open_review",
    "An episode has at most one open review of a kind. Whatever else asks for one joins it: it is due at the earliest "
    "of their times, urgent if any of them is, and completing it answers all of them.",
    _PRACTICE,
)
PDMP_IS_CHECKED = NamedRule(
    "pdmp_is_checked",
    "Of a participant who takes a controlled substance the prescription drug monitoring program is asked within the "
    "pack's hours of its start, or of the admission where that is later, before or after; and again within the pack's "
    "days of the last check, as long as one is taken. A program that did not answer was not asked.",
    "CDC Clinical Practice Guideline for Prescribing Opioids 2022, recommendation 9: at the start and at least every 3 "
    "months; state rules differ",
)
CONTROLLED_SUBSTANCE_UNCHECKED_IS_REVIEWED = NamedRule(
    "controlled_substance_unchecked_is_reviewed",
    "A controlled substance without a check of the monitoring program in time asks for a prescriber's review, until "
    "the check is made; so does a check that is inconsistent with what is known.",
    "domain.md: controlled substance without a PDMP check",
)
DOSE_IS_MISSED_AT_THE_DAYS_END = NamedRule(
    "dose_is_missed_at_the_days_end",
    "An observed dose that was ordered for a day and not taken by the end of the day in the program's local time is "
    "missed; what is written down later of that day, with a reason, counts instead. A day in which the episode was "
    "suspended is excused, as long as the suspension stands.",
    _PRACTICE,
)
MISSED_DOSES_ARE_REVIEWED = NamedRule(
    "missed_doses_are_reviewed_before_the_next",
    "After so many doses missed in a row as the packs say for the medication, a prescriber's review comes before the "
    "next dose; a prescriber alone may give it before, and says why. Whenever so many more are missed it is asked for "
    "again.",
    "SAMHSA, Federal Guidelines for Opioid Treatment Programs, and TIP 63: tolerance is lost when doses are missed; "
    "the numbers are to be verified by the program",
)
DOSES_ORDERED_BY_A_PRESCRIBER = NamedRule(
    "doses_ordered_by_a_prescriber",
    "Only a prescriber orders observed doses and take-home doses.",
    "42 CFR 8.12; domain.md: decisions by a prescriber only",
)
OVERDUE_REVIEW_ESCALATES = NamedRule(
    "overdue_review_escalates",
    "Of an overdue review or reconciliation further roles are told, each after the pack's hours, until it is done.",
    _PRACTICE,
)
DECIDED_BY_A_PRESCRIBER = NamedRule(
    "decided_by_a_prescriber",
    "Only a prescriber continues, changes, stops or starts a medication.",
    "domain.md: decisions by a prescriber only",
)
INTERACTIONS_ARE_FLAGGED = NamedRule(
    "interactions_are_flagged",
    "While two medications are taken that the shipped table names together, whichever sources say so, the episode has "
    "a flag. It is told once and cleared when it no longer holds.",
    "FDA labels and drug safety communications, CredibleMeds: each line of tables/interactions.yaml names its own",
)
WASHOUT_IS_FLAGGED = NamedRule(
    "washout_is_flagged",
    "What is started while a medication that was stopped still acts is flagged as if both were taken, until the days "
    "that the shipped table gives for it are over.",
    "FDA labels: 14 days after an MAOI, 5 weeks after fluoxetine; each line of tables/interactions.yaml names its own",
)
CONTRAINDICATED_IS_URGENT = NamedRule(
    "contraindicated_is_urgent",
    "A contraindicated pair asks for an urgent review within the pack's hours, until a prescriber acknowledges it or "
    "it is no longer taken; what changes about it asks again.",
    _PRACTICE,
)
WHAT_IS_COMPARED_IS_CURRENT = NamedRule(
    "what_is_compared_is_current",
    "A reconciliation says what it compared, and is refused where the list has changed since or has what was not "
    "compared. It says of each discrepancy what became of it: decided by a prescriber, explained, or left to one.",
    _PRACTICE,
)
NOTHING_IS_GUESSED = NamedRule(
    "nothing_is_guessed",
    "A medication is recognised by its RxNorm code, or by a name of which no word is left over; else it stays as "
    "written, is compared as written, and is marked as not recognised.",
    "RxNorm, U.S. National Library of Medicine; how names are read: program practice, to be verified by the program",
)
A_COMPLETE_LIST_OMITS = NamedRule(
    "a_complete_list_omits",
    "A hospital's discharge list and a hospital's FHIR list claim to be complete: what another source has as active "
    "since a time not later than theirs is missing from them. Orders, self-report and the program's own decisions "
    "claim no such thing.",
    _PRACTICE,
)
NAMED_RULES = (
    INTERACTIONS_ARE_FLAGGED,
    WASHOUT_IS_FLAGGED,
    CONTRAINDICATED_IS_URGENT,
    WHAT_IS_COMPARED_IS_CURRENT,
    NOTHING_IS_GUESSED,
    A_COMPLETE_LIST_OMITS,
    RECONCILED_AT_ADMISSION,
    RECONCILED_AT_TRANSITION,
    REVIEWED_IN_CYCLES,
    SAFETY_TRIGGER_IS_URGENT,
    ADVERSE_EFFECT_IS_REVIEWED,
    ORDER_CHANGE_IS_REVIEWED,
    REPEATED_NO_SHOWS_ARE_REVIEWED,
    DISCREPANCIES_ARE_REVIEWED,
    ONE_OPEN_REVIEW,
    PDMP_IS_CHECKED,
    CONTROLLED_SUBSTANCE_UNCHECKED_IS_REVIEWED,
    DOSE_IS_MISSED_AT_THE_DAYS_END,
    MISSED_DOSES_ARE_REVIEWED,
    DOSES_ORDERED_BY_A_PRESCRIBER,
    OVERDUE_REVIEW_ESCALATES,
    DECIDED_BY_A_PRESCRIBER,
)
"""All of them, for those who list rules."""


@dataclass(frozen=True)
class ReviewRules:
    """What the packs in force on a day say about reviews: from the cause to the time by which it must be done."""

    admission: timedelta
    transition: timedelta
    order_changed: timedelta
    adverse_effect: timedelta
    severe_effect: timedelta
    pdmp: timedelta
    missed_doses: timedelta
    no_shows: timedelta
    discrepancies: timedelta
    interaction: timedelta
    urgent: timedelta
    cycle: timedelta
    cycle_notice: timedelta
    """A cycle's review opens so long before it falls due."""
    escalation: tuple[tuple[str, timedelta], ...]
    """Role → how long after the due time it is told."""
    reconciled_by: frozenset[str]
    """Roles that may complete a reconciliation."""
    cited: Mapping[str, str] = field(default_factory=dict)
    """Name of a time above → ``PARAMETER of PACK`` that says it."""

    def within(self, name: str) -> tuple[timedelta, tuple[str, ...]]:
        """One of the times above, and what says it."""
        time: timedelta = getattr(self, name)
        return time, (self.cited[name],) if name in self.cited else ()


@dataclass(frozen=True)
class PdmpRules:
    """What the packs in force on a day say about checks of the prescription drug monitoring program."""

    schedules: frozenset[str]
    """Schedules of controlled substances of which it is asked."""
    at_start: timedelta
    """How long before or after the start of a substance it is asked."""
    valid: timedelta
    """How long a check is good for."""
    checked_by: frozenset[str]
    """Roles that may check: prescribers and their delegates."""


@dataclass(frozen=True)
class DoseRules:
    """What the packs in force on a day say about observed doses."""

    missed: Mapping[str, int]
    """Medication → how many missed in a row ask for a review."""
    observed_by: frozenset[str]
    """Roles that may observe a dose: practitioners, and their agents."""


class RuleBook(Protocol):
    """The rule packs, as the domain needs them."""

    def reviews(self, packs: Iterable[str], on: date) -> ReviewRules:
        """What holds for a cause that arises on this local day. Raises ``RuleMissing``."""

    def pdmp(self, packs: Iterable[str], on: date) -> PdmpRules:
        """What holds for a substance that is started, or a check that is made, on this local day. Raises
        ``RuleMissing``."""

    def doses(self, packs: Iterable[str], on: date) -> DoseRules:
        """What holds for a dose of this local day. Raises ``RuleMissing``."""

    def sources(self, cited: Iterable[str]) -> Mapping[str, str]:
        """The sources of parameters and packs that reviews cite, as far as they are still known."""
