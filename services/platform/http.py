"""The HTTP application of a process: the merged routes of all its services, as one WSGI callable.

Bodies are bounded and JSON; whatever is wrong is told as problem details.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request, Response

from events.contract.canonical import loads
from services.platform import telemetry
from services.platform.calls import Outcome, problem
from services.platform.parsing import Envelope, wrong
from services.platform.problem import Refused, internal, stopping

logger = logging.getLogger(__name__)

Endpoint = Callable[["Asked"], Outcome]

DISCARDED = 8
"""How many times the largest body is read and thrown away before the connection is simply closed."""


@dataclass(frozen=True)
class Asked:
    """One HTTP request, its path matched."""

    request: Request
    path: Mapping[str, Any]
    max_body: int

    def envelope(self) -> Envelope:
        """What came in headers, and ``as_of`` and ``after``."""
        headers, query = self.request.headers, self.request.args
        return Envelope(
            token=bearer(headers.get("Authorization")),
            command_id=headers.get("Daybook-Command-Id"),
            known_at=headers.get("Daybook-Known-At"),
            traceparent=headers.get("traceparent"),
            correlation_id=headers.get("Daybook-Correlation-Id"),
            as_of=query.get("as_of"),
            after=query.get("after"),
            if_none_match=headers.get("If-None-Match"),
        )

    def command_fields(self) -> dict[str, Any]:
        """Path and body together. Raises ``Refused``."""
        if self.request.args:
            raise wrong(sorted(self.request.args)[0], "commands take no query parameters; send it in the body")
        body = self._json()
        for name, value in self.path.items():
            if name in body and str(body[name]) != str(value):
                raise wrong(name, "differs between URL and body")
        return {**body, **self.path}

    def query_fields(self) -> dict[str, Any]:
        """Path and query string together, without ``as_of`` and ``after``. Raises ``Refused``."""
        fields: dict[str, Any] = {}
        for name, values in self.request.args.lists():
            if name in ("as_of", "after"):
                continue
            if len(values) > 1 or name in self.path:
                raise wrong(name, "is given more than once")
            fields[name] = values[0]
        return {**fields, **self.path}

    def _json(self) -> dict[str, Any]:
        body = self._bytes()
        if not body:
            return {}
        if self.request.mimetype != "application/json" and not self.request.mimetype.endswith("+json"):
            raise Refused(
                415, "unsupported_media_type", "The body is not JSON", "the body's Content-Type is not application/json"
            )
        try:
            value = loads(body)
        except ValueError as error:
            where = f" (line {getattr(error, 'lineno', 1)}, column {getattr(error, 'colno', 1)})"
            raise Refused(400, "malformed_json", "The body is not JSON", f"the body is not valid JSON{where}") from None
        if not isinstance(value, dict):
            raise wrong("body", "is not a JSON object")
        return value

    def _bytes(self) -> bytes:
        length = self.request.content_length
        chunked = "chunked" in self.request.headers.get("Transfer-Encoding", "").lower()
        if length is None and not chunked:
            return b""
        if length is not None and length > self.max_body:
            self._discard(min(length, DISCARDED * self.max_body))
            raise self._too_large()
        body: bytes = self.request.environ["wsgi.input"].read(self.max_body + 1 if length is None else length)
        if len(body) > self.max_body:
            raise self._too_large()
        return body

    def _discard(self, length: int) -> None:
        """A client that is still sending when the connection closes never sees the answer."""
        while length > 0:
            read = len(self.request.environ["wsgi.input"].read(min(length, 65536)))
            if not read:
                return
            length -= read

    def _too_large(self) -> Refused:
        refused = Refused(413, "too_large", "The body is too large", f"a body has at most {self.max_body} bytes")
        refused.headers["Connection"] = "close"  # what is left of the body is not worth reading
        return refused


def bearer(header: str | None) -> str | None:
    """The token of an Authorization header, if it is a bearer token."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class Application:
    """Routes of several owners; each may begin and stop while others are served."""

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._lock = Lock()
        self._rules: dict[tuple[str, str], tuple[object, Endpoint]] = {}
        self._map: Map | None = None  # made when it is asked for: hundreds of routes come and go together

    def add(self, owner: object, method: str, url: str, endpoint: Endpoint) -> None:
        """Raises ``ValueError`` where another owner or method of a shell has this route already."""
        with self._lock:
            if (method, url) in self._rules:
                raise ValueError(f"{method} {url} is routed twice")
            self._rules[method, url] = (owner, endpoint)
            self._map = None

    def withdraw(self, owner: object) -> None:
        """From now on whoever asks an owner is told that it is stopping: a request may have come in just before, and
        that there is nothing at its URL would be taken for an answer."""
        with self._lock:
            for key, (whose, _) in self._rules.items():
                if whose is owner:
                    self._rules[key] = (owner, _withdrawn)
            self._map = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        outcome = self._outcome(request)
        response = Response(outcome.body, outcome.status, content_type=_content_type(outcome.media_type))
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        for name, value in outcome.headers.items():
            response.headers[name] = value
        return response(environ, start_response)

    def _outcome(self, request: Request) -> Outcome:
        correlation_id = telemetry.correlation(request.headers.get("Daybook-Correlation-Id"))
        try:
            endpoint, path = self._routes().bind_to_environ(request.environ).match()
            found: Outcome = endpoint(Asked(request, path, self._max_body))
        except Refused as refused:
            return problem(refused, correlation_id)
        except HTTPException as error:
            return problem(_http_problem(error, request), correlation_id)
        except Exception:
            logger.error("a request failed", exc_info=True)
            return problem(internal(correlation_id), correlation_id)
        return found

    def _routes(self) -> Map:
        with self._lock:
            if self._map is None:
                self._map = self._merged()
            return self._map

    def _merged(self) -> Map:
        return Map(
            [Rule(url, methods=[method], endpoint=endpoint) for (method, url), (_, endpoint) in self._rules.items()],
            strict_slashes=False,
            merge_slashes=False,
        )


def _withdrawn(_: Asked) -> Outcome:
    raise stopping()


def _content_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") and ";" not in media_type else media_type


def _http_problem(error: HTTPException, request: Request) -> Refused:
    if isinstance(error, MethodNotAllowed):
        allowed = sorted(error.valid_methods or ())
        refused = Refused(
            405, "method_not_allowed", "This method is not for this URL", f"it takes {', '.join(allowed)}"
        )
        refused.headers["Allow"] = ", ".join(allowed)
        return refused
    if isinstance(error, NotFound | RequestRedirect):
        return Refused(
            404, "no_such_route", "There is nothing at this URL", "no service in this process answers here",
            "ids in URLs are UUIDs; GET /SERVICE/openapi.json lists the routes of a service",
        )  # fmt: skip
    return Refused(error.code or 400, "bad_request", "The request is malformed", error.name)
