"""Enrollment's application: load, decide, save. ``DECISIONS`` is the index of everything it can be told to do."""

from collections.abc import Callable, Mapping
from typing import Any

from events.follow.reading import Reader
from events.log.commands import Answer, Context, Unit
from events.log.log import EventLog
from events.log.vault import Vault
from services.enrollment import authorizing, care, consenting, dues, leaving, people, placing, planning
from services.enrollment.desk import Desk
from services.enrollment.domain import (
    authorization_commands,
    commands,
    consent_commands,
    people_commands,
    plan_of_care_commands,
)
from services.enrollment.queries import Queries
from services.platform.packs import Packs

Decide = Callable[[Desk, Unit, Any], Mapping[str, Any]]

DECISIONS: Mapping[type, Decide] = {
    people_commands.RegisterParticipant: people.register_participant,
    people_commands.UpdatePerson: people.update_person,
    people_commands.ReferParticipant: people.refer_participant,
    people_commands.ReceiveReferral: people.receive_referral,
    people_commands.ReceivePerson: people.receive_person,
    people_commands.MergeParticipants: people.merge_participants,
    people_commands.UnmergeParticipants: people.unmerge_participants,
    people_commands.FollowMerge: people.follow_merge,
    people_commands.EraseParticipant: people.erase_participant,
    consent_commands.GiveConsent: consenting.give_consent,
    consent_commands.RevokeConsent: consenting.revoke_consent,
    consent_commands.ExpireConsent: consenting.expire_consent,
    commands.OpenTrack: care.open_track,
    commands.ChangeCensusLimit: placing.change_census_limit,
    commands.AssessLevelOfCare: care.assess_level_of_care,
    commands.AdmitParticipant: care.admit_participant,
    commands.TransferParticipant: placing.transfer_participant,
    commands.AcceptOffer: placing.accept_offer,
    commands.DeclineOffer: placing.decline_offer,
    commands.ExpireOffer: placing.expire_offer,
    commands.LeaveWaitlist: placing.leave_waitlist,
    commands.SuspendEpisode: care.suspend_episode,
    commands.ResumeEpisode: care.resume_episode,
    commands.RecordHospitalFact: care.record_hospital_fact,
    commands.ScoreInstrument: care.score_instrument,
    plan_of_care_commands.WritePlanOfCare: planning.write_plan_of_care,
    plan_of_care_commands.MeetGoal: planning.meet_goal,
    plan_of_care_commands.ReviewPlanOfCare: planning.review_plan_of_care,
    plan_of_care_commands.CertifyPlan: planning.certify_plan,
    authorization_commands.RecordAuthorization: authorizing.record_authorization,
    authorization_commands.CountBillableDay: authorizing.count_billable_day,
    authorization_commands.ExpireAuthorization: authorizing.expire_authorization,
    commands.FollowAbsenceStep: leaving.follow_absence_step,
    commands.ReviewDischarge: leaving.review_discharge,
    commands.DischargeParticipant: leaving.discharge_participant,
    commands.NoteDueMissed: dues.note_due_missed,
    commands.EscalateDue: dues.escalate_due,
}


class Enrollment:
    """Carries out commands on the service's log; ``queries`` answers questions."""

    def __init__(self, log: EventLog, reader: Reader, vault: Vault, packs: Packs, time_zone: str = "UTC") -> None:
        self._log = log
        self._vault = vault
        self._desk = Desk(vault, packs, time_zone)
        self.queries = Queries(reader, vault, packs)

    def handle(self, command: object, context: Context) -> Answer:
        """Executes any command, once per command id. Raises ``EnrollmentRefused`` and the log's errors."""
        decide = DECISIONS[type(command)]
        answer = self._log.execute(command, context, lambda unit: decide(self._desk, unit, command))
        if isinstance(command, people_commands.EraseParticipant):
            # After the fact is stored, and again whenever the command is repeated: a crash in between is made good.
            for participant_id in answer.body["participant_ids"]:
                self._vault.destroy(str(participant_id))
        return answer
