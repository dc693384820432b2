"""What the gateway does of its own accord: applies what it received, learns who is who, tells hospitals, forgets."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from events.follow.deadline import Deadline, Deadlines, Set
from events.follow.projection import handles
from events.follow.reaction import Reaction, reacts
from events.log.event import Event
from services.interop.domain.commands import (
    ApplyMessage,
    CorrectNoShow,
    FollowMerge,
    FollowUnmerge,
    ForgetMessage,
    IdentifyParticipant,
    TellHospitals,
)
from services.interop.domain.statements import Identifier
from services.platform.told import link_in


class ApplyWhatWasReceived(Reaction):
    """Accepted messages are applied in the order in which they were received; ``lines.py`` says how that holds."""

    name = "apply_messages"

    @reacts("interop.message.received", "interop.message.replayed", "interop.message.released")
    def received(self, event: Event) -> Iterable[object]:
        if event.data.get("outcome", "accepted") == "accepted":
            yield ApplyMessage(event.stream, event.position, tuple(event.data["lookups"]))


class LearnWhoIsWho(Reaction):
    """Enrollment says under which hospital numbers a participant is known, and who is the same person."""

    name = "learn_identities"

    @reacts("enrollment.participant_registered.v1", "enrollment.participant_identified.v1")
    def identified(self, event: Event) -> Iterable[object]:
        identifiers = tuple(
            Identifier(one["authority"], one["lookup"], one.get("number")) for one in event.data["identifiers"]
        )
        yield IdentifyParticipant(UUID(event.data["participant_id"]), event.data.get("person"), identifiers)

    @reacts("enrollment.participants_merged.v1")
    def merged(self, event: Event) -> Iterable[object]:
        yield FollowMerge(**link_in(event))

    @reacts("enrollment.participants_unmerged.v1")
    def unmerged(self, event: Event) -> Iterable[object]:
        yield FollowUnmerge(**link_in(event))


class TellTheHospitals(Reaction):
    """Admissions and discharges as ADT, appointments as SIU."""

    name = "tell_hospitals"

    @reacts("enrollment.participant_admitted.v1")
    def admitted(self, event: Event) -> Iterable[object]:
        yield _episode(event, "ADT^A04", event.data["admitted_at"])

    @reacts("enrollment.participant_discharged.v1")
    def discharged(self, event: Event) -> Iterable[object]:
        yield _episode(event, "ADT^A03", event.data["discharged_at"])

    @reacts("scheduling.booking_made.v1")
    def booked(self, event: Event) -> Iterable[object]:
        yield _appointment(event, "SIU^S12")

    @reacts("scheduling.booking_cancelled.v1")
    def cancelled(self, event: Event) -> Iterable[object]:
        yield _appointment(event, "SIU^S15")

    @reacts("attendance.attendance_recorded.v1")
    def recorded(self, event: Event) -> Iterable[object]:
        if event.data["status"] == "no_show":
            yield _appointment(event, "SIU^S26")

    @reacts("attendance.attendance_corrected.v1")
    def corrected(self, event: Event) -> Iterable[object]:
        data = event.data
        yield CorrectNoShow(
            participant_id=UUID(data["participant_id"]),
            booking_id=UUID(data["booking_id"]),
            status=data["status"],
            about=str(event.id),
            facts=_facts(data),
        )


class Retention(Deadlines):
    """Messages that concern nobody known are forgotten when the mapping's retention is over."""

    name = "message_retention"
    version = 2
    commands = (ForgetMessage,)

    @handles("interop.message.held", "interop.message.parked", "interop.message.found_unsupported")
    def kept(self, event: Event) -> Iterable[Set]:
        yield self._forget(event)

    @handles("interop.message.held_up")
    def held_up(self, event: Event) -> Iterable[Set]:
        """A deadline of its own: it may do nothing, and the message may have to wait for an identity after that."""
        yield self._forget(event, "/held_up")

    @handles("interop.message.received")
    def received(self, event: Event) -> Iterable[Set]:
        if event.data["outcome"] == "parked":
            yield self._forget(event)

    def _forget(self, event: Event, which: str = "") -> Set:
        due_at = datetime.fromisoformat(event.data["expires_at"])
        return Set(Deadline(f"{event.stream}{which}", str(event.stream), due_at, ForgetMessage(event.stream)))


def _episode(event: Event, message_type: str, occurred_at: str) -> TellHospitals:
    facts = {"episode_id": event.data["episode_id"], "occurred_at": occurred_at}
    return TellHospitals(UUID(event.data["participant_id"]), message_type, event.data["episode_id"], facts)


def _appointment(event: Event, message_type: str) -> TellHospitals:
    participant_id, booking_id = UUID(event.data["participant_id"]), event.data["booking_id"]
    return TellHospitals(participant_id, message_type, booking_id, _facts(event.data))


def _facts(data: Mapping[str, Any]) -> dict[str, Any]:
    wanted = ("booking_id", "session_id", "component", "starts_at", "ends_at", "status", "reason")
    return {name: data[name] for name in wanted if data.get(name) is not None}
