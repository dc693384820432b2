"""Step-up, step-down and transfer: the episode goes on in another track, and both tracks' places follow at once."""

from typing import Any
from uuid import UUID

import pytest
from enrollment_states import day
from enrollment_world import PACKS, World

from services.enrollment.domain import commands, errors
from services.enrollment.domain.criteria import CLINICAL_ANSWERS
from services.enrollment.domain.follow_up import CERTIFICATION, PLAN_REVIEW


def admitted(world: World, track: UUID) -> UUID:
    return UUID(world.admit(world.a_participant(), track)["episode_id"])


def transfer(world: World, episode: UUID, track: UUID, kind: str = "transfer", **more: Any) -> Any:
    return world.do(commands.TransferParticipant(episode, track, kind, **more)).body


def census(world: World, track: UUID) -> tuple[int, int]:
    row = world.ask("track", track_id=track)
    return row["admitted"], row["waiting"]


def test_a_transfer_takes_the_new_place_and_gives_the_old_one_to_the_next(world):
    old, new = world.a_track(limit=1), world.a_track(limit=1)
    episode, waiting = admitted(world, old), UUID(world.admit(world.a_participant(), old)["episode_id"])
    answer = transfer(world, episode, new)
    assert (answer["outcome"], answer["promoted"]) == ("transferred", [str(waiting)])
    assert (census(world, old), census(world, new)) == ((1, 0), (1, 0))
    assert world.told("participant_admitted")[-1]["episode_id"] == str(waiting)


def test_a_step_down_is_told_with_what_the_others_need(world):
    old, new = world.a_track(), world.a_track(packs=("plan_review_30", "program_default"))
    episode = admitted(world, old)
    world.clock.set(day(20))
    transfer(world, episode, new, "step_down", level_of_care="outpatient", components=("support_group",))
    (told,) = world.told("participant_transferred")
    assert (told["kind"], told["from_track_id"], told["track_id"]) == ("step_down", str(old), str(new))
    assert (told["level_of_care"], told["age_group"], told["components"]) == ("outpatient", "adult", ["support_group"])
    assert told["packs"] == ["plan_review_30", "program_default"]
    assert told["effective_at"] == "2026-03-22T14:00:00Z"


def test_what_the_new_packs_ask_for_sooner_falls_due_sooner(world):
    episode = admitted(world, world.a_track())
    world.clock.set(day(20))
    transfer(world, episode, world.a_track(packs=("plan_review_30", *PACKS)))
    due = {one["kind"]: one["due_at"] for one in world.ask("due")["due"]}
    assert (due[PLAN_REVIEW], due[CERTIFICATION]) == (day(50), day(1))


def test_in_a_full_track_the_transfer_waits_and_the_old_place_is_kept(world):
    old, new = world.a_track(limit=1), world.a_track(limit=1)
    episode, blocking = admitted(world, old), admitted(world, new)
    assert transfer(world, episode, new, "step_up")["outcome"] == "waitlisted"
    assert (census(world, old), census(world, new)) == ((1, 0), (1, 1))
    assert world.told("participant_transferred") == []
    waiting = UUID(world.admit(world.a_participant(), old)["episode_id"])
    answer = world.do(commands.DischargeParticipant(blocking, "administrative")).body
    assert answer["promoted"] == [str(episode), str(waiting)]
    assert (census(world, old), census(world, new)) == ((1, 0), (1, 0))


def test_two_who_wait_for_each_others_places_exchange_them(world):
    first, second = world.a_track(limit=1), world.a_track(limit=1)
    one, other = admitted(world, first), admitted(world, second)
    assert transfer(world, one, second)["outcome"] == "waitlisted"
    answer = transfer(world, other, first)
    assert (answer["outcome"], set(answer["promoted"])) == ("transferred", {str(one), str(other)})
    assert (census(world, first), census(world, second)) == ((1, 0), (1, 0))
    told = {one["episode_id"]: one["track_id"] for one in world.told("participant_transferred")}
    assert told == {str(one): str(second), str(other): str(first)}


def test_a_ring_of_full_tracks_moves_on_together(world):
    tracks = [world.a_track(limit=1) for _ in range(3)]
    episodes = [admitted(world, track) for track in tracks]
    wanted = {episode: tracks[(number + 1) % 3] for number, episode in enumerate(episodes)}
    assert [transfer(world, *pair)["outcome"] for pair in wanted.items()] == ["waitlisted", "waitlisted", "transferred"]
    told = {one["episode_id"]: one["track_id"] for one in world.told("participant_transferred")}
    assert told == {str(episode): str(track) for episode, track in wanted.items()}


def test_nobody_is_passed_over_for_an_exchange(world):
    first, second = world.a_track(limit=1), world.a_track(limit=1)
    one, other = admitted(world, first), admitted(world, second)
    earlier = UUID(world.admit(world.a_participant(), second)["episode_id"])
    world.clock.set(day(1))
    transfer(world, one, second)
    assert transfer(world, other, first)["outcome"] == "waitlisted"
    answer = world.do(commands.LeaveWaitlist(earlier, "changed_mind")).body
    assert set(answer["promoted"]) == {str(one), str(other)}


def test_a_track_above_its_limit_exchanges_nobody(world):
    first, second = world.a_track(limit=2), world.a_track(limit=1)
    one, other = admitted(world, first), admitted(world, second)
    admitted(world, first)
    world.do(commands.ChangeCensusLimit(first, 1))
    transfer(world, one, second)
    assert transfer(world, other, first)["outcome"] == "waitlisted"
    assert (census(world, first), census(world, second)) == ((2, 1), (1, 1))


def test_a_transfer_may_be_offered_and_takes_effect_when_it_is_accepted(world):
    old, new = world.a_track(limit=1), world.a_track(limit=1, packs=(*PACKS, "waitlist_offers"))
    episode, blocking = admitted(world, old), admitted(world, new)
    transfer(world, episode, new)
    waiting = UUID(world.admit(world.a_participant(), old)["episode_id"])
    world.do(commands.DischargeParticipant(blocking, "administrative"))
    assert world.do(commands.AcceptOffer(episode)).body["promoted"] == [str(waiting)]


def test_an_episode_waits_for_one_transfer_and_may_give_it_up(world):
    old, new, third = (world.a_track(limit=1) for _ in range(3))
    episode = admitted(world, old)
    admitted(world, new)
    transfer(world, episode, new)
    with pytest.raises(errors.TransferPending):
        transfer(world, episode, third)
    world.do(commands.LeaveWaitlist(episode, "changed_mind"))
    assert (census(world, old), census(world, new)) == ((1, 0), (1, 0))
    transfer(world, episode, third)
    chart = world.chart(UUID(world.told("participant_transferred")[0]["participant_id"]))
    assert [one["outcome"] for one in chart["episodes"][0]["transfers"]] == ["withdrawn", "transferred"]
    assert (chart["episodes"][0]["track_id"], chart["episodes"][0]["status"]) == (str(third), "admitted")


def test_a_discharge_gives_up_the_turn_for_a_transfer_too(world):
    old, new = world.a_track(limit=1), world.a_track(limit=1)
    episode, blocking = admitted(world, old), admitted(world, new)
    transfer(world, episode, new)
    world.do(commands.DischargeParticipant(episode, "administrative"))
    assert world.do(commands.DischargeParticipant(blocking, "administrative")).body["promoted"] == []
    assert (census(world, old), census(world, new)) == ((0, 0), (0, 0))


def test_a_discharge_after_a_transfer_frees_the_place_in_the_new_track(world):
    old, new = world.a_track(), world.a_track()
    episode = admitted(world, old)
    transfer(world, episode, new)
    world.do(commands.DischargeParticipant(episode, "administrative"))
    assert census(world, new) == (0, 0)
    assert world.told("participant_discharged")[0]["track_id"] == str(new)


def test_a_transfer_leads_elsewhere_from_an_open_episode(world):
    old, new = world.a_track(limit=1), world.a_track()
    episode = admitted(world, old)
    waiting = UUID(world.admit(world.a_participant(), old)["episode_id"])
    with pytest.raises(errors.AlreadyInTrack):
        transfer(world, episode, old)
    with pytest.raises(errors.NotAdmitted):
        transfer(world, waiting, new)
    with pytest.raises(errors.UnknownRulePack):
        transfer(world, episode, new, packs=("no_such_pack",))


def test_an_assessment_that_is_given_carries_the_transfer(world):
    participant = world.a_participant()
    episode = UUID(world.admit(participant, world.a_track())["episode_id"])
    unmet = world.do(
        commands.AssessLevelOfCare(participant, "eating_disorder", dict.fromkeys(CLINICAL_ANSWERS, 0), "adult")
    ).body["assessment_id"]
    with pytest.raises(errors.AssessmentDoesNotSupportAdmission):
        transfer(world, episode, world.a_track(), assessment_id=UUID(unmet))
    transfer(world, episode, world.a_track(), "step_up", assessment_id=world.an_assessment(participant))
    assert world.told("participant_transferred")[0]["level_of_care"] == "mental_health_iop"
