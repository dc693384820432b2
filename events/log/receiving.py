"""Received events become records: the source's numbers are the stream's versions, so the database refuses
duplicates."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, select, tuple_

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
    known = tx.execute(
        select(LOG.c.stream, LOG.c.version, LOG.c.state).where(tuple_(LOG.c.stream, LOG.c.version).in_(list(rows)))
    ).all()
    for stream, version, state in known:
        _same(ids[stream, version], CloudEvent.from_bytes(state))
        del rows[stream, version]
    if rows:
        tx.info[APPENDED] = True
        tx.execute(LOG.insert().returning(LOG.c.position), list(rows.values()))  # one statement for many rows
    return len(rows)


def _same(new: CloudEvent, known: CloudEvent) -> None:
    if new.id != known.id:
        raise ContradictingSource(
            f"{new.source} generation {new.generation} partition {new.partition} sequence {new.sequence} "
            f"is known as event {known.id} and was told as {new.id}\n"
            "hint: was its database restored to an earlier moment without a new generation?"
        )
