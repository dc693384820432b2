"""Why enrollment refuses a command. Each error is named after the rule that was broken; none holds personal data.

EnrollmentRefused
├── about the person     ParticipantAlreadyRegistered, ParticipantUnknown, ParticipantErased,
│                        IdentifierBelongsToAnother, ReferralAlreadyReceived, ErasureIsForOperators, NotMerged
├── about the decision   AssessmentIncomplete, RatingOutOfRange, UnknownCriterion, AssessmentDoesNotSupportAdmission,
│                        AssessmentOfAnother, OverrideNeedsReason
├── about the track      TrackAlreadyOpened, UnknownTimeZone, CensusLimitTooLow, AlreadyHoldsPlace, UnknownComponent,
│                        UnknownRulePack, NoPlaceOffered, OfferLapsed
├── about the episode    EpisodeAlreadyOpen, NotAdmitted, AlreadyDischarged, NotSuspended, AlreadySuspended,
│                        DischargeBeforeAdmission, DischargeInFuture, SuspensionOutsideEpisode, AlreadyInTrack,
│                        TransferPending, DischargeIncomplete, NoDischargeReviewDue
├── about consents       ConsentAlreadyGiven, ConsentNeedsExpiry, ConsentExpired, ConsentInFuture, ConsentRevoked
├── about payers         AuthorizationDatesReversed
├── about the plan       PlanOfCareIncomplete, PlanOfCareMissing, PlanOfCareChanged, PlanBelowWeeklyHours, GoalUnknown,
│                        GoalAlreadyMet
└── about instruments    AnswersOutOfRange, ScoreOutOfRange, AnswersOrScore, AnswersNotTaken, NoValidTotal,
                         ScalesIncomplete
"""


class EnrollmentRefused(Exception):
    """A rule of enrollment forbids the command; ``detail`` says which and what to do instead."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def code(self) -> str:
        """The broken rule's name, stable for programs."""
        return type(self).__name__


class ParticipantAlreadyRegistered(EnrollmentRefused):
    """The id belongs to a participant already."""


class ParticipantUnknown(EnrollmentRefused):
    """Nobody is registered under this id."""


class ParticipantErased(EnrollmentRefused):
    """The participant's keys were destroyed: nothing can be added to them."""


class IdentifierBelongsToAnother(EnrollmentRefused):
    """One hospital number belongs to one participant."""

    def __init__(self, detail: str, owner_id: object) -> None:
        super().__init__(detail)
        self.owner_id = owner_id


class ReferralAlreadyReceived(EnrollmentRefused):
    """The id belongs to another referral already."""


class ErasureIsForOperators(EnrollmentRefused):
    """Keys are destroyed by an operator only."""


class NotMerged(EnrollmentRefused):
    """Only what was merged is un-merged: an id from the one that it is an alias of."""


class AssessmentIncomplete(EnrollmentRefused):
    """Every criterion or dimension is answered, whatever the answer."""


class RatingOutOfRange(EnrollmentRefused):
    """ASAM dimensions are rated 0 to 4."""


class UnknownCriterion(EnrollmentRefused):
    """The criterion, dimension or exclusion is none of the edition's."""


class AssessmentDoesNotSupportAdmission(EnrollmentRefused):
    """Admission follows an assessment that supports this level of care, or a recorded override."""


class AssessmentOfAnother(EnrollmentRefused):
    """The assessment is about another person."""


class OverrideNeedsReason(EnrollmentRefused):
    """Whoever overrides a rule says why."""


class TrackAlreadyOpened(EnrollmentRefused):
    """The id belongs to a track already."""


class UnknownTimeZone(EnrollmentRefused):
    """The name is not in the IANA time zone database."""


class CensusLimitTooLow(EnrollmentRefused):
    """A track has room for at least one participant."""


class AlreadyHoldsPlace(EnrollmentRefused):
    """The episode holds a place in the track, or waits for one."""


class NoPlaceOffered(EnrollmentRefused):
    """No offer to the episode stands."""


class OfferLapsed(EnrollmentRefused):
    """An offer is accepted before it expires."""


class UnknownComponent(EnrollmentRefused):
    """The component is none of the five."""


class UnknownRulePack(EnrollmentRefused):
    """No rule pack of this name is loaded."""


class EpisodeAlreadyOpen(EnrollmentRefused):
    """A person has one open episode of care at a time."""


class NotAdmitted(EnrollmentRefused):
    """The episode is still on the waitlist."""


class AlreadyDischarged(EnrollmentRefused):
    """The episode is over; a re-admission is a new episode."""


class AlreadyInTrack(EnrollmentRefused):
    """A transfer leads to another track."""


class TransferPending(EnrollmentRefused):
    """An episode waits for one transfer at a time."""


class NotSuspended(EnrollmentRefused):
    """There is no such suspension to end, or it follows the hospital's messages."""


class AlreadySuspended(EnrollmentRefused):
    """The coordinator's suspension of this episode still holds."""


class DischargeBeforeAdmission(EnrollmentRefused):
    """A discharge takes effect after the admission."""


class DischargeInFuture(EnrollmentRefused):
    """A discharge frees the place at once, so it takes effect now or took effect before."""


class SuspensionOutsideEpisode(EnrollmentRefused):
    """A suspension begins within the episode and ends after its beginning."""


class DischargeIncomplete(EnrollmentRefused):
    """A planned discharge lacks what the rule packs ask for."""


class NoDischargeReviewDue(EnrollmentRefused):
    """No absence policy asks for a discharge review."""


class ConsentAlreadyGiven(EnrollmentRefused):
    """The id belongs to a consent already."""


class ConsentNeedsExpiry(EnrollmentRefused):
    """A consent says when it ends, unless it is for treatment, payment or health care operations."""


class ConsentExpired(EnrollmentRefused):
    """A consent that has expired is not given."""


class ConsentInFuture(EnrollmentRefused):
    """A consent is recorded once it is signed."""


class ConsentRevoked(EnrollmentRefused):
    """The consent does not hold any more."""


class AuthorizationDatesReversed(EnrollmentRefused):
    """An authorization ends on or after the day on which it begins."""


class PlanOfCareIncomplete(EnrollmentRefused):
    """A plan of care names diagnosis, services and goals."""


class PlanOfCareMissing(EnrollmentRefused):
    """The episode has no plan of care yet."""


class PlanOfCareChanged(EnrollmentRefused):
    """The plan was written anew since the version that is to be certified."""


class NotForThisCredential(EnrollmentRefused):
    """The packs ask for another profession: Medicare for a physician (42 CFR 424.24(d))."""


class PlanBelowWeeklyHours(EnrollmentRefused):
    """A payer pays for intensive outpatient care that is certified as needed for so many hours a week."""


class GoalUnknown(EnrollmentRefused):
    """The plan of care has no such goal."""


class GoalAlreadyMet(EnrollmentRefused):
    """A goal that was met is neither met nor revised again."""


class AnswersOutOfRange(EnrollmentRefused):
    """Each item is answered, within its range."""


class ScoreOutOfRange(EnrollmentRefused):
    """The score is outside the instrument's range."""


class AnswersOrScore(EnrollmentRefused):
    """An instrument is scored from its answers, or its score or scores are given: one of these."""


class AnswersNotTaken(EnrollmentRefused):
    """The instrument is taken as a score only."""


class NoValidTotal(EnrollmentRefused):
    """The instrument's subscales do not add up to anything."""


class ScalesIncomplete(EnrollmentRefused):
    """Where scores are told, each subscale's is."""
