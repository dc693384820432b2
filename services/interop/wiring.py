"""What the gateway is made of, in one place."""

from collections.abc import Mapping

from services.interop.application import Interop
from services.interop.background import background
from services.interop.domain import errors
from services.interop.domain.identity import Identity
from services.interop.domain.line import Line
from services.interop.domain.message import Message
from services.interop.domain.notice import Notice
from services.interop.domain.patient import Patient
from services.interop.mapping import SHIPPED, MappingError, load_mappings
from services.interop.policies import ApplyWhatWasReceived, LearnWhoIsWho, Retention, TellTheHospitals
from services.interop.projections.messages import Messages
from services.interop.projections.outbound import Outbound
from services.interop.projections.standing import StandingInLine
from services.interop.projections.strangers import Strangers
from services.interop.projections.traffic import Traffic
from services.interop.publishing import publish
from services.interop.queries import Queries
from services.interop.service import InteropService
from services.platform.definition import Runtime, ServiceDefinition
from services.platform.problem import Problem
from services.platform.settings import BadSetting

CONSUMES = frozenset(
    {
        "enrollment.participant_registered.v1",
        "enrollment.participant_identified.v1",
        "enrollment.participants_merged.v1",
        "enrollment.participants_unmerged.v1",
        "enrollment.participant_admitted.v1",
        "enrollment.participant_discharged.v1",
        "scheduling.booking_made.v1",
        "scheduling.booking_cancelled.v1",
        "attendance.attendance_recorded.v1",
        "attendance.attendance_corrected.v1",
    }
)

PROBLEMS: Mapping[type[Exception], Problem] = {
    errors.InteropError: Problem(409, title="The gateway refuses the command"),
    errors.MessageUnknown: Problem(404, title="There is no such message"),
    errors.MessageErased: Problem(410, title="The message was erased"),
    errors.HospitalUnknown: Problem(422, title="No mapping file names this hospital"),
    errors.ReferralRefused: Problem(422, title="The bundle is no referral that can be read"),
    errors.StillRefused: Problem(422, title="The message cannot be accepted"),
}


def build(runtime: Runtime) -> Interop:
    """The application with the mapping files of the operator's folder on top of those shipped.

    Raises ``BadSetting`` naming file, key and reason."""
    own = runtime.settings.hospitals
    try:
        mappings = load_mappings([SHIPPED, own] if own else [SHIPPED])
    except MappingError as error:
        way_out = "mend the mapping file; services/interop/README.md explains its keys"
        raise BadSetting("DAYBOOK_HOSPITALS", str(error), way_out) from None
    return Interop(
        runtime.log, runtime.vault, runtime.clock, mappings, Queries(runtime.reader, mappings, runtime.vault)
    )


def define() -> ServiceDefinition:
    """The hospital gateway, complete."""
    return ServiceDefinition(
        name="interop",
        aggregates=(Message, Identity, Line, Patient, Notice),
        shell=InteropService,
        application=build,
        publish=publish,
        consumes=CONSUMES,
        projections=(Messages, StandingInLine, Traffic, Outbound, Strangers),
        reactions=(ApplyWhatWasReceived, LearnWhoIsWho, TellTheHospitals),
        deadlines=(Retention,),
        background=background,
        errors=PROBLEMS,
    )
