"""What was measured in an episode of care, and what has to be done in it by when."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.enrollment.domain import follow_up_events as events
from services.enrollment.domain.errors import NoDischargeReviewDue
from services.enrollment.domain.identity import follow_up_id
from services.enrollment.domain.instruments import Number
from services.enrollment.domain.scoring import Result

REASSESSMENT, INSTRUMENT, CERTIFICATION = "reassessment", "instrument_at_admission", "certification"
PLAN_REVIEW, DISCHARGE_REVIEW, AUTHORIZATION = "plan_review", "discharge_review", "authorization_renewal"
REVIEW_INSTRUMENT, DISCHARGE_INSTRUMENT = "instrument_at_review", "instrument_at_discharge"
RESPONSIBLE = {
    REASSESSMENT: "therapist",
    INSTRUMENT: "therapist",
    CERTIFICATION: "prescriber",
    PLAN_REVIEW: "therapist",
    DISCHARGE_REVIEW: "coordinator",
    AUTHORIZATION: "coordinator",
    REVIEW_INSTRUMENT: "therapist",
    DISCHARGE_INSTRUMENT: "therapist",
}
"""Who has to do it: a plan of care is certified by a physician (42 CFR 424.24(d)), the rest is program practice."""
KINDS = tuple(RESPONSIBLE)
"""The kinds of things due; at most one of each kind at a time."""
REVIEWED_TO_DISCHARGE = "discharge"
REVIEW_OUTCOMES = ("continue", REVIEWED_TO_DISCHARGE)
"""What a discharge review may come to."""


class FollowUp(Aggregate):
    TOPIC = "enrollment.follow_up"

    Created = events.Created
    InstrumentScored = events.InstrumentScored
    PlanCertified = events.PlanCertified
    DueSet = events.DueSet
    DueMet = events.DueMet
    DueMissed = events.DueMissed
    DueEscalated = events.DueEscalated
    DueWithdrawn = events.DueWithdrawn
    DischargeReviewAsked = events.DischargeReviewAsked
    DischargeReviewReversed = events.DischargeReviewReversed
    DischargeReviewed = events.DischargeReviewed
    FollowUpEnded = events.FollowUpEnded

    @classmethod
    def begin(cls, episode_id: UUID, participant_id: UUID, at: datetime) -> "FollowUp":
        return cls._create(
            cls.Created,
            id=follow_up_id(episode_id),
            timestamp=at,
            participant_id=participant_id,
            episode_id=episode_id,
        )

    @event(events.Created)
    def __init__(self, participant_id: UUID, episode_id: UUID) -> None:
        self.participant_id = participant_id
        self.episode_id = episode_id
        self.scores: tuple[tuple[str, str, Number], ...] = ()
        self.certified = False
        self.dues: dict[str, datetime] = {}
        self.set_at: dict[str, datetime | None] = {}
        """Since when it is due; none where that was not kept."""
        self.missed: dict[str, datetime] = {}
        self.escalated: dict[str, datetime] = {}
        self.absence_policies: dict[str, datetime] = {}
        """Policies that ask for a discharge review, and the absence by which they came to."""
        self.ended = False

    @property
    def last_scores(self) -> dict[str, Number]:
        """The last score of each instrument's leading scale."""
        return {instrument: score for instrument, _, score in self.scores}

    def measured_on(self, occasion: str) -> bool:
        """With whichever instrument."""
        return any(one[1] == occasion for one in self.scores)

    def score(
        self,
        score_id: UUID,
        *,
        instrument: str,
        occasion: str,
        answers: Sequence[int | None] | None,
        result: Result,
        scored_by: str,
        at: datetime,
        decided_by: tuple[str, ...] = (),
    ) -> None:
        """At any time, also while the participant waits (intake) and after the discharge."""
        self._trigger(
            self.InstrumentScored,
            at,
            score_id=score_id,
            instrument=instrument,
            occasion=occasion,
            answers=list(answers) if answers is not None else None,
            score=result.score,
            band=result.band,
            safety_trigger=result.safety_trigger,
            scored_by=scored_by,
            scored_at=at,
            scales=[asdict(one) for one in result.scales],
            decided_by=decided_by,
        )

    @event(events.InstrumentScored)
    def _scored(
        self, instrument: str, occasion: str, score: int, scales: Sequence[Mapping[str, Any]] | None = None
    ) -> None:
        self.scores += ((instrument, occasion, scales[0]["score"] if scales else score),)

    def certify(self, prescriber: str, plan_version: int, at: datetime, credential: str | None = None) -> None:
        """A prescriber certifies this version of the plan of care; ``credential``: as what, where it was told."""
        self._trigger(
            self.PlanCertified,
            at,
            certified_by=prescriber,
            certified_at=at,
            plan_version=plan_version,
            credential=credential,
        )

    @event(events.PlanCertified)
    def _certified(self) -> None:
        """When the next one falls due is set beside it."""
        self.certified = True

    def set_due(
        self, kind: str, due_at: datetime, rule: str, at: datetime, escalation: tuple[datetime, str] | None = None
    ) -> None:
        """Something has to be done by then; ``rule`` names the rule that says so. ``escalation``: from when on which
        role is told too, where it is still not done."""
        escalates_at, escalates_to = escalation or (None, None)
        self._trigger(
            self.DueSet,
            at,
            kind=kind,
            due_at=due_at,
            rule=rule,
            role=RESPONSIBLE[kind],
            escalates_at=escalates_at,
            escalates_to=escalates_to,
            set_at=at,
        )

    @event(events.DueSet)
    def _due_set(self, kind: str, due_at: datetime, set_at: datetime | None = None) -> None:
        self.dues[kind] = due_at
        self.set_at[kind] = set_at

    def meet_due(self, kind: str, at: datetime) -> None:
        """It was done; nothing happens where it was not due."""
        if kind in self.dues:
            self._trigger(self.DueMet, at, kind=kind, met_at=at)

    @event(events.DueMet)
    def _due_met(self, kind: str) -> None:
        del self.dues[kind]

    def miss_due(self, kind: str, due_at: datetime, at: datetime) -> bool:
        """The time came. Nothing happens where it was done, moved or noted before, or where the episode is over."""
        if self.dues.get(kind) != due_at or self.missed.get(kind) == due_at:
            return False
        self._trigger(self.DueMissed, at, kind=kind, due_at=due_at)
        return True

    @event(events.DueMissed)
    def _due_missed(self, kind: str, due_at: datetime) -> None:
        self.missed[kind] = due_at

    def escalate_due(self, kind: str, due_at: datetime, escalate_to: str, at: datetime) -> bool:
        """It is still not done. Nothing happens where it was done, moved or escalated before."""
        if self.dues.get(kind) != due_at or self.escalated.get(kind) == due_at:
            return False
        self._trigger(self.DueEscalated, at, kind=kind, due_at=due_at, escalated_to=escalate_to)
        return True

    @event(events.DueEscalated)
    def _due_escalated(self, kind: str, due_at: datetime) -> None:
        self.escalated[kind] = due_at

    def withdraw_due(self, kind: str, at: datetime) -> None:
        """It has not to be done any more; nothing happens where it was not due."""
        if kind in self.dues:
            self._trigger(self.DueWithdrawn, at, kind=kind)

    @event(events.DueWithdrawn)
    def _due_withdrawn(self, kind: str) -> None:
        del self.dues[kind]

    def ask_discharge_review(self, policy: str, reached_at: datetime, at: datetime) -> bool:
        """Whether it is news: told again for the same absence, nothing happens."""
        if self.ended or self.absence_policies.get(policy) == reached_at:
            return False
        self._trigger(self.DischargeReviewAsked, at, policy=policy, reached_at=reached_at)
        return True

    @event(events.DischargeReviewAsked)
    def _discharge_review_asked(self, policy: str, reached_at: datetime) -> None:
        self.absence_policies[policy] = reached_at

    def reverse_discharge_review(self, policy: str, at: datetime) -> None:
        """The due item goes with the last policy that asked for it."""
        if policy in self.absence_policies:
            self._trigger(self.DischargeReviewReversed, at, policy=policy)
            if not self.absence_policies:
                self.withdraw_due(DISCHARGE_REVIEW, at)

    @event(events.DischargeReviewReversed)
    def _discharge_review_reversed(self, policy: str) -> None:
        del self.absence_policies[policy]

    def review_discharge(self, outcome: str, note: str | None, by: str, at: datetime) -> None:
        """Raises ``NoDischargeReviewDue``."""
        if DISCHARGE_REVIEW not in self.dues:
            raise NoDischargeReviewDue("no absence policy asks for a discharge review of this episode")
        self._trigger(self.DischargeReviewed, at, outcome=outcome, note=note, reviewed_by=by, reviewed_at=at)
        self.meet_due(DISCHARGE_REVIEW, at)

    @event(events.DischargeReviewed)
    def _discharge_reviewed(self) -> None:
        """The policies stand as they were: other absences ask anew."""

    def end(self, at: datetime) -> None:
        """The episode is over."""
        self._trigger(self.FollowUpEnded, at)

    @event(events.FollowUpEnded)
    def _ended(self) -> None:
        self.dues = {}
        self.ended = True

    def _trigger(self, event_class: type[events.Event], at: datetime, **facts: Any) -> None:
        self.trigger_event(
            event_class, timestamp=at, participant_id=self.participant_id, episode_id=self.episode_id, **facts
        )
