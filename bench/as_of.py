"""A participant's chart and a track's census at an instant of the past, against the same questions about the present.

Both are asked through enrollment's own queries, on PostgreSQL, in logs of different lengths. Each figure is the 99th
percentile of many questions about different participants, tracks and instants, in milliseconds; `ours` is the chart of
the past and `peer` that of the present, in the longest log.
"""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bench import harness
from bench.harness import Options, say
from bench.lives import SERVICE, Lives, someone
from bench.servers import Servers
from events.follow import tables as following
from events.follow.follower import step_together
from events.follow.projecting import ProjectionFollower
from events.follow.reading import Reader
from events.follow.sealing import Sealing
from events.follow.tail import Tail
from events.log.database import Database
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault
from services.enrollment.queries import Queries
from services.enrollment.wiring import define
from services.platform.packs import Packs
from services.platform.web import Query

QUESTIONS = 300
ROLES = frozenset({"coordinator"})


class Enrolled:
    """Enrollment's log, its views, its ledger and its queries."""

    def __init__(self, url: str, folder: str):
        definition = define()
        self.url = url
        self.database = Database.open(url, SERVICE)
        self.database.migrate(extra=[following.metadata])
        self.vault = Vault.connect(f"sqlite:///{folder}/keys.sqlite", bytes(32))
        registry = TypeRegistry(SERVICE, definition.aggregates)
        self.log = EventLog(self.database, registry, self.vault, lambda: datetime.now(UTC))
        self.lives = Lives(self.log, self.vault)
        tail = Tail(self.log)
        self.views = [ProjectionFollower(one(), self.database, self.log, tail=tail) for one in definition.projections]
        self.sealing = Sealing(self.database, self.log)
        self.queries = Queries(Reader(self.database, self.log), self.vault, Packs.load())

    def grow(self, length: int) -> None:
        self.lives.grow(length)
        while step_together(self.database, self.views):
            pass
        while self.sealing.step():
            pass
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(b"VACUUM ANALYZE")

    def chart(self, chance: random.Random, past: bool) -> None:
        who, instant = someone(self.lives, chance)
        self._ask(self.queries.participant, past, instant, participant_id=who)

    def census(self, chance: random.Random, past: bool) -> None:
        _, instant = someone(self.lives, chance)
        self._ask(self.queries.track, past, instant, track_id=str(chance.choice(self.lives.tracks)))

    @staticmethod
    def _ask(question: Callable[[Query], Any], past: bool, instant: datetime, **params: Any) -> None:
        question(Query(params, as_of=instant if past else None, roles=ROLES))


Question = Callable[[random.Random, bool], None]


def percentile(question: Question, past: bool, count: int, seed: int) -> float:
    """Milliseconds within which 99 of 100 answers came."""
    chance = random.Random(seed)
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        question(chance, past)
        taken.append(1000 * (time.perf_counter() - began))
    return sorted(taken)[int(count * 0.99)]


def asked(enrolled: Enrolled, count: int, rounds: int) -> dict[str, list[float]]:
    """Past and present in turn; the figures of each round."""
    ways: dict[str, tuple[Question, bool]] = {
        "chart": (enrolled.chart, True),
        "chart_now": (enrolled.chart, False),
        "census": (enrolled.census, True),
        "census_now": (enrolled.census, False),
    }
    for question, past in ways.values():
        percentile(question, past, 20, 0)
    runs = {name: partial(percentile, question, past, count, 1) for name, (question, past) in ways.items()}
    return harness.interleave(runs, rounds, f"{enrolled.lives.length:,} events, ms")


def measure(options: Options, servers: Servers) -> dict[str, Any]:
    growth: list[dict[str, Any]] = []
    found: dict[str, list[float]] = {}
    with TemporaryDirectory() as folder, servers.database() as url:
        enrolled = Enrolled(url, folder)
        for size in options.sizes(2_000):
            began = time.perf_counter()
            enrolled.grow(size)
            say(f"  {size:,} events stored and projected after {time.perf_counter() - began:,.0f} s")
            found = asked(enrolled, options.pick(QUESTIONS, 20), options.rounds)
            medians = {name: round(statistics.median(each), 2) for name, each in found.items()}
            ratio, least, most = harness.ratios(found["census"], found["census_now"])
            growth.append({"stored": size, **medians, "census_ratio": ratio, "census_ratio_range": [least, most]})
        enrolled.database.close()
        enrolled.vault.close()
    compared = harness.compared({"ours": found["chart"], "peer": found["chart_now"]})
    return {
        **compared,
        "unit": "ms, p99",
        "n": growth[-1]["stored"],
        "census": growth[-1]["census"],
        "census_now": growth[-1]["census_now"],
        "census_ratio": growth[-1]["census_ratio"],
        "chart_growth": round(growth[-1]["chart"] / growth[0]["chart"], 2),
        "census_growth": round(growth[-1]["census"] / growth[0]["census"], 2),
        "growth": growth,
    }
