"""Joining and leaving the waitlist of a session or of a series."""

from datetime import datetime

from events.log.commands import Unit
from services.scheduling.desk import Answered, Identity, identity, placement_for
from services.scheduling.domain.errors import BookedAlready, SeatIsFree, WaitsAlready
from services.scheduling.domain.identity import seat_waitlist_id
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.rulebook import RuleBook
from services.scheduling.domain.seat_waitlist import Awaited, SeatWaitlist, Wait
from services.scheduling.domain.series import Series
from services.scheduling.domain.session import Session
from services.scheduling.domain.waitlist_commands import (
    StopWaitingForSeries,
    StopWaitingForSession,
    WaitForSeries,
    WaitForSession,
)
from services.scheduling.promotion import is_kept_for_others
from services.scheduling.waitlists import coming, leave


def wait_for_session(unit: Unit, command: WaitForSession, rules: RuleBook) -> Answered:
    """A turn on the session's waitlist. Raises ``SeatIsFree``, ``BookedAlready``, ``WaitsAlready``, or why the
    participant has no open placement then."""
    session = unit.get(Session, command.session_id)
    session.check_changeable(unit.context.at)
    person = identity(unit, command.participant_id)
    placement = placement_for(unit, person, command.episode_id, session.starts_at)
    _check_waits_for_none(placement, session.id, session.series_id)
    if _has_seat(session, person):
        raise BookedAlready("the participant has a seat in the session")
    if _can_be_booked(unit, rules, session, person):
        raise SeatIsFree("the session has a free seat; book it")
    return _join(unit, placement, Awaited(session_id=session.id), command.priority, session.starts_at)


def wait_for_series(unit: Unit, command: WaitForSeries, rules: RuleBook) -> Answered:
    """A turn for every session that is scheduled and to come. Raises as ``wait_for_session``; ``SeatIsFree`` where each
    of them that the participant has no seat in has a free one."""
    series = unit.get(Series, command.series_id)
    person = identity(unit, command.participant_id)
    placement = placement_for(unit, person, command.episode_id, unit.context.at)
    _check_waits_for_none(placement, series.id)
    lacking = [session for session in coming(unit, series) if not _has_seat(session, person)]
    if not lacking:
        raise BookedAlready("the participant has a seat in every scheduled session of the series that is to come")
    if all(_can_be_booked(unit, rules, session, person) for session in lacking):
        raise SeatIsFree("every session of the series has a free seat; book the series")
    return _join(unit, placement, Awaited(series_id=series.id), command.priority, max(one.starts_at for one in lacking))


def stop_waiting_for_session(unit: Unit, command: StopWaitingForSession) -> Answered:
    """Raises ``NotWaiting``."""
    return _withdraw(unit, Awaited(session_id=command.session_id), unit.get(Placement, command.episode_id))


def stop_waiting_for_series(unit: Unit, command: StopWaitingForSeries) -> Answered:
    """Raises ``NotWaiting``."""
    return _withdraw(unit, Awaited(series_id=command.series_id), unit.get(Placement, command.episode_id))


def _check_waits_for_none(placement: Placement, *awaited: object) -> None:
    if not placement.waits.keys().isdisjoint(awaited):
        raise WaitsAlready("the participant waits for it already; look at the waitlist")


def _has_seat(session: Session, person: Identity) -> bool:
    return not set(person.episodes).isdisjoint(session.taken.values())


def _can_be_booked(unit: Unit, rules: RuleBook, session: Session, person: Identity) -> bool:
    return session.can_be_had(unit.context.at) and not is_kept_for_others(unit, rules, session, person)


def _join(unit: Unit, placement: Placement, awaited: Awaited, priority: int, until: datetime) -> Answered:
    at = unit.context.at
    wait = Wait(placement.id, placement.participant_id, priority, at, until)
    waitlist = unit.find(SeatWaitlist, seat_waitlist_id(awaited.id))
    if waitlist is None:
        unit.add(SeatWaitlist.open(awaited, wait))
    else:
        waitlist.join(wait)
    placement.wait(awaited, priority, at)
    return {"episode_id": placement.id}


def _withdraw(unit: Unit, awaited: Awaited, placement: Placement) -> Answered:
    placement.check_waits(awaited)
    leave(unit, placement, awaited, "withdrawn")
    return {"episode_id": placement.id}
