"""Enrollment's menu: which command and question answers where, and for whom."""

from collections.abc import Mapping
from typing import Any

from events.log.commands import Answer, Context
from services.enrollment import people_schemas, plan_of_care_schemas
from services.enrollment import schemas as s
from services.enrollment.application import Enrollment
from services.platform.web import READERS, Query, Role, command, query

COORDINATOR = {Role.COORDINATOR}
INTAKE = {Role.COORDINATOR, Role.FRONT_DESK, Role.INTEGRATION}
BILLING = {Role.COORDINATOR, Role.FRONT_DESK, Role.INTEGRATION}
CONSENTS = {Role.COORDINATOR, Role.FRONT_DESK, Role.THERAPIST, Role.PRESCRIBER}
PROGRAM_FIGURES = {Role.COORDINATOR, Role.AUDITOR}
"""Figures of small groups are not suppressed, so they are for those only who answer for the whole program."""
CLINICIANS = {Role.COORDINATOR, Role.THERAPIST, Role.PRESCRIBER}

PARTICIPANT = "/enrollment/participants/<uuid:participant_id>"
TRACK = "/enrollment/tracks/<uuid:track_id>"
EPISODE = "/enrollment/episodes/<uuid:episode_id>"


class EnrollmentService:
    name = "enrollment"
    application: Enrollment

    @command("POST", "/enrollment/participants", people_schemas.RegisterParticipantSchema, roles=INTAKE)
    def register_participant(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("PUT", f"{PARTICIPANT}/person", people_schemas.UpdatePersonSchema, roles=INTAKE, status=200)
    def update_person(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{PARTICIPANT}/referrals", people_schemas.ReferParticipantSchema, roles=INTAKE)
    def refer_participant(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", "/enrollment/merges", people_schemas.MergeParticipantsSchema, roles=COORDINATOR)
    def merge_participants(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", "/enrollment/unmerges", people_schemas.UnmergeParticipantsSchema, roles=COORDINATOR)
    def unmerge_participants(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{PARTICIPANT}/assessments", s.AssessLevelOfCareSchema, roles=CLINICIANS)
    def assess_level_of_care(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", "/enrollment/tracks", s.OpenTrackSchema, roles=COORDINATOR)
    def open_track(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("PUT", f"{TRACK}/census-limit", s.ChangeCensusLimitSchema, roles=COORDINATOR, status=200)
    def change_census_limit(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{PARTICIPANT}/episodes", s.AdmitParticipantSchema, roles=COORDINATOR)
    def admit_participant(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/transfer", s.TransferParticipantSchema, roles=COORDINATOR)
    def transfer_participant(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/offer/acceptance", s.AcceptOfferSchema, roles=COORDINATOR | {Role.FRONT_DESK})
    def accept_offer(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/offer/refusal", s.DeclineOfferSchema, roles=COORDINATOR | {Role.FRONT_DESK})
    def decline_offer(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/waitlist-departure", s.LeaveWaitlistSchema, roles=COORDINATOR)
    def leave_waitlist(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/suspension", s.SuspendEpisodeSchema, roles=COORDINATOR)
    def suspend_episode(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/resumption", s.ResumeEpisodeSchema, roles=COORDINATOR)
    def resume_episode(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/scores", s.ScoreInstrumentSchema, roles=CLINICIANS)
    def score_instrument(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("PUT", f"{EPISODE}/plan-of-care", plan_of_care_schemas.WritePlanOfCareSchema, roles=CLINICIANS, status=200)
    def write_plan_of_care(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/goals/<uuid:goal_id>/met", plan_of_care_schemas.MeetGoalSchema, roles=CLINICIANS)
    def meet_goal(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/plan-reviews", plan_of_care_schemas.ReviewPlanOfCareSchema, roles=CLINICIANS)
    def review_plan_of_care(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/certification", plan_of_care_schemas.CertifyPlanSchema, roles={Role.PRESCRIBER})
    def certify_plan(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/discharge", s.DischargeParticipantSchema, roles=COORDINATOR)
    def discharge_participant(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/discharge-review", s.ReviewDischargeSchema, roles=COORDINATOR)
    def review_discharge(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{EPISODE}/authorizations", s.RecordAuthorizationSchema, roles=BILLING)
    def record_authorization(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", f"{PARTICIPANT}/consents", people_schemas.GiveConsentSchema, roles=CONSENTS)
    def give_consent(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "POST", "/enrollment/consents/<uuid:consent_id>/revocation", people_schemas.RevokeConsentSchema, roles=CONSENTS
    )
    def revoke_consent(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @query("/enrollment/participants", s.ParticipantsParams, roles=READERS)
    def participants(self, request: Query) -> Mapping[str, Any]:
        return self.application.queries.participants(request)

    @query(PARTICIPANT, roles=READERS)
    def participant(self, request: Query) -> Mapping[str, Any]:
        return self.application.queries.participant(request)

    @query(f"{EPISODE}/plan-of-care", roles=READERS)
    def plan_of_care(self, request: Query) -> Mapping[str, Any]:
        return self.application.queries.plan_of_care(request)

    @query(f"{PARTICIPANT}/consents", roles=READERS)
    def consents(self, request: Query) -> Mapping[str, Any]:
        return self.application.queries.consents(request)

    @query(f"{PARTICIPANT}/disclosure", s.DisclosureParams, roles=READERS | {Role.INTEGRATION})
    def disclosure(self, request: Query) -> Mapping[str, Any]:
        return self.application.queries.disclosure(request)

    @query(f"{EPISODE}/authorizations", roles=READERS)
    def authorizations(self, request: Query) -> Mapping[str, Any]:
        return self.application.queries.authorizations(request)

    @query("/enrollment/tracks", roles=READERS)
    def tracks(self, request: Query) -> Mapping[str, Any]:
        return self.application.queries.tracks(request)

    @query(TRACK, roles=READERS)
    def track(self, request: Query) -> Mapping[str, Any]:
        return self.application.queries.track(request)

    @query("/enrollment/outcomes", s.OutcomesParams, roles=PROGRAM_FIGURES)
    def outcomes(self, request: Query) -> Mapping[str, Any]:
        return self.application.queries.outcomes(request)

    @query("/enrollment/due", s.DueParams, roles=READERS)
    def due(self, request: Query) -> Mapping[str, Any]:
        return self.application.queries.due(request)
