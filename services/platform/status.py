"""How a service does: its followers' positions and lags, what is parked, how old the oldest untold event is."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from events.follow.meanwhile import meanwhile
from events.follow.parking import Parking
from events.follow.tables import CHECKPOINT, HELD
from events.log import ledger
from events.log.clock import from_microseconds
from events.transport import marks
from events.transport.marks import Mark, Place
from events.transport.source import Heads, SourceUnavailable
from events.transport.tables import FEED, UNREADABLE
from events.transport.topology import service_of
from services.platform.metrics import Metrics
from services.platform.service import Service

HEADS_SECONDS = 1.0
"""How long the sources' feeds have to answer, all at the same time."""

REBUILDING = "@"
"""In the names of checkpoints that belong to a rebuild, not to a follower."""


@dataclass(frozen=True)
class Standing:
    """One follower. ``lag_seconds``: age of the oldest event that it has not passed, by the service's clock."""

    name: str
    position: int
    lag_events: int
    lag_seconds: float


def standings(service: Service) -> list[Standing]:
    """All followers of the service's own log, whichever process runs them."""
    head = service.log.head()
    query = select(CHECKPOINT.c.name, CHECKPOINT.c.position).order_by(CHECKPOINT.c.name)
    with service.database.read() as connection:
        found = {row.name: row.position for row in connection.execute(query)}
        found["ledger"] = ledger.tail(connection).position
    found.pop("relay", None)  # it counts places of the feed, not positions of the log
    ages = {position: _age(service, position) for position in set(found.values()) if position < head}
    return [
        Standing(name, position, max(head - position, 0), ages.get(position, 0.0))
        for name, position in sorted(found.items())
        if REBUILDING not in name
    ]


def relay_standing(service: Service) -> dict[str, Any]:
    """How much of the feed is not on the broker yet."""
    query = select(CHECKPOINT.c.position).where(CHECKPOINT.c.name == "relay")
    with service.database.read() as connection:
        relayed = connection.execute(query).scalar_one_or_none() or 0
        last = connection.execute(select(func.coalesce(func.max(FEED.c.place), 0))).scalar_one()
        oldest = connection.execute(select(func.min(FEED.c.position)).where(FEED.c.place > relayed)).scalar_one()
    age = _age(service, oldest - 1) if oldest else 0.0
    return {"told": last, "relayed": relayed, "lag_events": last - relayed, "age_seconds": age}


def document(service: Service) -> dict[str, Any]:
    """The answer of ``GET /<service>/status``."""
    parked = Parking(service.database, service.log).list()
    with service.database.read() as connection:
        waiting = connection.execute(select(func.count()).select_from(HELD).where(HELD.c.error.is_(None))).scalar_one()
        unreadable = connection.execute(select(func.count()).select_from(UNREADABLE)).scalar_one()
    return {
        "service": service.name,
        "generation": service.log.generation,
        "position": service.log.head(),
        "work": sorted(service.work),
        "followers": [asdict(standing) for standing in standings(service)],
        "failing": _failing(service),
        "parked": len(parked),
        "waiting_behind_parked": waiting,
        "unreadable": unreadable,
        "deadlines_due": deadlines_due(service),
        "rebuilds": service.rebuilding.document(),
        "relay": relay_standing(service) if service.around.settings.broker else None,
        "inbox": inbox_standings(service),
    }


def deadlines_due(service: Service) -> int:
    """How many deadlines are due and have not fired; at most a hundred of each kind are counted."""
    now = service.around.clock()
    with service.database.read() as connection:
        known = set(connection.execute(select(CHECKPOINT.c.name)).scalars())
    return sum(len(firing.due(now)) for firing in service.followers.firing if firing.deadlines.name in known)


def inbox_standings(service: Service) -> list[dict[str, Any]]:
    """Per source: how many of its events were not received yet; None where its feed does not answer soon."""
    if service.inbox is None:
        return []
    with service.database.read() as connection:
        received = marks.load(connection)
    asked = {name: meanwhile("status", source.heads) for name, source in service.inbox.receiver.sources.items()}
    wait(asked.values(), HEADS_SECONDS)
    answers = []
    for name, heads in sorted(asked.items()):
        mine = {place: mark for place, mark in received.items() if place.source == name}
        halts = {place: mark.halted for place, mark in sorted(mine.items()) if mark.halted}
        answers.append(
            {
                "source": name,
                "received": sum(m.sequence for m in mine.values()),
                "lag_events": _lag(heads, mine),
                "halted": [str(place) for place in halts],
                "halts": [halt_document(place, reason) for place, reason in halts.items()],
            }
        )
    return answers


def _lag(coming: "Future[Heads]", received: Mapping[Place, Mark]) -> int | None:
    try:
        heads = coming.result(0)
    except (TimeoutError, SourceUnavailable):
        return None
    passed = {(place.generation, place.partition): mark.sequence for place, mark in received.items()}
    return sum(
        max(head - passed.get((generation, partition), 0), 0)
        for generation, numbers in heads.generations()
        for partition, head in numbers.items()
    )


def halt_document(place: Place, reason: str) -> dict[str, Any]:
    """A partition of a source from which nothing is taken, and the id by which it is resumed."""
    return {
        "id": f"{service_of(place.source)}:{place.generation}:{place.partition}",
        "source": place.source,
        "generation": place.generation,
        "partition": place.partition,
        "reason": reason,
    }


def measure(service: Service, metrics: Metrics) -> None:
    """Sets the gauges of a service."""
    labels = {"service": service.name}
    metrics.set("daybook_log_position", service.log.head(), **labels)
    for standing in standings(service):
        named = {**labels, "follower": standing.name}
        metrics.set("daybook_follower_position", standing.position, **named)
        metrics.set("daybook_follower_lag_events", standing.lag_events, **named)
        metrics.set("daybook_follower_lag_seconds", standing.lag_seconds, **named)
    parked: dict[str, int] = {follower.name: 0 for follower in service.followers.projections}
    for entry in Parking(service.database, service.log).list():
        parked[entry.follower] = parked.get(entry.follower, 0) + 1
    for follower, count in parked.items():
        metrics.set("daybook_parked", count, **labels, follower=follower)
    if service.around.settings.broker:
        metrics.set("daybook_relay_age_seconds", relay_standing(service)["age_seconds"], **labels)


def _failing(service: Service) -> Sequence[Mapping[str, str]]:
    """Work of this process whose last step failed."""
    units = [condition for loop in service.loops for condition in loop.conditions() if condition.error]
    failing = [{"name": condition.name, "error": condition.error or ""} for condition in units]
    return failing + [{"name": worker.name, "error": worker.error} for worker in service.workers if worker.error]


def _age(service: Service, position: int) -> float:
    """How long ago the next record after a position was recorded, in seconds."""
    records = service.log.records(position, 1)
    if not records:
        return 0.0
    now: datetime = service.around.clock()
    return max((now - from_microseconds(records[0].recorded_at)).total_seconds(), 0.0)
