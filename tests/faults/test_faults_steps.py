"""Each kind of process is killed or frozen between each pair of steps, with clients talking: nothing lost or twice."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from services.cli.client import Client
from tests.conftest import fresh_database, fresh_vhost
from tests.faults.faults_fleet import Plan
from tests.faults.faults_process import BROKEN
from tests.faults.faults_scene import Scene, scene_on
from tests.faults.faults_steps import FROZEN, KILLED

pytestmark = pytest.mark.processes

EACH_KIND_APART = (
    Plan("commands", "enrollment", "commands", port=-1),
    Plan("feed", "enrollment", "feed"),
    Plan("relay", "enrollment", "relay"),
    Plan("ledger", "enrollment", "ledger"),
    Plan("deadlines", "enrollment", "deadlines,projections", days_ahead=400),
    Plan("inbox", "scheduling", "inbox"),
    Plan("projections", "scheduling", "projections"),
    Plan("reactions", "scheduling", "reactions", port=-1),
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Enrollment and scheduling, a process for each kind of work. All tests here share it, one after another."""
    with ExitStack() as stack:
        database, broker = stack.enter_context(fresh_database()), stack.enter_context(fresh_vhost())
        folder = tmp_path_factory.mktemp("apart")
        yield stack.enter_context(scene_on(folder, database, broker, EACH_KIND_APART, with_deadlines=True))


@pytest.mark.parametrize("step", KILLED)
def test_killed_between_two_steps(scene: Scene, step: str) -> None:
    before = scene.fleet.deaths()
    with scene.talk.going_on():
        with scene.fleet.struck(step, signal.SIGKILL):
            pass
        scene.fleet.eventually(lambda: scene.fleet.deaths() > before, "it was not started again")
        scene.hear(5)
    scene.judge()
    assert scene.fleet.deaths() == before + 1


@pytest.mark.parametrize("step", FROZEN)
def test_frozen_with_work_in_hand_and_woken_after_another_copy_took_over(scene: Scene, step: str) -> None:
    fleet, kind = scene.fleet, FROZEN[step].kind
    first = fleet.running[kind]
    with scene.talk.going_on():
        with fleet.struck(f"frozen {step}", signal.SIGSTOP):
            pass
        fleet.eventually(lambda: first.is_frozen, "it was not frozen")
        fleet.start(replace(first.plan, port=0))
        scene.hear(10)
    scene.oracle.settle()  # by the other copy alone
    assert first.is_frozen
    with scene.talk.going_on():
        first.wake()
        scene.hear(10)
    scene.judge()
    fleet.end(f"{kind} 2")


def test_a_failing_handler_parks_one_key_until_it_is_mended_and_released_over_http(scene: Scene) -> None:
    fleet, broken = scene.fleet, scene.fleet.orders / BROKEN
    with scene.talk.going_on():
        broken.write_text(str(scene.oracle.scheduling.log.head()))
        fleet.eventually(lambda: list(scene.oracle.parked()), "nothing was parked")
        scene.hear(30)
    key = broken.read_text()
    scene.oracle.settle()
    (parked,) = scene.oracle.parked()
    assert (parked.key, parked.error) == (key, "ZeroDivisionError")
    broken.unlink()
    services = Client(f"http://127.0.0.1:{fleet.running['reactions'].plan.port}", scene.talk.token)
    assert [one["id"] for one in services.get("/scheduling/parked")["parked"]] == [parked.id]
    services.post(f"/scheduling/parked/{parked.id}/retry", {})
    services.close()
    scene.judge()


def test_afterwards_views_are_as_rebuilt_and_the_ledger_holds(scene: Scene) -> None:
    scene.judge()
    scene.oracle.judge_what_is_kept()
