"""Why medication review refuses a command. Each error is named after the broken rule; none holds personal data.

MedicationReviewRefused
├── about who may          PrescriberOnly, NotQualifiedToReconcile, NotQualifiedToCheck, NotQualifiedToObserve
├── about the episode      EpisodeEnded, EpisodeNotBegun, AdverseEffectUnknown
├── about the review       ReviewUnknown, ReviewNotOpen, NotAReconciliation
├── about what was compared ListChanged, DiscrepancyUnknown
├── about interactions     InteractionNotFlagged
├── about the decisions    MedicationNotListed, DecisionUnclear, DecidedTwice
├── about what is recorded NotHappenedYet, ReasonMissing
├── about observed doses   DoseOrderUnclear, DoseOrderUnknown, NoDoseOrdered, ReviewBeforeDose
└── about the numbers      RuleMissing
"""


class MedicationReviewRefused(Exception):
    """A rule of medication review forbids the command; ``detail`` says which and what to do instead."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def code(self) -> str:
        """The broken rule's name, stable for programs."""
        return type(self).__name__


class PrescriberOnly(MedicationReviewRefused):
    """To continue, change, stop or start a medication is a prescriber's decision."""


class NotQualifiedToReconcile(MedicationReviewRefused):
    """A reconciliation is completed by the roles that the program's pack names."""


class EpisodeEnded(MedicationReviewRefused):
    """What belongs to an episode is said while it lasts."""


class NotQualifiedToCheck(MedicationReviewRefused):
    """The prescription drug monitoring program is asked by the roles that the program's pack names."""


class NotQualifiedToObserve(MedicationReviewRefused):
    """A dose is observed by the roles that the program's pack names."""


class NotHappenedYet(MedicationReviewRefused):
    """What is recorded has happened."""


class ReasonMissing(MedicationReviewRefused):
    """What is recorded late, or instead of something else, is recorded with a reason."""


class DoseOrderUnclear(MedicationReviewRefused):
    """An order says from when on, and on which weekdays, a dose is observed or taken at home."""


class DoseOrderUnknown(MedicationReviewRefused):
    """There is no such order of observed doses."""


class NoDoseOrdered(MedicationReviewRefused):
    """A dose is given as a prescriber ordered it."""


class ReviewBeforeDose(MedicationReviewRefused):
    """After so many missed doses a prescriber's review comes before the next one."""


class EpisodeNotBegun(MedicationReviewRefused):
    """Doses are ordered and given in an episode to which the participant is admitted."""


class AdverseEffectUnknown(MedicationReviewRefused):
    """There is no such adverse effect in the episode, or it was withdrawn."""


class ReviewUnknown(MedicationReviewRefused):
    """There is no such review of this participant."""


class ReviewNotOpen(MedicationReviewRefused):
    """What was completed or withdrawn cannot be completed."""


class NotAReconciliation(MedicationReviewRefused):
    """A prescriber's review is completed with the prescriber's decisions, not as a reconciliation."""


class MedicationNotListed(MedicationReviewRefused):
    """One decides about a medication that is on the list."""


class InteractionNotFlagged(MedicationReviewRefused):
    """One acknowledges an interaction that is flagged in the episode."""


class ListChanged(MedicationReviewRefused):
    """A reconciliation compares the list as it is."""


class DiscrepancyUnknown(MedicationReviewRefused):
    """One explains a discrepancy that is on the list."""


class DecisionUnclear(MedicationReviewRefused):
    """A decision says which medication and, for a change, what changes."""


class DecidedTwice(MedicationReviewRefused):
    """One review decides once about one medication."""


class RuleMissing(MedicationReviewRefused):
    """No rule pack in force gives a number that is needed."""
