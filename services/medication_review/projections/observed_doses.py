"""Which observed doses are ordered, what came of each day, and which were missed one after the other?"""

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

ORDERS = view(
    "dose_orders",
    Column("order_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("medication", String, nullable=False),
    Column("dose", String),
    Column("days", Json, nullable=False),
    Column("take_home_days", Json, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("ordered_at", DateTime, nullable=False),
    Column("ordered_by", String, nullable=False),
    key=("order_id",),
    indexes=("participant_id",),
)
"""An order holds until the day before ``ended_on``, or until the next one of the episode begins."""

DOSE_DAYS = view(
    "dose_days",
    Column("episode_id", Uuid),
    Column("on", Date),
    Column("participant_id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("medication", String, nullable=False),
    Column("outcome", String),
    Column("missed", Boolean, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("reason", String),
    Column("override_reason", String),
    Column("recorded_at", DateTime),
    Column("recorded_by", String),
    key=("episode_id", "on"),
    indexes=("participant_id",),
)
"""``outcome``: none where nobody recorded any. ``missed``: not taken by the end of the day. Both reasons are sealed."""

REASONS = {name: f"medication_review.dosing.dose_recorded.{name}" for name in ("reason", "override_reason")}
"""The sealed columns → the place that their seals name."""

MISSED = view(
    "doses_missed",
    Column("episode_id", Uuid),
    Column("first_on", Date),
    Column("participant_id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("medication", String, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("count", Integer, nullable=False),
    Column("since", DateTime, nullable=False),
    Column("under_way", Boolean, nullable=False),
    key=("episode_id", "first_on"),
    indexes=("participant_id", "under_way"),
)
"""``under_way``: no dose was taken since."""

_UNRECORDED = dict.fromkeys(("outcome", "reason", "override_reason", "recorded_at", "recorded_by")) | {"late": False}


class ObservedDoses(Projection):
    """One row per order, one per day that was recorded or missed, one for those in a row that ask for a review."""

    name = "observed_doses"
    version = 2
    views = (ORDERS, DOSE_DAYS, MISSED)

    @handles("medication_review.dosing.doses_ordered")
    def ordered(self, event: Event, rows: Rows) -> None:
        own = {name: event.data[name] for name in ("participant_id", "episode_id")}
        rows.put(ORDERS, {**event.data["order"], **own, "ordered_by": event.actor})

    @handles("medication_review.dosing.order_ended")
    def order_ended(self, event: Event, rows: Rows) -> None:
        rows.change(ORDERS, event.data["order_id"], ended_on=event.data["ended_on"])

    @handles("medication_review.dosing.dose_recorded")
    def recorded(self, event: Event, rows: Rows) -> None:
        before = rows.get(DOSE_DAYS, event.data["episode_id"], event.data["on"])
        missed = before is not None and before["missed"]
        rows.put(DOSE_DAYS, {**event.data, "missed": missed, "recorded_by": event.actor})

    @handles("medication_review.dosing.dose_missed")
    def missed(self, event: Event, rows: Rows) -> None:
        before = rows.get(DOSE_DAYS, event.data["episode_id"], event.data["on"])
        rows.put(DOSE_DAYS, {**_UNRECORDED, **(before or {}), **event.data, "missed": True})

    @handles("medication_review.dosing.miss_reversed")
    def miss_reversed(self, event: Event, rows: Rows) -> None:
        day = (event.data["episode_id"], event.data["on"])
        before = rows.get(DOSE_DAYS, *day)
        if before is not None and before["outcome"] is None:
            rows.delete(DOSE_DAYS, *day)
        else:
            rows.change(DOSE_DAYS, *day, missed=False)

    @handles("medication_review.dosing.doses_missed")
    def doses_missed(self, event: Event, rows: Rows) -> None:
        rows.put(MISSED, event.data)

    @handles("medication_review.dosing.doses_missed_reversed")
    def doses_missed_reversed(self, event: Event, rows: Rows) -> None:
        rows.delete(MISSED, event.data["episode_id"], event.data["first_on"])
