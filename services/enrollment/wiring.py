"""What enrollment is made of, in one place."""

from collections.abc import Mapping

from services.enrollment.application import Enrollment
from services.enrollment.domain import errors
from services.enrollment.domain.assessment import LevelOfCareAssessment
from services.enrollment.domain.care_record import CareRecord
from services.enrollment.domain.consent import Consent
from services.enrollment.domain.coverage import Coverage
from services.enrollment.domain.episode import Episode
from services.enrollment.domain.follow_up import FollowUp
from services.enrollment.domain.participant import IdentifierClaim, Participant
from services.enrollment.domain.plan_of_care import PlanOfCare
from services.enrollment.domain.referral import Referral
from services.enrollment.domain.track import Track
from services.enrollment.policies import CONSUMES, FollowAttendance, FollowHospitalStays, FollowIdentity
from services.enrollment.projections import DEADLINES, PROJECTIONS
from services.enrollment.publishing import publish
from services.enrollment.service import EnrollmentService
from services.enrollment.what_if import what_if
from services.platform.definition import Runtime, ServiceDefinition
from services.platform.problem import Problem

AGGREGATES = (
    Participant,
    IdentifierClaim,
    CareRecord,
    Referral,
    LevelOfCareAssessment,
    Track,
    Episode,
    FollowUp,
    PlanOfCare,
    Coverage,
    Consent,
)

MALFORMED = (
    errors.AssessmentIncomplete,
    errors.RatingOutOfRange,
    errors.UnknownCriterion,
    errors.OverrideNeedsReason,
    errors.UnknownTimeZone,
    errors.CensusLimitTooLow,
    errors.UnknownComponent,
    errors.UnknownRulePack,
    errors.DischargeInFuture,
    errors.PlanOfCareIncomplete,
    errors.AuthorizationDatesReversed,
    errors.ConsentNeedsExpiry,
    errors.ConsentExpired,
    errors.ConsentInFuture,
    errors.AnswersOutOfRange,
    errors.ScoreOutOfRange,
    errors.AnswersOrScore,
)

ERRORS: Mapping[type[Exception], Problem] = {
    errors.EnrollmentRefused: Problem(409, title="Enrollment refuses the command"),
    errors.ParticipantUnknown: Problem(404, title="There is no such participant"),
    errors.GoalUnknown: Problem(404, title="There is no such goal"),
    errors.ParticipantErased: Problem(410, title="The participant was erased"),
    errors.ErasureIsForOperators: Problem(403, title="This is for operators"),
    **{error: Problem(422, title="The command cannot be carried out as it stands") for error in MALFORMED},
}


def _application(runtime: Runtime) -> Enrollment:
    settings = runtime.settings
    return Enrollment(runtime.log, runtime.reader, runtime.vault, runtime.packs, settings.time_zone)


def define() -> ServiceDefinition:
    """The enrollment service, complete."""
    return ServiceDefinition(
        name="enrollment",
        aggregates=AGGREGATES,
        shell=EnrollmentService,
        application=_application,
        publish=publish,
        consumes=CONSUMES,
        projections=PROJECTIONS,
        reactions=(FollowIdentity, FollowHospitalStays, FollowAttendance),
        deadlines=DEADLINES,
        errors=ERRORS,
        what_if=what_if,
    )
