"""What scheduling does of its own accord: reactions to what it decided itself, and deadlines."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from events.follow.deadline import Cancel, Deadline, Deadlines, Set
from events.follow.projection import handles
from events.follow.reaction import Reaction, reacts
from events.log.event import Event
from services.platform.told import id_in, instant_in
from services.scheduling.domain.closure_commands import CancelClosedSession
from services.scheduling.domain.curriculum_commands import JudgeTopicsAgain
from services.scheduling.domain.review_commands import SeekPrescriber, TryRequestsAgain
from services.scheduling.domain.series_commands import CancelEndedSession
from services.scheduling.domain.waitlist_commands import (
    EndSeriesWait,
    EndSessionWaits,
    PromoteIntoSeries,
    PromoteWaiting,
    TryWaitsAgain,
)
from services.scheduling.following import FOLLOWING


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
        yield TryRequestsAgain(id_in(event, "session_id"))

    @reacts("scheduling.placement.prescriber_requested")
    def requested(self, event: Event) -> Iterable[object]:
        yield SeekPrescriber(event.stream)


class PromoteFromWaitlists(Reaction):
    """A seat that can be had, and who waits for it, find each other whichever comes first."""

    name = "promote_from_waitlists"

    @reacts("scheduling.seat_waitlist.list_opened", "scheduling.seat_waitlist.wait_added")
    def joined(self, event: Event) -> Iterable[object]:
        if event.data["session_id"] is not None:
            yield PromoteWaiting(id_in(event, "session_id"))
        else:
            yield PromoteIntoSeries(id_in(event, "series_id"))

    @reacts("scheduling.seat_waitlist.seat_offered")
    def offered(self, event: Event) -> Iterable[object]:
        yield PromoteWaiting(id_in(event, "session_id"))

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


class CancelWithSeries(Reaction):
    """Each session that the end of its series found is cancelled on its own."""

    name = "cancel_with_series"

    @reacts("scheduling.series.ended")
    def ended(self, event: Event) -> Iterable[object]:
        for session_id in event.data["sessions"]:
            yield CancelEndedSession(UUID(session_id), event.data["reason"])


class WaitsEnd(Deadlines):
    """When waiting is in vain: the session begins, or the last of those of a series."""

    name = "seat_waits_end"
    version = 2
    commands = (EndSessionWaits, EndSeriesWait)

    @handles("scheduling.seat_waitlist.list_opened", "scheduling.seat_waitlist.wait_added")
    def joined(self, event: Event) -> Iterable[Set | Cancel]:
        until = instant_in(event, "until")
        if event.data["session_id"] is not None:
            yield _session_begins(event, until)
        else:
            command = EndSeriesWait(id_in(event, "series_id"), id_in(event, "episode_id"))
            yield Set(Deadline(f"series:{event.stream}:{command.episode_id}", event.key, until, command))

    @handles("scheduling.seat_waitlist.session_rescheduled")
    def rescheduled(self, event: Event) -> Iterable[Set | Cancel]:
        yield _session_begins(event, instant_in(event, "starts_at"))

    @handles("scheduling.seat_waitlist.wait_ended")
    def ended(self, event: Event) -> Iterable[Set | Cancel]:
        yield Cancel(f"series:{event.stream}:{event.data['episode_id']}")


def _session_begins(event: Event, starts_at: datetime) -> Set:
    command = EndSessionWaits(id_in(event, "session_id"))
    return Set(Deadline(f"session:{event.stream}", event.key, starts_at, command))


REACTIONS = (*FOLLOWING, MeetRequests, PromoteFromWaitlists, JudgeTopics, CancelOnClosures, CancelWithSeries)
DEADLINES = (WaitsEnd,)
