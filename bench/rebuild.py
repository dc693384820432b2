"""A projection built anew from its log on PostgreSQL.

Ours is the rebuild beside live rows, indexes included, every version of every row. The peer is the `eventsourcing`
library's ProjectionRunner, which writes the same versions of the same rows; being slow, it gets fewer events. The limit
reads the same records through a server-side cursor and decodes their JSON.
"""

import gc
import time
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from bench import harness, reviews
from bench.harness import Options, spawn
from bench.servers import Servers
from events.contract.canonical import loads
from events.follow.projecting import ProjectionFollower
from events.follow.rebuild import rebuild
from events.follow.view import OPEN

EVENTS = 200_000
PEER_EVENTS = 4_000


def ours(url: str) -> float:
    party = reviews.Party(url, reviews.TELLER)
    gc.freeze()  # as a service's process does once it has started
    result = rebuild(party.database, party.log, reviews.LastReview())
    party.close()
    if not result.identical:
        raise RuntimeError(f"the rebuilt rows differ: {result.difference}")
    return result.events / result.seconds


def limit(url: str) -> float:
    """Events per second read and decoded, nothing done with them."""
    count = 0
    with psycopg.connect(url) as connection, connection.cursor("limit") as cursor:
        cursor.itersize = 5_000
        began = time.perf_counter()
        query = (
            f"SELECT position, stream, version, recorded_at, type, state FROM {reviews.TELLER}.log ORDER BY position"
        )
        for row in cursor.execute(query.encode()):
            loads(row[5])
            count += 1
    return count / (time.perf_counter() - began)


class Review(Aggregate):
    """The peer's events: the same fields."""

    class Opened(Aggregate.Event):
        participant_id: UUID
        episode_id: UUID
        review_id: UUID
        cause: str
        urgent: bool
        due_at: datetime

    def open_review(self, participant_id: UUID, number: int, at: datetime) -> None:
        self.trigger_event(
            self.Opened,
            participant_id=participant_id,
            episode_id=uuid5(participant_id, "episode"),
            review_id=uuid5(participant_id, str(number)),
            cause="order_changed",
            urgent=number % 7 == 0,
            due_at=at,
        )

    @event(Opened)
    def _opened(self, participant_id: UUID) -> None:
        self.last = participant_id


class Reviews(Application[UUID]):
    pass


class LastReviewView(PostgresTrackingRecorder):
    """The same rows: a version ends, the next begins, in one transaction with the tracking."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sql_create_statements.append(
            SQL(
                "CREATE TABLE IF NOT EXISTS peer.last_review (participant_id text, valid_from bigint, review_id text, "
                "cause text, due_at timestamptz, reviews bigint, urgent bigint, valid_to bigint, "
                "PRIMARY KEY (participant_id, valid_from))"
            )
        )

    def opened(self, event: Review.Opened, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            ended = "UPDATE peer.last_review SET valid_to = %s WHERE participant_id = %s AND valid_to = %s RETURNING *"
            who, at = str(event.participant_id), tracking.notification_id
            cursor.execute(ended, (at, who, OPEN), prepare=True)
            row = cursor.fetchone() or {"reviews": 0, "urgent": 0}
            counts = (row["reviews"] + 1, row["urgent"] + event.urgent)
            values = (who, at, str(event.review_id), event.cause, event.due_at, *counts, OPEN)
            began = "INSERT INTO peer.last_review VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
            cursor.execute(began, values, prepare=True)


class LastReviewProjection(Projection[LastReviewView]):
    name = "last_review"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        if isinstance(domain_event, Review.Opened):
            self.view.opened(domain_event, tracking)
        else:
            self.view.insert_tracking(tracking)


def environment(url: str) -> dict[str, str]:
    parts = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts.get("port", 5432)),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": str(parts.get("password", "")),
        "POSTGRES_SCHEMA": "peer",
    }


def fill_peer(url: str, count: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(b"CREATE SCHEMA IF NOT EXISTS peer")
    application = Reviews(env=environment(url))
    at = reviews.now()
    for first in range(0, count, 500):
        review = Review()
        for number in range(first, min(first + 500, count)):
            review.open_review(reviews.person(number), number, at)
        application.save(review)
    application.close()


def project(url: str, count: int, told: Any) -> None:
    """One process: the peer, until it has passed its events."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(b"DROP TABLE IF EXISTS peer.last_review, peer.last_review_tracking")
    runner: Any = ProjectionRunner(
        application_class=Reviews,
        projection_class=LastReviewProjection,
        view_class=LastReviewView,
        env=environment(url),
    )
    last = runner.app.recorder.max_notification_id()
    began = time.perf_counter()
    runner.projection.view.wait(runner.app.name, last, timeout=600)
    told.put(count / (time.perf_counter() - began))
    runner.stop()


def peer(url: str, count: int) -> float:
    told = spawn.Queue()
    process = spawn.Process(target=project, args=(url, count, told))
    process.start()
    rate = harness.answer(told, process)
    process.join()
    return float(rate)


def prepare(url: str, count: int) -> None:
    """A log and its live projection."""
    party = reviews.migrated(url, reviews.TELLER)
    party.fill(count)
    live = ProjectionFollower(reviews.LastReview(), party.database, party.log)
    while live.step():
        pass
    party.close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(b"CHECKPOINT")
        connection.execute(b"ANALYZE")


def measure(options: Options, servers: Servers) -> dict[str, Any]:
    count, fewer = options.pick(EVENTS, 1_000), options.pick(PEER_EVENTS, 200)
    with servers.database() as url:
        prepare(url, count)
        fill_peer(url, fewer)
        ways = {"ours": partial(ours, url), "peer": partial(peer, url, fewer), "limit": partial(limit, url)}
        rates = harness.interleave(ways, options.rounds, f"{count:,} events")
    return {**harness.compared(rates), "unit": "events/s", "n": count, "peer_n": fewer}
