"""A program's published events, written by hand for tests: right as they are, to be broken in one way at a time.

Ids are names, so that what differs is readable. Everything happens at times that are given.
"""

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from tests.checker.reading import Told, numbered

ZONE = ZoneInfo("America/New_York")
PACKS = ["program_default", "asam_2_1", "h0015_day"]
COMPONENTS = ["group_therapy", "support_group"]
MONDAY = date(2026, 3, 2)

Raw = dict[str, Any]


def at(day: int, hour: int = 0, minute: int = 0) -> str:
    """Local time on a day of the story, 0 being its first Monday, as an instant."""
    return datetime.combine(MONDAY + timedelta(days=day), time(hour, minute), ZONE).isoformat()


def on(day: int) -> str:
    """A local date of the story."""
    return (MONDAY + timedelta(days=day)).isoformat()


class Story:
    """Events in the order in which they were written. Each method tells one thing and gives the story back."""

    def __init__(self, events: Iterable[Raw] = ()) -> None:
        self.events = list(events)

    def tell(self, type_: str, key: str, when: str, **data: object) -> Self:
        """Any event; ``type_`` without its version."""
        service = type_.split(".", maxsplit=1)[0]
        self.events.append(
            {
                "specversion": "1.0",
                "id": f"{type_}-{len(self.events)}",
                "source": f"/daybook/{service}",
                "type": f"{type_}.v1",
                "subject": key,
                "time": when,
                "recordedat": when,
                "correlationid": "story",
                "actor": "story",
                "generation": 1,
                "partition": zlib.crc32(key.encode()) % 64,
                "data": data,
            }
        )
        return self

    def track(self, track: str, census: int = 10, packs: list[str] = PACKS) -> Self:
        return self.tell(
            "enrollment.track_opened", track, at(-7), track_id=track, name=track, time_zone=ZONE.key, packs=packs,
            census_limit=census,
        )  # fmt: skip

    def admit(self, who: str, when: str = at(-3, 9), *, track: str = "evening", packs: list[str] = PACKS) -> Self:
        return self.tell(
            "enrollment.participant_admitted", who, when, participant_id=who, episode_id=f"{who}-1", track_id=track,
            level_of_care="asam_2.1", age_group="adult", admitted_at=when, admitted_on=when[:10], time_zone=ZONE.key,
            packs=packs, components=COMPONENTS,
        )  # fmt: skip

    def session(self, name: str, day: int, *, seats: int = 12, component: str = "group_therapy") -> Self:
        return self.tell("scheduling.session_scheduled", name, at(-6), **_session(name, day, component),
                         seats=seats, facilitators=["therapist"])  # fmt: skip

    def book(self, who: str, name: str, when: str = at(-2, 9), **also: object) -> Self:
        session = next(one["data"] for one in self.events if one["data"].get("session_id") == name)
        facts = {key: value for key, value in session.items() if key not in ("seats", "facilitators")}
        mine: Raw = {"participant_id": who, "episode_id": f"{who}-1", "booking_id": f"{who}-{name}"}
        return self.tell("scheduling.booking_made", who, when, **mine | facts | also)

    def free(self, who: str, name: str, when: str, reason: str = "participant", notice: float | None = None) -> Self:
        session = next(one["data"] for one in self.events if one["data"].get("session_id") == name)
        return self.tell("scheduling.booking_cancelled", who, when, participant_id=who, episode_id=f"{who}-1",
                         booking_id=f"{who}-{name}", session_id=name, starts_at=session["starts_at"], reason=reason,
                         notice_hours=notice)  # fmt: skip

    def outcome(self, who: str, name: str, status: str = "present", minutes: int = 180, **also: Any) -> Self:
        """Told at the session's end, or ``when``; again with a ``reason``, it is a correction."""
        session = next(one["data"] for one in self.events if one["data"].get("session_id") == name)
        when = also.pop("when", session["ends_at"])
        kind = "corrected" if "reason" in also else "recorded"
        return self.tell(
            f"attendance.attendance_{kind}", who, when, participant_id=who, episode_id=f"{who}-1",
            booking_id=f"{who}-{name}", session_id=name, component=session["component"], modality=session["modality"],
            local_date=session["local_date"], starts_at=session["starts_at"], status=status, minutes=minutes,
            telehealth_minutes=0, **also,
        )  # fmt: skip

    def suspend(self, who: str, when: str, since: str, suspension: str = "stay") -> Self:
        return self.tell("enrollment.episode_suspended", who, when, participant_id=who, episode_id=f"{who}-1",
                         suspension_id=suspension, reason="hospitalized", suspended_at=since)  # fmt: skip

    def discharge(self, who: str, when: str, *, track: str = "evening", reason: str = "completed") -> Self:
        return self.tell("enrollment.participant_discharged", who, when, participant_id=who, episode_id=f"{who}-1",
                         track_id=track, discharged_at=when, discharged_on=when[:10], reason=reason,
                         to_level_of_care=None)  # fmt: skip

    def day(self, who: str, day: int, minutes: int, **also: Any) -> Self:
        """A verdict on a local day, billable where nothing else is said."""
        when = also.pop("when", at(day, 21))
        told: Raw = {
            "revision": 1,
            "billable": True,
            "bills_as": "per_diem",
            "components": ["group_therapy"],
            "group": True,
            "broken_rules": [],
            "packs": ["program_default@2020-01-01", "asam_2_1@2013-10-24", "h0015_day@2013-01-01"],
            "decided_by": ["day.minimum_hours of h0015_day@2013-01-01"],
        }
        return self.tell("attendance.billable_day_determined", who, when, participant_id=who, episode_id=f"{who}-1",
                         date=on(day), minutes=minutes, **told | also)  # fmt: skip

    def step(self, who: str, policy: str, step: str, reached_by: str, *absences: str, reversed_: bool = False) -> Self:
        """A step of a policy: by which session, and which were counted."""
        session = next(one["data"] for one in self.events if one["data"].get("session_id") == reached_by)
        kind = "reversed" if reversed_ else "reached"
        return self.tell(f"attendance.absence_step_{kind}", who, session["ends_at"], participant_id=who,
                         episode_id=f"{who}-1", policy=policy, step=step, reached_at=session["starts_at"],
                         absences=[f"{who}-{name}" for name in absences])  # fmt: skip

    def review(self, what: str, who: str, when: str, number: int = 1, kind: str = "review", **data: object) -> Self:
        """``what``: opened, rescheduled, overdue, completed or withdrawn."""
        return self.tell(f"medication_review.review_{what}", who, when, participant_id=who, episode_id=f"{who}-1",
                         review_id=f"{who}-{kind}-{number}", kind=kind, **data)  # fmt: skip

    def due(self, what: str, who: str, when: str, kind: str, **data: object) -> Self:
        """``what``: set, met, missed or withdrawn."""
        return self.tell(f"enrollment.due_{what}", who, when, participant_id=who, episode_id=f"{who}-1", kind=kind,
                         **data)  # fmt: skip

    def wait(self, who: str, when: str, priority: int = 1, track: str = "evening") -> Self:
        return self.tell("enrollment.waitlist_joined", who, when, participant_id=who, episode_id=f"{who}-1",
                         track_id=track, priority=priority, waiting_since=when)  # fmt: skip

    def score(self, who: str, when: str, *, safety_trigger: bool = False) -> Self:
        return self.tell("enrollment.instrument_scored", who, when, participant_id=who, episode_id=f"{who}-1",
                         instrument="phq_9", occasion="review", score=12, band="moderate",
                         safety_trigger=safety_trigger, scored_at=when)  # fmt: skip

    def hospital(self, kind: str, who: str, when: str, **data: object) -> Self:
        """``kind``: started, ended, start_cancelled or end_cancelled."""
        return self.tell(f"interop.hospitalization_{kind}", who, when, participant_id=who, message_id="message",
                         hospitalization_id="stay", stated_at=when, **data)  # fmt: skip

    def week(self, who: str, day: int, minutes: int, days: int, **also: Any) -> Self:
        """Judged two days after the week of ``day`` by the packs of ``PACKS``; compliant where nothing else is said."""
        when = also.pop("when", at(day + 9, 8))
        told: Raw = {
            "revision": 1,
            "compliant": True,
            "broken_rules": [],
            "basis": "full",
            "gap_days": 2,
            "step_down": False,
            "asked": ["asam_2_1@2013-10-24:weekly_hours", "h0015_day@2013-01-01:treatment_days"],
            "noted": [],
            "not_attended": ["support_group"],
            "decided_by": ["week.minimum_hours of asam_2_1@2013-10-24"],
            "packs": ["program_default@2020-01-01", "asam_2_1@2013-10-24", "h0015_day@2013-01-01"],
        }
        return self.tell("attendance.treatment_week_judged", who, when, participant_id=who, episode_id=f"{who}-1",
                         week_start=on(day), minutes=minutes, days=days, **told | also)  # fmt: skip

    def told(self) -> Told:
        """As the checker reads it."""
        counts: Counter[tuple[str, int]] = Counter()
        for one in sorted(self.events, key=lambda event: datetime.fromisoformat(event["recordedat"])):
            counts[one["source"], one["partition"]] += 1
            one["sequence"] = counts[one["source"], one["partition"]]
        return Told(numbered(self.events))

    def keep(self, path: Path) -> Path:
        """As a file of published events."""
        self.told()
        path.write_text("".join(json.dumps(one) + "\n" for one in self.events))
        return path


def dropped(story: Story, type_: str, **data: object) -> Story:
    """Without every event of that type that has these data. Raises ``LookupError`` where there is none."""
    kept = [one for one in story.events if not _is(one, type_, data)]
    if len(kept) == len(story.events):
        raise LookupError(f"no {type_} with {data}")
    return Story(kept)


def changed(story: Story, type_: str, change: Callable[[Raw], Raw], **data: object) -> Story:
    """The first event of that type that has these data, with its data as ``change`` makes them."""
    events = list(story.events)
    number = next(number for number, one in enumerate(events) if _is(one, type_, data))
    events[number] = events[number] | {"data": change(dict(events[number]["data"]))}
    return Story(events)


def _is(event: Raw, type_: str, data: Raw) -> bool:
    return event["type"] == f"{type_}.v1" and all(event["data"].get(key) == value for key, value in data.items())


def _session(name: str, day: int, component: str) -> Raw:
    return {
        "session_id": name,
        "series_id": "series",
        "track_id": "evening",
        "component": component,
        "modality": "in_person",
        "starts_at": at(day, 18),
        "ends_at": at(day, 21),
        "local_date": on(day),
        "time_zone": ZONE.key,
        "title": None,
        "room": "group",
    }
