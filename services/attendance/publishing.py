"""Which of attendance's events are told to others, and what of them: ids, times and codes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from events.log.event import Event
from events.transport.feed import Published
from services.attendance.domain.visits import attended

SEAT_FACTS = ("session_id", "component", "modality", "local_date", "starts_at")

DAY_FACTS = ("bills_as", "minutes", "components", "group", "broken_rules", "packs")


def publish(event: Event) -> Iterable[Published]:
    """The published events of one of our own events: none or one."""
    tell = TOLD.get(event.type)
    return () if tell is None else (tell(event),)


def _recorded(event: Event) -> Published:
    return _told("attendance.attendance_recorded.v1", event, _outcome(event))


def _corrected(event: Event) -> Published:
    return _told("attendance.attendance_corrected.v1", event, _outcome(event) | {"reason": event.data["reason"]})


def _repeated(event: Event) -> Published:
    told = {name: event.data[name] for name in ("count", "last_missed_at")}
    return _told("attendance.no_shows_repeated.v1", event, told | {"episode_id": event.stream})


def _no_longer_repeated(event: Event) -> Published:
    told = {"episode_id": event.stream, "count": event.data["count"]}
    return _told("attendance.no_shows_excused.v1", event, told)


def _step_reached(event: Event) -> Published:
    return _told("attendance.absence_step_reached.v1", event, _step(event))


def _step_reversed(event: Event) -> Published:
    return _told("attendance.absence_step_reversed.v1", event, _step(event))


def _step(event: Event) -> dict[str, Any]:
    own = {"episode_id": event.stream, "policy": event.data["policy"], "step": event.data["step"]}
    return own | dict(event.data["reached"])


def _judged(event: Event) -> Published:
    told = {name: event.data[name] for name in ("episode_id", "week_start", "revision")}
    return _told("attendance.treatment_week_judged.v1", event, told | dict(event.data["verdict"]))


def _determined(event: Event) -> Published:
    verdict = event.data["verdict"]
    told = {name: event.data[name] for name in ("episode_id", "revision")}
    told |= {name: verdict[name] for name in DAY_FACTS}
    told |= {"date": event.data["day"], "billable": verdict["bills_as"] == "per_diem"}
    told |= {"decided_by": verdict.get("decided_by", []), "gap_days": verdict.get("gap_days")}
    return _told("attendance.billable_day_determined.v1", event, told)


def _warned(event: Event) -> Published:
    lacking, make_ups = event.data["shortfall"], event.data["make_ups"]
    told = {"missing_minutes": lacking["minutes"], "missing_days": lacking["days"], "make_ups": make_ups}
    return _told("attendance.early_warning_raised.v1", event, _week(event) | told)


def _cleared(event: Event) -> Published:
    return _told("attendance.early_warning_cleared.v1", event, _week(event))


def _week(event: Event) -> dict[str, Any]:
    return {"episode_id": event.data["episode_id"], "week": event.data["week_start"]}


def _outcome(event: Event) -> dict[str, Any]:
    seat = event.data["seat"]
    facts = {name: seat[name] for name in SEAT_FACTS}
    own = {name: event.data[name] for name in ("episode_id", "status")}
    return facts | own | attended(event.data) | {"booking_id": event.stream}


def _told(type_: str, event: Event, data: Mapping[str, Any]) -> Published:
    participant_id = event.data["participant_id"]
    return Published(type_, participant_id, {**data, "participant_id": participant_id})


TOLD: Mapping[str, Callable[[Event], Published]] = {
    "attendance.attendance_record.outcome_recorded": _recorded,
    "attendance.attendance_record.outcome_corrected": _corrected,
    "attendance.episode.no_shows_repeated": _repeated,
    "attendance.episode.no_shows_no_longer_repeated": _no_longer_repeated,
    "attendance.episode.absence_step_reached": _step_reached,
    "attendance.episode.absence_step_reversed": _step_reversed,
    "attendance.treatment_week.week_judged": _judged,
    "attendance.treatment_week.billable_day_determined": _determined,
    "attendance.treatment_week.early_warning_raised": _warned,
    "attendance.treatment_week.early_warning_cleared": _cleared,
}
"""Own event type → what is told of it. What is not here stays here."""
