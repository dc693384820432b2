"""What scheduling is made of, in one place."""

from collections.abc import Mapping

from services.platform.definition import ServiceDefinition
from services.platform.packs import UnknownPack
from services.platform.problem import Problem
from services.platform.who_is_who import WhoIsWho
from services.scheduling.application import Application
from services.scheduling.domain import errors
from services.scheduling.domain.availability import Availability
from services.scheduling.domain.calendar_feed import CalendarFeed
from services.scheduling.domain.claimed_day import ClaimedDay
from services.scheduling.domain.closure import Closure
from services.scheduling.domain.curriculum import Curriculum
from services.scheduling.domain.episode_topics import EpisodeTopics
from services.scheduling.domain.known import Person, Track
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.prescriber_requests import PrescriberRequests
from services.scheduling.domain.prescriber_slots import PrescriberSlots
from services.scheduling.domain.program_month import ProgramMonth
from services.scheduling.domain.resources import Facilitator, Room
from services.scheduling.domain.seat_waitlist import SeatWaitlist
from services.scheduling.domain.series import Series
from services.scheduling.domain.session import Session
from services.scheduling.domain.unjudged_topics import UnjudgedTopics
from services.scheduling.following import CONSUMES
from services.scheduling.policies import DEADLINES, REACTIONS
from services.scheduling.projections.availabilities import Availabilities
from services.scheduling.projections.calendar_entries import CalendarEntries
from services.scheduling.projections.calendar_feeds import CalendarFeeds
from services.scheduling.projections.closures import Closures
from services.scheduling.projections.coordinator_requests import CoordinatorRequests
from services.scheduling.projections.curriculum import CurriculumOfTrack
from services.scheduling.projections.directory import Directory
from services.scheduling.projections.facilitators_day import FacilitatorsDay
from services.scheduling.projections.outside_availability import OutsideAvailability
from services.scheduling.projections.participants_bookings import ParticipantsBookings
from services.scheduling.projections.rooms_day import RoomsDay
from services.scheduling.projections.seat_waits import SeatWaits
from services.scheduling.projections.session_roster import SessionRoster
from services.scheduling.projections.sessions_between import SessionsBetween
from services.scheduling.projections.substitutes_wanted import SubstitutesWanted
from services.scheduling.projections.topics_completed import TopicsCompleted
from services.scheduling.publishing import publish
from services.scheduling.rulebook import PackRules
from services.scheduling.service import SchedulingService

AGGREGATES = (
    Facilitator,
    Room,
    Track,
    Person,
    Series,
    Session,
    PrescriberSlots,
    PrescriberRequests,
    SeatWaitlist,
    Availability,
    ProgramMonth,
    Closure,
    Placement,
    ClaimedDay,
    CalendarFeed,
    Curriculum,
    EpisodeTopics,
    UnjudgedTopics,
)
PROJECTIONS = (
    SessionsBetween,
    SessionRoster,
    ParticipantsBookings,
    FacilitatorsDay,
    RoomsDay,
    SeatWaits,
    Availabilities,
    OutsideAvailability,
    Closures,
    CoordinatorRequests,
    SubstitutesWanted,
    Directory,
    WhoIsWho,
    CalendarEntries,
    CalendarFeeds,
    CurriculumOfTrack,
    TopicsCompleted,
)
MALFORMED = (
    errors.InvalidRecurrenceRule,
    errors.FirstDateOffRule,
    errors.HorizonTooLong,
    errors.UnknownTimeZone,
    errors.UnknownQualification,
    errors.AvailabilityMalformed,
    errors.ClosureMalformed,
    errors.SeatsOutOfRange,
    errors.DurationOutOfRange,
    errors.FacilitatorNeeded,
    errors.RoomNeeded,
    errors.TopicRepeated,
    errors.PrerequisiteComesLater,
    errors.TopicsBelongToPsychoeducation,
)
"""Wrong whatever the state: sending it again will not help."""

PROBLEMS: Mapping[type[Exception], Problem] = {
    errors.SchedulingRefused: Problem(409, title="Scheduling refuses the command"),
    errors.BookingUnknown: Problem(404, title="There is no such booking"),
    errors.OverrideNotAllowed: Problem(403, title="The role may not override the rule"),
    errors.LossUnknown: Problem(404, title="There is no such request"),
    errors.CalendarNotOpen: Problem(404, title="There is no such calendar"),
    errors.NotWaiting: Problem(404, title="Nobody waits so"),
    errors.ConflictUnknown: Problem(404, title="There is no such request"),
    UnknownPack: Problem(
        409, "unknown_pack", "A rule pack of the track is not loaded", "start scheduling with the packs of enrollment"
    ),
    **{error: Problem(422, title="The plan cannot be") for error in MALFORMED},
}


def define() -> ServiceDefinition:
    """The scheduling service, complete."""
    return ServiceDefinition(
        name="scheduling",
        aggregates=AGGREGATES,
        shell=SchedulingService,
        application=lambda runtime: Application(
            runtime.log, runtime.reader, runtime.vault, PackRules(runtime.packs), runtime.clock
        ),
        publish=publish,
        consumes=CONSUMES,
        projections=PROJECTIONS,
        reactions=REACTIONS,
        deadlines=DEADLINES,
        errors=PROBLEMS,
    )
