"""One message to a hospital: due, written once the person's number there is known, then sent until it is answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.interop.domain.errors import NoticeNotParked

DUE, READY, ACKNOWLEDGED, PARKED, DISCARDED = "due", "ready", "acknowledged", "parked", "discarded"


class Notice(Aggregate):
    """An outbound message. ``content`` is sealed under the participant's key."""

    TOPIC = "interop.notice"

    class Created(Aggregate.Created):
        """Something happened that the hospital wants to be told; ``facts`` are ids, codes and instants only."""

        TOPIC = "interop.notice.due"
        participant_id: UUID
        hospital: str
        message_type: str
        facts: Mapping[str, Any]

    class NoticeWritten(Aggregate.Event):
        TOPIC = "interop.notice.written"
        participant_id: UUID
        hospital: str
        control_id: str
        content: str

    class NoticeAcknowledged(Aggregate.Event):
        """The hospital took it (AA, CA), or the broker did where it is reached through a queue only."""

        TOPIC = "interop.notice.acknowledged"
        participant_id: UUID
        hospital: str
        message_type: str
        code: str

    class NoticeParked(Aggregate.Event):
        """The hospital refused it or did not answer often enough: later ones about the same person wait behind it."""

        TOPIC = "interop.notice.parked"
        participant_id: UUID
        hospital: str
        reason: str

    class NoticeReplayed(Aggregate.Event):
        TOPIC = "interop.notice.replayed"
        participant_id: UUID
        hospital: str

    class NoticeDiscarded(Aggregate.Event):
        """Somebody gave it up. ``reason``: a code, free text in events of old; ``note``: sealed under the participant's
        key."""

        TOPIC = "interop.notice.discarded"
        participant_id: UUID
        hospital: str
        reason: str
        note: str | None = None

    @classmethod
    def due(
        cls,
        notice_id: UUID,
        participant_id: UUID,
        *,
        hospital: str,
        message_type: str,
        facts: Mapping[str, Any],
        at: datetime,
    ) -> "Notice":
        return cls._create(
            cls.Created,
            id=notice_id,
            timestamp=at,
            participant_id=participant_id,
            hospital=hospital,
            message_type=message_type,
            facts=facts,
        )

    @event(Created)
    def __init__(self, participant_id: UUID, hospital: str, message_type: str, facts: Mapping[str, Any]) -> None:
        self.participant_id = participant_id
        self.hospital = hospital
        self.message_type = message_type
        self.facts = facts
        self.state = DUE
        self.control_id = ""
        self.content = ""

    def write(self, control_id: str, content: str, at: datetime) -> None:
        self.trigger_event(self.NoticeWritten, timestamp=at, **self._whose, control_id=control_id, content=content)

    @event(NoticeWritten)
    def _written(self, control_id: str, content: str) -> None:
        self.state, self.control_id, self.content = READY, control_id, content

    def acknowledge(self, code: str, at: datetime) -> None:
        """Once; a second answer to the same message changes nothing."""
        if self.state in (READY, PARKED):
            self.trigger_event(
                self.NoticeAcknowledged, timestamp=at, **self._whose, message_type=self.message_type, code=code
            )

    @event(NoticeAcknowledged)
    def _acknowledged(self) -> None:
        self.state = ACKNOWLEDGED

    def park(self, reason: str, at: datetime) -> None:
        if self.state == READY:
            self.trigger_event(self.NoticeParked, timestamp=at, **self._whose, reason=reason)

    @event(NoticeParked)
    def _parked(self) -> None:
        self.state = PARKED

    def replay(self, at: datetime) -> None:
        """Sends it again. Raises ``NoticeNotParked``."""
        self._has_to_be_parked()
        self.trigger_event(self.NoticeReplayed, timestamp=at, **self._whose)

    @event(NoticeReplayed)
    def _replayed(self) -> None:
        self.state = READY

    def discard(self, reason: str, note: str | None, at: datetime) -> None:
        """Lets the later ones pass. ``note``: sealed. Raises ``NoticeNotParked``."""
        self._has_to_be_parked()
        self.trigger_event(self.NoticeDiscarded, timestamp=at, **self._whose, reason=reason, note=note)

    @event(NoticeDiscarded)
    def _discarded(self) -> None:
        self.state = DISCARDED

    @property
    def _whose(self) -> dict[str, Any]:
        return {"participant_id": self.participant_id, "hospital": self.hospital}

    def _has_to_be_parked(self) -> None:
        if self.state != PARKED:
            raise NoticeNotParked(
                f"the outbound message is {self.state}; only a parked one can be sent again or discarded"
            )
