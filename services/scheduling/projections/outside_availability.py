"""Which bookings and sessions lie where somebody, or the room, is not available?"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event
from services.scheduling.domain.claimed_day import FACILITATOR, PARTICIPANT, ROOM

OUTSIDE = view(
    "outside_availability",
    Column("resource_id", Uuid),
    Column("claim_id", Uuid),
    Column("kind", String, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("episode_id", Uuid),
    Column("starts_at", DateTime, nullable=False),
    Column("state", String, nullable=False),
    key=("resource_id", "claim_id"),
    indexes=("claim_id", "session_id", "state"),
)


class OutsideAvailability(Projection):
    """One row per booking of a participant, or session of a facilitator or room, that was there before their
    availability was stated. ``open`` until it lies inside, was moved or led or held otherwise (``met``), is no more, or
    a coordinator has seen to it (``closed``)."""

    name = "outside_availability"
    views = (OUTSIDE,)

    @handles("scheduling.availability.conflict_noted")
    def noted(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in OUTSIDE.columns if name in event.data}
        rows.put(OUTSIDE, facts | {"state": "open"})

    @handles("scheduling.availability.conflict_ended")
    def ended(self, event: Event, rows: Rows) -> None:
        self._see_to(rows, "met", resource_id=event.data["resource_id"], claim_id=event.data["claim_id"])

    @handles("scheduling.availability.conflict_settled")
    def settled(self, event: Event, rows: Rows) -> None:
        self._see_to(rows, "closed", resource_id=event.data["resource_id"], claim_id=event.data["claim_id"])

    @handles("scheduling.placement.booking_cancelled")
    def booking_cancelled(self, event: Event, rows: Rows) -> None:
        self._see_to(rows, "closed", claim_id=event.data["booking_id"])

    @handles("scheduling.session.cancelled")
    def session_cancelled(self, event: Event, rows: Rows) -> None:
        self._see_to(rows, "closed", session_id=event.stream)

    @handles("scheduling.session.moved")
    def session_moved(self, event: Event, rows: Rows) -> None:
        """Whoever moved it was refused where somebody is not available, or overrode that."""
        self._see_to(rows, "met", session_id=event.stream)

    @handles("scheduling.session.facilitator_substituted", "scheduling.session.facilitators_assigned")
    def led_by_others(self, event: Event, rows: Rows) -> None:
        for row in rows.find(OUTSIDE, session_id=event.stream, kind=FACILITATOR):
            if str(row["resource_id"]) not in event.data["facilitators"]:
                self._see_to(rows, "met", session_id=event.stream, resource_id=row["resource_id"])

    @handles("scheduling.session.altered")
    def altered(self, event: Event, rows: Rows) -> None:
        for row in rows.find(OUTSIDE, session_id=event.stream, kind=ROOM):
            if str(row["resource_id"]) != event.data["room_id"]:
                self._see_to(rows, "met", session_id=event.stream, resource_id=row["resource_id"])

    @staticmethod
    def _see_to(rows: Rows, state: str, **which: object) -> None:
        for row in rows.find(OUTSIDE, **which, state="open"):
            rows.put(OUTSIDE, row | {"state": state})


def as_request(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """In the form of the other requests to a coordinator."""
    told = {name: row[name] for name in ("session_id", "episode_id", "resource_id", "state")}
    participant_id = row["resource_id"] if row["kind"] == PARTICIPANT else None
    about = {"about": f"{row['kind']}_not_available", "subject_id": row["claim_id"], "participant_id": participant_id}
    return told | about | {"wanted_by": row["starts_at"], "why": "AvailabilityStated"}
