"""Copies of a service come and go under load: they share its queues evenly and keep every promise."""

import signal
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from events.follow.tables import LEASE
from events.transport.inbox import KIND
from tests.faults.faults_fleet import Plan
from tests.faults.faults_scene import Scene, scene_on

pytestmark = pytest.mark.processes

ENROLLMENT, SCHEDULING = Plan("enrollment", "enrollment", port=-1), Plan("scheduling", "scheduling")


def shares(scene: Scene) -> list[int]:
    """How many queues each of scheduling's copies has; empty while some queue has no owner."""
    with scene.oracle.scheduling.database.read() as connection:
        owners = list(connection.scalars(select(LEASE.c.copy).where(LEASE.c.kind == KIND)))
    return [] if None in owners else sorted(Counter(owners).values(), reverse=True)


def settle_at(scene: Scene, *wanted: int) -> None:
    scene.fleet.eventually(lambda: shares(scene) == list(wanted), f"shares are not {wanted} but {shares(scene)}")


def test_two_and_three_copies_share_evenly_and_keep_the_promises_while_they_come_and_go(
    tmp_path: Path, postgres_url: str, rabbitmq_url: str
) -> None:
    with scene_on(tmp_path, postgres_url, rabbitmq_url, (ENROLLMENT, ENROLLMENT, SCHEDULING)) as scene:
        fleet = scene.fleet
        with scene.talk.going_on(talkers=2):
            settle_at(scene, 4)
            fleet.start(SCHEDULING)
            settle_at(scene, 2, 2)
            fleet.start(SCHEDULING)
            settle_at(scene, 2, 1, 1)
            scene.hear(10)
            fleet.end("scheduling", signal.SIGKILL)  # gone without a word
            settle_at(scene, 2, 2)
            fleet.kill("enrollment")  # started again by the supervisor
            scene.hear(10)
            # In order; its clients go to the other copy with the same command ids. The one that is left answers for the
            # feed: what comes in the wrong order from queues that change hands is pulled from there.
            fleet.end("enrollment 2")
            fleet.end("scheduling 2")
            settle_at(scene, 4)
            scene.hear(10)
        scene.judge()
        scene.oracle.judge_what_is_kept()
