"""Received events become records: the source's numbers are the stream's versions, so the database refuses
duplicates."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from events.contract.canonical import dumps
from events.contract.envelope import CloudEvent
from events.log.database import APPENDED
from events.log.errors import ContradictingSource
from events.log.identity import received_stream
from events.log.reading import RECEIVED
from events.log.schema import LOG


def receive(tx: Connection, events: Sequence[CloudEvent], bodies: Sequence[bytes] | None, recorded_at: int) -> int:
    """Appends the events that are new, in the order given, inside ``tx``; returns how many those were.

    Raises ``ContradictingSource`` when a number is known with another event id, here or within the batch.
    """
    if bodies is None:
        bodies = [event.to_bytes() for event in events]
    rows = {}
    ids: dict[tuple[UUID, int], CloudEvent] = {}
    for event, body in zip(events, bodies, strict=True):
        place = (received_stream(event.source, event.generation, event.partition), event.sequence)
        if place in ids:
            _same(event, ids[place])
            continue
        ids[place] = event
        rows[place] = {
            "stream": place[0],
            "version": place[1],
            "recorded_at": recorded_at,
            "type": RECEIVED + event.type,
            "state": body,
        }
    if not rows:
        return 0
    for stream, version, state in _known(tx, list(rows)):
        _same(ids[stream, version], CloudEvent.from_bytes(state))
        del rows[stream, version]
    if rows:
        tx.info[APPENDED] = True
        _append(tx, list(rows.values()))
    return len(rows)


def _known(tx: Connection, places: list[tuple[UUID, int]]) -> Sequence[Any]:
    if tx.dialect.name != "postgresql":
        told = dumps([(stream.hex, version) for stream, version in places]).decode()
        return tx.execute(_KNOWN_SQLITE, {"told": told}).all()
    streams, versions = [stream for stream, _ in places], [version for _, version in places]
    return tx.execute(_KNOWN, {"streams": streams, "versions": versions}).all()


def _append(tx: Connection, rows: list[dict[str, Any]]) -> None:
    """One statement for many rows, in their order."""
    if tx.dialect.name != "postgresql":
        tx.execute(LOG.insert(), rows)
        return
    columns = ([row[name] for row in rows] for name in ("stream", "version", "type", "state"))
    tx.exec_driver_sql(_APPEND, (rows[0]["recorded_at"], *columns))


# SQLite looks up pairs of values given as such, (stream, version) IN (VALUES …), by reading the whole log.
_KNOWN_SQLITE = text(
    """
    SELECT log.stream, log.version, log.state
    FROM json_each(:told) AS told CROSS JOIN log
        ON log.stream = json_extract(told.value, '$[0]') AND log.version = json_extract(told.value, '$[1]')
    """
).columns(LOG.c.stream, LOG.c.version, LOG.c.state)
# Arrays, so that the statement is the same however many events come: no time goes into writing and planning it.
_KNOWN = text(
    """
    SELECT log.stream, log.version, log.state
    FROM log JOIN unnest(CAST(:streams AS uuid[]), CAST(:versions AS bigint[])) AS told (stream, version)
        ON log.stream = told.stream AND log.version = told.version
    """
)
_APPEND = (
    "INSERT INTO log (stream, version, recorded_at, type, state) SELECT stream, version, %b::bigint, type, state "
    "FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[]) AS told (stream, version, type, state)"
)


def _same(new: CloudEvent, known: CloudEvent) -> None:
    if new.id != known.id:
        raise ContradictingSource(
            f"{new.source} generation {new.generation} partition {new.partition} sequence {new.sequence} "
            f"is known as event {known.id} and was told as {new.id}\n"
            "hint: was its database restored to an earlier moment without a new generation?"
        )
