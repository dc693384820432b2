"""One decision sets off the others' reactions: embedded, and with real processes, PostgreSQL, RabbitMQ and MLLP."""

import pytest
from e2e_house import House
from e2e_program import Program
from e2e_stories import STORIES, Story, play
from e2e_town import Town

NAMES = [story.__name__ for story in STORIES]


@pytest.mark.parametrize("story", STORIES, ids=NAMES)
def test_embedded(house: House, story: Story) -> None:
    failed = play(Program(house).open(), [story])[story.__name__]
    assert house.parked() == []
    if failed is not None:
        raise failed


@pytest.fixture(scope="module")
def played(town: Town) -> dict[str, Exception | None]:
    """All stories at once in the town: each is true whatever else happens."""
    return play(Program(town, "stories").open(), STORIES)


@pytest.mark.processes
@pytest.mark.parametrize("name", NAMES)
def test_over_rabbitmq_and_postgresql(played: dict[str, Exception | None], name: str) -> None:
    failed = played[name]
    if failed is not None:
        raise failed


@pytest.mark.processes
def test_the_hospital_has_acknowledged_what_it_was_told(played: dict[str, Exception | None], town: Town) -> None:
    asked = town.client("operator")

    def sent() -> bool:
        notices = asked.get("/interop/notices", limit=1000)["notices"]
        return {one["state"] for one in notices} == {"acknowledged"}

    town.until(sent, "every notice is acknowledged")
    assert town.receiver.told["ADT^A03^ADT_A03"] == 1
