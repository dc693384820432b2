"""The days before: hospitals refer, coordinators assess, and the program admits as many as it has places."""

from datetime import time
from itertools import cycle
from typing import Any

from services.cli.simulator import hospital as h
from services.cli.simulator.people import people
from services.cli.simulator.timetable import TRACKS
from services.cli.simulator.world import Enrolled, World

COMPONENTS = ["individual_therapy", "group_therapy", "medication_management", "psychoeducation", "support_group"]
MEDICATIONS = (
    (h.SERTRALINE,),
    (h.ESCITALOPRAM, h.LAMOTRIGINE),
    (h.FLUOXETINE,),
    (h.BUPROPION, h.NALTREXONE),
    (),
)
REASON = "Symptoms persist in spite of weekly outpatient visits"

CLINICAL = {
    "needs_more_than_outpatient": 1,
    "step_down": 0,
    "significant_distress_or_impairment": 1,
    "needs_24_hour_care": 0,
    "acute_withdrawal": 0,
    "imminent_risk": 0,
}
ASAM = {
    "withdrawal_potential": 1,
    "biomedical": 0,
    "emotional_behavioural_cognitive": 2,
    "readiness_to_change": 2,
    "relapse_potential": 3,
    "recovery_environment": 2,
}


def take_in(world: World, count: int) -> None:
    """Refers ``count`` people on Thursday and Friday before the first week, assesses and admits them."""
    world.move_to(world.day(-4), time(10))
    tracks = cycle(range(len(TRACKS)))
    for number, person in enumerate(people(world.random, count)):
        enrolled = Enrolled(person, next(tracks), reliability=world.random.uniform(0.80, 0.98))
        world.people.append(enrolled)
        _refer(world, enrolled, number)
    world.settle()
    _find_ids(world)
    world.move_to(world.day(-3), time(9))
    for enrolled in world.people:
        admit(world, enrolled)
    world.settle()
    for enrolled in world.present():
        score(world, enrolled, "admission")
    world.settle()


def _refer(world: World, enrolled: Enrolled, number: int) -> None:
    """Most come as FHIR bundles; some as ADT registrations; a few walk in and the front desk writes them down."""
    person, track, now = enrolled.person, TRACKS[enrolled.track], world.at(world.day(-4), time(10))
    if number % 10 == 4:
        world.line.send(world.hospital.registration(person, f"V{number:05d}", now))
    elif number % 10 == 9:
        registered = world.front_desk.post("/enrollment/participants", _written_down(enrolled))
        enrolled.participant_id = registered["participant_id"]
        referral = {"source": "self", "urgency": "routine", "reason": REASON}
        world.front_desk.post(f"/enrollment/participants/{enrolled.participant_id}/referrals", referral)
    else:
        bundle = h.referral_bundle(
            person,
            at=now,
            reason=REASON,
            problem=track.problem,
            medications=MEDICATIONS[number % len(MEDICATIONS)],
            priority="urgent" if number % 7 == 0 else "routine",
        )
        world.coordinator.call("POST", "/interop/referrals", bundle, media_type="application/fhir+json")


def _written_down(enrolled: Enrolled) -> dict[str, Any]:
    person = enrolled.person
    return {
        "person": {
            "family": person.family,
            "given": person.given,
            "birth_date": person.birth_date.isoformat(),
            "sex": person.sex,
            "phone": person.phone,
        },
        "identifiers": [{"authority": "riverside-mrn", "number": person.number}],
    }


def _find_ids(world: World) -> None:
    listed = world.coordinator.get("/enrollment/participants")["participants"]
    by_name = {(row["name"]["family"], row["name"]["given"]): row["participant_id"] for row in listed if row["name"]}
    for enrolled in world.people:
        enrolled.participant_id = by_name[enrolled.person.family, enrolled.person.given]


def admit(world: World, enrolled: Enrolled) -> None:
    """Assesses, then admits or waitlists as the track's census allows."""
    track = TRACKS[enrolled.track]
    answers = ASAM if track.kind == "asam" else CLINICAL
    person = f"/enrollment/participants/{enrolled.participant_id}"
    assessed = world.therapist.post(
        f"{person}/assessments", {"kind": track.kind, "answers": answers, "age_group": "adult"}
    )
    admitted = world.coordinator.post(
        f"{person}/episodes",
        {
            "track_id": world.tracks[enrolled.track],
            "assessment_id": assessed["assessment_id"],
            "components": COMPONENTS,
            "priority": world.random.choice((2, 3, 3)),
        },
    )
    enrolled.episode_id = admitted["episode_id"]
    enrolled.waiting = admitted["outcome"] == "waitlisted"


def score(world: World, enrolled: Enrolled, occasion: str) -> None:
    """A PHQ-9 by its nine answers: moderate to severe at admission, lower at discharge."""
    worst = 3 if occasion == "admission" else 2
    answers = [world.random.choice((1, 2, worst)) for _ in range(8)]
    if occasion == "discharge":
        answers = [max(answer - 1, 0) for answer in answers]
    item_9 = 1 if occasion == "admission" and world.random.random() < 0.08 else 0
    world.therapist.post(
        f"/enrollment/episodes/{enrolled.episode_id}/scores",
        {"instrument": "phq_9", "occasion": occasion, "answers": [*answers, item_9]},
    )
