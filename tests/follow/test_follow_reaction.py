"""Reactions issue commands of their own service, with their effect once."""

from collections.abc import Iterable
from uuid import UUID

import pytest
from follow_tally import Act, ActRefused, Service
from sqlalchemy.exc import OperationalError

from events.follow.checkpoint import LostLease
from events.follow.parking import Parking
from events.follow.reaction import Reaction, ReactionFollower, reacts
from events.log.commands import Answer, Context
from events.log.event import Event

CHAIR = UUID(int=7)


class Thank(Reaction):
    """Thanks every voter, in two deeds."""

    name = "thank"
    nothing_to_do = (ActRefused,)

    @reacts("ballot.vote_cast.v1")
    def thank(self, event: Event) -> Iterable[object]:
        if event.data["voter"] == "nobody":
            raise ZeroDivisionError
        if event.data["voter"] == "forbidden":
            yield Act(CHAIR, "forbidden")
        yield Act(CHAIR, f"greet {event.data['voter']}")
        yield Act(CHAIR, f"thank {event.data['voter']}")


class ThankFromNow(Thank):
    name = "thank_from_now"
    starts = "now"


class Echo(Reaction):
    """Reacts to the service's own deeds."""

    name = "echo"

    @reacts("tally.chair.acted")
    def echo(self, event: Event) -> Iterable[object]:
        if not event.data["deed"].startswith("echo"):
            yield Act(CHAIR, f"echo {event.data['deed']}")


def follower(service: Service, reaction: Reaction) -> ReactionFollower:
    return ReactionFollower(reaction, service.database, service.log, service.act, clock=service.clock)


def drain(reacting: ReactionFollower) -> None:
    while reacting.step():
        pass


def test_an_event_becomes_commands_that_carry_its_correlation(service: Service) -> None:
    service.votes("a:ann")
    drain(follower(service, Thank()))
    assert service.deeds() == ["greet ann", "thank ann"]
    told, *done = service.log.read(0, 10)
    assert {event.actor for event in done} == {"system:thank"}
    assert {event.correlation_id for event in done} == {told.correlation_id}
    assert {event.causation_id for event in done} == {str(told.id)}


def test_a_crash_between_command_and_checkpoint_has_its_effect_once(service: Service) -> None:
    service.votes("a:ann", "a:bob")
    crashed = follower(service, Thank())
    crashed.process(crashed.read())  # the commands are done, the checkpoint is not written
    assert len(service.deeds()) == 4
    drain(follower(service, Thank()))
    assert service.deeds() == ["greet ann", "thank ann", "greet bob", "thank bob"]


def test_a_crash_between_two_commands_of_one_event_has_its_effect_once(service: Service) -> None:
    service.votes("a:ann")
    count = 0

    def dies_on_the_second(command: Act, context: Context) -> Answer:
        nonlocal count
        count += 1
        if count == 2:
            raise OperationalError("", {}, Exception("the server closed the connection"))
        return service.act(command, context)

    crashing = ReactionFollower(Thank(), service.database, service.log, dies_on_the_second, clock=service.clock)
    with pytest.raises(OperationalError):
        crashing.step()
    assert not Parking(service.database, service.log).list(), "a database that is away parks nothing"
    drain(crashing)
    assert service.deeds() == ["greet ann", "thank ann"]


def test_own_events_are_reacted_to_once_as_well(service: Service) -> None:
    service.votes("a:ann")
    drain(follower(service, Thank()))
    echoing = follower(service, Echo())
    echoing.process(echoing.read())
    drain(follower(service, Echo()))
    assert service.deeds() == ["greet ann", "thank ann", "echo greet ann", "echo thank ann"]


def test_a_declared_refusal_means_that_there_is_nothing_to_do(service: Service) -> None:
    service.votes("a:forbidden")
    drain(follower(service, Thank()))
    assert service.deeds() == ["greet forbidden", "thank forbidden"]
    assert not Parking(service.database, service.log).list()


def test_any_other_failure_parks_the_key(service: Service) -> None:
    service.votes("a:nobody", "a:ann", "b:bob")
    reacting = follower(service, Thank())
    drain(reacting)
    parking = Parking(service.database, service.log)
    (parked,) = parking.list()
    assert (parked.id, parked.handler, parked.waiting) == ("reaction:thank:1", "thank.thank", 1)
    assert service.deeds() == ["greet bob", "thank bob"]
    parking.discard(parked.id)
    drain(reacting)
    assert service.deeds() == ["greet bob", "thank bob", "greet ann", "thank ann"]


def test_a_step_issues_only_so_many_commands_and_skips_nothing(service: Service) -> None:
    voters = [f"v{number:02}" for number in range(9)]
    service.votes(*[f"a:{voter}" for voter in voters])
    reacting = follower(service, Thank())
    reacting.commands_at_a_time = 4
    reacting.step()
    assert (reacting.position, len(service.deeds())) == (2, 4)
    drain(reacting)
    assert service.deeds() == [f"{deed} {voter}" for voter in voters for deed in ("greet", "thank")]


def test_a_reaction_may_start_with_what_comes_from_now_on(service: Service) -> None:
    service.votes("a:ann")
    reacting = follower(service, ThankFromNow())
    drain(reacting)
    service.votes("a:bob")
    drain(reacting)
    assert service.deeds() == ["greet bob", "thank bob"]


def test_a_copy_whose_lease_ran_out_issues_no_command(service: Service) -> None:
    service.votes("a:ann")
    reacting = follower(service, Thank())
    reacting.mine = lambda: False
    with pytest.raises(LostLease):
        reacting.step()
    assert service.deeds() == []
