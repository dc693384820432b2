"""Ids that follow from what they name, so that the same thing never gets two."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

NAMESPACE = UUID("6b1f7f4e-2c1d-4c0b-9a57-0e6b1d6f8c11")


def room_id(code: str) -> UUID:
    """A room is its code, whatever the case."""
    return uuid5(NAMESPACE, f"room/{code.casefold()}")


def session_id(series_id: UUID, local_date: date) -> UUID:
    """A series meets at most once a local day."""
    return uuid5(series_id, local_date.isoformat())


def booking_id(session_id: UUID, episode_id: UUID, ordinal: int) -> UUID:
    """The first, second … booking of an episode in a session."""
    return uuid5(session_id, f"booking/{episode_id}/{ordinal}")


def claimed_day_id(kind: str, resource_id: UUID, day: date) -> UUID:
    """What a resource is taken for on one day."""
    return uuid5(resource_id, f"{kind}/{day.isoformat()}")


def availability_id(kind: str, resource_id: UUID) -> UUID:
    """When a participant, a facilitator or a room can be had."""
    return uuid5(resource_id, f"availability/{kind}")


def program_month_id(month: date) -> UUID:
    """What is planned and closed in the month that begins on this day."""
    return uuid5(NAMESPACE, f"program_month/{month.isoformat()}")


def slot_week_id(track_id: UUID, week: date) -> UUID:
    """The prescribers' sessions of a track in the week that begins on this Monday."""
    return uuid5(track_id, f"prescriber_slots/{week.isoformat()}")


def request_week_id(track_id: UUID, week: date) -> UUID:
    """Who waits for a prescriber's session of a track in the week that begins on this Monday."""
    return uuid5(track_id, f"prescriber_requests/{week.isoformat()}")


def seat_waitlist_id(awaited_id: UUID) -> UUID:
    """Who waits for a seat in a session, or in a series."""
    return uuid5(awaited_id, "seat_waitlist")


def curriculum_id(track_id: UUID) -> UUID:
    """A track has one curriculum."""
    return uuid5(track_id, "curriculum")


def episode_topics_id(episode_id: UUID) -> UUID:
    """What an episode has completed of a curriculum."""
    return uuid5(episode_id, "topics")


def unjudged_topics_id(track_id: UUID) -> UUID:
    """Whose attended topics wait for the track to be told."""
    return uuid5(track_id, "unjudged_topics")


def days_touched(starts_at: datetime, ends_at: datetime) -> list[date]:
    """The UTC days on which a session takes time: two where it runs across midnight.

    Claims are kept by UTC day and not by local day because one facilitator may lead sessions of programs in several
    time zones, where the same moment falls on different local days.
    """
    first = starts_at.astimezone(UTC).date()
    last = (ends_at.astimezone(UTC) - timedelta(microseconds=1)).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def weeks_touched(after: datetime, before: datetime) -> list[date]:
    """Mondays (UTC) of the weeks between two instants."""
    first, last = week_of(after), week_of(before)
    return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]


def week_of(instant: datetime) -> date:
    """The Monday (UTC) of the week."""
    day = instant.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())
