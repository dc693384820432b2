"""Offers: a free place is kept for the next in turn until they answer, or until the offer expires."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from enrollment_states import PARTICIPANT, a_track, day
from enrollment_world import PACKS, World
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.domain import commands, errors
from services.enrollment.domain.track import Track

OFFERS = (*PACKS, "waitlist_offers")


def a_full_track(world: World, waiting: int, packs: tuple[str, ...] = OFFERS) -> tuple[UUID, UUID, list[UUID]]:
    """The track, who holds its only place, and who waits, in turn."""
    track = world.a_track(limit=1, packs=packs)
    holder = UUID(world.admit(world.a_participant(), track)["episode_id"])
    turns = [
        UUID(world.admit(world.a_participant(), track, priority=number + 1)["episode_id"]) for number in range(waiting)
    ]
    return track, holder, turns


def discharge(world: World, episode: UUID) -> Any:
    return world.do(commands.DischargeParticipant(episode, "administrative")).body


def offers(world: World, track: UUID) -> list[tuple[UUID, str]]:
    return [(UUID(one["episode_id"]), one["outcome"]) for one in world.ask("track", track_id=track)["offers"]]


@pytest.mark.rule("waitlist.offer_hours")
def test_a_freed_place_is_offered_to_the_next_in_turn(world):
    """Program practice: two days to answer."""
    track, holder, (first, _) = a_full_track(world, 2)
    answer = discharge(world, holder)
    assert (answer["promoted"], answer["offered"]) == ([], [str(first)])
    census = world.ask("track", track_id=track)
    assert (census["admitted"], census["waiting"]) == (0, 2)
    (offer,) = census["offers"]
    assert (offer["outcome"], offer["expires_at"]) == ("open", day(2))
    (due,) = world.ask("due", role="coordinator")["due"]
    assert (due["kind"], due["due_at"], due["episode_id"]) == ("waitlist_offer", day(2), str(first))


def test_without_an_offer_time_in_the_packs_the_next_is_promoted(world):
    _, holder, (first, _) = a_full_track(world, 2, PACKS)
    assert discharge(world, holder)["promoted"] == [str(first)]


def test_nobody_takes_a_place_that_is_kept_for_another(world):
    track, holder, (first,) = a_full_track(world, 1)
    discharge(world, holder)
    assert world.admit(world.a_participant(), track)["outcome"] == "waitlisted"
    assert offers(world, track) == [(first, "open")]


def test_an_accepted_offer_admits(world):
    track, holder, (first,) = a_full_track(world, 1)
    discharge(world, holder)
    world.do(commands.AcceptOffer(first))
    assert offers(world, track) == [(first, "accepted")]
    assert world.told("participant_admitted")[-1]["episode_id"] == str(first)
    assert "waitlist_offer" not in {one["kind"] for one in world.ask("due")["due"]}
    with pytest.raises(errors.NoPlaceOffered):
        world.do(commands.AcceptOffer(first))


def test_a_declined_place_is_offered_to_the_next_and_the_turn_is_kept(world):
    track, holder, (first, second) = a_full_track(world, 2)
    discharge(world, holder)
    assert world.do(commands.DeclineOffer(first, "no_transport")).body["offered"] == [str(second)]
    world.do(commands.AcceptOffer(second))
    assert discharge(world, second)["offered"] == [str(first)]
    assert offers(world, track) == [(first, "declined"), (second, "accepted"), (first, "open")]


def test_an_offer_expires_once_and_goes_to_the_next(world):
    track, holder, (first, second) = a_full_track(world, 2)
    discharge(world, holder)
    world.clock.set(day(2))
    assert offers(world, track) == [(first, "expired"), (second, "open")]
    with pytest.raises(errors.NoPlaceOffered):
        world.do(commands.AcceptOffer(first))


def test_an_offer_is_not_accepted_after_its_time_though_nothing_has_noted_it_yet(world):
    _, holder, (first,) = a_full_track(world, 1)
    discharge(world, holder)
    with pytest.raises(errors.OfferLapsed):
        world.do(commands.AcceptOffer(first), at=day(2))


def test_a_place_that_everybody_let_pass_is_free_for_who_comes(world):
    track, holder, (first,) = a_full_track(world, 1)
    discharge(world, holder)
    world.do(commands.DeclineOffer(first, "no_transport"))
    assert offers(world, track) == [(first, "declined")]
    assert world.admit(world.a_participant(), track)["outcome"] == "admitted"


def test_who_leaves_the_waitlist_gives_back_the_place_that_was_kept(world):
    track, holder, (first, second) = a_full_track(world, 2)
    discharge(world, holder)
    assert world.do(commands.LeaveWaitlist(first, "found_other_program")).body["offered"] == [str(second)]
    assert offers(world, track) == [(first, "withdrawn"), (second, "open")]


def test_an_expiry_that_comes_late_changes_nothing(world):
    track, holder, (first, _) = a_full_track(world, 2)
    discharge(world, holder)
    offer_id = UUID(world.ask("track", track_id=track)["offers"][0]["offer_id"])
    world.do(commands.AcceptOffer(first))
    assert not world.do(commands.ExpireOffer(track, first, offer_id)).body["expired"]
    assert offers(world, track) == [(first, "accepted")]


def test_one_offer_stands_for_each_free_place_though_many_answer_at_once(world):
    track = world.a_track(limit=4, packs=OFFERS)
    held = [UUID(world.admit(world.a_participant(), track)["episode_id"]) for _ in range(4)]
    waiting = [UUID(world.admit(world.a_participant(), track)["episode_id"]) for _ in range(10)]
    assert len(waiting) == 10
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda episode: discharge(world, episode), held))
    open_ones = [episode for episode, outcome in offers(world, track) if outcome == "open"]
    assert len(open_ones) == len(set(open_ones)) == 4
    answers = [commands.AcceptOffer(one) if index % 2 else commands.DeclineOffer(one, "x") for index, one in
               enumerate(open_ones)]  # fmt: skip
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(world.do, answers))
    census = world.ask("track", track_id=track)
    assert census["admitted"] == 2
    assert sum(one["outcome"] == "open" for one in census["offers"]) == 2


@given(st.lists(st.tuples(st.sampled_from("jlfade"), st.integers(0, 7)), max_size=40))
def test_places_taken_and_offered_never_exceed_the_limit(steps: list[tuple[str, int]]) -> None:
    """Whatever is joined, left, filled, accepted, declined or expired: j, l, f, a, d, e, by one of eight episodes."""
    track = a_track(limit=2)
    for number, (step, who) in enumerate(steps):
        _step(track, step, UUID(int=who + 1), number)
        assert len(track.places) + len(track.offers) <= 2
        assert set(track.offers) <= set(track.waitlist)
        assert not set(track.places) & set(track.waitlist)
        if track.free_places > 0:
            assert not track.in_turn


def _step(track: Track, step: str, who: UUID, number: int) -> None:
    at = day(number)
    if step == "j" and who not in track.places and who not in track.waitlist:
        if not track.take_place(who, PARTICIPANT, at):
            track.join_waitlist(who, PARTICIPANT, 1, at)
    elif step == "l":
        track.leave(who, at)
    elif who in track.offers:
        if step == "a":
            track.accept(who, at)
        elif step == "d":
            track.decline(who, "x", at)
        elif step == "e":
            track.expire(track.offers[who].offer_id, who, at)
    while (next_one := track.next_in_turn()) is not None:
        track.offer(UUID(int=number), next_one, PARTICIPANT, day(1000), "a rule", at)
