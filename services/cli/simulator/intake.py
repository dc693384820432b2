"""Who comes new: hospitals refer, coordinators assess, and the program admits as many as it has places for."""

from datetime import date, datetime, timedelta
from typing import Any

from services.cli.simulator import hospital as h
from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import draw
from services.cli.simulator.model.lives import Life
from services.cli.simulator.model.timetable import COMPONENTS
from services.cli.simulator.people import Person
from services.cli.simulator.world import DISCHARGED, WAITING, Enrolled, World

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


def refer(world: World, day: date, now: datetime, *, registrations: bool = False) -> None:
    """Whoever is referred on this day: by a FHIR bundle or at the front desk. ADT registrations are in the traffic;
    with ``registrations`` these people come to the front desk, too."""
    number = (day - world.program.first_day).days
    for life in [life for life in world.program.lives if life.referred == number]:
        enrolled = Enrolled(life, life.track, day)
        world.people.append(enrolled)
        if life.way == "bundle":
            bundle = h.referral_bundle(
                life.person,
                at=now,
                reason=REASON,
                problem=life.problem,
                medications=life.medications,
                priority="urgent" if life.urgent else "routine",
            )
            world.coordinator.call("POST", "/interop/referrals", bundle, media_type="application/fhir+json")
        elif life.way == "walk_in" or registrations:
            registered = world.front_desk.post("/enrollment/participants", written_down(life.person))
            enrolled.participant_id = registered["participant_id"]
            _refer_self(world, enrolled)


def refer_again(world: World, enrolled: Enrolled, day: date) -> None:
    """Somebody who was discharged comes back: a new referral, and later a new episode."""
    _refer_self(world, enrolled)
    enrolled.status, enrolled.episode_id, enrolled.referred_on = None, "", day
    enrolled.admitted_on = enrolled.measured_on = None
    enrolled.dose_order = ""


def assess(world: World, day: date) -> bool:
    """Assesses those referred before, then admits or waitlists them as the track's census allows. False where nobody
    was to be assessed."""
    _find_ids(world)
    before = day - timedelta(days=p.ASSESSED_AFTER_DAYS)
    todo = [one for one in world.people if one.status is None and not one.episode_id and one.referred_on <= before]
    for enrolled in todo:
        if enrolled.participant_id:
            _admit(world, enrolled)
            world.take_turns()
    return bool(todo)


def _admit(world: World, enrolled: Enrolled) -> None:
    kind = world.program.kind(enrolled.track)
    answers = ASAM if kind.assessment == "asam" else CLINICAL
    person = f"/enrollment/participants/{enrolled.participant_id}"
    assessment = {"kind": kind.assessment, "answers": answers, "age_group": "adult"}
    assessed = world.therapist.post(f"{person}/assessments", assessment)
    random = draw(world.seed, "priority", enrolled.life.number)
    admission = {
        "track_id": world.tracks[enrolled.track],
        "assessment_id": assessed["assessment_id"],
        "components": list(COMPONENTS),
        "priority": 1 if enrolled.life.urgent else random.choice((2, 3, 3)),
    }
    admitted = world.attempt(world.coordinator, f"{person}/episodes", admission)
    if admitted is None:
        enrolled.status = DISCHARGED
        return
    enrolled.episode_id = admitted["episode_id"]
    # Also those admitted at once: the next look at the list shows it, as it shows who was promoted.
    enrolled.status = WAITING
    enrolled.episodes += 1


def _refer_self(world: World, enrolled: Enrolled) -> None:
    referral = {"source": "self", "urgency": "routine", "reason": REASON}
    world.front_desk.post(f"/enrollment/participants/{enrolled.participant_id}/referrals", referral)


def written_down(person: Person) -> dict[str, Any]:
    """The person with their hospital number, as the front desk registers them."""
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
    """Gives those their ids whom hospitals referred."""
    unknown = [one for one in world.people if not one.participant_id]
    if not unknown:
        return
    listed = world.coordinator.get("/enrollment/participants")["participants"]
    by_name = {(row["name"]["family"], row["name"]["given"]): row["participant_id"] for row in listed if row["name"]}
    for enrolled in unknown:
        enrolled.participant_id = by_name.get((enrolled.life.person.family, enrolled.life.person.given), "")


def problem_of(life: Life) -> dict[str, str]:
    """The diagnosis as a plan of care has it."""
    return {"code": life.problem[0], "system": "icd-10-cm"}
