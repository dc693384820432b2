"""What medication review is made of, in one place."""

from collections.abc import Mapping

from services.medication_review.application import Application
from services.medication_review.domain import errors
from services.medication_review.domain.case import MedicationCase
from services.medication_review.domain.dosing import Dosing
from services.medication_review.domain.interaction_watch import InteractionWatch
from services.medication_review.domain.medication_list import MedicationList
from services.medication_review.domain.pdmp_record import PdmpRecord
from services.medication_review.policies import CONSUMES, DEADLINES, REACTIONS
from services.medication_review.projections.adverse_effects import AdverseEffects
from services.medication_review.projections.due_list import DueList
from services.medication_review.projections.interactions import Interactions
from services.medication_review.projections.medication_list import MedicationLists
from services.medication_review.projections.observed_doses import ObservedDoses
from services.medication_review.projections.participant_reviews import ParticipantReviews
from services.medication_review.projections.pdmp_checks import PdmpChecks
from services.medication_review.publishing import publish
from services.medication_review.rulebook import PackRules
from services.medication_review.service import MedicationReviewService
from services.medication_review.table_files import shipped
from services.medication_review.what_if import what_if
from services.platform.definition import Runtime, ServiceDefinition
from services.platform.problem import Problem
from services.platform.who_is_who import WhoIsWho

AGGREGATES = (MedicationList, MedicationCase, InteractionWatch, PdmpRecord, Dosing)
PROJECTIONS = (
    MedicationLists,
    Interactions,
    ParticipantReviews,
    AdverseEffects,
    PdmpChecks,
    ObservedDoses,
    DueList,
    WhoIsWho,
)
PROBLEMS: Mapping[type[Exception], Problem] = {
    errors.MedicationReviewRefused: Problem(409, title="Medication review refuses the command"),
    errors.PrescriberOnly: Problem(403, title="Only a prescriber may do this"),
    errors.NotQualifiedToReconcile: Problem(403, title="Only qualified staff may do this"),
    errors.NotQualifiedToCheck: Problem(403, title="Only prescribers and their delegates may do this"),
    errors.NotQualifiedToObserve: Problem(403, title="Only qualified staff may do this"),
    errors.NoDoseOrdered: Problem(404, title="There is no dose to record"),
    errors.DoseOrderUnknown: Problem(404, title="There is no such order"),
    errors.DoseOrderUnclear: Problem(422, title="The order is not clear"),
    errors.ReasonMissing: Problem(422, title="The reason is missing"),
    errors.NotHappenedYet: Problem(422, title="The time is not past"),
    errors.AdverseEffectUnknown: Problem(404, title="There is no such adverse effect"),
    errors.ReviewUnknown: Problem(404, title="There is no such review"),
    errors.InteractionNotFlagged: Problem(404, title="There is no such interaction"),
    errors.ListChanged: Problem(409, title="The list changed since it was compared"),
    errors.DiscrepancyUnknown: Problem(404, title="There is no such discrepancy"),
    errors.MedicationNotListed: Problem(404, title="There is no such medication on the list"),
    errors.DecisionUnclear: Problem(422, title="The decision is not clear"),
    errors.DecidedTwice: Problem(422, title="The decisions contradict one another"),
}


def define() -> ServiceDefinition:
    """The medication review service, complete."""
    return ServiceDefinition(
        name="medication_review",
        aggregates=AGGREGATES,
        shell=MedicationReviewService,
        application=_application,
        publish=publish,
        consumes=CONSUMES,
        projections=PROJECTIONS,
        reactions=REACTIONS,
        deadlines=DEADLINES,
        errors=PROBLEMS,
        what_if=what_if,
    )


def _application(runtime: Runtime) -> Application:
    return Application(runtime.log, runtime.reader, runtime.vault, PackRules(runtime.packs), shipped())
