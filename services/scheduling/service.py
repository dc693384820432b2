"""The menu of scheduling: every command and query, who may use it, and where it is found."""

from collections.abc import Mapping
from typing import Any

from events.log.commands import Answer, Context
from services.platform.web import READERS, Query, Raw, Role, command, query
from services.scheduling import availability_schemas as availability
from services.scheduling import (
    calendar_schemas,
    closure_schemas,
    curriculum_schemas,
    question_schemas,
    schemas,
    waitlist_schemas,
)
from services.scheduling.application import Application

DESK = {Role.COORDINATOR, Role.FRONT_DESK}
SESSION = "/scheduling/sessions/<uuid:session_id>"
SERIES = "/scheduling/series/<uuid:series_id>"
BOOKING = SESSION + "/bookings"
FEEDS = "/scheduling/calendar-feeds"


class SchedulingService:
    name = "scheduling"
    application: Application

    @command("POST", "/scheduling/facilitators", schemas.RegisterFacilitator, roles={Role.COORDINATOR})
    def register_facilitator(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "PUT",
        "/scheduling/facilitators/<uuid:facilitator_id>/qualifications",
        schemas.ChangeQualifications,
        roles={Role.COORDINATOR},
        status=200,
    )
    def change_qualifications(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", "/scheduling/rooms", schemas.OpenRoom, roles={Role.COORDINATOR})
    def open_room(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", "/scheduling/series", schemas.PlanSeries, roles=DESK)
    def plan_series(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("PATCH", "/scheduling/series/<uuid:series_id>", schemas.ChangeSeries, roles=DESK, status=200)
    def change_series(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", SERIES + "/end", schemas.EndSeries, roles=DESK, status=200)
    def end_series(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", "/scheduling/series/<uuid:series_id>/sessions", schemas.ScheduleSessions, roles=DESK)
    def schedule_sessions(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", SESSION + "/move", schemas.MoveSession, roles=DESK, status=200)
    def move_session(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", SESSION + "/substitution", schemas.SubstituteFacilitator, roles=DESK, status=200)
    def substitute_facilitator(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", SESSION + "/substitution/settlement", schemas.SettleSubstitute, roles=DESK, status=200)
    def settle_substitute(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("PATCH", SESSION, schemas.AlterSession, roles=DESK, status=200)
    def alter_session(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", SESSION + "/cancellation", schemas.CancelSession, roles=DESK)
    def cancel_session(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", "/scheduling/closures", closure_schemas.CloseDays, roles=DESK)
    def close_days(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "POST", "/scheduling/closures/<uuid:closure_id>/reopening", closure_schemas.ReopenDays, roles=DESK, status=200
    )
    def reopen_days(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", BOOKING, schemas.BookSession, roles=DESK)
    def book_session(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", "/scheduling/series/<uuid:series_id>/bookings", schemas.BookSeries, roles=DESK)
    def book_series(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", SERIES + "/bookings/cancellation", schemas.CancelSeriesBookings, roles=DESK)
    def cancel_series_bookings(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", BOOKING + "/<uuid:booking_id>/cancellation", schemas.CancelBooking, roles=DESK)
    def cancel_booking(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", SESSION + "/waitlist", waitlist_schemas.WaitForSession, roles=DESK)
    def wait_for_session(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", SERIES + "/waitlist", waitlist_schemas.WaitForSeries, roles=DESK)
    def wait_for_series(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "POST",
        SESSION + "/waitlist/<uuid:episode_id>/withdrawal",
        waitlist_schemas.StopWaitingForSession,
        roles=DESK,
        status=200,
    )
    def stop_waiting_for_session(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "POST",
        SERIES + "/waitlist/<uuid:episode_id>/withdrawal",
        waitlist_schemas.StopWaitingForSeries,
        roles=DESK,
        status=200,
    )
    def stop_waiting_for_series(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "PUT",
        "/scheduling/participants/<uuid:participant_id>/availability",
        availability.ParticipantsAvailability,
        roles=DESK,
        status=200,
    )
    def state_participants_availability(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "PUT",
        "/scheduling/facilitators/<uuid:facilitator_id>/availability",
        availability.FacilitatorsAvailability,
        roles=DESK,
        status=200,
    )
    def state_facilitators_availability(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("PUT", "/scheduling/rooms/<code>/availability", availability.RoomsAvailability, roles=DESK, status=200)
    def state_rooms_availability(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "POST",
        "/scheduling/coordinator-requests/not-available/<uuid:claim_id>/settlement",
        availability.SettleConflict,
        roles=DESK,
        status=200,
    )
    def settle_conflict(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "POST",
        "/scheduling/coordinator-requests/<uuid:booking_id>/settlement",
        schemas.SettleLoss,
        roles=DESK,
        status=200,
    )
    def settle_loss(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", FEEDS, calendar_schemas.OpenCalendarFeed, roles=DESK)
    def open_calendar_feed(self, command: object, context: Context) -> Answer:
        return self.application.open_calendar_feed(command, context)

    @command("POST", FEEDS + "/<uuid:feed_id>/revocation", calendar_schemas.RevokeCalendarFeed, roles=DESK, status=200)
    def revoke_calendar_feed(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @query("/scheduling/sessions", question_schemas.Sessions, roles=READERS)
    def sessions(self, request: Query) -> Mapping[str, Any]:
        return self.application.sessions(request)

    @query("/scheduling/sessions/<uuid:session_id>/roster", question_schemas.Roster, roles=READERS)
    def roster(self, request: Query) -> Mapping[str, Any]:
        return self.application.roster(request)

    @query("/scheduling/participants/<uuid:participant_id>/bookings", question_schemas.Bookings, roles=READERS)
    def bookings(self, request: Query) -> Mapping[str, Any]:
        return self.application.bookings(request)

    @query("/scheduling/sessions/<uuid:session_id>/waitlist", waitlist_schemas.SessionWaitlist, roles=READERS)
    def session_waitlist(self, request: Query) -> Mapping[str, Any]:
        return self.application.session_waitlist(request)

    @query("/scheduling/series/<uuid:series_id>/waitlist", waitlist_schemas.SeriesWaitlist, roles=READERS)
    def series_waitlist(self, request: Query) -> Mapping[str, Any]:
        return self.application.series_waitlist(request)

    @query("/scheduling/participants/<uuid:participant_id>/waits", question_schemas.OfParticipant, roles=READERS)
    def waits(self, request: Query) -> Mapping[str, Any]:
        return self.application.waits(request)

    @query("/scheduling/participants/<uuid:participant_id>/availability", question_schemas.OfParticipant, roles=READERS)
    def participants_availability(self, request: Query) -> Mapping[str, Any]:
        return self.application.participants_availability(request)

    @query("/scheduling/facilitators/<uuid:facilitator_id>/availability", question_schemas.OfFacilitator, roles=READERS)
    def facilitators_availability(self, request: Query) -> Mapping[str, Any]:
        return self.application.facilitators_availability(request)

    @query("/scheduling/rooms/<code>/availability", question_schemas.OfRoom, roles=READERS)
    def rooms_availability(self, request: Query) -> Mapping[str, Any]:
        return self.application.rooms_availability(request)

    @query("/scheduling/facilitators/<uuid:facilitator_id>/day", question_schemas.FacilitatorsDay, roles=READERS)
    def facilitators_day(self, request: Query) -> Mapping[str, Any]:
        return self.application.facilitators_day(request)

    @query("/scheduling/rooms/<code>/day", question_schemas.RoomsDay, roles=READERS)
    def rooms_day(self, request: Query) -> Mapping[str, Any]:
        return self.application.rooms_day(request)

    @query("/scheduling/coordinator-requests", question_schemas.CoordinatorRequests, roles=READERS)
    def coordinator_requests(self, request: Query) -> Mapping[str, Any]:
        return self.application.coordinator_requests(request)

    @query("/scheduling/closures", closure_schemas.Closures, roles=READERS)
    def closures(self, request: Query) -> Mapping[str, Any]:
        return self.application.closures(request)

    @query("/scheduling/facilitators", roles=READERS)
    def facilitators(self, request: Query) -> Mapping[str, Any]:
        return self.application.facilitators(request)

    @query("/scheduling/rooms", roles=READERS)
    def rooms(self, request: Query) -> Mapping[str, Any]:
        return self.application.rooms(request)

    @query("/scheduling/series", question_schemas.SeriesOfTrack, roles=READERS)
    def series(self, request: Query) -> Mapping[str, Any]:
        return self.application.series(request)

    @command(
        "PUT", "/scheduling/tracks/<uuid:track_id>/curriculum", curriculum_schemas.AdoptCurriculum,
        roles={Role.COORDINATOR}, status=200,
    )  # fmt: skip
    def adopt_curriculum(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "POST", "/scheduling/series/<uuid:series_id>/topics", curriculum_schemas.PlanTopics, roles=DESK, status=200
    )
    def plan_topics(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @query("/scheduling/tracks/<uuid:track_id>/curriculum", curriculum_schemas.Curriculum, roles=READERS)
    def curriculum(self, request: Query) -> Mapping[str, Any]:
        return self.application.learning.curriculum(request)

    @query("/scheduling/participants/<uuid:participant_id>/topics", curriculum_schemas.Topics, roles=READERS)
    def topics(self, request: Query) -> Mapping[str, Any]:
        return self.application.learning.topics(request)

    @query(FEEDS, calendar_schemas.CalendarFeeds, roles=READERS)
    def calendar_feeds(self, request: Query) -> Mapping[str, Any]:
        return self.application.calendars.feeds(request)

    @query(
        "/scheduling/participants/<uuid:participant_id>/calendar.ics",
        calendar_schemas.ParticipantsCalendar,
        roles=READERS,
        answers="text/calendar",
        capability="feed",
    )
    def participants_calendar(self, request: Query) -> Raw:
        return self.application.calendars.participants(request)

    @query(
        "/scheduling/facilitators/<uuid:facilitator_id>/calendar.ics",
        calendar_schemas.FacilitatorsCalendar,
        roles=READERS,
        answers="text/calendar",
        capability="feed",
    )
    def facilitators_calendar(self, request: Query) -> Raw:
        return self.application.calendars.facilitators(request)

    @query(
        "/scheduling/rooms/<code>/calendar.ics",
        calendar_schemas.RoomsCalendar,
        roles=READERS,
        answers="text/calendar",
        capability="feed",
    )
    def rooms_calendar(self, request: Query) -> Raw:
        return self.application.calendars.rooms(request)
