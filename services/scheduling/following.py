"""What scheduling does about what other services tell: one reaction per source."""

from collections.abc import Iterable

from events.follow.reaction import Reaction, reacts
from events.log.event import Event
from services.platform.told import episode_in, id_in, instant_in, link_in
from services.scheduling.domain.curriculum import PSYCHOEDUCATION
from services.scheduling.domain.curriculum_commands import NoteAttendance
from services.scheduling.domain.review_commands import BookReview, CloseReview, RescheduleReview
from services.scheduling.domain.told_commands import (
    CancelResumption,
    CancelSuspension,
    ClosePlacement,
    LearnTrack,
    MergeParticipants,
    OpenPlacement,
    ResumePlacement,
    SeparateParticipants,
    SuspendPlacement,
    TransferPlacement,
)


class FollowEnrollment(Reaction):
    """Placements open, pause, move and end with the episodes that enrollment tells of."""

    name = "follow_enrollment"

    @reacts("enrollment.track_opened.v1")
    def track_opened(self, event: Event) -> Iterable[object]:
        data = event.data
        yield LearnTrack(id_in(event, "track_id"), data["name"], data["time_zone"], tuple(data["packs"]))

    @reacts("enrollment.participant_admitted.v1")
    def admitted(self, event: Event) -> Iterable[object]:
        yield OpenPlacement(
            **episode_in(event), track_id=id_in(event, "track_id"), admitted_at=instant_in(event, "admitted_at")
        )

    @reacts("enrollment.episode_suspended.v1")
    def suspended(self, event: Event) -> Iterable[object]:
        yield SuspendPlacement(
            **episode_in(event),
            suspension_id=id_in(event, "suspension_id"),
            suspended_at=instant_in(event, "suspended_at"),
            reason=event.data["reason"],
            told_at=event.occurred_at,
        )

    @reacts("enrollment.suspension_cancelled.v1")
    def suspension_cancelled(self, event: Event) -> Iterable[object]:
        yield CancelSuspension(
            **episode_in(event), suspension_id=id_in(event, "suspension_id"), told_at=event.occurred_at
        )

    @reacts("enrollment.episode_resumed.v1")
    def resumed(self, event: Event) -> Iterable[object]:
        yield ResumePlacement(
            **episode_in(event),
            suspension_id=id_in(event, "suspension_id"),
            resumed_at=instant_in(event, "resumed_at"),
            told_at=event.occurred_at,
        )

    @reacts("enrollment.resumption_cancelled.v1")
    def resumption_cancelled(self, event: Event) -> Iterable[object]:
        yield CancelResumption(
            **episode_in(event), suspension_id=id_in(event, "suspension_id"), told_at=event.occurred_at
        )

    @reacts("enrollment.participant_transferred.v1")
    def transferred(self, event: Event) -> Iterable[object]:
        yield TransferPlacement(
            **episode_in(event),
            from_track_id=id_in(event, "from_track_id"),
            track_id=id_in(event, "track_id"),
            effective_at=instant_in(event, "effective_at"),
            told_at=event.occurred_at,
        )

    @reacts("enrollment.participant_discharged.v1")
    def discharged(self, event: Event) -> Iterable[object]:
        yield ClosePlacement(
            **episode_in(event), discharged_at=instant_in(event, "discharged_at"), told_at=event.occurred_at
        )

    @reacts("enrollment.participants_merged.v1")
    def merged(self, event: Event) -> Iterable[object]:
        yield MergeParticipants(**link_in(event), told_at=event.occurred_at)

    @reacts("enrollment.participants_unmerged.v1")
    def unmerged(self, event: Event) -> Iterable[object]:
        yield SeparateParticipants(**link_in(event), told_at=event.occurred_at)


class FollowMedicationReview(Reaction):
    """A review falling due finds a prescriber's session, or a coordinator is asked. A reconciliation needs none."""

    name = "follow_medication_review"

    @reacts("medication_review.review_opened.v1")
    def opened(self, event: Event) -> Iterable[object]:
        if event.data["kind"] == "review":
            yield BookReview(
                **episode_in(event),
                review_id=id_in(event, "review_id"),
                opened_at=event.occurred_at,
                due_at=instant_in(event, "due_at"),
            )

    @reacts("medication_review.review_rescheduled.v1")
    def rescheduled(self, event: Event) -> Iterable[object]:
        if event.data["kind"] == "review":
            yield RescheduleReview(
                **episode_in(event),
                review_id=id_in(event, "review_id"),
                due_at=instant_in(event, "due_at"),
                told_at=event.occurred_at,
            )

    @reacts("medication_review.review_completed.v1")
    def completed(self, event: Event) -> Iterable[object]:
        return self._closed(event, withdrawn=False)

    @reacts("medication_review.review_withdrawn.v1")
    def withdrawn(self, event: Event) -> Iterable[object]:
        return self._closed(event, withdrawn=True)

    @staticmethod
    def _closed(event: Event, *, withdrawn: bool) -> Iterable[object]:
        if event.data["kind"] == "review":
            yield CloseReview(
                **episode_in(event),
                review_id=id_in(event, "review_id"),
                withdrawn=withdrawn,
                told_at=event.occurred_at,
            )


class FollowAttendance(Reaction):
    """What came of sessions of psychoeducation completes their topics."""

    name = "follow_attendance"

    @reacts("attendance.attendance_recorded.v1", "attendance.attendance_corrected.v1")
    def came_of(self, event: Event) -> Iterable[object]:
        if event.data["component"] == PSYCHOEDUCATION:
            yield NoteAttendance(
                **episode_in(event),
                booking_id=id_in(event, "booking_id"),
                session_id=id_in(event, "session_id"),
                status=event.data["status"],
                minutes=event.data["minutes"],
            )


FOLLOWING = (FollowEnrollment, FollowMedicationReview, FollowAttendance)
CONSUMES = frozenset(type_ for reaction in FOLLOWING for type_ in reaction.handlers)
"""The published types that this service stores: what it reacts to, nothing else."""
