"""Merges and their undoing: the alias ends, and facts stay under the ids under which they were recorded."""

from collections.abc import Sequence
from datetime import datetime
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from enrollment_states import OTHER_STAY, STAY, day
from enrollment_world import World

from services.enrollment.domain import errors, people_commands


def merge(world: World, surviving: UUID, retired: UUID) -> None:
    world.do(people_commands.MergeParticipants(surviving, retired))


def unmerge(world: World, surviving: UUID, retired: UUID) -> None:
    world.do(people_commands.UnmergeParticipants(surviving, retired))


def aliases(world: World, participant: UUID) -> list[str]:
    return list(world.chart(participant)["aliases"])


def hospital_merged(surviving: UUID, retired: UUID, stated: datetime) -> list[tuple[str, Any]]:
    ids = {"surviving_id": str(surviving), "retired_id": str(retired), "message_id": str(UUID(int=1))}
    return [
        ("interop.identities_merged", {"told_to": str(key), "stated_at": stated.isoformat(), **ids})
        for key in (surviving, retired)
    ]


def stay(participant: UUID, stay_id: UUID = STAY) -> tuple[str, Any]:
    ids = {"participant_id": str(participant), "message_id": str(UUID(int=1)), "hospitalization_id": str(stay_id)}
    return ("hospitalization_started", {**ids, "started_at": day(1).isoformat(), "stated_at": day(1).isoformat()})


def test_an_unmerge_ends_the_alias_and_facts_stay_where_they_were_recorded(world):
    first, second = world.a_participant("MRN-1"), world.a_participant("MRN-2")
    merge(world, first, second)
    world.do(people_commands.ReferParticipant(second, "staff", "routine"))
    unmerge(world, first, second)
    assert (aliases(world, first), aliases(world, second)) == ([], [])
    assert [one["number"] for one in world.chart(first)["identifiers"]] == ["MRN-1"]
    assert [one["number"] for one in world.chart(second)["identifiers"]] == ["MRN-2"]
    assert len(world.chart(first)["referrals"]) == 1
    assert {one["participant_id"] for one in world.ask("participants")["participants"]} == {str(first), str(second)}


def test_an_unmerge_is_told_under_both_keys_with_the_next_revision(world):
    first, second = world.a_participant(), world.a_participant()
    merge(world, first, second)
    unmerge(world, first, second)
    merge(world, first, second)
    told = [one for one in world.told() if "merged" in one["type"]]
    assert {(one["told_to"], one["revision"], one["type"]) for one in told} == {
        (str(key), revision, f"enrollment.participants_{what}.v1")
        for key in (first, second)
        for revision, what in ((1, "merged"), (2, "unmerged"), (3, "merged"))
    }
    assert aliases(world, first) == [str(second)]


def test_only_what_was_merged_is_unmerged(world):
    first, second, third = (world.a_participant() for _ in range(3))
    with pytest.raises(errors.NotMerged):
        unmerge(world, first, second)
    merge(world, first, second)
    with pytest.raises(errors.NotMerged, match=str(first)):
        unmerge(world, third, second)
    with pytest.raises(errors.NotMerged):
        unmerge(world, second, first)


def test_who_was_merged_into_the_separated_one_goes_with_it(world):
    first, second, third = (world.a_participant() for _ in range(3))
    merge(world, second, third)
    merge(world, first, second)
    assert set(aliases(world, third)) == {str(second), str(third)}
    unmerge(world, first, second)
    assert (aliases(world, first), aliases(world, third)) == ([], [str(third)])
    assert world.chart(third)["participant_id"] == str(second)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_whom_an_unmerge_separates_does_not_depend_on_the_order_of_the_merges(world, order: Sequence[int]):
    first, second, third, fourth = (world.a_participant() for _ in range(4))
    pairs = [(first, second), (second, third), (third, fourth)]
    for index in order:
        merge(world, *pairs[index])
    unmerge(world, second, third)
    assert (aliases(world, first), aliases(world, third)) == ([str(second)], [str(fourth)])


def test_a_hospital_stay_counts_for_whom_it_was_recorded_after_an_unmerge(world):
    first, second = world.a_participant("MRN-1"), world.a_participant("MRN-2")
    world.admit(first, world.a_track())
    merge(world, first, second)
    world.hear(stay(second), stay(first, OTHER_STAY))
    assert len(world.chart(first)["episodes"][0]["suspensions"]) == 2
    unmerge(world, first, second)
    assert [one["suspension_id"] for one in world.chart(first)["episodes"][0]["suspensions"]] == [str(OTHER_STAY)]
    assert [one["suspension_id"] for one in world.told("suspension_cancelled")] == [str(STAY)]


def test_each_has_an_episode_of_their_own_again(world):
    track, first, second = world.a_track(limit=2), world.a_participant(), world.a_participant()
    merge(world, first, second)
    world.admit(second, track)
    with pytest.raises(errors.EpisodeAlreadyOpen):
        world.admit(first, track)
    (episode,) = world.chart(first)["episodes"]
    unmerge(world, first, second)
    other = second if episode["participant_id"] == str(first) else first
    assert world.admit(other, track)["outcome"] == "admitted"


def test_a_number_belongs_again_to_whom_it_was_claimed_for(world):
    first, second = world.a_participant("MRN-1"), world.a_participant("MRN-2")
    merge(world, first, second)
    unmerge(world, first, second)
    with pytest.raises(errors.IdentifierBelongsToAnother) as refused:
        world.a_participant("MRN-2")
    assert refused.value.owner_id == second


@pytest.mark.parametrize("reversed_", [False, True])
def test_a_merge_stated_before_the_unmerge_is_outdated_whenever_it_arrives(world, reversed_):
    first, second = world.a_participant(), world.a_participant()
    pair = (second, first) if reversed_ else (first, second)
    merge(world, first, second)
    world.clock.set(day(5))
    unmerge(world, first, second)
    world.hear(*hospital_merged(*pair, stated=day(4)))
    assert aliases(world, first) == aliases(world, second) == []
    world.hear(*hospital_merged(*pair, stated=day(6)))
    assert aliases(world, pair[0]) == [str(pair[1])]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_merges_in_any_order_end_in_the_same_alias_by_stated_time(world, order: Sequence[int]):
    """Both copies of a merge stated before the un-merge, and both of one stated after it."""
    first, second = world.a_participant(), world.a_participant()
    merge(world, first, second)
    world.clock.set(day(5))
    unmerge(world, first, second)
    told = [*hospital_merged(first, second, day(4)), *hospital_merged(first, second, day(6))]
    for index in order:
        world.hear(told[index])
    assert aliases(world, first) == [str(second)]
    assert len([one for one in world.told("participants_merged") if one["told_to"] == str(first)]) == 2
