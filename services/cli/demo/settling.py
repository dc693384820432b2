"""Whether services of this process have caught up with one another, asked as cheaply as can be: it is asked often."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import func, not_, select

from events.follow.tables import CHECKPOINT
from events.log import ledger
from events.transport.tables import HEAD, RECEIVED
from services.platform.service import Service
from services.platform.status import REBUILDING

_RELAY = "relay"
"""Its checkpoint counts places of the feed, not positions of the log."""

_SLOWEST = (
    select(CHECKPOINT.c.name, CHECKPOINT.c.position)
    .where(CHECKPOINT.c.name != _RELAY, not_(CHECKPOINT.c.name.contains(REBUILDING)))
    .order_by(CHECKPOINT.c.position)
    .limit(1)
)
_TOLD = select(func.coalesce(func.sum(HEAD.c.sequence), 0))
_HEARD = select(RECEIVED.c.source, func.sum(RECEIVED.c.sequence)).group_by(RECEIVED.c.source)
_FOLLOWED = select(CHECKPOINT.c.name)


def told(services: Iterable[Service]) -> dict[str, int]:
    """Source → how many events it has published."""
    found = {}
    for service in services:
        with service.database.read() as connection:
            found[service.feed.source] = int(connection.execute(_TOLD).scalar_one())
    return found


def behind(service: Service, told: Mapping[str, int]) -> Iterator[str]:
    """What has not come yet: events to its followers, events ``told`` to its inbox, deadlines that are due."""
    head = service.log.head()
    with service.database.read() as connection:
        slowest = connection.execute(_SLOWEST).one_or_none()
        sealed = ledger.tail(connection).position
        heard = dict(connection.execute(_HEARD).tuples().all()) if service.inbox is not None else {}
        known = set(connection.execute(_FOLLOWED).scalars())
    for name, position in ([] if slowest is None else [tuple(slowest)]) + [("ledger", sealed)]:
        if position < head:
            yield f"{service.name}: {name} is {head - position} events behind"
    for source in service.inbox.receiver.sources.values() if service.inbox is not None else ():
        missing = told[source.source] - int(heard.get(source.source, 0))
        if missing > 0:
            yield f"{service.name}: {missing} events of {source.source} are on their way"
    now = service.around.clock()
    for firing in service.followers.firing:
        if firing.deadlines.name in known and firing.due(now, 1):
            yield f"{service.name}: {firing.name} are due"
