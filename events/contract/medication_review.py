"""What medication review publishes."""

from marshmallow import fields

from events.contract.fields import (
    Event,
    decided_by,
    one_of,
    optional_instant,
    required_date,
    required_id,
    required_instant,
    required_text,
)
from events.contract.registry import published

CAUSES = (
    "admission, transition, order_changed, adverse_effect, no_shows, safety_trigger, pdmp_check, pdmp_result, "
    "missed_doses, discrepancies, interaction or cycle: the one due first"
)


class OfReview(Event):
    participant_id = required_id("Whose medication")
    episode_id = required_id("The episode")
    review_id = required_id("The review or reconciliation")
    kind = one_of(("reconciliation", "review"), "Reconciliation of sources, or a prescriber's review")


@published("medication_review.review_opened")
class ReviewOpened(OfReview):
    """Something asks for it. One that was withdrawn and is asked for again is told again, under the same id."""

    cause = required_text(CAUSES)
    urgent = fields.Boolean(required=True)
    due_at = required_instant("When it has to be done")
    decided_by = decided_by()


@published("medication_review.review_rescheduled")
class ReviewRescheduled(OfReview):
    """Another cause joined an open review, or one of several went away: it is due at another time, or urgent now."""

    cause = required_text(CAUSES)
    urgent = fields.Boolean(required=True)
    due_at = required_instant("When it has to be done now")
    decided_by = decided_by()


@published("medication_review.review_overdue")
class ReviewOverdue(OfReview):
    due_at = required_instant("When it was due")


@published("medication_review.review_escalated")
class ReviewEscalated(OfReview):
    """It is overdue and still not done: another role is told."""

    due_at = required_instant("When it was due")
    escalated_to = required_text("The role that is told")


@published("medication_review.review_completed")
class ReviewCompleted(OfReview):
    completed_at = required_instant("When")
    decisions = fields.Integer(required=True, metadata={"description": "How many medications were decided on"})


@published("medication_review.review_withdrawn")
class ReviewWithdrawn(OfReview):
    reason = required_text("discharged or cause_cancelled")


@published("medication_review.adverse_effect_reported")
class AdverseEffectReported(Event):
    participant_id = required_id("Who was affected")
    episode_id = required_id("The episode")
    effect_id = required_id("The report")
    severity = one_of(("mild", "moderate", "severe"), "How bad it is")
    reported_at = required_instant("When it was reported")


@published("medication_review.adverse_effect_withdrawn")
class AdverseEffectWithdrawn(Event):
    """It was reported by mistake."""

    participant_id = required_id("Who was affected")
    episode_id = required_id("The episode")
    effect_id = required_id("The report that does not stand")


@published("medication_review.pdmp_checked")
class PdmpChecked(Event):
    """The state's prescription drug monitoring program was asked about a participant."""

    participant_id = required_id("About whom")
    episode_id = required_id("The episode")
    check_id = required_id("The check")
    checked_at = required_instant("When it was asked")
    result = one_of(
        ("consistent", "inconsistent", "unavailable"), "Whether it agrees with what is known, or did not answer"
    )
    valid_until = optional_instant("How long the check is good for; none where there was no answer")


class OfInteraction(Event):
    participant_id = required_id("Who takes both")
    episode_id = required_id("The episode")
    interaction = required_text("The line of the interaction table, for example lithium_nsaid")
    ingredients = fields.List(
        fields.String(), required=True, metadata={"description": "RxNorm ingredient codes of the two"}
    )


@published("medication_review.interaction_flagged")
class InteractionFlagged(OfInteraction):
    """Two medications are taken that interact. Told once, until it is cleared."""

    severity = one_of(("contraindicated", "serious", "monitor"), "How grave it is")


@published("medication_review.interaction_cleared")
class InteractionCleared(OfInteraction):
    """They are not taken together any more, the table does not say so any more, or the episode is over."""


@published("medication_review.dose_observed")
class DoseObserved(Event):
    """What came of a day's observed dose. Told again of the same day when something else is recorded instead."""

    participant_id = required_id("Whose dose")
    episode_id = required_id("The episode")
    order_id = required_id("The prescriber's order")
    medication = required_text("methadone, buprenorphine or naltrexone")
    on = required_date("The local day of the dose")
    outcome = one_of(("observed", "refused", "take_home_given", "absent"), "What came of it")
    late = fields.Boolean(
        required=True, metadata={"description": "Recorded after the day, or instead of something else"}
    )
    recorded_at = required_instant("When it was recorded")


@published("medication_review.doses_missed")
class DosesMissed(Event):
    """So many observed doses in a row were missed that a prescriber's review comes before the next. Told again of the
    same first day when more, or fewer, ask for one, or a dose was taken since."""

    participant_id = required_id("Whose doses")
    episode_id = required_id("The episode")
    order_id = required_id("The prescriber's order")
    medication = required_text("methadone, buprenorphine or naltrexone")
    first_on = required_date("The local day of the first")
    last_on = required_date("The local day of the one that made them so many")
    count = fields.Integer(required=True, metadata={"description": "How many"})
    under_way = fields.Boolean(required=True, metadata={"description": "Whether none was taken since"})


@published("medication_review.doses_missed_reversed")
class DosesMissedReversed(Event):
    """Those that began on that day are not so many any more: a day was excused, or a dose recorded late."""

    participant_id = required_id("Whose doses")
    episode_id = required_id("The episode")
    first_on = required_date("The local day of the first, as it was told")
