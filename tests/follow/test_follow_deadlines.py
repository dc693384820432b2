"""Deadlines fire once, by the injected clock, whatever restarts and rebuilds there are."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest
from follow_tally import Act, ActRefused, Service

from events.follow.compose import ServiceFollowers
from events.follow.deadline import Cancel, Deadline, Deadlines, Set
from events.follow.firing import Firing
from events.follow.parking import Parking
from events.follow.projection import handles
from events.follow.rebuild import rebuild
from events.log.event import Event

CHAIR = UUID(int=9)


class Reminders(Deadlines):
    """A voter is reminded an hour after the vote, unless the vote is withdrawn."""

    name = "reminders"
    commands = (Act,)

    @handles("ballot.vote_cast.v1")
    def cast(self, event: Event) -> Iterable[Set | Cancel]:
        voter = event.data["voter"]
        deed = voter if voter == "forbidden" else f"remind {voter}"
        due_at = event.occurred_at + timedelta(hours=1)
        yield Set(Deadline(f"{event.key}/{voter}", event.key, due_at, Act(CHAIR, deed)))

    @handles("ballot.vote_withdrawn.v1")
    def withdrawn(self, event: Event) -> Iterable[Set | Cancel]:
        yield Cancel(f"{event.key}/{event.data['voter']}")


class LenientReminders(Reminders):
    nothing_to_do = (ActRefused,)


def followers(service: Service, reminders: Deadlines | None = None) -> ServiceFollowers:
    """As a process that has just started."""
    return ServiceFollowers(
        service.database,
        service.log,
        deadlines=[reminders or Reminders()],
        dispatch=service.act,
        clock=service.clock,
    )


def test_a_deadline_fires_when_its_time_has_come_and_once(service: Service) -> None:
    service.votes("a:ann")
    running = followers(service)
    running.drain()
    service.clock.pass_(minutes=59)
    running.drain()
    assert service.deeds() == []
    service.clock.pass_(minutes=1)
    running.drain()
    followers(service).drain()
    service.clock.pass_(days=1)
    followers(service).drain()
    assert service.deeds() == ["remind ann"]


def test_a_cancelled_deadline_never_fires(service: Service) -> None:
    service.votes("a:ann", "a:bob", "a:-ann")
    service.clock.pass_(hours=2)
    followers(service).drain()
    assert service.deeds() == ["remind bob"]


def test_what_is_overdue_at_the_start_fires_at_once_in_order(service: Service) -> None:
    service.votes("a:ann")
    service.clock.pass_(minutes=1)
    service.votes("b:bob", "a:cid")
    service.clock.pass_(days=3)
    followers(service).drain()
    assert service.deeds() == ["remind ann", "remind cid", "remind bob"]


def test_a_crash_after_the_command_does_not_fire_again(service: Service) -> None:
    service.votes("a:ann")
    running = followers(service)
    running.projections[0].step()
    service.clock.pass_(hours=1)

    class PowerCut(BaseException):
        pass

    def dies(command: Act, context: object) -> None:
        service.act(command, context)
        raise PowerCut

    with pytest.raises(PowerCut):
        Firing(Reminders(), service.database, service.log, dies, service.clock).step()
    followers(service).drain()
    assert service.deeds() == ["remind ann"]


def test_two_copies_fire_once(service: Service) -> None:
    service.votes("a:ann", "b:bob")
    one, two = followers(service), followers(service)
    one.drain()
    service.clock.pass_(hours=1)
    due = two.firing[0].due(service.clock())
    one.drain()
    for row in due:  # the other copy was about to fire the same
        two.firing[0]._fire(row)
    assert service.deeds() == ["remind ann", "remind bob"]


def test_a_rebuild_fires_nothing(service: Service) -> None:
    service.votes("a:ann")
    service.clock.pass_(hours=1)
    running = followers(service)
    running.drain()
    assert rebuild(service.database, service.log, Reminders()).identical
    followers(service).drain()
    assert service.deeds() == ["remind ann"]


def test_a_set_again_deadline_fires_at_its_new_time(service: Service) -> None:
    service.votes("a:ann")
    service.clock.pass_(minutes=30)
    service.votes("a:ann")
    running = followers(service)
    service.clock.pass_(minutes=31)
    running.drain()
    assert service.deeds() == []
    service.clock.pass_(minutes=29)
    running.drain()
    assert service.deeds() == ["remind ann"]


def test_what_was_due_already_when_it_was_set_fires_though_all_before_it_has_fired(service: Service) -> None:
    service.votes("a:ann")
    running = followers(service)
    service.clock.pass_(hours=3)
    running.drain()
    service.clock.pass_(hours=-2)
    service.votes("b:bob")
    service.clock.pass_(hours=2)
    running.drain()
    assert service.deeds() == ["remind ann", "remind bob"]


def test_what_waits_behind_a_deadline_fires_when_that_is_given_up_long_after(service: Service) -> None:
    service.votes("z:zoe")
    running = followers(service)
    service.clock.pass_(hours=1)
    running.drain()
    service.votes("a:forbidden")
    service.clock.pass_(minutes=1)
    service.votes("a:ann")
    service.clock.pass_(hours=1)
    running.drain()
    service.votes("b:bob")
    service.clock.pass_(days=1)
    running.drain()
    parking = Parking(service.database, service.log)
    (parked,) = parking.list()
    parking.discard(parked.id)
    running.drain()
    assert service.deeds() == ["remind zoe", "remind bob", "remind ann"]


def test_a_command_that_fails_is_parked_and_holds_back_its_key_only(service: Service) -> None:
    service.votes("a:forbidden")
    service.clock.pass_(minutes=1)
    service.votes("a:ann", "b:bob")
    service.clock.pass_(hours=1)
    running = followers(service)
    running.drain()
    assert service.deeds() == ["remind bob"]
    parking = Parking(service.database, service.log)
    (parked,) = parking.list()
    assert (parked.type, parked.error, parked.key) == ("Act", "ActRefused", "a")
    parking.retry(parked.id)
    running.drain()
    (parked,) = parking.list()
    parking.discard(parked.id)
    running.drain()
    assert service.deeds() == ["remind bob", "remind ann"]
    assert not parking.list()


def test_a_declared_refusal_means_that_the_state_has_moved_on(service: Service) -> None:
    service.votes("a:forbidden")
    service.clock.pass_(hours=1)
    followers(service, LenientReminders()).drain()
    assert not Parking(service.database, service.log).list()
