"""The medication case of an episode: what asks for reviews, and the reviews that are open, done or withdrawn."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.medication_review.domain import case_events as events
from services.medication_review.domain.causes import Cause, next_cycle, open_causes
from services.medication_review.domain.episode_facts import KINDS, AdverseEffect, EpisodeFacts, Kind, Track
from services.medication_review.domain.errors import (
    AdverseEffectUnknown,
    EpisodeEnded,
    EpisodeNotBegun,
    NotAReconciliation,
    ReviewNotOpen,
    ReviewUnknown,
)
from services.medication_review.domain.escalation import escalations
from services.medication_review.domain.evidence import Evidence
from services.medication_review.domain.reconciling import Compared
from services.medication_review.domain.review import Need, Review, review_id
from services.medication_review.domain.rules import RuleBook
from services.medication_review.domain.who_may import check_prescriber, check_qualified


class MedicationCase(Aggregate):
    """One episode of care, by its id. After each fact ``weigh`` makes the reviews what the facts ask for."""

    TOPIC = "medication_review.case"

    Created = events.Created
    Admitted = events.Admitted
    Transferred = events.Transferred
    Suspended = events.Suspended
    Resumed = events.Resumed
    SuspensionCancelled = events.SuspensionCancelled
    ResumptionCancelled = events.ResumptionCancelled
    Closed = events.Closed
    SafetyTriggered = events.SafetyTriggered
    AdverseEffectReported = events.AdverseEffectReported
    AdverseEffectWithdrawn = events.AdverseEffectWithdrawn
    NoShowsRepeated = events.NoShowsRepeated
    NoShowsExcused = events.NoShowsExcused
    CycleSet = events.CycleSet
    CycleReached = events.CycleReached
    ReviewOpened = events.ReviewOpened
    ReviewRescheduled = events.ReviewRescheduled
    ReviewWithdrawn = events.ReviewWithdrawn
    ReviewOverdue = events.ReviewOverdue
    ReviewEscalated = events.ReviewEscalated
    ReviewCompleted = events.ReviewCompleted

    @event(events.Created)
    def __init__(self, participant_id: UUID) -> None:
        self.participant_id = participant_id
        self.facts = EpisodeFacts()
        self.reviews: dict[UUID, Review] = {}

    @classmethod
    def open(cls, episode_id: UUID, participant_id: UUID, at: datetime) -> "MedicationCase":
        """The first that medication review hears of an episode, from whichever source."""
        return cls._create(cls.Created, id=episode_id, timestamp=at, participant_id=participant_id)

    def admit(self, admitted_at: datetime, time_zone: str, packs: tuple[str, ...], at: datetime) -> None:
        """The episode begins; nothing happens twice."""
        if self.facts.admitted_at is None:
            self._happen(self.Admitted, at, admitted_at=admitted_at, time_zone=time_zone, packs=packs)

    def transfer(self, move: str, effective_at: datetime, track: Track, at: datetime) -> None:
        """The episode goes on in another track; nothing happens where that was told before."""
        if self.facts.transfers.get(effective_at) != track:
            self._happen(self.Transferred, at, move=move, effective_at=effective_at, track=track)

    def suspend(self, suspension_id: UUID, suspended_at: datetime, at: datetime) -> None:
        """The episode is suspended, since another time than was told, or again after that was cancelled."""
        held = self.facts.suspensions.get(suspension_id)
        if held is None or held.cancelled or held.since != suspended_at:
            self._happen(self.Suspended, at, suspension_id=suspension_id, suspended_at=suspended_at)

    def resume(self, suspension_id: UUID, resumed_at: datetime, at: datetime) -> None:
        """A suspension ends; nothing happens where it is unknown or over."""
        suspension = self.facts.suspensions.get(suspension_id)
        if suspension is not None and suspension.until != resumed_at:
            self._happen(self.Resumed, at, suspension_id=suspension_id, resumed_at=resumed_at)

    def cancel_suspension(self, suspension_id: UUID, at: datetime) -> None:
        """The suspension never was; nothing happens where it is unknown or cancelled."""
        suspension = self.facts.suspensions.get(suspension_id)
        if suspension is not None and not suspension.cancelled:
            self._happen(self.SuspensionCancelled, at, suspension_id=suspension_id)

    def cancel_resumption(self, suspension_id: UUID, at: datetime) -> None:
        """The suspension goes on; nothing happens where it has not ended."""
        suspension = self.facts.suspensions.get(suspension_id)
        if suspension is not None and suspension.until is not None:
            self._happen(self.ResumptionCancelled, at, suspension_id=suspension_id)

    def close(self, discharged_at: datetime, at: datetime) -> None:
        """The episode ends; nothing happens twice."""
        if self.facts.discharged_at is None:
            self._happen(self.Closed, at, discharged_at=discharged_at)

    def note_safety_trigger(self, instrument: str, scored_at: datetime, at: datetime) -> None:
        """An instrument raised a safety trigger."""
        if scored_at not in self.facts.safety_triggers:
            self._happen(self.SafetyTriggered, at, instrument=instrument, scored_at=scored_at)

    def report_adverse_effect(
        self, effect_id: UUID, severity: str, description: str, medication: tuple[str, str] | None, at: datetime
    ) -> None:
        """``medication``: source and order of the one that is suspected. Raises ``EpisodeEnded``."""
        self._check_not_ended()
        source, order_id = medication or (None, None)
        self._happen(
            self.AdverseEffectReported,
            at,
            effect_id=effect_id,
            severity=severity,
            description=description,
            source=source,
            order_id=order_id,
            reported_at=at,
        )

    def withdraw_adverse_effect(self, effect_id: UUID, reason: str, at: datetime) -> None:
        """It was reported by mistake, and asks for nothing any more. Raises ``AdverseEffectUnknown``."""
        if effect_id not in self.facts.adverse_effects:
            raise AdverseEffectUnknown("no such adverse effect stands in the episode; read the participant's")
        self._happen(self.AdverseEffectWithdrawn, at, effect_id=effect_id, reason=reason)

    def note_no_shows(self, count: int, last_missed_at: datetime, at: datetime) -> None:
        """Unexcused no-shows repeated."""
        if self.facts.no_shows.get(count) != last_missed_at:
            self._happen(self.NoShowsRepeated, at, count=count, last_missed_at=last_missed_at)

    def excuse_no_shows(self, count: int, at: datetime) -> None:
        """Only ``count`` unexcused no-shows are left; nothing happens where no more had been told."""
        if any(told > count for told in self.facts.no_shows):
            self._happen(self.NoShowsExcused, at, count=count)

    def reach_cycle(self, due_at: datetime, at: datetime) -> None:
        """The notice of a cycle's review begins; nothing happens where the cycle has moved on."""
        if self.facts.open and self.facts.cycle_due_at == due_at and self.facts.cycle_reached != due_at:
            self._happen(self.CycleReached, at, due_at=due_at)

    def weigh(self, evidence: Evidence, book: RuleBook, at: datetime) -> None:
        """Opens, reschedules or withdraws reviews until they are what the facts ask for, and sets the next cycle."""
        causes = open_causes(self.facts, evidence, book)
        for kind in KINDS:
            self._weigh([cause for cause in causes if cause.kind == kind], kind, book, at)
        cycle = next_cycle(self.facts, book)
        if cycle is not None and cycle[0] != self.facts.cycle_due_at:
            self._happen(self.CycleSet, at, due_at=cycle[0], opens_at=cycle[1])

    def _weigh(self, wanted: list[Cause], kind: Kind, book: RuleBook, at: datetime) -> None:
        """The rule ``one_open_review``, for the reviews of one kind."""
        current_id = review_id(self.id, kind, self.facts.completed[kind] + 1)
        current = self.reviews.get(current_id)
        told = {"review_id": current_id, "kind": kind}
        if wanted:
            need = Need.of(wanted)
            if current is None or not current.open:
                self._happen(self.ReviewOpened, at, need=need, **told)
            elif current.need != need:
                self._happen(self.ReviewRescheduled, at, need=need, **told)
            self.fall_overdue(current_id, need.due_at, book, at)
        elif current is not None and current.open:
            reason = "cause_cancelled" if self.facts.open else "discharged"
            self._happen(self.ReviewWithdrawn, at, reason=reason, **told)

    def fall_overdue(self, of: UUID, due_at: datetime, book: RuleBook, at: datetime) -> None:
        """The due time has passed; nothing happens where the review is done, withdrawn or due at another time."""
        review = self.reviews.get(of)
        if review is None or review.overdue or not review.due(due_at) or at < due_at:
            return
        steps = escalations(review.kind, due_at, self.facts.rules(book, due_at))
        self._happen(self.ReviewOverdue, at, review_id=of, kind=review.kind, due_at=due_at, escalations=steps)
        for step in steps:
            if step.at <= at:
                self.escalate(of, due_at, step.to, at)

    def escalate(self, of: UUID, due_at: datetime, to: str, at: datetime) -> None:
        """It is still not done; nothing happens where it is, is due at another time, or was escalated before."""
        review = self.reviews.get(of)
        if review is not None and review.overdue and review.due(due_at) and to not in review.escalated_to:
            told = {"review_id": of, "kind": review.kind, "due_at": due_at, "escalated_to": to}
            self._happen(self.ReviewEscalated, at, **told)

    def complete(
        self,
        of: UUID,
        evidence: Evidence,
        book: RuleBook,
        at: datetime,
        *,
        roles: frozenset[str],
        decisions: int = 0,
        compared: tuple[Compared, ...] = (),
        rationale: str = "",
    ) -> None:
        """Completes a review, and with it all that asked for it. ``decisions``: how many. Raises ``ReviewUnknown``,
        ``ReviewNotOpen``, ``PrescriberOnly``, ``NotQualifiedToReconcile``."""
        review = self._open_review(of)
        if review.kind == "review" or decisions:
            check_prescriber(roles)
        else:
            check_qualified(roles, self.facts.rules(book, at))
        covered = tuple(cause.id for cause in open_causes(self.facts, evidence, book) if cause.kind == review.kind)
        self._happen(
            self.ReviewCompleted,
            at,
            review_id=of,
            kind=review.kind,
            completed_at=at,
            covered=covered,
            decisions=decisions,
            undecided=sum(one.outcome == "left" for one in compared),
            rationale=rationale,
            compared=compared,
        )

    def check_reconciliation(self, of: UUID) -> None:
        """Raises ``NotAReconciliation`` for a prescriber's review, and as ``complete`` for one that is not open."""
        if not self.is_reconciliation(of):
            raise NotAReconciliation("this is a prescriber's review; a prescriber completes it with decisions")

    def is_reconciliation(self, of: UUID) -> bool:
        """Whether an open review compares lists. Raises as ``complete`` for one that is not open."""
        return self._open_review(of).kind == "reconciliation"

    def _open_review(self, of: UUID) -> Review:
        if (review := self.reviews.get(of)) is None:
            raise ReviewUnknown("the episode has no such review; read the participant's reviews")
        if review.open:
            return review
        raise ReviewNotOpen(f"the review is {review.status}; nothing is left to complete")

    def check_under_way(self) -> None:
        """Raises ``EpisodeNotBegun``, ``EpisodeEnded``."""
        if self.facts.admitted_at is None:
            raise EpisodeNotBegun("no admission to this episode is known; order and give doses once there is one")
        self._check_not_ended()

    def _check_not_ended(self) -> None:
        if self.facts.discharged_at is not None:
            raise EpisodeEnded("the episode is over; name the one that is under way, if there is one")

    def _happen(self, event_class: type[events.Event], at: datetime, **fields: Any) -> None:
        self.trigger_event(event_class, timestamp=at, participant_id=self.participant_id, **fields)

    @event(events.Admitted)
    def _admitted(self, admitted_at: datetime, time_zone: str, packs: tuple[str, ...]) -> None:
        self.facts.admitted_at = admitted_at
        self.facts.track = Track(time_zone, packs)

    @event(events.Transferred)
    def _transferred(self, effective_at: datetime, track: Track) -> None:
        self.facts.transfers[effective_at] = track

    @event(events.Suspended)
    def _suspended(self, suspension_id: UUID, suspended_at: datetime) -> None:
        self.facts.suspend(suspension_id, suspended_at)

    @event(events.Resumed)
    def _resumed(self, suspension_id: UUID, resumed_at: datetime) -> None:
        self.facts.change_suspension(suspension_id, until=resumed_at)

    @event(events.SuspensionCancelled)
    def _suspension_cancelled(self, suspension_id: UUID) -> None:
        self.facts.change_suspension(suspension_id, cancelled=True)

    @event(events.ResumptionCancelled)
    def _resumption_cancelled(self, suspension_id: UUID) -> None:
        self.facts.change_suspension(suspension_id, until=None)

    @event(events.Closed)
    def _closed(self, discharged_at: datetime) -> None:
        self.facts.discharged_at = discharged_at

    @event(events.SafetyTriggered)
    def _safety_triggered(self, scored_at: datetime) -> None:
        self.facts.safety_triggers.add(scored_at)

    @event(events.AdverseEffectReported)
    def _adverse_effect_reported(self, effect_id: UUID, severity: str, reported_at: datetime) -> None:
        self.facts.adverse_effects[effect_id] = AdverseEffect(severity, reported_at)

    @event(events.AdverseEffectWithdrawn)
    def _adverse_effect_withdrawn(self, effect_id: UUID) -> None:
        del self.facts.adverse_effects[effect_id]

    @event(events.NoShowsRepeated)
    def _no_shows_repeated(self, count: int, last_missed_at: datetime) -> None:
        self.facts.no_shows[count] = last_missed_at

    @event(events.NoShowsExcused)
    def _no_shows_excused(self, count: int) -> None:
        self.facts.excuse_no_shows(count)

    @event(events.CycleSet)
    def _cycle_set(self, due_at: datetime) -> None:
        self.facts.cycle_due_at = due_at

    @event(events.CycleReached)
    def _cycle_reached(self, due_at: datetime) -> None:
        self.facts.cycle_reached = due_at

    @event(events.ReviewOpened)
    def _review_opened(self, review_id: UUID, kind: Kind, need: Need) -> None:
        self.reviews[review_id] = Review(kind, need)

    @event(events.ReviewRescheduled)
    def _review_rescheduled(self, review_id: UUID, need: Need) -> None:
        self.reviews[review_id] = self.reviews[review_id].rescheduled(need)

    @event(events.ReviewWithdrawn)
    def _review_withdrawn(self, review_id: UUID) -> None:
        self.reviews[review_id] = replace(self.reviews[review_id], status="withdrawn")

    @event(events.ReviewOverdue)
    def _review_overdue(self, review_id: UUID) -> None:
        self.reviews[review_id] = replace(self.reviews[review_id], overdue=True)

    @event(events.ReviewEscalated)
    def _review_escalated(self, review_id: UUID, escalated_to: str) -> None:
        review = self.reviews[review_id]
        self.reviews[review_id] = replace(review, escalated_to=(*review.escalated_to, escalated_to))

    @event(events.ReviewCompleted)
    def _review_completed(
        self, review_id: UUID, kind: Kind, completed_at: datetime, covered: tuple[str, ...], undecided: int
    ) -> None:
        self.reviews[review_id] = replace(self.reviews[review_id], status="completed")
        self.facts.complete(review_id, kind, completed_at, covered, undecided)
