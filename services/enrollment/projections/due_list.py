"""What has to be done by when, and what is overdue?"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Column, String, Uuid

from events.follow.deadline import Cancel, Deadline, Deadlines, Set
from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant
from events.follow.view import view
from events.log.event import Event
from services.enrollment.domain.commands import EscalateDue, NoteDueMissed
from services.enrollment.domain.follow_up import KINDS, RESPONSIBLE
from services.enrollment.projections.offers import OFFER_CLOSED

OFFER = "waitlist_offer"
"""The participant's answer to the offer of a place is to be asked for."""

DUE = view(
    "due",
    Column("episode_id", Uuid),
    Column("kind", String),
    Column("participant_id", Uuid, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("rule", String, nullable=False),
    Column("role", String, nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("escalates_at", Instant),
    Column("escalated_to", String),
    key=("episode_id", "kind"),
    indexes=("participant_id",),
)
"""``role``: who has to do it. ``escalated_to``: who was told because it was not done."""


class DueList(Projection):
    name = "due_list"
    version = 3
    views = (DUE,)

    @handles("enrollment.follow_up.due_set")
    def due_set(self, event: Event, rows: Rows) -> None:
        data = event.data
        told = {name: data.get(name) for name in ("episode_id", "kind", "participant_id", "due_at", "rule")}
        role = data.get("role") or RESPONSIBLE[data["kind"]]
        rows.put(DUE, {**told, "role": role, "overdue": False, "escalates_at": data.get("escalates_at")})

    @handles("enrollment.follow_up.due_missed")
    def due_missed(self, event: Event, rows: Rows) -> None:
        rows.change(DUE, event.data["episode_id"], event.data["kind"], overdue=True)

    @handles("enrollment.follow_up.due_escalated")
    def due_escalated(self, event: Event, rows: Rows) -> None:
        data = event.data
        rows.change(DUE, data["episode_id"], data["kind"], escalated_to=data["escalated_to"])

    @handles("enrollment.follow_up.due_met", "enrollment.follow_up.due_withdrawn")
    def due_met(self, event: Event, rows: Rows) -> None:
        rows.delete(DUE, event.data["episode_id"], event.data["kind"])

    @handles("enrollment.follow_up.ended")
    def ended(self, event: Event, rows: Rows) -> None:
        for row in rows.find(DUE, episode_id=event.data["episode_id"]):
            rows.delete(DUE, row["episode_id"], row["kind"])

    @handles("enrollment.track.place_offered")
    def place_offered(self, event: Event, rows: Rows) -> None:
        told = {name: event.data[name] for name in ("episode_id", "participant_id", "rule")}
        offer = {"kind": OFFER, "due_at": event.data["expires_at"], "role": "coordinator", "overdue": False}
        rows.put(DUE, {**told, **offer})

    @handles(*OFFER_CLOSED)
    def offer_closed(self, event: Event, rows: Rows) -> None:
        rows.delete(DUE, event.data["episode_id"], OFFER)


class DueDates(Deadlines):
    """When the time comes, it is noted that the thing is overdue; later that somebody else is told."""

    name = "due_dates"
    version = 2
    commands = (NoteDueMissed, EscalateDue)

    @handles("enrollment.follow_up.due_set")
    def due_set(self, event: Event) -> Iterable[Set | Cancel]:
        data = event.data
        episode_id, kind, due_at = UUID(data["episode_id"]), data["kind"], datetime.fromisoformat(data["due_at"])
        due, escalation = _ids(event, kind)
        yield Set(Deadline(due, data["participant_id"], due_at, NoteDueMissed(episode_id, kind, due_at)))
        if data.get("escalates_at") is None:
            yield Cancel(escalation)
        else:
            command = EscalateDue(episode_id, kind, due_at, data["escalates_to"])
            at = datetime.fromisoformat(data["escalates_at"])
            yield Set(Deadline(escalation, data["participant_id"], at, command))

    @handles("enrollment.follow_up.due_met", "enrollment.follow_up.due_withdrawn")
    def due_met(self, event: Event) -> Iterable[Set | Cancel]:
        return [Cancel(id_) for id_ in _ids(event, event.data["kind"])]

    @handles("enrollment.follow_up.ended")
    def ended(self, event: Event) -> Iterable[Set | Cancel]:
        return [Cancel(id_) for kind in KINDS for id_ in _ids(event, kind)]


def _ids(event: Event, kind: str) -> tuple[str, str]:
    """Of the due date, and of its escalation."""
    due = f"{event.data['episode_id']}/{kind}"
    return due, f"{due}/escalation"
