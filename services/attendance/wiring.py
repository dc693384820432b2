"""What attendance is made of, in one place."""

from collections.abc import Mapping

from services.attendance.application import Application
from services.attendance.domain import errors
from services.attendance.domain.episode import Episode
from services.attendance.domain.group_note import GroupNote
from services.attendance.domain.kiosk import Kiosk
from services.attendance.domain.person import Person
from services.attendance.domain.record import AttendanceRecord
from services.attendance.domain.treatment_week import TreatmentWeek
from services.attendance.office import KeyedCodes
from services.attendance.policies import CONSUMES, DEADLINES, REACTIONS
from services.attendance.projections.absence_steps import AbsenceSteps
from services.attendance.projections.billable_days import BillableDays
from services.attendance.projections.early_warnings import EarlyWarnings
from services.attendance.projections.group_notes import GroupNotes
from services.attendance.projections.participant_attendance import ParticipantAttendance
from services.attendance.projections.session_roster import SessionRoster
from services.attendance.projections.treatment_weeks import TreatmentWeeks
from services.attendance.projections.weekly_hours import WeeklyHours
from services.attendance.projections.who_is_absent import WhoIsAbsent
from services.attendance.publishing import publish
from services.attendance.rulebook import PackRules
from services.attendance.service import AttendanceService
from services.attendance.what_if import what_if
from services.platform.definition import Runtime, ServiceDefinition
from services.platform.problem import Problem
from services.platform.who_is_who import WhoIsWho

AGGREGATES = (AttendanceRecord, Episode, TreatmentWeek, Person, Kiosk, GroupNote)
PROJECTIONS = (
    SessionRoster,
    ParticipantAttendance,
    TreatmentWeeks,
    BillableDays,
    AbsenceSteps,
    EarlyWarnings,
    GroupNotes,
    WeeklyHours,
    WhoIsAbsent,
    WhoIsWho,
)
PROBLEMS: Mapping[type[Exception], Problem] = {
    errors.AttendanceRefused: Problem(409, title="Attendance refuses the command"),
    errors.CodeNotValid: Problem(403, title="The code is not valid here now"),
    errors.KioskLocked: Problem(429, title="The kiosk takes no codes for a while"),
    errors.NotBooked: Problem(404, title="There is no such booking"),
    errors.CorrectionUnclear: Problem(422, title="The correction is not clear"),
}


def define() -> ServiceDefinition:
    """The attendance service, complete."""
    return ServiceDefinition(
        name="attendance",
        aggregates=AGGREGATES,
        shell=AttendanceService,
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
    rules, codes = PackRules(runtime.packs), KeyedCodes(runtime.vault)
    return Application(runtime.log, runtime.reader, rules, codes, runtime.clock)
