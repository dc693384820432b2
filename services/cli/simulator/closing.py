"""The program closes for a day, or one track does: told ahead, mostly holds, is sometimes taken back."""

from datetime import date, timedelta

from services.cli.simulator.model.closings import AHEAD, Closing
from services.cli.simulator.world import World


def close_ahead(world: World) -> None:
    """Holidays, before anything is scheduled."""
    for closing in world.program.closings:
        if closing.told == AHEAD:
            _close(world, closing)
    world.settle()


def close_and_reopen(world: World, number: int) -> None:
    """In the evening of a day: what is known by then, and what is taken back."""
    for closing in world.program.closings:
        if closing.told == number:
            _close(world, closing)
        if closing.lifted == number and closing in world.closed:
            _reopen(world, closing)


def _close(world: World, closing: Closing) -> None:
    first, last = _days(world, closing)
    track = None if closing.track is None else world.tracks[closing.track]
    body = {"from": first.isoformat(), "through": last.isoformat(), "reason": closing.reason, "track_id": track}
    closed = world.attempt(world.coordinator, "/scheduling/closures", body, what=f"closures, {closing.reason}")
    if closed is not None:
        world.closed[closing] = closed["closure_id"]
        world.done["sessions cancelled by a closure"] += len(closed["sessions"])
        world.take_turns()


def _reopen(world: World, closing: Closing) -> None:
    """Its sessions take place after all; who had a seat has it again."""
    path = f"/scheduling/closures/{world.closed[closing]}/reopening"
    if world.attempt(world.coordinator, path, {}, what="closures taken back") is None:
        return
    first, last = _days(world, closing)
    body = {"from": first.isoformat(), "through": last.isoformat(), "partial": True}
    for group in world.groups:
        for series in group.series:
            again = world.attempt(world.coordinator, f"/scheduling/series/{series}/sessions", body)
            if again is not None:
                world.count_refused(again["refused"])
    world.settle()


def _days(world: World, closing: Closing) -> tuple[date, date]:
    first = world.day(closing.first)
    return first, first + timedelta(days=closing.days - 1)
