"""What is told of places, waitlists and what falls due, so that others can see who was next and what was missed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from enrollment_world import PACKS, World

from services.enrollment.domain import commands, plan_of_care_commands

PRESCRIBER = frozenset({"prescriber"})
OFFERS = (*PACKS, "waitlist_offers")


def a_full_track(world: World, packs: tuple[str, ...] = PACKS, priorities: tuple[int, ...] = (2, 1)) -> Any:
    """The track, who holds its only place, and who waits, in the order in which they joined."""
    track = world.a_track(limit=1, packs=packs)
    holder = world.admit(world.a_participant(), track)["episode_id"]
    return track, holder, [world.admit(world.a_participant(), track, priority=one)["episode_id"] for one in priorities]


def told(world: World, *names: str) -> list[tuple[str, ...]]:
    """Name and episode of each event of these names, with the offer's outcome or what is due."""
    types = {f"enrollment.{name}.v1": name for name in names}
    found = [one for one in world.told() if one["type"] in types]
    more = ("outcome", "kind")
    return [(types[one["type"]], one["episode_id"], *(one[name] for name in more if name in one)) for one in found]


def test_who_waits_is_told_with_the_turn_and_who_gives_it_up(world):
    track, _, (first, second) = a_full_track(world)
    world.do(commands.LeaveWaitlist(UUID(second), "moved_away"))
    joined, again = world.told("waitlist_joined")
    assert (joined["episode_id"], joined["track_id"], joined["priority"]) == (first, str(track), 2)
    assert (again["episode_id"], again["priority"]) == (second, 1)
    (left,) = world.told("waitlist_left")
    assert (left["episode_id"], left["track_id"], left["reason"]) == (second, str(track), "moved_away")


def test_a_promotion_is_told_as_the_admission_alone(world):
    _, holder, (_, next_) = a_full_track(world)
    world.do(commands.DischargeParticipant(UUID(holder), "administrative"))
    assert told(world, "participant_admitted", "waitlist_left")[-1] == ("participant_admitted", next_)
    assert world.told("waitlist_left") == []


def test_a_transfer_that_waits_and_is_withdrawn_is_told(world):
    full, _, _ = a_full_track(world, priorities=())
    mover = world.admit(world.a_participant(), world.a_track(limit=1))["episode_id"]
    world.do(commands.TransferParticipant(UUID(mover), full, "step_down", "stable", priority=1))
    assert told(world, "waitlist_joined") == [("waitlist_joined", mover)]
    world.do(commands.LeaveWaitlist(UUID(mover), "stays"))
    (left,) = world.told("waitlist_left")
    assert (left["episode_id"], left["track_id"]) == (mover, str(full))


def test_a_raised_census_limit_is_told(world):
    track = world.a_track(limit=1)
    world.do(commands.ChangeCensusLimit(track, 3))
    assert [(one["track_id"], one["census_limit"]) for one in world.told("census_limit_changed")] == [(str(track), 3)]


def test_an_offer_is_told_with_what_came_of_it(world):
    _, holder, (first, second) = a_full_track(world, OFFERS)
    world.do(commands.DischargeParticipant(UUID(holder), "administrative"))
    world.do(commands.DeclineOffer(UUID(second), "not_now"))
    world.do(commands.AcceptOffer(UUID(first)))
    assert told(world, "place_offered", "offer_closed") == [
        ("place_offered", second),
        ("offer_closed", second, "declined"),
        ("place_offered", first),
        ("offer_closed", first, "accepted"),
    ]
    offered = world.told("place_offered")[0]
    assert offered["expires_at"] == (world.clock() + timedelta(hours=48)).isoformat().replace("+00:00", "Z")


def test_what_falls_due_is_told_with_what_came_of_it(world):
    episode = world.admit(world.a_participant(), world.a_track())["episode_id"]
    world.plan(UUID(episode))
    world.do(plan_of_care_commands.CertifyPlan(UUID(episode), plan_version=1), roles=PRESCRIBER)
    world.clock.set(world.clock() + timedelta(days=59))
    world.do(plan_of_care_commands.CertifyPlan(UUID(episode), plan_version=1), roles=PRESCRIBER)
    certification = [one[0] for one in told(world, "due_set", "due_met", "due_missed") if one[2] == "certification"]
    assert certification == ["due_set", "due_met", "due_set", "due_met", "due_set"]
    assert [one["plan_version"] for one in world.told("plan_certified")] == [1, 1]


def test_what_was_missed_and_escalated_is_told_once(world):
    episode = world.admit(world.a_participant(), world.a_track())["episode_id"]
    world.drain()
    world.clock.set(world.clock() + timedelta(days=7, hours=1))
    world.drain()
    world.clock.set(world.clock() + timedelta(days=3))
    world.drain()
    missed = [("due_missed", episode, "instrument_at_admission"), ("due_escalated", episode, "instrument_at_admission")]
    assert [one for one in told(world, "due_missed", "due_escalated") if one[2] == "instrument_at_admission"] == missed
    (escalated,) = [one for one in world.told("due_escalated") if one["kind"] == "instrument_at_admission"]
    assert escalated["escalated_to"] == "coordinator"
