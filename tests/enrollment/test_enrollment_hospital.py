"""What hospitals tell, in whatever order it arrives."""

from datetime import datetime
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from enrollment_states import ANOTHER, OTHER_STAY, PARTICIPANT, STAY, day
from enrollment_world import PACKS, PERSON, SUPPORTING, World

from events.contract.registry import published_type
from events.log.vault import Vault
from services.enrollment.domain import commands, people_commands

MESSAGE = UUID("77777777-7777-4777-8777-777777777777")


def identifier(world: World, participant_id: UUID, number: str) -> dict[str, Any]:
    return {
        "authority": "GENERAL",
        "lookup": world.vault.lookup("GENERAL", number),
        "number": world.vault.seal(str(participant_id), number),
    }


def referral(world: World, participant_id: UUID, *numbers: str, referral_id: UUID | None = None) -> tuple[str, Any]:
    return "referral_received", {
        "participant_id": str(participant_id),
        "message_id": str(MESSAGE),
        "referral_id": str(referral_id or UUID(int=participant_id.int ^ 1)),
        "identifiers": [identifier(world, participant_id, number) for number in numbers],
        "person": world.vault.seal(str(participant_id), PERSON),
        "problems": [{"code": "F33.1", "system": "icd_10", "display": None}],
        "reason": world.vault.seal(str(participant_id), "step-down"),
        "urgency": "urgent",
        "from_level_of_care": "inpatient",
        "source": "general_hospital",
    }


def person(world: World, participant_id: UUID, *numbers: str, **changes: str) -> tuple[str, Any]:
    return "person_updated", {
        "participant_id": str(participant_id),
        "message_id": str(MESSAGE),
        "identifiers": [identifier(world, participant_id, number) for number in numbers],
        "person": world.vault.seal(str(participant_id), {**PERSON, **changes}),
    }


def stay(kind: str, stated: float, participant_id: UUID = PARTICIPANT, stay_id: UUID = STAY) -> tuple[str, Any]:
    data = {
        "participant_id": str(participant_id),
        "message_id": str(MESSAGE),
        "hospitalization_id": str(stay_id),
        "stated_at": iso(day(stated)),
    }
    instants = {"started": "started_at", "ended": "ended_at"}
    if kind in instants:
        data[instants[kind]] = iso(day(stated))
    return f"hospitalization_{kind}", data


def merged(surviving_id: UUID, retired_id: UUID) -> list[tuple[str, Any]]:
    ids = {"surviving_id": str(surviving_id), "retired_id": str(retired_id), "message_id": str(MESSAGE)}
    return [("identities_merged", {"told_to": str(told_to), **ids}) for told_to in (surviving_id, retired_id)]


def iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def admitted(world: World, participant_id: UUID = PARTICIPANT) -> UUID:
    return UUID(world.admit(participant_id, world.a_track(limit=5))["episode_id"])


def suspensions(world: World, participant_id: UUID = PARTICIPANT) -> list[tuple[datetime, datetime | None]]:
    (episode,) = world.chart(participant_id)["episodes"]
    return [(one["suspended_at"], one["resumed_at"]) for one in episode["suspensions"]]


def test_the_stand_ins_fit_the_contract(world):
    told = [referral(world, PARTICIPANT, "1"), person(world, PARTICIPANT, "1"), *merged(PARTICIPANT, ANOTHER)]
    for type_, data in [*told, stay("started", 1), stay("end_cancelled", 1)]:
        published_type(f"interop.{type_}.v1").schema().load(data)


def test_a_hospital_refers_a_stranger_who_is_registered_with_it(world):
    world.hear(referral(world, PARTICIPANT, "MRN-1"))
    chart = world.chart(PARTICIPANT)
    assert chart["person"] == PERSON
    assert chart["identifiers"] == [{"authority": "GENERAL", "number": "MRN-1"}]
    assert [one["reason"] for one in chart["referrals"]] == ["step-down"]
    (registered,) = world.told("participant_registered")
    assert registered["person"].startswith("sealed:")
    (referred,) = world.told("participant_referred")
    assert referred["urgency"] == "urgent"


def test_a_referral_of_somebody_known_by_number_becomes_theirs(world):
    known = world.a_participant("MRN-1")
    world.hear(referral(world, PARTICIPANT, "MRN-1", "MRN-2"))
    chart = world.chart(known)
    assert chart["aliases"] == [str(PARTICIPANT)]
    assert len(chart["referrals"]) == 1
    assert [one["number"] for one in chart["identifiers"]] == ["MRN-1", "MRN-2"]
    assert [(one["surviving_id"], one["retired_id"]) for one in world.told("participants_merged")] == [
        (str(known), str(PARTICIPANT))
    ] * 2


def test_a_number_of_somebody_else_makes_suspected_duplicates_not_a_merge(world):
    other = world.a_participant("MRN-9", person={"family": "Someone"})
    world.hear(referral(world, PARTICIPANT, "MRN-1"))
    world.hear(person(world, PARTICIPANT, "MRN-1", "MRN-9"))
    chart = world.chart(PARTICIPANT)
    assert chart["possible_duplicates"] == [str(other)]
    assert chart["aliases"] == []
    assert world.chart(other)["identifiers"] == [{"authority": "GENERAL", "number": "MRN-9"}]


def test_a_hospital_updates_the_person_and_tells_on(world):
    world.hear(referral(world, PARTICIPANT, "MRN-1"), person(world, PARTICIPANT, "MRN-1", "MRN-2", phone="555-0199"))
    assert world.chart(PARTICIPANT)["person"]["phone"] == "555-0199"
    (identified,) = world.told("participant_identified")
    assert len(identified["identifiers"]) == 2


def test_what_a_message_leaves_out_it_does_not_deny_and_what_is_known_is_not_told_again(world):
    world.hear(referral(world, PARTICIPANT, "MRN-1"))
    type_, data = person(world, PARTICIPANT, "MRN-1")
    brief = world.vault.seal(str(PARTICIPANT), {"family": "Okafor", "given": "Adaeze"})
    world.hear((type_, {**data, "person": brief}), (type_, {**data, "person": brief, "message_id": str(STAY)}))
    assert world.chart(PARTICIPANT)["person"] == {**PERSON, "given": "Adaeze"}
    assert len(world.told("participant_identified")) == 1


def test_a_hospital_stay_suspends_and_its_end_resumes(world):
    world.hear(referral(world, PARTICIPANT, "MRN-1"))
    admitted(world)
    world.hear(stay("started", 2))
    assert world.chart(PARTICIPANT)["episodes"][0]["status"] == "suspended"
    world.hear(stay("ended", 4))
    assert world.chart(PARTICIPANT)["episodes"][0]["status"] == "admitted"
    assert suspensions(world) == [(day(2), day(4))]
    assert world.told("episode_suspended")[0]["suspension_id"] == str(STAY)


def test_cancellations_compensate(world):
    world.hear(referral(world, PARTICIPANT, "MRN-1"))
    admitted(world)
    world.hear(stay("started", 2), stay("ended", 4), stay("end_cancelled", 5), stay("start_cancelled", 6))
    assert suspensions(world) == []
    types = [one["type"].split(".")[1] for one in world.told()]
    assert types[-4:] == ["episode_suspended", "episode_resumed", "resumption_cancelled", "suspension_cancelled"]


FACTS = [stay("started", 1), stay("ended", 4), stay("end_cancelled", 5), stay("started", 2, stay_id=OTHER_STAY)]


@pytest.mark.parametrize("before", range(len(FACTS) + 1))
def test_an_admission_between_any_facts_ends_in_the_same_suspensions(world, before):
    world.hear(referral(world, PARTICIPANT, "MRN-1"), *FACTS[:before])
    admitted(world)
    world.hear(*FACTS[before:])
    assert suspensions(world) == [(day(1), None), (day(2), None)]


def test_a_stay_known_before_the_admission_suspends_it_from_its_beginning(world):
    world.hear(referral(world, PARTICIPANT, "MRN-1"), stay("started", -3))
    admitted(world)
    assert suspensions(world) == [(day(0), None)]


def test_who_is_promoted_while_in_hospital_is_suspended(world):
    track = world.a_track(limit=1)
    first = world.admit(world.a_participant(), track)
    world.hear(referral(world, PARTICIPANT, "MRN-1"), stay("started", -1))
    world.admit(PARTICIPANT, track)
    world.do(commands.DischargeParticipant(UUID(first["episode_id"]), "administrative"))
    assert suspensions(world) == [(day(0), None)]


def test_a_stay_reported_after_the_discharge_is_seen_in_the_episode_it_fell_into(world):
    world.hear(referral(world, PARTICIPANT, "MRN-1"))
    episode = admitted(world)
    world.clock.set(day(10))
    world.do(commands.DischargeParticipant(episode, "administrative"))
    world.hear(stay("started", 3), stay("ended", 5), stay("started", 12, stay_id=OTHER_STAY))
    assert suspensions(world) == [(day(3), day(5))]
    assert world.chart(PARTICIPANT)["episodes"][0]["status"] == "discharged"


def test_a_merge_naming_somebody_unknown_waits_for_them(world):
    world.hear(referral(world, PARTICIPANT, "MRN-1"), *merged(PARTICIPANT, ANOTHER))
    assert world.chart(PARTICIPANT)["aliases"] == [str(ANOTHER)]
    world.hear(referral(world, ANOTHER, "MRN-2"))
    assert [one["number"] for one in world.chart(ANOTHER)["identifiers"]] == ["MRN-1", "MRN-2"]


def test_a_stay_under_a_retired_id_suspends_the_survivors_episode(world):
    world.hear(referral(world, PARTICIPANT, "MRN-1"))
    admitted(world)
    world.hear(stay("started", 2, ANOTHER))
    assert suspensions(world) == []
    world.hear(*merged(PARTICIPANT, ANOTHER))
    assert suspensions(world) == [(day(2), None)]
    world.hear(stay("ended", 3, ANOTHER))
    assert suspensions(world) == [(day(2), day(3))]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_chains_of_merges_end_at_the_same_survivor(world, order):
    third, fourth = uuid4(), uuid4()
    world.hear(referral(world, PARTICIPANT, "MRN-1"))
    merges = [merged(PARTICIPANT, ANOTHER), merged(ANOTHER, third), merged(third, fourth)]
    for index in order:
        world.hear(*merges[index])
    assert world.chart(fourth)["participant_id"] == str(PARTICIPANT)
    assert set(world.chart(PARTICIPANT)["aliases"]) == {str(ANOTHER), str(third), str(fourth)}


def test_hospitals_messages_about_the_erased_keep_nothing(world):
    world.hear(referral(world, PARTICIPANT, "MRN-1"))
    told = person(world, PARTICIPANT, "MRN-1", phone="555-0199")
    world.do(people_commands.EraseParticipant(PARTICIPANT, "request"), frozenset({"operator"}))
    world.hear(told, stay("started", 2))
    assert world.chart(PARTICIPANT)["person"] is None


def billable(number: int, revision: int) -> tuple[str, Any]:
    """The last word about each day but the last is that it is not billable."""
    verdict = {"date": day(number).date().isoformat(), "billable": number == 4 or revision == 1, "revision": revision}
    rest = {"minutes": 180, "components": ["group_therapy"], "group": True, "packs": ["program_default@2020-01-01"]}
    ids = {"participant_id": str(PARTICIPANT), "episode_id": str(UUID(int=3))}
    return ("attendance.billable_day_determined", {**ids, **verdict, **rest})


def absence_step(what: str) -> tuple[str, Any]:
    ids = {"participant_id": str(PARTICIPANT), "episode_id": str(UUID(int=3)), "absences": [str(UUID(int=4))]}
    facts = {"policy": "three_unexcused", "step": "discharge_review", "reached_at": iso(day(3))}
    return (f"attendance.absence_step_{what}", {**ids, **facts})


def an_admitted_participant(folder: Path, vault: Vault | None = None) -> World:
    """With the same ids in every world."""
    world = World(folder, vault)
    track, assessment, episode = UUID(int=1), UUID(int=2), UUID(int=3)
    numbers = (people_commands.HospitalNumber("GENERAL", "MRN-1"),)
    world.do(people_commands.RegisterParticipant(PERSON, numbers, PARTICIPANT))
    world.do(commands.OpenTrack("Adult", "America/New_York", PACKS, 5, track))
    world.do(commands.AssessLevelOfCare(PARTICIPANT, "mental_health", SUPPORTING, "adult", assessment_id=assessment))
    world.do(
        commands.AdmitParticipant(PARTICIPANT, track, ("group_therapy",), assessment_id=assessment, episode_id=episode)
    )
    return world


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_arrival_across_keys_and_any_repetition_ends_in_the_same_rows(tmp_path, seed):
    """Order holds within a key and nowhere else; each key's events are dealt out anew for every seed."""
    random = Random(seed)
    in_order = an_admitted_participant(tmp_path / "in_order")
    shuffled = an_admitted_participant(tmp_path / "shuffled", in_order.vault)
    third = UUID("88888888-8888-4888-8888-888888888888")
    by_key: dict[str, list[tuple[str, Any]]] = {}
    for told in [
        referral(in_order, PARTICIPANT, "MRN-1"),
        stay("ended", 4),
        stay("started", 2),
        person(in_order, PARTICIPANT, "MRN-1", phone="555-0199"),
        stay("end_cancelled", 6),
        *merged(PARTICIPANT, ANOTHER),
        referral(in_order, ANOTHER, "MRN-2"),
        stay("started", 3, ANOTHER, OTHER_STAY),
        *merged(ANOTHER, third),
        referral(in_order, third, "MRN-3"),
        stay("ended", 5, third, OTHER_STAY),
        *[billable(number, revision) for number in (0, 2, 4) for revision in (1, 2)],
        absence_step("reached"),
        absence_step("reversed"),
    ]:
        by_key.setdefault(told[1].get("told_to") or told[1]["participant_id"], []).append(told)
    in_order.hear(*[told for key in sorted(by_key) for told in by_key[key]])
    while by_key:
        told = by_key[random.choice(sorted(by_key))].pop(0)
        shuffled.hear(told, *[told] * random.randrange(2))
        by_key = {key: left for key, left in by_key.items() if left}
    rows = in_order.rows()
    assert rows == shuffled.rows()
    assert len(rows["suspension"]) == 2
    assert {row["surviving_id"] for row in rows["alias"]} == {str(PARTICIPANT)}
    in_order.close()
    shuffled.close()
