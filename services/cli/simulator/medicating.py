"""What prescribers and others do about medications: reviews with decisions, reconciliations, checks, reports."""

from collections.abc import Iterable, Mapping
from datetime import date
from random import Random
from typing import Any

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import chosen, draw
from services.cli.simulator.model.medications import ALL
from services.cli.simulator.world import Enrolled, World

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def say_otherwise(world: World, enrolled: Enrolled) -> None:
    """At admission some say that they take half of what the hospital has, or something that it does not have."""
    random = draw(world.seed, "self report", enrolled.life.number, enrolled.episodes)
    if random.random() >= p.SAYS_OTHERWISE:
        return
    known = random.choice([*enrolled.life.medications, *random.sample(ALL, 1)])
    body = {
        "source": "self_report",
        "name": known.name,
        "code": known.code,
        "system": "rxnorm",
        "dose": f"{int(known.dose) / 2:g} {known.unit}",
        "frequency": known.frequency,
    }
    path = f"/medication_review/participants/{enrolled.participant_id}/medications"
    world.attempt(world.therapist, path, body, what="medications reported by participants")


def order_doses(world: World, enrolled: Enrolled) -> None:
    """Observed doses for whom the model says so."""
    medication = p.OBSERVED_DOSES.get(enrolled.life.problem[0])
    if medication is None:
        return
    body = {"medication": medication, "days": p.OBSERVED_ON, "take_home_days": p.TAKEN_HOME_FOR, "dose": "8 mg"}
    path = f"/medication_review/episodes/{enrolled.episode_id}/dose_orders"
    ordered = world.attempt(world.prescriber, path, body, what="observed doses ordered")
    enrolled.dose_order = ordered["order_id"] if ordered is not None else ""


def observe_doses(world: World, day: date) -> None:
    """In the evening it is written down who came for a dose."""
    if DAYS[day.weekday()] not in p.OBSERVED_ON:
        return
    for enrolled in world.present():
        if not enrolled.dose_order or enrolled.admitted_on is None or enrolled.admitted_on > day:
            continue
        random = draw(world.seed, "dose", enrolled.life.number, day)
        outcome = "absent" if enrolled.came_on != day else "refused" if random.random() < p.DOSE_REFUSED else "observed"
        path = f"/medication_review/episodes/{enrolled.episode_id}/doses"
        world.attempt(world.prescriber, path, {"outcome": outcome}, what=f"doses {outcome}")


def report_adverse_effects(world: World, day: date) -> None:
    """In the evening of a day, of those in treatment."""
    for enrolled in world.present():
        random = draw(world.seed, "adverse effect", enrolled.life.number, day)
        if random.random() < p.ADVERSE_EFFECTS / 5:  # on five days a week
            body = {"severity": chosen(random, p.SEVERITIES), "description": "Is tired in the mornings"}
            path = f"/medication_review/episodes/{enrolled.episode_id}/adverse_effects"
            world.attempt(world.therapist, path, body, what="adverse effects")
            world.take_turns()


def see_to(world: World, enrolled: Enrolled, due: Mapping[str, Any]) -> None:
    """A reconciliation, a review, or a check of the prescription drug monitoring program that is due."""
    episode = f"/medication_review/episodes/{due['episode_id']}"
    if due["kind"] == "reconciliation":
        path = f"{episode}/reconciliations/{due['review_id']}/completion"
        compared = [row["mark"] for row in _list(world, enrolled)["medications"]]
        world.attempt(world.prescriber, path, {"compared": compared}, what="reconciliations")
    elif due["kind"] == "pdmp_check":
        world.attempt(world.prescriber, f"{episode}/pdmp_checks", {"result": "consistent"}, what="PDMP checks")
    elif due["kind"] == "review":
        random = draw(world.seed, "review", enrolled.life.number, due["due_at"][:10])
        listed = _list(world, enrolled)
        _acknowledge(world, episode, due["episode_id"], listed["interactions"], random)
        decisions = _decisions(listed["medications"], random)
        body = {"decisions": decisions, "rationale": "As discussed"}
        world.attempt(world.prescriber, f"{episode}/reviews/{due['review_id']}/completion", body, what="reviews")


def _acknowledge(
    world: World, episode: str, episode_id: str, flagged: Iterable[Mapping[str, Any]], random: Random
) -> None:
    """Pairs that interact and stay as they are."""
    for pair in flagged:
        if pair["acknowledged"] is None and pair["episode_id"] == episode_id:
            path = f"{episode}/interactions/{pair['interaction']}/acknowledgement"
            codes = [one["code"] for one in pair["ingredients"]]
            body = {"ingredients": codes, "reason": chosen(random, p.ACKNOWLEDGED)}
            world.attempt(world.prescriber, path, body, what="interactions acknowledged")


def _decisions(listed: Iterable[Mapping[str, Any]], random: Random) -> list[dict[str, Any]]:
    """At most one, about something that is listed, or a new medication."""
    action = chosen(random, p.DECISIONS)
    if action == "none":
        return []
    if action == "start":
        new = random.choice(ALL)
        return [{"action": "start", "name": new.name, "dose": f"{new.dose} {new.unit}", "frequency": new.frequency}]
    active = sorted((row for row in listed if row["status"] == "active"), key=lambda row: (row["name"], row["source"]))
    if not active:
        return []
    one = random.choice(active)
    decision = {"action": action, "source": one["source"], "order_id": one["order_id"]}
    return [decision | {"dose": "75 mg"} if action == "change" else decision]


def _list(world: World, enrolled: Enrolled) -> dict[str, Any]:
    """Their medications by source and order, and what of them interacts."""
    return world.prescriber.get(f"/medication_review/participants/{enrolled.participant_id}/medications")
