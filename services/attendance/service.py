"""The menu of attendance: every command and query, who may use it, and where it is found."""

from collections.abc import Mapping
from typing import Any

from events.log.commands import Answer, Context
from services.attendance import schemas
from services.attendance.application import Application
from services.platform.web import READERS, STAFF, Query, Role, command, query

EXCUSES = {Role.COORDINATOR, Role.THERAPIST}
CORRECTS = {Role.COORDINATOR, Role.THERAPIST, Role.FRONT_DESK}
KIOSK = {Role.FRONT_DESK, Role.INTEGRATION}
"""The kiosk itself holds a token: one for programs, or the desk's own."""
CALLS = STAFF | {Role.INTEGRATION}
BOOKING = "/attendance/bookings/<uuid:booking_id>"
STEP = "/attendance/episodes/<uuid:episode_id>/absence-steps/<policy>/<step>"
SESSION = "/attendance/sessions/<uuid:session_id>"


class AttendanceService:
    name = "attendance"
    application: Application

    @command("POST", BOOKING + "/check-in", schemas.CheckIn, roles=STAFF)
    def check_in(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", BOOKING + "/check-out", schemas.CheckOut, roles=STAFF)
    def check_out(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", SESSION + "/kiosk-check-in", schemas.KioskCheckIn, roles=KIOSK)
    def kiosk_check_in(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", SESSION + "/kiosk-check-out", schemas.KioskCheckOut, roles=KIOSK)
    def kiosk_check_out(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", BOOKING + "/telehealth-join", schemas.JoinTelehealth, roles=CALLS)
    def join_telehealth(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", BOOKING + "/telehealth-leave", schemas.LeaveTelehealth, roles=CALLS)
    def leave_telehealth(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", BOOKING + "/excuse", schemas.ExcuseAbsence, roles=EXCUSES)
    def excuse_absence(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", BOOKING + "/correction", schemas.CorrectAttendance, roles=CORRECTS)
    def correct_attendance(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", SESSION + "/group-note", schemas.WriteGroupNote, roles=EXCUSES)
    def write_group_note(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", STEP + "/taken", schemas.TakeStep, roles=STAFF)
    def take_step(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @query(BOOKING + "/kiosk-code", schemas.OfBooking, roles=STAFF)
    def kiosk_code(self, request: Query) -> Mapping[str, Any]:
        return self.application.kiosk_code(request)

    @query(SESSION + "/roster", schemas.OfSession, roles=READERS)
    def roster(self, request: Query) -> Mapping[str, Any]:
        return self.application.roster(request)

    @query("/attendance/participants/<uuid:participant_id>/attendance", schemas.OfParticipant, roles=READERS)
    def participant_attendance(self, request: Query) -> Mapping[str, Any]:
        return self.application.participant_attendance(request)

    @query("/attendance/participants/<uuid:participant_id>/weeks", schemas.OfParticipant, roles=READERS)
    def treatment_weeks(self, request: Query) -> Mapping[str, Any]:
        return self.application.treatment_weeks(request)

    @query("/attendance/participants/<uuid:participant_id>/billable-days", schemas.OfParticipant, roles=READERS)
    def billable_days(self, request: Query) -> Mapping[str, Any]:
        return self.application.billable_days(request)

    @query("/attendance/participants/<uuid:participant_id>/claim-lines", schemas.OfParticipant, roles=READERS)
    def claim_lines(self, request: Query) -> Mapping[str, Any]:
        return self.application.claim_lines(request)

    @query("/attendance/weekly-hours", schemas.WeeklyHours, roles=READERS)
    def weekly_hours(self, request: Query) -> Mapping[str, Any]:
        return self.application.weekly_hours(request)

    @query("/attendance/early-warnings", schemas.EarlyWarnings, roles=READERS)
    def early_warnings(self, request: Query) -> Mapping[str, Any]:
        return self.application.early_warnings(request)

    @query("/attendance/absence-steps", schemas.AbsenceSteps, roles=READERS)
    def absence_steps(self, request: Query) -> Mapping[str, Any]:
        return self.application.absence_steps(request)

    @query("/attendance/due", schemas.Due, roles=READERS)
    def attendance_due(self, request: Query) -> Mapping[str, Any]:
        return self.application.attendance_due(request)

    @query("/attendance/absences", schemas.Absences, roles=READERS)
    def absences(self, request: Query) -> Mapping[str, Any]:
        return self.application.absences(request)
