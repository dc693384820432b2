"""Which places were offered to whom, and what came of it?"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Integer, String, Uuid

from events.follow.deadline import Cancel, Deadline, Deadlines, Set
from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant
from events.follow.view import view
from events.log.event import Event
from services.enrollment.domain.commands import ExpireOffer

OPEN = "open"
OUTCOMES = {
    "enrollment.track.offer_accepted": "accepted",
    "enrollment.track.offer_declined": "declined",
    "enrollment.track.offer_expired": "expired",
    "enrollment.track.offer_withdrawn": "withdrawn",
}
OFFER_CLOSED = tuple(OUTCOMES)

OFFER = view(
    "offer",
    Column("offer_id", Uuid),
    Column("track_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("offered_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", String),
    Column("closed_at", Instant),
    key=("offer_id",),
    indexes=("track_id", "participant_id"),
)
"""``ordinal``: the order of offers within the track. ``outcome``: open, accepted, declined, expired or withdrawn.
``reason``: of declining."""


class Offers(Projection):
    name = "offers"
    views = (OFFER,)

    @handles("enrollment.track.place_offered")
    def offered(self, event: Event, rows: Rows) -> None:
        offer = {name: value for name, value in event.data.items() if name != "rule"}
        rows.put(OFFER, {**offer, "track_id": event.stream, "ordinal": event.version, "outcome": OPEN})

    @handles(*OFFER_CLOSED)
    def closed(self, event: Event, rows: Rows) -> None:
        data = event.data
        came = {"outcome": OUTCOMES[event.type], "reason": data.get("reason"), "closed_at": data["closed_at"]}
        rows.change(OFFER, data["offer_id"], **came)


class OfferExpiry(Deadlines):
    """Until when an offer stands."""

    name = "offer_expiry"
    version = 2
    commands = (ExpireOffer,)

    @handles("enrollment.track.place_offered")
    def offered(self, event: Event) -> Iterable[Set | Cancel]:
        data = event.data
        expires_at = datetime.fromisoformat(data["expires_at"])
        command = ExpireOffer(UUID(str(event.stream)), UUID(data["episode_id"]), UUID(data["offer_id"]))
        yield Set(Deadline(data["offer_id"], data["participant_id"], expires_at, command))

    @handles(*OFFER_CLOSED)
    def closed(self, event: Event) -> Iterable[Set | Cancel]:
        yield Cancel(event.data["offer_id"])
