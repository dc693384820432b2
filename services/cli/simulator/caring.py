"""What staff do for those in treatment: papers at admission, scores, reviews, certifications, what falls due."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.cli.simulator.available import state_duties
from services.cli.simulator.intake import ASAM, CLINICAL, problem_of
from services.cli.simulator.medicating import order_doses, say_otherwise, see_to
from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import chosen, draw
from services.cli.simulator.model.scores import answers
from services.cli.simulator.model.timetable import together
from services.cli.simulator.world import Enrolled, World

FRIDAY = 4

PLANNED_TYPES = {"group_therapy": "cbt_group", "psychoeducation": "skills", "support_group": "peers"}


def admitted(world: World, enrolled: Enrolled, day: date) -> None:
    """On the day of admission: plan of care, certified by a prescriber; authorization and consent; first scores."""
    plan = {
        "diagnoses": [problem_of(enrolled.life)],
        "services": _services(world, enrolled),
        "goals": [{"code": "sleep", "text": "Sleeps seven hours"}, {"code": "work", "text": "Is back at work"}],
    }
    episode = f"/enrollment/episodes/{enrolled.episode_id}"
    world.attempt(world.therapist, f"{episode}/plan-of-care", plan, method="PUT", what="plans of care")
    world.attempt(world.prescriber, f"{episode}/certification", {}, what="certifications")
    authorize(world, enrolled, day)
    consent = {
        "recipient": "riverside", "scope": ["attendance", "medications"], "purpose": "treatment",
        "expires_on": (day + timedelta(days=365)).isoformat(),
    }  # fmt: skip
    path = f"/enrollment/participants/{enrolled.participant_id}/consents"
    given = world.attempt(world.front_desk, path, consent, what="consents")
    random = draw(world.seed, "consent", enrolled.life.number, enrolled.episodes)
    if given is not None and random.random() < p.CONSENTS_REVOKED:
        revoked_on = day + timedelta(days=random.randint(7, 60))
        revoke = _command(world, f"/enrollment/consents/{given['consent_id']}/revocation", "consents revoked")
        world.later.setdefault(revoked_on, []).append(revoke)
    score(world, enrolled, "admission", day)
    state_duties(world, enrolled)
    say_otherwise(world, enrolled)
    order_doses(world, enrolled)


def score(world: World, enrolled: Enrolled, occasion: str, day: date) -> None:
    """Every instrument of the track."""
    life = enrolled.life
    for instrument in world.program.kind(enrolled.track).instruments:
        given = answers(world.seed, life.number, life.course, instrument, enrolled.weeks(day))
        body = {"instrument": instrument, "occasion": occasion, "answers": given}
        path = f"/enrollment/episodes/{enrolled.episode_id}/scores"
        world.attempt(world.therapist, path, body, what="scores")
    enrolled.measured_on = day


def authorize(world: World, enrolled: Enrolled, day: date) -> None:
    """A payer allows more days."""
    body = {
        "number": f"A{enrolled.life.number:06d}-{day:%y%m%d}",
        "payer": "river_health",
        "from_date": day.isoformat(),
        "through_date": (day + timedelta(days=90)).isoformat(),
        "units": p.AUTHORIZED_DAYS,
    }
    path = f"/enrollment/episodes/{enrolled.episode_id}/authorizations"
    world.attempt(world.coordinator, path, body, what="authorizations")


def measure(world: World, day: date) -> None:
    """Scores of occasion review."""
    for enrolled in world.present():
        if enrolled.measured_on and (day - enrolled.measured_on).days >= p.MEASURED_EVERY_DAYS:
            score(world, enrolled, "review", day)


def see_to_what_is_due(world: World, day: date, now: datetime) -> None:
    """What falls due before the next evening of work is done, mostly; some of it days late."""
    by_episode = {one.episode_id: one for one in world.people if one.episode_id}
    days = 3 if day.weekday() == FRIDAY else 1
    until = (now + timedelta(days=days, hours=6)).isoformat()
    for enrolled, due in _in_order(by_episode, world.coordinator.get("/enrollment/due", until=until)["due"]):
        if due["kind"] == "waitlist_offer":
            _answer_offer(world, enrolled, due["due_at"])
        elif enrolled.present and _in_time(world, enrolled, due["kind"], due["due_at"], now):
            _do(world, enrolled, due["kind"], day)
    for enrolled, due in _in_order(by_episode, world.prescriber.get("/medication_review/due", until=until)["due"]):
        if _in_time(world, enrolled, due["kind"], due["due_at"], now):
            see_to(world, enrolled, due)
    _take_steps(world, by_episode, day)


def _in_order(
    by_episode: Mapping[str, Enrolled], dues: Iterable[dict[str, Any]]
) -> list[tuple[Enrolled, dict[str, Any]]]:
    """Person by person, so that it is the same in every run: ids are not."""
    mine = [(by_episode[due["episode_id"]], due) for due in dues if due["episode_id"] in by_episode]
    return sorted(mine, key=lambda one: (one[1]["due_at"], one[0].life.number, one[1]["kind"], one[1].get("policy")))


def _answer_offer(world: World, enrolled: Enrolled, due_at: str) -> None:
    random = draw(world.seed, "offer", enrolled.life.number, due_at[:10])
    answer = chosen(random, p.OFFERS)
    if answer != "nothing":
        path = f"/enrollment/episodes/{enrolled.episode_id}/offer/{answer}"
        body = {"reason": "not_now"} if answer == "refusal" else {}
        world.attempt(world.coordinator, path, body, what=f"offers of a place, {answer}")


def _in_time(world: World, enrolled: Enrolled, kind: str, due_at: str, now: datetime) -> bool:
    random = draw(world.seed, "work", enrolled.life.number, kind, due_at[:10])
    if random.random() >= p.LATE_WORK.get(kind, 0):
        return True
    return now >= datetime.fromisoformat(due_at).astimezone(UTC) + timedelta(days=random.randint(*p.LATE_WORK_DAYS))


def _do(world: World, enrolled: Enrolled, kind: str, day: date) -> None:
    episode = f"/enrollment/episodes/{enrolled.episode_id}"
    if kind == "reassessment":
        _reassess(world, enrolled)
    elif kind == "instrument_at_admission":
        score(world, enrolled, "admission", day)
    elif kind == "instrument_at_review":
        score(world, enrolled, "review", day)
    elif kind == "certification":
        world.attempt(world.prescriber, f"{episode}/certification", {}, what="recertifications")
    elif kind == "plan_review":
        world.attempt(world.therapist, f"{episode}/plan-reviews", {"outcome": "continued"}, what="plan reviews")
    elif kind == "authorization_renewal":
        authorize(world, enrolled, day)
    elif kind == "discharge_review":
        _review_discharge(world, enrolled, day)


def _reassess(world: World, enrolled: Enrolled) -> None:
    kind = world.program.kind(enrolled.track).assessment
    body = {
        "kind": kind,
        "answers": ASAM if kind == "asam" else CLINICAL,
        "age_group": "adult",
        "episode_id": enrolled.episode_id,
    }
    path = f"/enrollment/participants/{enrolled.participant_id}/assessments"
    world.attempt(world.therapist, path, body, what="reassessments")


def _review_discharge(world: World, enrolled: Enrolled, day: date) -> None:
    """Who has dropped out is discharged; everybody else goes on."""
    gone = enrolled.weeks(day) >= enrolled.life.drops_out
    body = {"outcome": "discharge" if gone else "continue"}
    path = f"/enrollment/episodes/{enrolled.episode_id}/discharge-review"
    if world.attempt(world.coordinator, path, body, what="discharge reviews") is not None and gone:
        enrolled.review_asks_discharge = True


def _take_steps(world: World, by_episode: Mapping[str, Enrolled], day: date) -> None:
    """What steps of absence policies ask for is done, but for discharge reviews, which are due in enrollment. Some
    bring a certificate for what was counted, days later, which reverses the step."""
    for enrolled, due in _in_order(by_episode, world.coordinator.get("/attendance/due")["due"]):
        if due["kind"] in ("outreach", "coordinator"):
            path = f"/attendance/episodes/{due['episode_id']}/absence-steps/{due['policy']}/{due['kind']}/taken"
            world.attempt(world.coordinator, path, {}, what="absence steps taken")
            random = draw(world.seed, "certificate", enrolled.life.number, due["policy"], day)
            if random.random() < p.CERTIFICATE:
                brought = day + timedelta(days=random.randint(*p.LATER_DAYS))
                excused = [_excuse(world, booking_id) for booking_id in due["absences"]]
                world.later.setdefault(brought, []).extend(excused)


def _services(world: World, enrolled: Enrolled) -> list[dict[str, Any]]:
    """The plan of care has what the track offers in a week."""
    services = [
        {
            "component": series.component,
            "type": PLANNED_TYPES[series.component],
            "amount": series.minutes,
            "frequency": len(series.days.split(",")),
            "duration": 12,
        }
        for series in together(world.program.kind(enrolled.track), 1)
    ]
    individual = {"component": "individual_therapy", "type": "cbt", "amount": 50, "frequency": 1, "duration": 12}
    return [*services, individual]


def _excuse(world: World, booking_id: str) -> Callable[[], None]:
    def write() -> None:
        path = f"/attendance/bookings/{booking_id}/excuse"
        world.attempt(world.therapist, path, {"reason": "certificate"}, what="excuses by certificate")

    return write


def _command(world: World, path: str, what: str) -> Callable[[], None]:
    def write() -> None:
        world.attempt(world.front_desk, path, {}, what=what)

    return write
