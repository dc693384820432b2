"""Where consumers pull what they miss: a source's feed, in process or over HTTP. Never its database."""

import http.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from sqlalchemy import bindparam, select

from events.contract.canonical import dumps, loads
from events.log.database import Database
from events.transport.tables import FEED, HEAD

PAGE = 500
"""Events per page when the reader does not say."""


class SourceUnavailable(OSError):
    """The source's feed did not answer, or not as agreed. Try again later; nothing is lost by waiting."""


class WrongAnswer(SourceUnavailable):
    """It answered, but not as agreed: what else it is asked for may be answered well."""


@dataclass(frozen=True, slots=True)
class Heads:
    """The last sequence of each partition that has any, in the source's generation and in those before it."""

    generation: int
    heads: Mapping[int, int]
    earlier: Mapping[int, Mapping[int, int]] = field(default_factory=dict)

    def generations(self) -> Iterator[tuple[int, Mapping[int, int]]]:
        """All generations, oldest first."""
        yield from sorted(self.earlier.items())
        yield self.generation, self.heads

    def document(self) -> dict[str, Any]:
        """The answer of ``GET /<service>/feed``."""
        return {"generation": self.generation, "heads": self.heads, "earlier": self.earlier}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Heads":
        """Raises ``KeyError``, ``TypeError`` or ``ValueError`` where the document is no heads document."""
        earlier = {int(generation): _numbers(heads) for generation, heads in document.get("earlier", {}).items()}
        return cls(int(document["generation"]), _numbers(document["heads"]), earlier)


def _numbers(heads: Mapping[str, Any]) -> dict[int, int]:
    return {int(partition): int(sequence) for partition, sequence in heads.items()}


def page_document(bodies: list[bytes]) -> bytes:
    """The answer of ``GET /<service>/feed/<partition>``, with the frozen bytes as they are."""
    return b'{"events":[' + b",".join(bodies) + b"]}"


class FeedSource(Protocol):
    """The published feed of one source, for example ``/daybook/enrollment``."""

    source: str
    remote: bool
    """Whether an answer may be long in coming."""

    def heads(self) -> Heads:
        """Raises ``SourceUnavailable``."""
        ...

    def read(self, partition: int, after: int, limit: int = PAGE, *, generation: int | None = None) -> list[bytes]:
        """The frozen events with sequence above ``after``, in order; of the present generation unless another is given.

        Raises ``SourceUnavailable``.
        """
        ...


_HEADS = select(HEAD)
_BODIES = (
    select(FEED.c.body)
    .where(
        FEED.c.generation == bindparam("generation"),
        FEED.c.partition == bindparam("partition"),
        FEED.c.sequence > bindparam("after"),
    )
    .order_by(FEED.c.sequence)
    .limit(bindparam("limit"))
)


class LocalFeed:
    """A feed in this process; what the HTTP interface of a service serves too."""

    remote = False

    def __init__(self, database: Database, source: str, generation: Callable[[], int]):
        self.source = source
        self._database = database
        self._generation = generation

    def heads(self) -> Heads:
        found: dict[int, dict[int, int]] = {}
        with self._database.read() as connection:
            for generation, partition, sequence in connection.execute(_HEADS):
                found.setdefault(generation, {})[partition] = sequence
        present = self._generation()
        return Heads(present, found.pop(present, {}), found)

    def read(self, partition: int, after: int, limit: int = PAGE, *, generation: int | None = None) -> list[bytes]:
        asked = {
            "generation": self._generation() if generation is None else generation,
            "partition": partition,
            "after": after,
            "limit": limit,
        }
        with self._database.read() as connection:
            return list(connection.execute(_BODIES, asked).scalars())


class HttpFeed:
    """A feed over HTTP: ``GET {url}`` for the heads and ``GET {url}/{partition}?after=&limit=&generation=``.

    ``url`` is for example ``http://enrollment:8000/enrollment/feed``; ``token`` gives the bearer token of each request.
    May be asked by several threads at a time.
    """

    remote = True

    def __init__(self, source: str, url: str, token: Callable[[], str] | None = None, *, timeout: float = 10):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the feed of {source} needs an http or https URL")
        self.source = source
        self._parts = parts
        self._token = token
        self._timeout = timeout
        self._kept: list[http.client.HTTPConnection] = []

    def heads(self) -> Heads:
        try:
            return Heads.from_document(self._get(""))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise WrongAnswer(f"the feed of {self.source} answered with something else than heads") from None

    def read(self, partition: int, after: int, limit: int = PAGE, *, generation: int | None = None) -> list[bytes]:
        query: dict[str, int] = {"after": after, "limit": limit}
        if generation is not None:
            query["generation"] = generation
        answer = self._get(f"/{partition}?{urlencode(query)}")
        events = answer.get("events") if isinstance(answer, dict) else None
        if not isinstance(events, list):
            raise WrongAnswer(f"the feed of {self.source} answered with something else than events")
        # frozen bytes are canonical JSON, so writing the parsed event again gives the same bytes
        return [dumps(event) for event in events]

    def _get(self, path: str) -> Any:
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token()}"
        with self._connection() as connection:
            connection.request("GET", self._parts.path.rstrip("/") + path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        if answer.status != http.client.OK:
            raise WrongAnswer(f"the feed of {self.source} answered {answer.status}")
        try:
            return loads(body)
        except ValueError:
            raise WrongAnswer(f"the feed of {self.source} answered with no JSON") from None

    @contextmanager
    def _connection(self) -> Iterator[http.client.HTTPConnection]:
        """One that nobody uses; dropped after any failure, since its state is unknown then."""
        try:
            connection = self._kept.pop()
        except IndexError:
            connection = self._new()
        try:
            yield connection
        except (OSError, http.client.HTTPException) as failure:
            connection.close()
            kind_of_failure = type(failure).__name__
            raise SourceUnavailable(f"the feed of {self.source} does not answer ({kind_of_failure})") from None
        self._kept.append(connection)

    def _new(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        return kind(self._parts.hostname or "", self._parts.port, timeout=self._timeout)
