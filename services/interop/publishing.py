"""What the gateway tells the other services: what messages mean for participants, never the messages."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.log.event import Event
from events.transport.feed import Published

_TOLD = {
    "interop.message.referral_read": "interop.referral_received.v1",
    "interop.message.person_read": "interop.person_updated.v1",
    "interop.message.stay_started": "interop.hospitalization_started.v1",
    "interop.message.stay_ended": "interop.hospitalization_ended.v1",
    "interop.message.stay_start_cancelled": "interop.hospitalization_start_cancelled.v1",
    "interop.message.stay_end_cancelled": "interop.hospitalization_end_cancelled.v1",
    "interop.message.medication_read": "interop.medication_reported.v1",
    "interop.message.observation_read": "interop.observation_reported.v1",
}
"""Domain event → published event with the same fields and the message's id."""


def publish(event: Event) -> Iterable[Published]:
    """A domain event's published events."""
    told = _TOLD.get(event.type)
    if told:
        data = {**event.data, "message_id": str(event.stream)}
        return [Published(told, event.data["participant_id"], data)]
    if event.type == "interop.message.identities_merged":
        return [_merged(event, key) for key in (event.data["surviving_id"], event.data["retired_id"])]
    if event.type == "interop.notice.acknowledged":
        return [Published("interop.hospital_told.v1", event.data["participant_id"], _told(event))]
    return []


def _merged(event: Event, key: str) -> Published:
    data = {**event.data, "told_to": key, "message_id": str(event.stream)}
    return Published("interop.identities_merged.v1", key, data)


def _told(event: Event) -> Mapping[str, Any]:
    told = {name: event.data[name] for name in ("participant_id", "message_type", "hospital")}
    return {**told, "told_at": event.occurred_at}
