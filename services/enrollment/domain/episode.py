"""An episode of care: from the decision to admit, over a place or the waitlist, to the discharge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.enrollment.domain import episode_events as events
from services.enrollment.domain.errors import (
    AlreadyDischarged,
    AlreadyInTrack,
    AlreadySuspended,
    DischargeBeforeAdmission,
    DischargeInFuture,
    NotAdmitted,
    NotSuspended,
    SuspensionOutsideEpisode,
    TransferPending,
)
from services.enrollment.domain.instruments import Number
from services.enrollment.domain.plan import Plan, check_components, local_date
from services.enrollment.domain.stays import Interruption

HOSPITALIZED = "hospitalized"
TRANSFER, STEP_UP, STEP_DOWN = "transfer", "step_up", "step_down"
TRANSFERS = (TRANSFER, STEP_UP, STEP_DOWN)
"""To another track: of the same level of care, of a higher one, of a lower one."""
PLANNED_DISCHARGES = ("completed", "stepped_up", "stepped_down", "transferred")
"""Reasons of a discharge that the program plans, so that it can do beforehand what its rules ask for."""
DISCHARGE_REASONS = (
    "completed",
    "stepped_up",
    "stepped_down",
    "left_against_advice",
    "administrative",
    "transferred",
)


@dataclass(frozen=True)
class Override:
    """Admission without a supporting assessment: by whom, in which role and why."""

    reason: str
    by: str
    role: str


@dataclass(frozen=True)
class Transfer:
    """Where the episode goes on as soon as there is a place."""

    kind: str
    plan: Plan


@dataclass(frozen=True)
class Suspension:
    reason: str
    suspended_at: datetime
    resumed_at: datetime | None = None


class Episode(Aggregate):
    TOPIC = "enrollment.episode"

    Created = events.Created
    ParticipantWaitlisted = events.ParticipantWaitlisted
    WaitlistLeft = events.WaitlistLeft
    ParticipantAdmitted = events.ParticipantAdmitted
    EpisodeSuspended = events.EpisodeSuspended
    EpisodeResumed = events.EpisodeResumed
    SuspensionCancelled = events.SuspensionCancelled
    ResumptionCancelled = events.ResumptionCancelled
    TransferAsked = events.TransferAsked
    TransferWithdrawn = events.TransferWithdrawn
    ParticipantTransferred = events.ParticipantTransferred
    ParticipantDischarged = events.ParticipantDischarged

    @classmethod
    def open(
        cls,
        episode_id: UUID,
        participant_id: UUID,
        *,
        plan: Plan,
        referral_id: UUID | None,
        assessment_id: UUID | None,
        override: Override | None,
        decided_by: str,
        at: datetime,
    ) -> "Episode":
        """Raises ``UnknownComponent``."""
        check_components(plan)
        return cls._create(
            cls.Created,
            id=episode_id,
            timestamp=at,
            participant_id=participant_id,
            referral_id=referral_id,
            assessment_id=assessment_id,
            override_reason=override.reason if override else None,
            override_role=override.role if override else None,
            plan=plan,
            decided_by=decided_by,
            opened_at=at,
        )

    @event(events.Created)
    def __init__(self, participant_id: UUID, plan: Plan, assessment_id: UUID | None) -> None:
        self.participant_id = participant_id
        self.plan = plan
        self.assessed_at_intake = assessment_id is not None
        self.admitted_at: datetime | None = None
        self.discharged_at: datetime | None = None
        self.left = False
        self.transfer: Transfer | None = None
        self.levels: dict[date, str] = {}
        """From which local day on which level of care holds."""
        self.suspensions: dict[UUID, Suspension] = {}

    @property
    def over(self) -> bool:
        return self.left or self.discharged_at is not None

    def wait(self, priority: int, reason: str, at: datetime) -> None:
        self._trigger(
            self.ParticipantWaitlisted,
            at,
            track_id=self.plan.track_id,
            priority=priority,
            reason=reason,
            waiting_since=at,
        )

    @event(events.ParticipantWaitlisted)
    def _waitlisted(self) -> None:
        """The turn is kept by the track."""

    def leave_waitlist(self, reason: str, at: datetime) -> None:
        """Raises ``AlreadyDischarged``, also for those who have been admitted: discharge them."""
        if self.over or self.admitted_at is not None:
            raise AlreadyDischarged("the episode is not waiting; discharge it if it is open")
        self._trigger(self.WaitlistLeft, at, track_id=self.plan.track_id, reason=reason)

    @event(events.WaitlistLeft)
    def _left_waitlist(self) -> None:
        self.left = True

    def admit(self, at: datetime) -> None:
        """Takes effect at once; whoever calls has claimed the place."""
        plan = self.plan
        self._trigger(
            self.ParticipantAdmitted,
            at,
            track_id=plan.track_id,
            level_of_care=plan.level_of_care,
            age_group=plan.age_group,
            admitted_at=at,
            admitted_on=local_date(at, plan.time_zone),
            time_zone=plan.time_zone,
            packs=plan.packs,
            components=plan.components,
        )

    @event(events.ParticipantAdmitted)
    def _admitted(self, admitted_at: datetime, admitted_on: date, level_of_care: str) -> None:
        self.admitted_at = admitted_at
        self.levels[admitted_on] = level_of_care

    def ask_transfer(self, kind: str, plan: Plan, reason: str, at: datetime) -> None:
        """Raises ``NotAdmitted``, ``AlreadyDischarged``, ``AlreadyInTrack``, ``TransferPending`` and
        ``UnknownComponent``."""
        self.refuse_unless_admitted()
        check_components(plan)
        if self.transfer is not None:
            raise TransferPending("the episode waits for a transfer already; withdraw that one first")
        if plan.track_id == self.plan.track_id:
            raise AlreadyInTrack("the episode is in this track already; a transfer leads to another one")
        self._trigger(self.TransferAsked, at, kind=kind, plan=plan, reason=reason, asked_at=at)

    @event(events.TransferAsked)
    def _transfer_asked(self, kind: str, plan: Plan) -> None:
        self.transfer = Transfer(kind, plan)

    def withdraw_transfer(self, reason: str, at: datetime) -> None:
        """Nothing happens where none is asked for."""
        if self.transfer is not None:
            self._trigger(self.TransferWithdrawn, at, track_id=self.transfer.plan.track_id, reason=reason)

    @event(events.TransferWithdrawn)
    def _transfer_withdrawn(self) -> None:
        self.transfer = None

    def take_transfer(self, asked: Transfer, at: datetime) -> None:
        """Takes effect at once; whoever calls has claimed the place in the other track."""
        plan = asked.plan
        self._trigger(
            self.ParticipantTransferred,
            at,
            kind=asked.kind,
            from_track_id=self.plan.track_id,
            track_id=plan.track_id,
            level_of_care=plan.level_of_care,
            age_group=plan.age_group,
            time_zone=plan.time_zone,
            packs=plan.packs,
            components=plan.components,
            effective_at=at,
        )

    @event(events.ParticipantTransferred)
    def _transferred(
        self,
        track_id: UUID,
        level_of_care: str,
        age_group: str,
        time_zone: str,
        packs: tuple[str, ...],
        components: tuple[str, ...],
        effective_at: datetime,
    ) -> None:
        self.levels[local_date(effective_at, time_zone)] = level_of_care
        self.plan = Plan(track_id, level_of_care, age_group, time_zone, packs, components)
        self.transfer = None

    def follow_hospital(self, target: Sequence[Interruption], at: datetime) -> None:
        """Brings the hospital suspensions in line with what the hospital's facts mean, by the fewest events."""
        wanted = {one.suspension_id: one for one in target}
        for suspension_id in [one for one, held in self.suspensions.items() if held.reason == HOSPITALIZED]:
            if suspension_id not in wanted:
                self._trigger(self.SuspensionCancelled, at, suspension_id=suspension_id)
        for one in target:
            held = self.suspensions.get(one.suspension_id)
            if held is None or held.suspended_at != one.suspended_at:
                self._suspend(one.suspension_id, HOSPITALIZED, one.suspended_at, at)
            ends = held.resumed_at if held else None
            if one.resumed_at is not None and ends != one.resumed_at:
                self._trigger(self.EpisodeResumed, at, suspension_id=one.suspension_id, resumed_at=one.resumed_at)
            elif one.resumed_at is None and ends is not None:
                self._trigger(self.ResumptionCancelled, at, suspension_id=one.suspension_id)

    def suspend(self, suspension_id: UUID, reason: str, since: datetime, at: datetime) -> None:
        """By the coordinator.

        Raises ``NotAdmitted``, ``AlreadyDischarged``, ``AlreadySuspended`` and ``SuspensionOutsideEpisode``.
        """
        admitted_at = self.refuse_unless_admitted()
        if any(held.resumed_at is None and held.reason != HOSPITALIZED for held in self.suspensions.values()):
            raise AlreadySuspended("the episode is suspended by a coordinator already; resume it first")
        if reason == HOSPITALIZED or since < admitted_at:
            raise SuspensionOutsideEpisode(
                "a suspension begins at or after the admission; hospital stays are told by the hospital"
            )
        self._suspend(suspension_id, reason, since, at)

    @event(events.EpisodeSuspended)
    def _suspended(self, suspension_id: UUID, reason: str, suspended_at: datetime) -> None:
        held = self.suspensions.get(suspension_id)
        self.suspensions[suspension_id] = Suspension(reason, suspended_at, held.resumed_at if held else None)

    def resume(self, since: datetime, at: datetime) -> UUID:
        """Ends the coordinator's suspension.

        Raises ``NotSuspended``, ``NotAdmitted``, ``AlreadyDischarged`` and ``SuspensionOutsideEpisode``.
        """
        self.refuse_unless_admitted()
        for suspension_id, held in self.suspensions.items():
            if held.resumed_at is None and held.reason != HOSPITALIZED:
                if since < held.suspended_at:
                    raise SuspensionOutsideEpisode("a suspension ends after it began")
                self._trigger(self.EpisodeResumed, at, suspension_id=suspension_id, resumed_at=since)
                return suspension_id
        raise NotSuspended("no coordinator's suspension is open; a hospital stay ends by the hospital's message")

    @event(events.EpisodeResumed)
    def _resumed(self, suspension_id: UUID, resumed_at: datetime) -> None:
        self.suspensions[suspension_id] = replace(self.suspensions[suspension_id], resumed_at=resumed_at)

    @event(events.SuspensionCancelled)
    def _suspension_cancelled(self, suspension_id: UUID) -> None:
        del self.suspensions[suspension_id]

    @event(events.ResumptionCancelled)
    def _resumption_cancelled(self, suspension_id: UUID) -> None:
        self.suspensions[suspension_id] = replace(self.suspensions[suspension_id], resumed_at=None)

    def discharge(
        self,
        *,
        reason: str,
        plan_after: str | None,
        to_level_of_care: str | None,
        last_scores: Mapping[str, Number],
        since: datetime,
        at: datetime,
        override_reason: str | None = None,
    ) -> None:
        """Raises ``NotAdmitted``, ``AlreadyDischarged``, ``DischargeBeforeAdmission`` and ``DischargeInFuture``."""
        admitted_at = self.refuse_unless_admitted()
        if since < admitted_at:
            raise DischargeBeforeAdmission("a discharge takes effect after the admission")
        if since > at:
            raise DischargeInFuture("a discharge takes effect now or earlier; send it when the time has come")
        self._trigger(
            self.ParticipantDischarged,
            at,
            track_id=self.plan.track_id,
            discharged_at=since,
            discharged_on=local_date(since, self.plan.time_zone),
            reason=reason,
            plan_after=plan_after,
            to_level_of_care=to_level_of_care,
            last_scores=last_scores,
            override_reason=override_reason,
        )

    @event(events.ParticipantDischarged)
    def _discharged(self, discharged_at: datetime) -> None:
        self.discharged_at = discharged_at

    def _suspend(self, suspension_id: UUID, reason: str, since: datetime, at: datetime) -> None:
        self._trigger(self.EpisodeSuspended, at, suspension_id=suspension_id, reason=reason, suspended_at=since)

    def refuse_unless_admitted(self) -> datetime:
        """Since when they are admitted. Raises ``NotAdmitted`` and ``AlreadyDischarged``."""
        if self.over:
            raise AlreadyDischarged("the episode is over; a re-admission is a new episode")
        if self.admitted_at is None:
            raise NotAdmitted("the episode is still on the waitlist")
        return self.admitted_at

    def _trigger(self, event_class: type[events.Event], at: datetime, **facts: Any) -> None:
        self.trigger_event(event_class, timestamp=at, participant_id=self.participant_id, **facts)
