"""What does scheduling ask a coordinator to see to?"""

from datetime import datetime

from sqlalchemy import Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

FIND_PRESCRIBER, REBOOK = "find_prescriber", "rebook"

REQUESTS = view(
    "coordinator_requests",
    Column("about", String),
    Column("subject_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("session_id", Uuid),
    Column("wanted_by", DateTime, nullable=False),
    Column("why", String, nullable=False),
    Column("state", String, nullable=False),
    key=("about", "subject_id"),
    indexes=("state", "session_id", "episode_id"),
)


class CoordinatorRequests(Projection):
    """``find_prescriber``: a review falls due and no prescriber's session was free. ``rebook``: a suspension was
    cancelled, or began later, and the seat that it had freed was gone. ``open`` until a booking meets it; ``closed``
    when its review is over, a coordinator has seen to it, or the participant is discharged before that session."""

    name = "coordinator_requests"
    version = 3
    views = (REQUESTS,)

    @handles("scheduling.placement.prescriber_requested")
    def prescriber_requested(self, event: Event, rows: Rows) -> None:
        request = {
            "about": FIND_PRESCRIBER,
            "subject_id": event.data["review_id"],
            "wanted_by": event.data["due_at"],
            "why": "NoPrescriberFree",
        }
        rows.put(REQUESTS, self._asked(event) | request)

    @handles("scheduling.placement.booking_lost")
    def booking_lost(self, event: Event, rows: Rows) -> None:
        request = {
            "about": REBOOK,
            "subject_id": event.data["booking_id"],
            "session_id": event.data["session_id"],
            "wanted_by": event.data["starts_at"],
            "why": event.data["why"],
        }
        rows.put(REQUESTS, self._asked(event) | request)

    @handles("scheduling.session.moved")
    def session_moved(self, event: Event, rows: Rows) -> None:
        for row in rows.find(REQUESTS, session_id=event.stream, about=REBOOK):
            rows.put(REQUESTS, row | {"wanted_by": event.data["starts_at"]})

    @handles("scheduling.placement.review_booked")
    def review_booked(self, event: Event, rows: Rows) -> None:
        self._settle(event, rows, "met")

    @handles("scheduling.placement.review_closed")
    def review_closed(self, event: Event, rows: Rows) -> None:
        self._settle(event, rows, "closed")

    @handles("scheduling.placement.loss_settled")
    def loss_settled(self, event: Event, rows: Rows) -> None:
        rows.change(REQUESTS, REBOOK, event.data["booking_id"], state="closed")

    @handles("scheduling.placement.closed")
    def placement_closed(self, event: Event, rows: Rows) -> None:
        discharged_at = datetime.fromisoformat(event.data["discharged_at"])
        for row in rows.find(REQUESTS, episode_id=event.stream, about=REBOOK, state="open"):
            if row["wanted_by"] >= discharged_at:
                rows.put(REQUESTS, row | {"state": "closed"})

    @handles("scheduling.placement.booking_made")
    def booking_made(self, event: Event, rows: Rows) -> None:
        for row in rows.find(REQUESTS, session_id=event.data["session_id"], episode_id=event.stream, state="open"):
            rows.put(REQUESTS, row | {"state": "met"})

    @staticmethod
    def _asked(event: Event) -> dict[str, object]:
        return {"participant_id": event.data["participant_id"], "episode_id": event.stream, "state": "open"}

    @staticmethod
    def _settle(event: Event, rows: Rows, state: str) -> None:
        row = rows.get(REQUESTS, FIND_PRESCRIBER, event.data["review_id"])
        if row is not None and row["state"] == "open":
            rows.put(REQUESTS, row | {"state": state})
