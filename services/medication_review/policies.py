"""What medication review does of its own accord: when another service told something, and when something falls due."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from events.follow.deadline import Cancel, Deadline, Deadlines, Set
from events.follow.projection import handles
from events.follow.reaction import Reaction, reacts
from events.log.event import Event
from services.medication_review.domain import commands, dose_commands, told_commands
from services.medication_review.domain.escalation import ESCALATES_TO
from services.medication_review.domain.medications import Medication
from services.platform.told import episode_in, id_in, instant_in, link_in, suspension_in

REPORTED = ("source", "order_id", "status", "code", "system", "name", "dose", "frequency", "route")


class FollowEnrollment(Reaction):
    """Reconciliations open with admissions and transitions; what never was is withdrawn; a discharge ends all."""

    name = "follow_enrollment"

    @reacts("enrollment.participant_admitted.v1")
    def admitted(self, event: Event) -> Iterable[object]:
        yield told_commands.AdmitToEpisode(
            **episode_in(event),
            admitted_at=instant_in(event, "admitted_at"),
            time_zone=event.data["time_zone"],
            packs=tuple(event.data["packs"]),
        )

    @reacts("enrollment.participant_transferred.v1")
    def transferred(self, event: Event) -> Iterable[object]:
        yield told_commands.TransferEpisode(
            **episode_in(event),
            move=event.data["kind"],
            effective_at=instant_in(event, "effective_at"),
            time_zone=event.data["time_zone"],
            packs=tuple(event.data["packs"]),
        )

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
        yield told_commands.CloseEpisode(**episode_in(event), discharged_at=instant_in(event, "discharged_at"))

    @reacts("enrollment.instrument_scored.v1")
    def scored(self, event: Event) -> Iterable[object]:
        if event.data["safety_trigger"]:
            yield told_commands.NoteSafetyTrigger(
                **episode_in(event), instrument=event.data["instrument"], scored_at=instant_in(event, "scored_at")
            )

    @reacts("enrollment.participants_merged.v1")
    def merged(self, event: Event) -> Iterable[object]:
        yield told_commands.LinkParticipants(**link_in(event))

    @reacts("enrollment.participants_unmerged.v1")
    def unmerged(self, event: Event) -> Iterable[object]:
        yield told_commands.SeparateParticipants(**link_in(event))


class FollowAttendance(Reaction):
    """Repeated no-shows ask for a review, as long as they stand."""

    name = "follow_attendance"

    @reacts("attendance.no_shows_repeated.v1")
    def repeated(self, event: Event) -> Iterable[object]:
        yield told_commands.NoteRepeatedNoShows(
            **episode_in(event), count=event.data["count"], last_missed_at=instant_in(event, "last_missed_at")
        )

    @reacts("attendance.no_shows_excused.v1")
    def excused(self, event: Event) -> Iterable[object]:
        yield told_commands.ExcuseNoShows(**episode_in(event), count=event.data["count"])


class FollowHospitals(Reaction):
    """What hospitals report is listed, whether the participant is admitted already or not."""

    name = "follow_hospitals"

    @reacts("interop.medication_reported.v1")
    def reported(self, event: Event) -> Iterable[object]:
        facts: dict[str, Any] = {name: event.data.get(name) for name in REPORTED}
        medication = Medication(**facts, reported_at=instant_in(event, "reported_at"))
        yield told_commands.TakeReport(id_in(event, "participant_id"), medication)


class Due(Deadlines):
    """When a review is overdue, when others are told of that, when the review of a cycle opens, when the monitoring
    program has to be asked, when what was stopped acts no more, and when a day ends on which a dose is expected."""

    name = "medication_review_due"
    version = 2
    commands = (
        commands.MarkReviewOverdue,
        commands.EscalateReview,
        commands.OpenCycleReview,
        commands.NotePdmpCheckMissed,
        commands.EndWashout,
        dose_commands.CloseDoseDay,
    )

    @handles("medication_review.case.review_opened", "medication_review.case.review_rescheduled")
    def due(self, event: Event) -> Iterable[Set | Cancel]:
        due_at = datetime.fromisoformat(event.data["need"]["due_at"])
        command = commands.MarkReviewOverdue(event.stream, id_in(event, "review_id"), due_at)
        yield Set(Deadline(_overdue(event), event.key, due_at, command))

    @handles("medication_review.case.review_overdue")
    def overdue(self, event: Event) -> Iterable[Set | Cancel]:
        for step in event.data.get("escalations", ()):
            command = commands.EscalateReview(
                event.stream, id_in(event, "review_id"), instant_in(event, "due_at"), step["to"]
            )
            yield Set(Deadline(_escalation(event, step["to"]), event.key, datetime.fromisoformat(step["at"]), command))

    @handles("medication_review.case.review_escalated")
    def escalated(self, event: Event) -> Iterable[Set | Cancel]:
        yield Cancel(_escalation(event, event.data["escalated_to"]))

    @handles("medication_review.case.review_completed", "medication_review.case.review_withdrawn")
    def done(self, event: Event) -> Iterable[Set | Cancel]:
        yield Cancel(_overdue(event))
        for role in ESCALATES_TO:
            yield Cancel(_escalation(event, role))

    @handles("medication_review.pdmp_record.check_due")
    def pdmp_check_due(self, event: Event) -> Iterable[Set | Cancel]:
        if event.data["due_at"] is None:
            yield Cancel(f"pdmp:{event.stream}")
        else:
            command = commands.NotePdmpCheckMissed(id_in(event, "episode_id"))
            yield Set(Deadline(f"pdmp:{event.stream}", event.key, instant_in(event, "due_at"), command))

    @handles("medication_review.pdmp_record.check_missed")
    def pdmp_check_missed(self, event: Event) -> Iterable[Set | Cancel]:
        yield Cancel(f"pdmp:{event.stream}")

    @handles("medication_review.interaction_watch.washout_awaited")
    def washout_awaited(self, event: Event) -> Iterable[Set | Cancel]:
        if event.data["until"] is None:
            yield Cancel(f"washout:{event.stream}")
        else:
            until = datetime.combine(date.fromisoformat(event.data["until"]), time(), UTC)
            command = commands.EndWashout(id_in(event, "episode_id"))
            yield Set(Deadline(f"washout:{event.stream}", event.key, until, command))

    @handles("medication_review.dosing.day_awaited")
    def dose_awaited(self, event: Event) -> Iterable[Set | Cancel]:
        if event.data["ends_at"] is None:
            yield Cancel(f"dose:{event.stream}")
        else:
            command = dose_commands.CloseDoseDay(id_in(event, "episode_id"))
            yield Set(Deadline(f"dose:{event.stream}", event.key, instant_in(event, "ends_at"), command))

    @handles("medication_review.case.cycle_set")
    def cycle_set(self, event: Event) -> Iterable[Set | Cancel]:
        command = commands.OpenCycleReview(event.stream, instant_in(event, "due_at"))
        yield Set(Deadline(f"cycle:{event.stream}", event.key, instant_in(event, "opens_at"), command))

    @handles("medication_review.case.cycle_reached", "medication_review.case.closed")
    def cycle_over(self, event: Event) -> Iterable[Set | Cancel]:
        yield Cancel(f"cycle:{event.stream}")


def _overdue(event: Event) -> str:
    return f"overdue:{event.data['review_id']}"


def _escalation(event: Event, to: str) -> str:
    return f"{_overdue(event)}/{to}"


REACTIONS = (FollowEnrollment, FollowAttendance, FollowHospitals)
DEADLINES = (Due,)
CONSUMES = frozenset(type_ for reaction in REACTIONS for type_ in reaction.handlers)
"""The published types that this service stores: what it reacts to, nothing else."""
