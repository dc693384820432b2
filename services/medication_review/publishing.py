"""Which of medication review's events are told to others, and what of them: no medication, no rationale."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from events.log.event import Event
from events.transport.feed import Published


def publish(event: Event) -> Iterable[Published]:
    """The published events of one of our own events: none or one."""
    tell = TOLD.get(event.type)
    return () if tell is None else (tell(event),)


def _opened(event: Event) -> Published:
    return _told("medication_review.review_opened.v1", event, _need(event))


def _rescheduled(event: Event) -> Published:
    return _told("medication_review.review_rescheduled.v1", event, _need(event))


def _overdue(event: Event) -> Published:
    return _told("medication_review.review_overdue.v1", event, _pick(event, "due_at"))


def _escalated(event: Event) -> Published:
    return _told("medication_review.review_escalated.v1", event, _pick(event, "due_at", "escalated_to"))


def _completed(event: Event) -> Published:
    return _told("medication_review.review_completed.v1", event, _pick(event, "completed_at", "decisions"))


def _withdrawn(event: Event) -> Published:
    return _told("medication_review.review_withdrawn.v1", event, _pick(event, "reason"))


def _adverse_effect(event: Event) -> Published:
    told = _pick(event, "participant_id", "effect_id", "severity", "reported_at")
    return _of_episode("medication_review.adverse_effect_reported.v1", event, told)


def _adverse_effect_withdrawn(event: Event) -> Published:
    told = _pick(event, "participant_id", "effect_id")
    return _of_episode("medication_review.adverse_effect_withdrawn.v1", event, told)


def _pdmp_checked(event: Event) -> Published:
    told = _pick(event, "participant_id", "episode_id", "check_id", "checked_at", "result", "valid_until")
    return Published("medication_review.pdmp_checked.v1", event.data["participant_id"], told)


def _flagged(event: Event) -> Published:
    told = _pick(event, "participant_id", "episode_id", "interaction", "severity")
    return _flag("medication_review.interaction_flagged.v1", event, told)


def _cleared(event: Event) -> Published:
    told = _pick(event, "participant_id", "episode_id", "interaction")
    return _flag("medication_review.interaction_cleared.v1", event, told)


def _flag(type_: str, event: Event, told: dict[str, Any]) -> Published:
    return Published(type_, event.data["participant_id"], {**told, "ingredients": event.data["codes"]})


def _dose(event: Event) -> Published:
    told = _pick(
        event, "participant_id", "episode_id", "order_id", "medication", "on", "outcome", "late", "recorded_at"
    )
    return Published("medication_review.dose_observed.v1", event.data["participant_id"], told)


def _doses_missed(event: Event) -> Published:
    names = ("episode_id", "order_id", "medication", "first_on", "last_on", "count", "under_way")
    told = _pick(event, "participant_id", *names)
    return Published("medication_review.doses_missed.v1", event.data["participant_id"], told)


def _doses_missed_reversed(event: Event) -> Published:
    told = _pick(event, "participant_id", "episode_id", "first_on")
    return Published("medication_review.doses_missed_reversed.v1", event.data["participant_id"], told)


def _need(event: Event) -> dict[str, Any]:
    need = event.data["need"]
    told = {name: need[name] for name in ("cause", "urgent", "due_at")}
    return told | {"decided_by": need.get("decided_by", [])}


def _pick(event: Event, *names: str) -> dict[str, Any]:
    return {name: event.data[name] for name in names}


def _told(type_: str, event: Event, data: Mapping[str, Any]) -> Published:
    own = _pick(event, "participant_id", "review_id", "kind")
    return _of_episode(type_, event, {**own, **data})


def _of_episode(type_: str, event: Event, data: Mapping[str, Any]) -> Published:
    return Published(type_, event.data["participant_id"], {**data, "episode_id": event.stream})


TOLD: Mapping[str, Callable[[Event], Published]] = {
    "medication_review.case.review_opened": _opened,
    "medication_review.case.review_rescheduled": _rescheduled,
    "medication_review.case.review_overdue": _overdue,
    "medication_review.case.review_escalated": _escalated,
    "medication_review.case.review_completed": _completed,
    "medication_review.case.review_withdrawn": _withdrawn,
    "medication_review.case.adverse_effect_reported": _adverse_effect,
    "medication_review.case.adverse_effect_withdrawn": _adverse_effect_withdrawn,
    "medication_review.pdmp_record.checked": _pdmp_checked,
    "medication_review.interaction_watch.interaction_flagged": _flagged,
    "medication_review.interaction_watch.interaction_cleared": _cleared,
    "medication_review.dosing.dose_recorded": _dose,
    "medication_review.dosing.doses_missed": _doses_missed,
    "medication_review.dosing.doses_missed_reversed": _doses_missed_reversed,
}
"""Own event type → what is told of it. What is not here stays here."""
