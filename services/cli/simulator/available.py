"""When participants, staff and rooms cannot be had: said ahead; what is booked or scheduled then is seen to."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import draw
from services.cli.simulator.model.duties import OneOff, away, duties, leave, repair
from services.cli.simulator.model.timetable import ZONE, local_day
from services.cli.simulator.world import Enrolled, Group, World

SUBSTITUTES = {"Therapist A": "Therapist B", "Therapist B": "Therapist A"}
"""Who leads for whom, where both have time."""

LED_ALL_THE_SAME = "Prescriber"
"""Nobody else of the group may: the hours are kept."""


def state_duties(world: World, enrolled: Enrolled) -> None:
    """At admission: the hours of each week at which they cannot come."""
    weekly = duties(world.seed, enrolled.life.number, world.program.kind(enrolled.track).begins)
    if weekly:
        _state(world, enrolled, "availability of participants")


def say_who_is_away(world: World, day: date) -> None:
    """In the evening of a weekday."""
    for enrolled in world.present():
        said = away(world.seed, enrolled.life.number, day)
        if said is not None:
            enrolled.away.append(said)
            for conflict in _state(world, enrolled, "days away of participants"):
                _see_to(world, enrolled, conflict)
    for group in world.groups:
        for leader, facilitator in group.leaders.items():
            on_leave = leave(world.seed, group.label, leader, day)
            if on_leave is not None:
                _go_on_leave(world, group, leader, facilitator, on_leave)
        for room in group.rooms.values():
            repaired = repair(world.seed, room, day)
            if repaired is not None:
                _repair(world, room, repaired)
    world.take_turns()


def _state(world: World, enrolled: Enrolled, what: str) -> list[Mapping[str, Any]]:
    """All of it anew; the bookings in the way."""
    weekly = duties(world.seed, enrolled.life.number, world.program.kind(enrolled.track).begins)
    body = {
        "time_zone": ZONE,
        "weekly": [one.body() for one in weekly],
        "exceptions": [one.body() for one in enrolled.away],
    }
    path = f"/scheduling/participants/{enrolled.participant_id}/availability"
    told = world.attempt(world.front_desk, path, body, method="PUT", what=what)
    return told["conflicts"] if told is not None else []


def _see_to(world: World, enrolled: Enrolled, conflict: Mapping[str, Any]) -> None:
    """Most give the seat back; some come all the same, which a coordinator notes."""
    session, booking = conflict["session_id"], conflict["claim_id"]
    if draw(world.seed, "all the same", enrolled.life.number, conflict["starts_at"]).random() < p.COMES_ALL_THE_SAME:
        body = {"kind": "participant", "resource_id": enrolled.participant_id, "outcome": "comes_all_the_same"}
        _settle(world, booking, body)
    else:
        path = f"/scheduling/sessions/{session}/bookings/{booking}/cancellation"
        world.attempt(world.front_desk, path, {}, what="bookings called off")


def _go_on_leave(world: World, group: Group, leader: str, facilitator: str, on_leave: OneOff) -> None:
    """A substitute where there is one; the prescriber's hours are kept, other sessions cancelled."""
    path = f"/scheduling/facilitators/{facilitator}/availability"
    for conflict in _cannot_be_had(world, facilitator, path, on_leave, "leave of staff"):
        session = f"/scheduling/sessions/{conflict['session_id']}"
        if leader in SUBSTITUTES:
            body = {"leaving": facilitator, "coming": group.leaders[SUBSTITUTES[leader]]}
            if world.attempt(world.coordinator, f"{session}/substitution", body, what="sessions substituted"):
                continue
        if leader == LED_ALL_THE_SAME:
            body = {"kind": "facilitator", "resource_id": facilitator, "outcome": "leads_from_home"}
            _settle(world, conflict["claim_id"], body)
        else:
            reason = {"reason": "facilitator_on_leave"}
            world.attempt(world.coordinator, f"{session}/cancellation", reason, what="sessions cancelled")


def _repair(world: World, room: str, repaired: OneOff) -> None:
    """What was to be there takes place as a call."""
    path = f"/scheduling/rooms/{room}/availability"
    for conflict in _cannot_be_had(world, room, path, repaired, "rooms repaired"):
        session = f"/scheduling/sessions/{conflict['session_id']}"
        world.attempt(
            world.coordinator, session, {"modality": "telehealth"}, method="PATCH", what="sessions held as a call"
        )


def _cannot_be_had(world: World, who: str, path: str, when: OneOff, what: str) -> list[Mapping[str, Any]]:
    said = world.leave.setdefault(who, [])
    said.append(when)
    body = {"time_zone": ZONE, "exceptions": [one.body() for one in said]}
    told = world.attempt(world.coordinator, path, body, method="PUT", what=what)
    return [one for one in told["conflicts"] if _within(one, when)] if told is not None else []


def _within(conflict: Mapping[str, Any], when: OneOff) -> bool:
    """What an earlier leave left is seen to already."""
    return when.first <= local_day(conflict["starts_at"]) <= when.last


def _settle(world: World, claim_id: str, body: dict[str, Any]) -> None:
    path = f"/scheduling/coordinator-requests/not-available/{claim_id}/settlement"
    world.attempt(world.coordinator, path, body, what="conflicts settled")
