"""Marks for a service's shell: which method answers which URL, with which schema, for which roles.

The marks are data: they import neither nameko nor eventlet. ``entrypoints.py`` turns each into a nameko entrypoint for
HTTP and, where there is a broker, one for RPC; ``openapi.py`` turns them into a document.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeVar

from marshmallow import RAISE, Schema, post_load

from services.platform.tokens import READERS, STAFF, Role

__all__ = ["READERS", "STAFF", "CommandSchema", "ParamsSchema", "Query", "Raw", "Role", "Route", "command", "query"]

ROUTE_ATTRIBUTE = "daybook_route"

F = TypeVar("F", bound=Callable[..., Any])

_PATH_FIELD = re.compile(r"<(?:(?P<converter>[a-z]+)(?:\([^)]*\))?:)?(?P<name>[a-z_]+)>")


@dataclass(frozen=True)
class Route:
    """One command or query of a shell. ``name`` is the method's name, which is also its RPC name."""

    kind: Literal["command", "query"]
    name: str
    http_method: str
    url: str
    schema: type[Schema] | None
    roles: frozenset[str]
    status: int
    summary: str
    answers: str = "application/json"
    capability: str | None = None
    """The parameter whose secret opens this one query without a token; the shell's method has to check it."""

    @property
    def path_fields(self) -> dict[str, str]:
        """Fields in the URL → converter (``uuid``, ``int``, ``string`` …)."""
        return {match["name"]: match["converter"] or "string" for match in _PATH_FIELD.finditer(self.url)}

    @property
    def template(self) -> str:
        """The URL as OpenAPI writes it: ``/enrollment/episodes/{episode_id}``."""
        return _PATH_FIELD.sub(lambda match: "{" + match["name"] + "}", self.url)


@dataclass(frozen=True)
class Query:
    """A query as the application gets it. ``as_of`` and ``after`` go straight to ``Reader.at``.

    ``as_of``: a position of this service's log or an instant; ``after``: wait, bounded, until the view is there.
    ``capability``: the secret that came where a token should be, still to be checked; nobody's roles come with it.
    """

    params: Mapping[str, Any]
    as_of: int | datetime | None = None
    after: int | None = None
    actor: str = ""
    roles: frozenset[str] = frozenset()
    correlation_id: str = ""
    capability: str | None = field(default=None, repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.params[name]


@dataclass(frozen=True)
class Raw:
    """An answer that is not JSON: a calendar, a feed. ``position`` is sent in the ``Daybook-Position`` header.

    With an ``ETag`` among its headers, a client that has that version already is told so (RFC 9110 §13.1.2).
    """

    body: bytes
    media_type: str
    position: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class CommandSchema(Schema):
    """Payload → command. Subclasses name the dataclass: ``makes = AdmitParticipant``.

    Fields in the URL and in the body are loaded together. Unknown fields are refused. Commands never change, so lists
    become tuples.
    """

    class Meta:
        unknown = RAISE

    makes: ClassVar[type]

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return self.makes(**{name: tuple(one) if isinstance(one, list) else one for name, one in data.items()})


class ParamsSchema(Schema):
    """Parameters of a query: fields in the URL and after the question mark. Unknown ones are refused."""

    class Meta:
        unknown = RAISE


def command(
    method: str, url: str, schema: type[Schema], *, roles: Iterable[str], status: int = 201
) -> Callable[[F], F]:
    """Marks ``def m(self, command, context) -> Answer``. ``schema`` loads path and body into ``command``."""
    if method not in {"POST", "PUT", "PATCH", "DELETE"}:
        raise ValueError(f"a command changes things, so {url} cannot be {method}")
    return _mark("command", method, url, schema, roles=roles, status=status)


def query(
    url: str,
    params_schema: type[Schema] | None = None,
    *,
    roles: Iterable[str],
    answers: str = "application/json",
    capability: str | None = None,
) -> Callable[[F], F]:
    """Marks ``def m(self, request: Query) -> Mapping | Raw``.

    The mapping has ``position``: the position of the snapshot that answered. ``as_of`` and ``after`` are parameters of
    every query and not part of ``params_schema``; without a schema the URL's own fields are all there are.
    ``capability`` names a parameter beside the schema's: programs that cannot send a token put a secret there, which
    the method finds as ``request.capability`` and has to check before anything else.
    """
    return _mark("query", "GET", url, params_schema, roles=roles, status=200, answers=answers, capability=capability)


def routes(shell: type) -> list[Route]:
    """The routes of a shell, in the order in which they are written."""
    found = [getattr(method, ROUTE_ATTRIBUTE, None) for method in vars(shell).values()]
    return [route for route in found if isinstance(route, Route)]


def _mark(
    kind: Literal["command", "query"], method: str, url: str, schema: type[Schema] | None, **told: Any
) -> Callable[[F], F]:
    roles = told.pop("roles")
    if isinstance(roles, str):
        raise TypeError(f"the roles of {url} are a set of roles, not one text")
    allowed = frozenset(Role(role).value for role in roles)
    if not allowed:
        raise ValueError(f"{url} names no roles, so nobody could call it")
    if not url.startswith("/"):
        raise ValueError(f"the URL {url} does not start with /")

    def mark(function: F) -> F:
        summary = (inspect.getdoc(function) or function.__name__.replace("_", " ")).splitlines()[0]
        route = Route(kind, function.__name__, method, url, schema, allowed, summary=summary, **told)
        setattr(function, ROUTE_ATTRIBUTE, route)
        return function

    return mark
