"""How episodes end: goals met, stepped down, dropped out, moved to another track; and who comes back."""

from datetime import date, timedelta

from services.cli.simulator import seats
from services.cli.simulator.caring import score
from services.cli.simulator.intake import refer_again
from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import chosen, draw
from services.cli.simulator.world import WAITING, Enrolled, World

GONE_FOR_WEEKS = 3
"""After so many weeks without a visit the program closes an episode, whatever its reviews say."""


def leave(world: World, day: date) -> None:
    """Whose time has come leaves, in one way or another."""
    for enrolled in world.people:
        life, weeks = enrolled.life, enrolled.weeks(day)
        if enrolled.status == WAITING:
            _give_up(world, enrolled, day)
        elif not enrolled.present:
            continue
        elif enrolled.episodes == 1 and weeks >= life.drops_out:
            _drop_out(world, enrolled, day, weeks - life.drops_out)
        elif weeks >= life.stay_weeks:
            complete(world, enrolled, day)
        elif weeks >= life.transfers and not enrolled.transferred:
            _transfer(world, enrolled)


def complete(world: World, enrolled: Enrolled, day: date) -> None:
    """As planned: last scores, then discharge. The place goes to the first who waits."""
    random = draw(world.seed, "discharge", enrolled.life.number, enrolled.episodes)
    reason = chosen(random, p.DISCHARGED_TO)
    override = "did not come to the last measuring" if random.random() < p.NO_LAST_SCORE else None
    if override is None:
        score(world, enrolled, "discharge", day)
    _discharge(world, enrolled, day, reason, planned=True, override=override)


def _drop_out(world: World, enrolled: Enrolled, day: date, gone: float) -> None:
    """Some say so; of the others the absence policy, or time, asks for a discharge."""
    if enrolled.life.says_goodbye:
        _discharge(world, enrolled, day, "left_against_advice")
    elif enrolled.review_asks_discharge or gone >= GONE_FOR_WEEKS:
        _discharge(world, enrolled, day, "administrative")


def _discharge(
    world: World, enrolled: Enrolled, day: date, reason: str, *, planned: bool = False, override: str | None = None
) -> None:
    body = {"reason": reason}
    if planned:
        body |= {"plan": "Weekly outpatient therapy; alumni group", "to_level_of_care": "outpatient"}
    path = f"/enrollment/episodes/{enrolled.episode_id}/discharge"
    discharged = world.attempt(world.coordinator, path, body, what=f"discharges, {reason}")
    if discharged is None and override is not None:
        body |= {"override_reason": override}
        discharged = world.attempt(world.coordinator, path, body, what=f"discharges by override, {reason}")
    if discharged is None:
        return
    seats.leave(enrolled)
    enrolled.review_asks_discharge = False
    returns = enrolled.life.returns
    if returns is not None and enrolled.episodes == 1:
        back = _weekday(day + timedelta(weeks=returns))
        world.later.setdefault(back, []).append(lambda: refer_again(world, enrolled, back))


def _give_up(world: World, enrolled: Enrolled, day: date) -> None:
    if (day - enrolled.referred_on).days / 7 < enrolled.life.gives_up:
        return
    path = f"/enrollment/episodes/{enrolled.episode_id}/waitlist-departure"
    body = {"reason": "no_longer_interested"}
    if world.attempt(world.coordinator, path, body, what="waitlist departures") is not None:
        seats.leave(enrolled)


def _transfer(world: World, enrolled: Enrolled) -> None:
    """To another track of the program, at once or when there is a place."""
    others = [track for track in range(len(world.tracks)) if track != enrolled.track]
    to = draw(world.seed, "transfer", enrolled.life.number).choice(others)
    kind = chosen(draw(world.seed, "kind of transfer", enrolled.life.number), p.TRANSFER_KINDS)
    body = {"kind": kind, "track_id": world.tracks[to]}
    path = f"/enrollment/episodes/{enrolled.episode_id}/transfer"
    world.attempt(world.coordinator, path, body, what=f"moves to another track asked for, {kind}")
    enrolled.transferred = True


def _weekday(day: date) -> date:
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() >= 5 else 0)
