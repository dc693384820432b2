"""Reactions: what enrollment does of its own accord when it is told of something, as commands of its own."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from events.follow.reaction import Reaction, reacts
from events.log.event import Event
from services.enrollment.domain.authorization_commands import CountBillableDay
from services.enrollment.domain.commands import FollowAbsenceStep, RecordHospitalFact
from services.enrollment.domain.participant import Identifier
from services.enrollment.domain.people_commands import FollowMerge, ReceivePerson, ReceiveReferral
from services.enrollment.domain.referral import Problem
from services.enrollment.domain.stays import END_CANCELLED, ENDED, START_CANCELLED, STARTED

REFERRAL_RECEIVED = "interop.referral_received.v1"
PERSON_UPDATED = "interop.person_updated.v1"
IDENTITIES_MERGED = "interop.identities_merged.v1"
HOSPITALIZATION_STARTED = "interop.hospitalization_started.v1"
HOSPITALIZATION_ENDED = "interop.hospitalization_ended.v1"
HOSPITALIZATION_START_CANCELLED = "interop.hospitalization_start_cancelled.v1"
HOSPITALIZATION_END_CANCELLED = "interop.hospitalization_end_cancelled.v1"

BILLABLE_DAY_DETERMINED = "attendance.billable_day_determined.v1"
ABSENCE_STEP_REACHED = "attendance.absence_step_reached.v1"
ABSENCE_STEP_REVERSED = "attendance.absence_step_reversed.v1"

DISCHARGE_REVIEW = "discharge_review"
"""The step of an absence policy that enrollment answers for; the others are attendance's own due list."""

CONSUMES = frozenset(
    {
        BILLABLE_DAY_DETERMINED,
        ABSENCE_STEP_REACHED,
        ABSENCE_STEP_REVERSED,
        REFERRAL_RECEIVED,
        PERSON_UPDATED,
        IDENTITIES_MERGED,
        HOSPITALIZATION_STARTED,
        HOSPITALIZATION_ENDED,
        HOSPITALIZATION_START_CANCELLED,
        HOSPITALIZATION_END_CANCELLED,
    }
)

_FACTS = {
    HOSPITALIZATION_STARTED: (STARTED, "started_at"),
    HOSPITALIZATION_ENDED: (ENDED, "ended_at"),
    HOSPITALIZATION_START_CANCELLED: (START_CANCELLED, None),
    HOSPITALIZATION_END_CANCELLED: (END_CANCELLED, None),
}
"""Published type → kind of fact, and the field that holds its instant."""


class FollowIdentity(Reaction):
    """Hospitals refer people, correct their details and merge their identities."""

    name = "follow_identity"

    @reacts(REFERRAL_RECEIVED)
    def referral(self, event: Event) -> Iterable[object]:
        data = event.data
        yield ReceiveReferral(
            participant_id=UUID(data["participant_id"]),
            referral_id=UUID(data["referral_id"]),
            identifiers=_identifiers(data),
            person=data.get("person"),
            source=data["source"],
            urgency=data["urgency"],
            reason=data.get("reason"),
            from_level_of_care=data.get("from_level_of_care"),
            problems=tuple(Problem(one["code"], one["system"], one.get("display")) for one in data["problems"]),
            referred_at=_stated_at(event),
        )

    @reacts(PERSON_UPDATED)
    def person(self, event: Event) -> Iterable[object]:
        data = event.data
        yield ReceivePerson(UUID(data["participant_id"]), _identifiers(data), data.get("person"))

    @reacts(IDENTITIES_MERGED)
    def merge(self, event: Event) -> Iterable[object]:
        yield FollowMerge(UUID(event.data["surviving_id"]), UUID(event.data["retired_id"]), _stated_at(event))


class FollowHospitalStays(Reaction):
    """A hospital stay suspends the episode; its end resumes it; cancellations undo either."""

    name = "follow_hospital_stays"

    @reacts(*_FACTS)
    def fact(self, event: Event) -> Iterable[object]:
        data = event.data
        kind, instant = _FACTS[event.type]
        yield RecordHospitalFact(
            participant_id=UUID(data["participant_id"]),
            hospitalization_id=UUID(data["hospitalization_id"]),
            kind=kind,
            stated_at=_stated_at(event),
            instant=datetime.fromisoformat(data[instant]) if instant else None,
        )


class FollowAttendance(Reaction):
    """A billable day consumes a unit of what payers authorized; absences may ask for a discharge review."""

    name = "follow_attendance"

    @reacts(BILLABLE_DAY_DETERMINED)
    def day(self, event: Event) -> Iterable[object]:
        data = event.data
        yield CountBillableDay(
            participant_id=UUID(data["participant_id"]),
            episode_id=UUID(data["episode_id"]),
            date=date.fromisoformat(data["date"]),
            billable=data["billable"],
            revision=data["revision"],
        )

    @reacts(ABSENCE_STEP_REACHED, ABSENCE_STEP_REVERSED)
    def absences(self, event: Event) -> Iterable[object]:
        data = event.data
        if data["step"] == DISCHARGE_REVIEW:
            yield FollowAbsenceStep(
                participant_id=UUID(data["participant_id"]),
                episode_id=UUID(data["episode_id"]),
                policy=data["policy"],
                reached_at=datetime.fromisoformat(data["reached_at"]),
                reached=event.type == ABSENCE_STEP_REACHED,
            )


def _stated_at(event: Event) -> datetime:
    """When the hospital said so; what a gateway does not tell is taken to be when it happened there."""
    stated_at = event.data.get("stated_at")
    return datetime.fromisoformat(stated_at) if stated_at else event.occurred_at


def _identifiers(data: Mapping[str, Any]) -> tuple[Identifier, ...]:
    return tuple(Identifier(one["authority"], one["lookup"], one.get("number")) for one in data["identifiers"])
