"""Which authorization covers which billable day, how many units are left, and which days nobody pays for?

Worked out anew from all facts of the episode whenever one comes, so that their order makes no difference.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Integer, String, Uuid

from events.follow.deadline import Cancel, Deadline, Deadlines, Set
from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant
from events.follow.view import view
from events.log.event import Event
from services.enrollment.domain.authorization_commands import ExpireAuthorization
from services.enrollment.domain.units import Authorized, cover, state, units_left

AUTHORIZATION = view(
    "authorization",
    Column("authorization_id", Uuid),
    Column("episode_id", Uuid, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("number", String),
    Column("payer", String, nullable=False),
    Column("from_date", Date, nullable=False),
    Column("through_date", Date, nullable=False),
    Column("units", Integer, nullable=False),
    Column("unit", String, nullable=False),
    Column("days_per_week", Integer),
    Column("level_of_care", String),
    Column("status", String, nullable=False),
    Column("warn_units", Integer),
    Column("recorded_at", Instant, nullable=False),
    Column("expired", Boolean, nullable=False),
    Column("units_left", Integer, nullable=False),
    Column("state", String, nullable=False),
    key=("authorization_id",),
    indexes=("episode_id", "participant_id"),
)
"""``number`` is sealed. ``status``: the payer's word. ``state``: that, or running_low, exhausted or expired."""

BILLABLE_DAY = view(
    "billable_day",
    Column("episode_id", Uuid),
    Column("date", Date),
    Column("participant_id", Uuid, nullable=False),
    Column("billable", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("authorization_id", Uuid),
    key=("episode_id", "date"),
)
"""``authorization_id``: which one pays for the day; none for a billable day is a day that nobody pays for."""

LEVEL = view(
    "level_of_care",
    Column("episode_id", Uuid),
    Column("since", Date),
    Column("level_of_care", String, nullable=False),
    key=("episode_id", "since"),
)
"""From which local day on which level of care holds, as far as it bears on authorizations."""


class Coverages(Projection):
    name = "coverages"
    version = 2
    views = (AUTHORIZATION, BILLABLE_DAY, LEVEL)

    @handles("enrollment.coverage.authorization_recorded")
    def recorded(self, event: Event, rows: Rows) -> None:
        told = {name: value for name, value in event.data.items() if name != "expires_at"}
        before = rows.get(AUTHORIZATION, told["authorization_id"])
        expired = before is not None and before["expired"] and str(before["through_date"]) == told["through_date"]
        rows.put(AUTHORIZATION, {**told, "expired": expired, "units_left": told["units"], "state": told["status"]})
        _work_out(event, rows)

    @handles("enrollment.coverage.level_of_care_noted")
    def level_noted(self, event: Event, rows: Rows) -> None:
        rows.put(LEVEL, {name: event.data[name] for name in ("episode_id", "since", "level_of_care")})
        _work_out(event, rows)

    @handles("enrollment.coverage.billable_day_told")
    def day_told(self, event: Event, rows: Rows) -> None:
        rows.put(BILLABLE_DAY, event.data)
        _work_out(event, rows)

    @handles("enrollment.coverage.authorization_expired")
    def expired(self, event: Event, rows: Rows) -> None:
        rows.change(AUTHORIZATION, event.data["authorization_id"], expired=True)
        _work_out(event, rows)


def _work_out(event: Event, rows: Rows) -> None:
    authorizations = rows.find(AUTHORIZATION, episode_id=event.data["episode_id"])
    days = rows.find(BILLABLE_DAY, episode_id=event.data["episode_id"])
    authorized = {str(row["authorization_id"]): _authorized(row) for row in authorizations}
    levels = {_day(row["since"]): row["level_of_care"] for row in rows.find(LEVEL, episode_id=event.data["episode_id"])}
    covered = cover(authorized.values(), [_day(row["date"]) for row in days if row["billable"]], levels)
    left = units_left(authorized.values(), covered)
    for row in authorizations:
        one = authorized[str(row["authorization_id"])]
        units = left[one.authorization_id]
        rows.put(AUTHORIZATION, row | {"units_left": units, "state": state(one, units, expired=row["expired"])})
    for row in days:
        rows.put(BILLABLE_DAY, row | {"authorization_id": covered.get(_day(row["date"]))})


def _authorized(row: dict[str, Any]) -> Authorized:
    return Authorized(
        UUID(str(row["authorization_id"])),
        _day(row["from_date"]),
        _day(row["through_date"]),
        row["units"],
        row["status"],
        row["days_per_week"],
        row["warn_units"],
        row["level_of_care"],
    )


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


class AuthorizationExpiry(Deadlines):
    """The end of an authorization's last day."""

    name = "authorization_expiry"
    version = 2
    commands = (ExpireAuthorization,)

    @handles("enrollment.coverage.authorization_recorded")
    def recorded(self, event: Event) -> Iterable[Set | Cancel]:
        data = event.data
        id_ = UUID(data["authorization_id"])
        command = ExpireAuthorization(UUID(data["episode_id"]), id_, date.fromisoformat(data["through_date"]))
        expires_at = datetime.fromisoformat(data["expires_at"])
        yield Set(Deadline(str(id_), data["participant_id"], expires_at, command))
