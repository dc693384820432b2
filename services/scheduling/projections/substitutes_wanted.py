"""Which sessions are led by somebody who lost the qualification for them?"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event
from services.scheduling.domain.qualifications import WHO_MAY_LEAD

FIND_SUBSTITUTE = "find_substitute"

QUALIFIED = view(
    "qualified",
    Column("facilitator_id", Uuid),
    Column("qualifications", Json, nullable=False),
    Column("since", DateTime, nullable=False),
    key=("facilitator_id",),
)
LEADING = view(
    "leading",
    Column("session_id", Uuid),
    Column("facilitator_id", Uuid),
    Column("component", String, nullable=False),
    Column("starts_at", DateTime, nullable=False),
    Column("leads", Boolean, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("state", String),
    key=("session_id", "facilitator_id"),
    indexes=("facilitator_id", "state"),
)
"""``state``: of the request for a substitute, null where none was ever wanted."""


class SubstitutesWanted(Projection):
    """One row per session and facilitator. ``open`` while a session that is still to come when the qualification is
    lost is led without it; ``met`` when somebody else leads it or the qualification is there again; ``closed`` when
    the session is cancelled or a coordinator saw to it otherwise."""

    name = "substitutes_wanted"
    views = (QUALIFIED, LEADING)

    @handles("scheduling.facilitator.registered")
    def registered(self, event: Event, rows: Rows) -> None:
        self._qualified(event, rows)

    @handles("scheduling.facilitator.qualifications_changed")
    def qualifications_changed(self, event: Event, rows: Rows) -> None:
        self._qualified(event, rows)
        for row in rows.find(LEADING, facilitator_id=event.stream):
            self._judge(rows, row)

    @handles("scheduling.session.scheduled", "scheduling.session.reinstated")
    def scheduled(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in ("component", "starts_at")}
        self._led_by(event, rows, facts | {"cancelled": False}, event.data["facilitators"])

    @handles("scheduling.session.facilitator_substituted", "scheduling.session.facilitators_assigned")
    def led_by_others(self, event: Event, rows: Rows) -> None:
        known = rows.find(LEADING, session_id=event.stream)
        facts = {name: known[0][name] for name in ("component", "starts_at", "cancelled")}
        self._led_by(event, rows, facts, event.data["facilitators"])
        for row in known:
            if str(row["facilitator_id"]) not in event.data["facilitators"]:
                self._judge(rows, row | {"leads": False})

    @handles("scheduling.session.moved")
    def moved(self, event: Event, rows: Rows) -> None:
        for row in rows.find(LEADING, session_id=event.stream):
            rows.put(LEADING, row | {"starts_at": event.data["starts_at"]})

    @handles("scheduling.session.cancelled")
    def cancelled(self, event: Event, rows: Rows) -> None:
        for row in rows.find(LEADING, session_id=event.stream):
            self._judge(rows, row | {"cancelled": True})

    @handles("scheduling.session.substitute_settled")
    def settled(self, event: Event, rows: Rows) -> None:
        rows.change(LEADING, event.stream, event.data["facilitator_id"], state="closed")

    @staticmethod
    def _qualified(event: Event, rows: Rows) -> None:
        held = {"qualifications": event.data["qualifications"], "since": event.occurred_at}
        rows.put(QUALIFIED, {"facilitator_id": event.stream, **held})

    def _led_by(self, event: Event, rows: Rows, facts: dict[str, Any], leading: Iterable[str]) -> None:
        for facilitator_id in leading:
            row = rows.get(LEADING, event.stream, facilitator_id) or {"state": None}
            ids = {"session_id": event.stream, "facilitator_id": facilitator_id}
            self._judge(rows, {**row, **facts, **ids, "leads": True})

    @staticmethod
    def _judge(rows: Rows, row: dict[str, Any]) -> None:
        """A request that a coordinator has settled stays so until the qualification is there again.
        By the rule ``substitute_is_asked_for``."""
        holder = rows.get(QUALIFIED, row["facilitator_id"])
        qualified = holder is None or WHO_MAY_LEAD[row["component"]].suffices(holder["qualifications"])
        needed = row["leads"] and not row["cancelled"] and not qualified
        state = row["state"]
        if needed and state in (None, "met") and holder is not None and _at(holder["since"]) < _at(row["starts_at"]):
            state = "open"
        elif not needed and state is not None and not (state == "closed" and row["cancelled"]):
            state = "closed" if row["cancelled"] else "met"
        rows.put(LEADING, row | {"state": state})


def as_request(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """In the form of the other requests to a coordinator; it is about no participant."""
    told = {name: row[name] for name in ("session_id", "facilitator_id", "state")}
    about = {"about": FIND_SUBSTITUTE, "subject_id": row["session_id"], "participant_id": None, "episode_id": None}
    return told | about | {"wanted_by": row["starts_at"], "why": "QualificationLost"}


def _at(value: datetime | str) -> datetime:
    """Rows of the view hold instants, events text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
