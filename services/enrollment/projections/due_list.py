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
from services.enrollment.domain.commands import NoteDueMissed
from services.enrollment.domain.follow_up import CERTIFICATION, INSTRUMENT, REASSESSMENT

DUE = view(
    "due",
    Column("episode_id", Uuid),
    Column("kind", String),
    Column("participant_id", Uuid, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("rule", String, nullable=False),
    Column("overdue", Boolean, nullable=False),
    key=("episode_id", "kind"),
    indexes=("due_at", "participant_id"),
)


class DueList(Projection):
    name = "due_list"
    views = (DUE,)

    @handles("enrollment.follow_up.due_set")
    def due_set(self, event: Event, rows: Rows) -> None:
        rows.put(DUE, {**event.data, "overdue": False})

    @handles("enrollment.follow_up.due_missed")
    def due_missed(self, event: Event, rows: Rows) -> None:
        rows.change(DUE, event.data["episode_id"], event.data["kind"], overdue=True)

    @handles("enrollment.follow_up.due_met")
    def due_met(self, event: Event, rows: Rows) -> None:
        rows.delete(DUE, event.data["episode_id"], event.data["kind"])

    @handles("enrollment.follow_up.ended")
    def ended(self, event: Event, rows: Rows) -> None:
        for row in rows.find(DUE, episode_id=event.data["episode_id"]):
            rows.delete(DUE, row["episode_id"], row["kind"])


class DueDates(Deadlines):
    """When the time comes, it is noted that the thing is overdue."""

    name = "due_dates"
    commands = (NoteDueMissed,)

    @handles("enrollment.follow_up.due_set")
    def due_set(self, event: Event) -> Iterable[Set | Cancel]:
        data = event.data
        due_at = datetime.fromisoformat(data["due_at"])
        command = NoteDueMissed(UUID(data["episode_id"]), data["kind"], due_at)
        yield Set(Deadline(_id(event, data["kind"]), data["participant_id"], due_at, command))

    @handles("enrollment.follow_up.due_met")
    def due_met(self, event: Event) -> Iterable[Set | Cancel]:
        yield Cancel(_id(event, event.data["kind"]))

    @handles("enrollment.follow_up.ended")
    def ended(self, event: Event) -> Iterable[Set | Cancel]:
        return [Cancel(_id(event, kind)) for kind in (REASSESSMENT, INSTRUMENT, CERTIFICATION)]


def _id(event: Event, kind: str) -> str:
    return f"{event.data['episode_id']}/{kind}"
