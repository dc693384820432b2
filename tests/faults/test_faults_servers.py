"""RabbitMQ and PostgreSQL fail under load: everything arrives all the same, and no service is restarted for it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from events.contract.envelope import PARTITIONS
from events.transport import topology
from tests.faults.faults_fleet import Plan
from tests.faults.faults_scene import Scene, scene_on
from tests.support import rabbit
from tests.support.servers import PrivatePostgres, PrivateRabbit

pytestmark = pytest.mark.processes

WHOLE_SERVICES = (Plan("enrollment", "enrollment", port=-1), Plan("scheduling", "scheduling"))
QUEUES = [topology.queue_name("scheduling", queue) for queue in range(topology.DEFAULT_QUEUES)]


@dataclass(frozen=True)
class Stage:
    scene: Scene
    postgres: PrivatePostgres
    rabbit: PrivateRabbit


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two whole services on servers of their own. All tests here share them, one after another."""
    with ExitStack() as stack:
        postgres, broker = PrivatePostgres(), PrivateRabbit()
        for server in (postgres, broker):
            stack.callback(server.close)
            server.start()
        folder: Path = tmp_path_factory.mktemp("whole")
        # one message at a time, so that most of what waits is in the queues, where it can be lost
        scene = stack.enter_context(scene_on(folder, postgres.url, broker.url, WHOLE_SERVICES, DAYBOOK_BATCH="1"))
        scene.talk_for(15)
        scene.judge()
        yield Stage(scene, postgres, broker)


def purge_queues(stage: Stage) -> None:
    """While the consumer stands still, so that there is something in them."""
    scheduling = stage.scene.fleet.running["scheduling"]
    scheduling.freeze()
    stage.scene.hear(60)
    with rabbit.connect(stage.rabbit.url) as connection:
        channel = connection.channel()
        stage.scene.fleet.eventually(
            lambda: sum(channel.queue_declare(name, passive=True).message_count for name in QUEUES),
            "nothing waits in the queues",
        )
        assert sum(channel.queue_purge(name) for name in QUEUES) > 0
    scheduling.wake()


def delete_a_queue(stage: Stage) -> None:
    with rabbit.connect(stage.rabbit.url) as connection:
        connection.channel().queue_delete(QUEUES[2])


def lose_the_last_messages(stage: Stage) -> None:
    """From here on no message reaches a queue, so none reveals that others are missing."""
    with rabbit.connect(stage.rabbit.url) as connection:
        channel = connection.channel()
        for name in QUEUES:
            for partition in range(PARTITIONS):
                channel.queue_unbind(name, topology.EXCHANGE, f"enrollment.{partition:02d}")


def restart_rabbitmq(stage: Stage) -> None:
    stage.rabbit.stop()
    stage.rabbit.start()


def kill_rabbitmq(stage: Stage) -> None:
    stage.rabbit.kill()
    stage.scene.hear(10)  # decisions need no broker
    stage.rabbit.start()


def wipe_rabbitmq(stage: Stage) -> None:
    stage.rabbit.wipe()
    stage.rabbit.start()


def restart_postgresql(stage: Stage) -> None:
    stage.postgres.stop()
    stage.postgres.start()


def kill_postgresql(stage: Stage) -> None:
    stage.postgres.kill()
    stage.postgres.start()


@pytest.mark.parametrize(
    "fault",
    [
        purge_queues,
        delete_a_queue,
        restart_rabbitmq,
        kill_rabbitmq,
        restart_postgresql,
        kill_postgresql,
        wipe_rabbitmq,
        lose_the_last_messages,
    ],
    ids=lambda fault: fault.__name__,
)
def test_everything_arrives_without_a_restart(stage: Stage, fault: Callable[[Stage], None]) -> None:
    scene = stage.scene
    before = scene.fleet.pids()
    with scene.talk.going_on():
        scene.hear(15)
        fault(stage)
        scene.hear(15)
    scene.judge()
    assert scene.fleet.pids() == before
    assert scene.fleet.deaths() == 0


def test_afterwards_views_are_as_rebuilt_and_the_ledger_holds(stage: Stage) -> None:
    stage.scene.judge()
    stage.scene.oracle.judge_what_is_kept()
