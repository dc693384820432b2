"""Which of this service's events are told to others, and what of them: ids, times and codes, never a name."""

from collections.abc import Callable, Iterable, Mapping

from events.log.event import Event
from events.transport.feed import Published

SESSION_FACTS = (
    "series_id",
    "track_id",
    "component",
    "title",
    "modality",
    "starts_at",
    "ends_at",
    "local_date",
    "time_zone",
    "room",
)


def publish(event: Event) -> Iterable[Published]:
    """The published events of one of our own events: none or one."""
    tell = TOLD.get(event.type)
    return () if tell is None else (tell(event),)


def _session_scheduled(event: Event) -> Published:
    data = _pick(event, *SESSION_FACTS, "seats", "facilitators") | {"session_id": event.stream}
    return Published("scheduling.session_scheduled.v1", str(event.stream), data)


def _session_moved(event: Event) -> Published:
    data = _pick(event, "starts_at", "ends_at", "local_date", "sequence") | {"session_id": event.stream}
    return Published("scheduling.session_moved.v1", str(event.stream), data)


def _led_by_others(event: Event) -> Published:
    data = _pick(event, "facilitators", "sequence") | {"session_id": event.stream}
    return Published("scheduling.session_changed.v1", str(event.stream), data)


def _session_altered(event: Event) -> Published:
    facts = _pick(event, "modality", "room", "seats", "topic", "sequence")
    beside = {"topic_code": event.data.get("topic_code"), "without_room": event.data["room"] is None}
    data = facts | beside | {"session_id": event.stream}
    return Published("scheduling.session_changed.v1", str(event.stream), data)


def _session_cancelled(event: Event) -> Published:
    data = _pick(event, "reason") | {"session_id": event.stream, "closure_id": event.data.get("closure_id")}
    return Published("scheduling.session_cancelled.v1", str(event.stream), data)


def _booking_made(event: Event) -> Published:
    own = ("participant_id", "booking_id", "session_id", "restores_booking_id", "kind", "makes_up_for")
    return _of_participant("scheduling.booking_made.v1", event, _pick(event, *own, *SESSION_FACTS))


def _booking_changed(event: Event) -> Published:
    own = ("participant_id", "booking_id", "session_id", "sequence")
    return _of_participant("scheduling.booking_changed.v1", event, _pick(event, *own, *SESSION_FACTS))


def _booking_cancelled(event: Event) -> Published:
    told = ("participant_id", "booking_id", "session_id", "starts_at", "reason", "notice_hours")
    return _of_participant("scheduling.booking_cancelled.v1", event, _pick(event, *told))


def _seat_waitlist_joined(event: Event) -> Published:
    told = _pick(event, "participant_id", "session_id", "series_id", "priority")
    return _of_participant("scheduling.seat_waitlist_joined.v1", event, told)


def _seat_waitlist_left(event: Event) -> Published:
    told = _pick(event, "participant_id", "session_id", "series_id", "reason")
    return _of_participant("scheduling.seat_waitlist_left.v1", event, told)


def _topic_completed(event: Event) -> Published:
    told = ("participant_id", "episode_id", "topic", "session_id", "completed_at", "revision")
    return Published("scheduling.topic_completed.v1", event.data["participant_id"], _pick(event, *told))


def _topic_completion_reversed(event: Event) -> Published:
    told = _pick(event, "participant_id", "episode_id", "topic", "revision")
    return Published("scheduling.topic_completion_reversed.v1", event.data["participant_id"], told)


def _prescriber_requested(event: Event) -> Published:
    told = _pick(event, "participant_id", "review_id", "due_at")
    return _of_participant("scheduling.prescriber_requested.v1", event, told)


def _of_participant(type_: str, event: Event, data: dict[str, object]) -> Published:
    return Published(type_, event.data["participant_id"], data | {"episode_id": event.stream})


def _pick(event: Event, *names: str) -> dict[str, object]:
    return {name: event.data[name] for name in names}


TOLD: Mapping[str, Callable[[Event], Published]] = {
    "scheduling.session.scheduled": _session_scheduled,
    "scheduling.session.reinstated": _session_scheduled,
    "scheduling.session.moved": _session_moved,
    "scheduling.session.facilitator_substituted": _led_by_others,
    "scheduling.session.facilitators_assigned": _led_by_others,
    "scheduling.session.altered": _session_altered,
    "scheduling.session.cancelled": _session_cancelled,
    "scheduling.placement.booking_made": _booking_made,
    "scheduling.placement.booking_changed": _booking_changed,
    "scheduling.placement.booking_cancelled": _booking_cancelled,
    "scheduling.placement.prescriber_requested": _prescriber_requested,
    "scheduling.episode_topics.topic_completed": _topic_completed,
    "scheduling.episode_topics.topic_completion_reversed": _topic_completion_reversed,
    "scheduling.placement.seat_wait_joined": _seat_waitlist_joined,
    "scheduling.placement.seat_wait_left": _seat_waitlist_left,
}
"""Our event → what is told of it."""
