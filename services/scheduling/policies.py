"""What scheduling does of its own accord: one reaction per source that told something, and one to what it decided."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from events.follow.deadline import Cancel, Deadline, Deadlines, Set
from events.follow.projection import handles
from events.follow.reaction import Reaction, reacts
from events.log.event import Event
from services.scheduling.domain.closure_commands import CancelClosedSession
from services.scheduling.domain.curriculum import PSYCHOEDUCATION
from services.scheduling.domain.curriculum_commands import JudgeTopicsAgain, NoteAttendance
from services.scheduling.domain.review_commands import (
    BookReview,
    CloseReview,
    RescheduleReview,
    SeekPrescriber,
    TryRequestsAgain,
)
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
from services.scheduling.domain.waitlist_commands import (
    EndSeriesWait,
    EndSessionWaits,
    PromoteIntoSeries,
    PromoteWaiting,
    TryWaitsAgain,
)


class FollowEnrollment(Reaction):
    """Placements open, pause, move and end with the episodes that enrollment tells of."""

    name = "follow_enrollment"

    @reacts("enrollment.track_opened.v1")
    def track_opened(self, event: Event) -> Iterable[object]:
        data = event.data
        yield LearnTrack(_id(event, "track_id"), data["name"], data["time_zone"], tuple(data["packs"]))

    @reacts("enrollment.participant_admitted.v1")
    def admitted(self, event: Event) -> Iterable[object]:
        yield OpenPlacement(**_episode(event), track_id=_id(event, "track_id"), admitted_at=_at(event, "admitted_at"))

    @reacts("enrollment.episode_suspended.v1")
    def suspended(self, event: Event) -> Iterable[object]:
        yield SuspendPlacement(
            **_episode(event),
            suspension_id=_id(event, "suspension_id"),
            suspended_at=_at(event, "suspended_at"),
            reason=event.data["reason"],
            told_at=event.occurred_at,
        )

    @reacts("enrollment.suspension_cancelled.v1")
    def suspension_cancelled(self, event: Event) -> Iterable[object]:
        yield CancelSuspension(**_episode(event), suspension_id=_id(event, "suspension_id"), told_at=event.occurred_at)

    @reacts("enrollment.episode_resumed.v1")
    def resumed(self, event: Event) -> Iterable[object]:
        yield ResumePlacement(
            **_episode(event),
            suspension_id=_id(event, "suspension_id"),
            resumed_at=_at(event, "resumed_at"),
            told_at=event.occurred_at,
        )

    @reacts("enrollment.resumption_cancelled.v1")
    def resumption_cancelled(self, event: Event) -> Iterable[object]:
        yield CancelResumption(**_episode(event), suspension_id=_id(event, "suspension_id"), told_at=event.occurred_at)

    @reacts("enrollment.participant_transferred.v1")
    def transferred(self, event: Event) -> Iterable[object]:
        yield TransferPlacement(
            **_episode(event),
            from_track_id=_id(event, "from_track_id"),
            track_id=_id(event, "track_id"),
            effective_at=_at(event, "effective_at"),
            told_at=event.occurred_at,
        )

    @reacts("enrollment.participant_discharged.v1")
    def discharged(self, event: Event) -> Iterable[object]:
        yield ClosePlacement(**_episode(event), discharged_at=_at(event, "discharged_at"), told_at=event.occurred_at)

    @reacts("enrollment.participants_merged.v1")
    def merged(self, event: Event) -> Iterable[object]:
        yield MergeParticipants(**_link(event))

    @reacts("enrollment.participants_unmerged.v1")
    def unmerged(self, event: Event) -> Iterable[object]:
        yield SeparateParticipants(**_link(event))


class FollowMedicationReview(Reaction):
    """A review falling due finds a prescriber's session, or a coordinator is asked. A reconciliation needs none."""

    name = "follow_medication_review"

    @reacts("medication_review.review_opened.v1")
    def opened(self, event: Event) -> Iterable[object]:
        if event.data["kind"] == "review":
            yield BookReview(
                **_episode(event),
                review_id=_id(event, "review_id"),
                opened_at=event.occurred_at,
                due_at=_at(event, "due_at"),
            )

    @reacts("medication_review.review_rescheduled.v1")
    def rescheduled(self, event: Event) -> Iterable[object]:
        if event.data["kind"] == "review":
            yield RescheduleReview(
                **_episode(event),
                review_id=_id(event, "review_id"),
                due_at=_at(event, "due_at"),
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
                **_episode(event),
                review_id=_id(event, "review_id"),
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
                **_episode(event),
                booking_id=_id(event, "booking_id"),
                session_id=_id(event, "session_id"),
                status=event.data["status"],
                minutes=event.data["minutes"],
            )


class JudgeTopics(Reaction):
    """Topics attended before their track was told are judged once it is."""

    name = "judge_topics"

    @reacts("scheduling.track.learned", "scheduling.unjudged_topics.opened", "scheduling.unjudged_topics.episode_noted")
    def can_be_judged(self, event: Event) -> Iterable[object]:
        yield JudgeTopicsAgain(UUID(event.data["track_id"]) if "track_id" in event.data else event.stream)


class MeetRequests(Reaction):
    """A request for a prescriber's session is tried again when one is scheduled or comes free."""

    name = "meet_requests"

    @reacts(
        "scheduling.prescriber_slots.week_opened",
        "scheduling.prescriber_slots.slot_offered",
        "scheduling.prescriber_slots.slot_freed",
    )
    def can_be_had(self, event: Event) -> Iterable[object]:
        yield TryRequestsAgain(_id(event, "session_id"))

    @reacts("scheduling.placement.prescriber_requested")
    def requested(self, event: Event) -> Iterable[object]:
        yield SeekPrescriber(event.stream)


class PromoteFromWaitlists(Reaction):
    """A seat that can be had, and who waits for it, find each other whichever comes first."""

    name = "promote_from_waitlists"

    @reacts("scheduling.seat_waitlist.list_opened", "scheduling.seat_waitlist.wait_added")
    def joined(self, event: Event) -> Iterable[object]:
        if event.data["session_id"] is not None:
            yield PromoteWaiting(_id(event, "session_id"))
        else:
            yield PromoteIntoSeries(_id(event, "series_id"))

    @reacts("scheduling.seat_waitlist.seat_offered")
    def offered(self, event: Event) -> Iterable[object]:
        yield PromoteWaiting(_id(event, "session_id"))

    @reacts("scheduling.placement.time_came_free", "scheduling.placement.availability_stated")
    def came_free(self, event: Event) -> Iterable[object]:
        yield TryWaitsAgain(event.stream)


class CancelOnClosures(Reaction):
    """Each session that a closure found is cancelled on its own: a closure of many days is not one long decision."""

    name = "cancel_on_closures"

    @reacts("scheduling.closure.closed")
    def closed(self, event: Event) -> Iterable[object]:
        for session_id in event.data["sessions"]:
            yield CancelClosedSession(UUID(session_id), event.stream)


class WaitsEnd(Deadlines):
    """When waiting is in vain: the session begins, or the last of those of a series."""

    name = "seat_waits_end"
    commands = (EndSessionWaits, EndSeriesWait)

    @handles("scheduling.seat_waitlist.list_opened", "scheduling.seat_waitlist.wait_added")
    def joined(self, event: Event) -> Iterable[Set | Cancel]:
        until = _at(event, "until")
        if event.data["session_id"] is not None:
            yield _session_begins(event, until)
        else:
            command = EndSeriesWait(_id(event, "series_id"), _id(event, "episode_id"))
            yield Set(Deadline(f"series:{event.stream}:{command.episode_id}", event.key, until, command))

    @handles("scheduling.seat_waitlist.session_rescheduled")
    def rescheduled(self, event: Event) -> Iterable[Set | Cancel]:
        yield _session_begins(event, _at(event, "starts_at"))

    @handles("scheduling.seat_waitlist.wait_ended")
    def ended(self, event: Event) -> Iterable[Set | Cancel]:
        yield Cancel(f"series:{event.stream}:{event.data['episode_id']}")


def _session_begins(event: Event, starts_at: datetime) -> Set:
    command = EndSessionWaits(_id(event, "session_id"))
    return Set(Deadline(f"session:{event.stream}", event.key, starts_at, command))


def _episode(event: Event) -> dict[str, Any]:
    return {"participant_id": _id(event, "participant_id"), "episode_id": _id(event, "episode_id")}


def _link(event: Event) -> dict[str, Any]:
    ids = {name: _id(event, name) for name in ("surviving_id", "retired_id")}
    return {**ids, "revision": event.data.get("revision", 1), "told_at": event.occurred_at}


def _id(event: Event, name: str) -> UUID:
    return UUID(event.data[name])


def _at(event: Event, name: str) -> datetime:
    return datetime.fromisoformat(event.data[name])


FOLLOWING = (FollowEnrollment, FollowMedicationReview, FollowAttendance)
REACTIONS = (*FOLLOWING, MeetRequests, PromoteFromWaitlists, JudgeTopics, CancelOnClosures)
DEADLINES = (WaitsEnd,)
CONSUMES = frozenset(type_ for reaction in FOLLOWING for type_ in reaction.handlers)
"""The published types that this service stores: what it reacts to, nothing else."""
