"""The waitlists of a session: its own and its series', read in turn, told of free seats, and left."""

from collections.abc import Iterator
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.domain.identity import seat_waitlist_id, session_id
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.recurrence import zone
from services.scheduling.domain.seat_waitlist import Awaited, SeatWaitlist
from services.scheduling.domain.series import Series
from services.scheduling.domain.session import Session


def waitlists(unit: Unit, session: Session) -> list[SeatWaitlist]:
    """Those that have been opened."""
    ids = [seat_waitlist_id(session.id), seat_waitlist_id(session.series_id)]
    unit.look_up(SeatWaitlist, ids)
    return [found for id_ in ids if (found := unit.find(SeatWaitlist, id_)) is not None]


def in_turn(unit: Unit, session: Session) -> Iterator[Placement]:
    """Those who wait for the session: priority 1 before 2, then who has waited longer. What somebody gave up is not
    given to them again because they wait for the series."""
    waiting = [(wait, waitlist.awaited) for waitlist in waitlists(unit, session) for wait in waitlist.waits.values()]
    for wait, awaited in sorted(waiting, key=lambda entry: entry[0].turn):
        placement = unit.get(Placement, wait.episode_id)
        if awaited.series_id is None or (
            session.starts_at <= wait.until and session.id not in placement.seats.declined
        ):
            yield placement


def coming(unit: Unit, series: Series) -> list[Session]:
    """The sessions of the series that have yet to begin, by the days they are planned for."""
    at = unit.context.at
    today = at.astimezone(zone(series.recurrence.time_zone)).date()
    ids = [session_id(series.id, occurrence.local_date) for occurrence in series.scheduled_from(today)]
    unit.look_up(Session, ids)
    sessions = [unit.find(Session, id_) for id_ in ids]
    return [one for one in sessions if one is not None and not one.cancelled and at < one.starts_at]


def offer_seat(unit: Unit, session: Session) -> None:
    """Tells those who wait that a seat can be had, or that it can be had by others than before."""
    if session.can_be_had(unit.context.at):
        for waitlist in waitlists(unit, session):
            waitlist.offer(session.id, unit.context.at)


def seat_taken(unit: Unit, session: Session, placement: Placement) -> None:
    """The placement waits no longer for what it has: the session, and the series once it is in every session that it
    waits for."""
    if session.id in placement.waits:
        leave(unit, placement, placement.waits[session.id], "promoted")
    if session.series_id in placement.waits:
        until = unit.get(SeatWaitlist, seat_waitlist_id(session.series_id)).waits[placement.id].until
        awaited = [one for one in coming(unit, unit.get(Series, session.series_id)) if one.starts_at <= until]
        if all(placement.id in one.taken.values() or one.id in placement.seats.declined for one in awaited):
            leave(unit, placement, placement.waits[session.series_id], "promoted")


def leave(unit: Unit, placement: Placement, awaited: Awaited, reason: str) -> None:
    """Raises ``NotWaiting``. ``reason``: promoted, withdrawn, transferred, discharged, session_cancelled or
    session_started."""
    unit.get(SeatWaitlist, seat_waitlist_id(awaited.id)).leave(placement.id, unit.context.at)
    placement.stop_waiting(awaited, reason, unit.context.at)


def track_awaited(unit: Unit, awaited: Awaited) -> UUID:
    """Whose session or series it is."""
    if awaited.session_id is not None:
        return unit.get(Session, awaited.session_id).track_id
    return unit.get(Series, awaited.id).track_id


def leave_all(unit: Unit, placement: Placement, reason: str) -> None:
    """The placement waits for nothing any more."""
    for awaited in list(placement.waits.values()):
        leave(unit, placement, awaited, reason)


def end_waits(unit: Unit, session: Session, reason: str) -> None:
    """Nobody waits for this session any more; those who wait for its series go on."""
    own = unit.find(SeatWaitlist, seat_waitlist_id(session.id))
    for episode_id in list(own.waits) if own else ():
        leave(unit, unit.get(Placement, episode_id), Awaited(session_id=session.id), reason)


def reschedule(unit: Unit, session: Session) -> None:
    """The session begins at another time: so do they wait until then, and others may be able to have it."""
    own = unit.find(SeatWaitlist, seat_waitlist_id(session.id))
    if own is not None:
        own.reschedule(session.id, session.starts_at, unit.context.at)
    offer_seat(unit, session)
