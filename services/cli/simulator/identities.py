"""Who is who: a second number of the same person, and two people whom the hospital took for one."""

from services.cli.simulator.intake import written_down
from services.cli.simulator.model.traffic import second_number, second_number_day
from services.cli.simulator.world import World


def register_second_numbers(world: World, number: int) -> None:
    """The front desk writes somebody down once more, under a second number: the hospital will merge the two."""
    for enrolled in world.people:
        if second_number_day(world.seed, enrolled.life) == number and enrolled.participant_id:
            again = written_down(second_number(enrolled.life.person))
            world.attempt(world.front_desk, "/enrollment/participants", again, what="second numbers")


def tell_apart(world: World, number: int) -> None:
    """In the evening of a day: whom the hospital merged by mistake, the program tells apart again."""
    by_number = {one.life.number: one for one in world.people}
    for mistake in world.program.wrong_merges:
        survivor, retired = by_number.get(mistake.survivor), by_number.get(mistake.retired)
        if mistake.noticed != number or survivor is None or retired is None:
            continue
        if survivor.participant_id and retired.participant_id:
            body = {"surviving_id": survivor.participant_id, "retired_id": retired.participant_id}
            world.attempt(world.coordinator, "/enrollment/unmerges", body, what="un-merges")
