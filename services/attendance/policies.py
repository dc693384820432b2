"""What attendance does of its own accord: when another service told something, and when something falls due."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from events.follow.deadline import Cancel, Deadline, Deadlines, Set
from events.follow.projection import handles
from events.follow.reaction import Reaction, reacts
from events.log.errors import NotFound
from events.log.event import Event
from services.attendance.domain import commands, told_commands
from services.attendance.domain.episode_facts import JudgedBy, Placement
from services.attendance.domain.seat import Seat
from services.platform.told import day_in, episode_in, id_in, instant_in, link_in, suspension_in


class FollowEnrollment(Reaction):
    """Treatment weeks open with the admission; suspensions and the discharge decide what an absence is."""

    name = "follow_enrollment"

    @reacts("enrollment.participant_admitted.v1")
    def admitted(self, event: Event) -> Iterable[object]:
        yield told_commands.AdmitToEpisode(
            **episode_in(event),
            admitted_at=instant_in(event, "admitted_at"),
            placement=_placement(event, day_in(event, "admitted_on")),
        )

    @reacts("enrollment.participant_transferred.v1")
    def transferred(self, event: Event) -> Iterable[object]:
        zone = ZoneInfo(event.data["time_zone"])
        placement = _placement(event, instant_in(event, "effective_at").astimezone(zone).date())
        yield told_commands.TransferEpisode(**episode_in(event), kind=event.data["kind"], placement=placement)

    @reacts("enrollment.episode_suspended.v1")
    def suspended(self, event: Event) -> Iterable[object]:
        yield told_commands.SuspendEpisode(**suspension_in(event), suspended_at=instant_in(event, "suspended_at"))

    @reacts("enrollment.episode_resumed.v1")
    def resumed(self, event: Event) -> Iterable[object]:
        yield told_commands.ResumeEpisode(**suspension_in(event), resumed_at=instant_in(event, "resumed_at"))

    @reacts("enrollment.suspension_cancelled.v1")
    def suspension_cancelled(self, event: Event) -> Iterable[object]:
        yield told_commands.CancelSuspension(**suspension_in(event))

    @reacts("enrollment.resumption_cancelled.v1")
    def resumption_cancelled(self, event: Event) -> Iterable[object]:
        yield told_commands.CancelResumption(**suspension_in(event))

    @reacts("enrollment.participant_discharged.v1")
    def discharged(self, event: Event) -> Iterable[object]:
        yield told_commands.CloseEpisode(
            **episode_in(event),
            discharged_at=instant_in(event, "discharged_at"),
            discharged_on=day_in(event, "discharged_on"),
            reason=event.data["reason"],
        )


class FollowIdentity(Reaction):
    """Which episodes are one person's: a local day of theirs is billed once. It begins with the log, so that episodes
    admitted before it was followed are known, too."""

    name = "follow_identity"

    @reacts("enrollment.participant_admitted.v1")
    def admitted(self, event: Event) -> Iterable[object]:
        yield told_commands.LearnEpisode(**episode_in(event))

    @reacts("enrollment.participants_merged.v1")
    def merged(self, event: Event) -> Iterable[object]:
        yield told_commands.MergeParticipants(**link_in(event))

    @reacts("enrollment.participants_unmerged.v1")
    def unmerged(self, event: Event) -> Iterable[object]:
        yield told_commands.SeparateParticipants(**link_in(event))


class FollowScheduling(Reaction):
    """A record begins with each booking and knows when the booking was given back."""

    name = "follow_scheduling"
    nothing_to_do = (NotFound,)
    """A booking made before this service began to follow has no record to free."""

    @reacts("scheduling.booking_made.v1")
    def booked(self, event: Event) -> Iterable[object]:
        restores, makes_up_for = event.data.get("restores_booking_id"), event.data.get("makes_up_for")
        yield told_commands.BookSeat(
            booking_id=id_in(event, "booking_id"),
            **episode_in(event),
            seat=_seat(event),
            restores=None if restores is None else UUID(restores),
            makes_up_for=None if makes_up_for is None else UUID(makes_up_for),
        )

    @reacts("scheduling.booking_changed.v1")
    def changed(self, event: Event) -> Iterable[object]:
        yield told_commands.ChangeSeat(id_in(event, "booking_id"), _seat(event))

    @reacts("scheduling.booking_cancelled.v1")
    def freed(self, event: Event) -> Iterable[object]:
        yield told_commands.FreeSeat(id_in(event, "booking_id"), event.data["reason"], event.data.get("notice_hours"))


class Due(Deadlines):
    """When a no-show is one, and when a treatment week is looked ahead, over, and judged."""

    name = "attendance_due"
    version = 3
    commands = (commands.EndGrace, commands.LookAhead, commands.EndWeek, commands.JudgeTreatmentWeek)

    @handles("attendance.attendance_record.outcome_awaited")
    def outcome_awaited(self, event: Event) -> Iterable[Set | Cancel]:
        command = commands.EndGrace(event.stream)
        yield Set(Deadline(f"grace:{event.stream}", event.key, instant_in(event, "grace_ends_at"), command))

    @handles("attendance.attendance_record.grace_ended")
    def grace_ended(self, event: Event) -> Iterable[Set | Cancel]:
        yield Cancel(f"grace:{event.stream}")

    @handles("attendance.episode.week_opened")
    def week_opened(self, event: Event) -> Iterable[Set | Cancel]:
        monday, week = day_in(event, "week_start"), _week(event.stream, event)
        yield Set(
            Deadline(
                week, event.key, instant_in(event, "judged_from"), commands.JudgeTreatmentWeek(event.stream, monday)
            )
        )
        if event.data.get("warned_from") is not None:
            look, end = commands.LookAhead(event.stream, monday), commands.EndWeek(event.stream, monday)
            yield Set(Deadline(f"look:{week}", event.key, instant_in(event, "warned_from"), look))
            yield Set(Deadline(f"end:{week}", event.key, instant_in(event, "ends_at"), end))

    @handles("attendance.treatment_week.early_warning_raised")
    def warned(self, event: Event) -> Iterable[Set | Cancel]:
        """While a warning stands it is looked at daily."""
        episode_id, monday = id_in(event, "episode_id"), day_in(event, "week_start")
        for instant in map(datetime.fromisoformat, event.data["looked_again_at"]):
            look = commands.LookAhead(episode_id, monday)
            id_ = _daily_look(_week(episode_id, event), (instant.date() - monday).days)
            yield Set(Deadline(id_, event.key, instant, look))

    @handles("attendance.episode.week_closed")
    def week_closed(self, event: Event) -> Iterable[Set | Cancel]:
        week = _week(event.stream, event)
        yield from (Cancel(week), Cancel(f"look:{week}"), Cancel(f"end:{week}"))
        yield from (Cancel(_daily_look(week, day)) for day in range(7))


def _week(episode_id: UUID, event: Event) -> str:
    return f"week:{episode_id}:{event.data['week_start']}"


def _daily_look(week: str, day: int) -> str:
    """``day``: of the week, 0 to 6. One a day, so that all can be cancelled when the week is closed: what has fired and
    is not cancelled is passed over each time that something may be due."""
    return f"look:{week}:{day}"


def _placement(event: Event, since: date) -> Placement:
    return Placement(
        since=since,
        time_zone=event.data["time_zone"],
        judged_by=JudgedBy(tuple(event.data["packs"]), event.data["age_group"]),
        track_id=id_in(event, "track_id"),
        components=tuple(event.data["components"]),
    )


def _seat(event: Event) -> Seat:
    return Seat(
        session_id=id_in(event, "session_id"),
        component=event.data["component"],
        modality=event.data["modality"],
        starts_at=instant_in(event, "starts_at"),
        ends_at=instant_in(event, "ends_at"),
        local_date=day_in(event, "local_date"),
        time_zone=event.data["time_zone"],
    )


REACTIONS = (FollowEnrollment, FollowIdentity, FollowScheduling)
DEADLINES = (Due,)
FOR_VIEWS = (
    "scheduling.session_scheduled.v1",
    "scheduling.session_moved.v1",
    "scheduling.session_changed.v1",
    "scheduling.session_cancelled.v1",
)
"""Stored for projections only; nothing is decided on them."""
CONSUMES = frozenset((*FOR_VIEWS, *(type_ for reaction in REACTIONS for type_ in reaction.handlers)))
"""The published types that this service stores, and no others."""
