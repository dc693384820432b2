"""Promotion from a seat waitlist: a seat that can be had goes to the first in turn who can have it.

Whatever may make a promotion possible leaves an event on the waitlist or on the placement that waits, and a reaction
tries the waitlist as it then stands. So whichever comes first, a seat and who waits for it find each other: who joins
is tried once more, since a seat may have come free while that was decided. Until then the seat is kept: a booking by
hand is refused while those who wait can have the seats that are free. Who cannot have one is passed over and keeps the
turn.
"""

from collections.abc import Iterable
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.desk import Answered, Identity, check_can_come, identity, take_seat
from services.scheduling.domain.errors import OthersWait, SchedulingRefused
from services.scheduling.domain.known import Track
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.placement_seats import PROMOTED
from services.scheduling.domain.rulebook import RuleBook
from services.scheduling.domain.series import Series
from services.scheduling.domain.session import Session
from services.scheduling.domain.waitlist_commands import (
    EndSeriesWait,
    EndSessionWaits,
    PromoteIntoSeries,
    PromoteWaiting,
    TryWaitsAgain,
)
from services.scheduling.prescribers import link_reviews
from services.scheduling.waitlists import coming, end_waits, in_turn, leave


def promote_waiting(unit: Unit, command: PromoteWaiting, rules: RuleBook) -> Answered:
    """Gives the session's free seats to those who wait and can have them, in turn."""
    return _promoted(unit, rules, [unit.get(Session, command.session_id)])


def promote_into_series(unit: Unit, command: PromoteIntoSeries, rules: RuleBook) -> Answered:
    """The same for every coming session of a series."""
    return _promoted(unit, rules, coming(unit, unit.get(Series, command.series_id)))


def try_waits_again(unit: Unit, command: TryWaitsAgain, rules: RuleBook) -> Answered:
    """The same for whatever the placement waits for."""
    sessions: list[Session] = []
    for awaited in unit.get(Placement, command.episode_id).waits.values():
        if awaited.session_id is not None:
            sessions.append(unit.get(Session, awaited.session_id))
        else:
            sessions.extend(coming(unit, unit.get(Series, awaited.id)))
    return _promoted(unit, rules, sessions)


def end_session_waits(unit: Unit, command: EndSessionWaits) -> Answered:
    """Nobody waits for a session that has begun; where it begins later by now they go on waiting."""
    session = unit.get(Session, command.session_id)
    if unit.context.at >= session.starts_at:
        end_waits(unit, session, "session_started")
    return {"session_id": session.id}


def end_series_wait(unit: Unit, command: EndSeriesWait) -> Answered:
    """The last session that they waited for begins."""
    placement = unit.get(Placement, command.episode_id)
    if command.series_id in placement.waits:
        leave(unit, placement, placement.waits[command.series_id], "session_started")
    return {"series_id": command.series_id}


def is_kept_for_others(unit: Unit, rules: RuleBook, session: Session, person: Identity) -> bool:
    """Whether as many as there are free seats have an earlier turn and can have one."""
    if not _is_promoted_into(unit, rules, session):
        return False
    free = session.seats - len(session.taken)
    for placement in in_turn(unit, session):
        if free <= 0 or placement.id in person.episodes:
            break
        free -= _can_come(unit, session, placement)
    return free <= 0


def check_kept_for_nobody(unit: Unit, rules: RuleBook, session: Session, person: Identity) -> None:
    """Raises ``OthersWait``; where there is no free seat that is for others to say."""
    if session.can_be_had(unit.context.at) and is_kept_for_others(unit, rules, session, person):
        raise OthersWait("others wait for this seat; join the waitlist")


def _promoted(unit: Unit, rules: RuleBook, sessions: Iterable[Session]) -> Answered:
    return {"booking_ids": [booking for session in sessions for booking in _promote(unit, rules, session)]}


def _promote(unit: Unit, rules: RuleBook, session: Session) -> list[UUID]:
    """The bookings of those who wait, as long as there are seats. By the rule ``promoted_in_turn``."""
    made: list[UUID] = []
    if not _is_promoted_into(unit, rules, session):
        return made
    for placement in list(in_turn(unit, session)):
        if not session.can_be_had(unit.context.at):
            break
        try:
            made.append(take_seat(unit, session, placement, identity(unit, placement.participant_id), PROMOTED))
        except SchedulingRefused:
            continue  # passed over
        link_reviews(unit, placement)
    return made


def _is_promoted_into(unit: Unit, rules: RuleBook, session: Session) -> bool:
    """Whether it is early enough for those who are promoted to hear of it, by the track's packs in force that day."""
    track = unit.find(Track, session.track_id)
    notice = rules.promotion_notice(track.packs if track else (), session.local_date)
    return session.can_be_had(unit.context.at) and notice.leaves_time(unit.context.at, session.starts_at)


def _can_come(unit: Unit, session: Session, placement: Placement) -> bool:
    try:
        check_can_come(unit, session, placement, identity(unit, placement.participant_id))
    except SchedulingRefused:
        return False
    return True
