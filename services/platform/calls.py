"""One command or query, whichever way it came: who may, what it says, what is answered."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from werkzeug.http import parse_etags

from events.contract.canonical import dumps
from events.log.commands import Answer, Context
from services.platform import parsing, telemetry
from services.platform.clock import Clock
from services.platform.metrics import Metrics
from services.platform.parsing import Envelope
from services.platform.problem import MEDIA_TYPE as PROBLEM
from services.platform.problem import ProblemTable, Refused, internal
from services.platform.tokens import BadToken, Identity, TokenVerifier
from services.platform.web import Query, Raw, Route

logger = logging.getLogger(__name__)

JSON = "application/json"
NOT_MODIFIED = 304


@dataclass(frozen=True)
class Outcome:
    """What goes back: JSON bytes, a problem, or raw bytes."""

    status: int
    body: bytes
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        return self.status >= 400


@dataclass(frozen=True)
class Place:
    """Where answers come from; ``generation`` of the service's log."""

    service: str
    generation: Callable[[], int]

    def stamp(self, position: int) -> dict[str, Any]:
        """What every answer carries."""
        return {"service": self.service, "generation": self.generation(), "position": position}


@dataclass(frozen=True)
class Call:
    """One call. ``fields`` gives path and payload together; it is asked only after the token was accepted."""

    route: Route
    method: Callable[..., Any]
    fields: Callable[[], Mapping[str, Any]]
    envelope: Envelope
    rpc: bool = False


class Calls:
    """Carries out the calls of one service: authentication, roles, schema, the shell's method, the answer's form."""

    def __init__(
        self, place: Place, verifier: TokenVerifier, clock: Clock, problems: ProblemTable, metrics: Metrics
    ) -> None:
        self.place = place
        self._verifier = verifier
        self._clock = clock
        self._problems = problems
        self._metrics = metrics

    def identify(self, token: str | None, roles: frozenset[str]) -> Identity:
        """Who asks. Raises ``Refused``: 401 without a good token, 403 without one of the roles."""
        if not token:
            raise _unauthorized("a token is missing", "send Authorization: Bearer TOKEN (see `daybook token`)")
        try:
            identity = self._verifier.verify(token)
        except BadToken as bad:
            raise _unauthorized(str(bad), "get a new one (see `daybook token`)") from None
        if not identity.roles & roles:
            raise Refused(
                403, "forbidden", "Your role does not permit this",
                f"this needs one of the roles {', '.join(sorted(roles))}",
            )  # fmt: skip
        return identity

    def run(self, call: Call) -> Outcome:
        """Never raises."""
        route, envelope = call.route, call.envelope
        correlation_id = telemetry.correlation(envelope.correlation_id)
        started = time.perf_counter()
        with telemetry.working_on(correlation_id, telemetry.trace(envelope.traceparent)):
            outcome = self.guarded(correlation_id, lambda: self._carry_out(call, correlation_id))
            seconds = time.perf_counter() - started
            logger.debug(
                "answered",
                extra={
                    "service": self.place.service,
                    "route": route.name,
                    "status": outcome.status,
                    "milliseconds": round(seconds * 1000, 1),
                },
            )
        labels = {"service": self.place.service, "kind": route.kind}
        self._metrics.count("daybook_requests_total", **labels, status=f"{outcome.status // 100}xx")
        self._metrics.observe("daybook_request_seconds", seconds, **labels)
        return outcome

    def guarded(self, correlation_id: str, work: Callable[[], Outcome]) -> Outcome:
        """The outcome of ``work``, its exceptions told as problems. Never raises."""
        try:
            return work()
        except Exception as error:  # whatever it is, the caller gets a problem and the log the place
            refused = self._problems.refusal(error)
            if refused is None:
                logger.error("a call failed", extra={"service": self.place.service}, exc_info=True)
                refused = internal(correlation_id)
            return problem(refused, correlation_id)

    def _carry_out(self, call: Call, correlation_id: str) -> Outcome:
        route, envelope = call.route, call.envelope
        if envelope.token is None and (capable := self._by_capability(call, correlation_id)) is not None:
            return self._reply(call, call.method(capable), correlation_id)
        identity = self.identify(envelope.token, route.roles)
        if route.kind == "command":
            context = self._context(identity, envelope, correlation_id, mandatory=call.rpc)
            return self._answer(route, call.method(_loaded(route, call.fields()), context), context)
        asked = Query(
            _params(route, call.fields()),
            parsing.as_of(envelope.as_of, self.place.service),
            parsing.after(envelope.after, self.place.service),
            identity.subject,
            identity.roles,
            correlation_id,
        )
        return self._reply(call, call.method(asked), correlation_id)

    @staticmethod
    def _by_capability(call: Call, correlation_id: str) -> Query | None:
        """The query of a program that sends a secret in place of a token, where it does. It opens the present alone:
        as of an earlier moment, a secret that was revoked since would be good again. Raises ``Refused``."""
        if (named := call.route.capability) is None:
            return None
        fields = dict(call.fields())
        if (secret := fields.pop(named, None)) is None:
            return None
        if call.envelope.as_of is not None or call.envelope.after is not None:
            raise _unauthorized("as_of and after need a token", "leave them out, or send a token")
        return Query(_params(call.route, fields), correlation_id=correlation_id, capability=str(secret))

    def _context(self, identity: Identity, envelope: Envelope, correlation_id: str, *, mandatory: bool) -> Context:
        return Context(
            command_id=parsing.command_id(envelope.command_id, mandatory=mandatory),
            at=self._clock(),
            actor=identity.subject,
            roles=identity.roles,
            correlation_id=correlation_id,
            known_at=parsing.known_at(envelope.known_at),
            traceparent=telemetry.trace(envelope.traceparent),
        )

    def _answer(self, route: Route, answer: Answer, context: Context) -> Outcome:
        body = {
            **answer.body,
            "command_id": context.command_id,
            "position": self.place.stamp(answer.position),
        }
        headers = {"Daybook-Correlation-Id": context.correlation_id}
        if answer.repeated:
            headers["Daybook-Repeated"] = "true"
        return Outcome(route.status, dumps(body), headers=headers)

    def _reply(self, call: Call, reply: Mapping[str, Any] | Raw, correlation_id: str) -> Outcome:
        route = call.route
        headers = {"Daybook-Correlation-Id": correlation_id}
        if isinstance(reply, Raw):
            if reply.position is not None:
                headers["Daybook-Position"] = str(reply.position)
            headers |= reply.headers
            if _has_it(call.envelope.if_none_match, headers.get("ETag")):
                return Outcome(NOT_MODIFIED, b"", reply.media_type, headers)
            return Outcome(route.status, reply.body, reply.media_type, headers)
        position = reply.get("position")
        if position is None:
            raise TypeError(f"the answer of {route.name} has no position: add that of its snapshot")
        stamp = self.place.stamp(position) if isinstance(position, int) else position
        return Outcome(route.status, dumps({**reply, "position": stamp}), headers=headers)


def problem(refused: Refused, correlation_id: str) -> Outcome:
    """A refusal as problem details."""
    headers = {"Daybook-Correlation-Id": correlation_id, **refused.headers}
    return Outcome(refused.status, dumps(refused.body(correlation_id)), PROBLEM, headers)


def _has_it(if_none_match: str | None, etag: str | None) -> bool:
    """Whether the client's version is the present one."""
    if if_none_match is None or etag is None:
        return False
    return parse_etags(if_none_match).contains_weak(etag.strip('"'))


def _unauthorized(detail: str, hint: str) -> Refused:
    refused = Refused(401, "unauthorized", "Who acts is not known", detail, hint)
    refused.headers["WWW-Authenticate"] = 'Bearer realm="daybook"'
    return refused


def _loaded(route: Route, fields: Mapping[str, Any]) -> Any:
    assert route.schema is not None
    texts = {name: str(value) if isinstance(value, UUID) else value for name, value in fields.items()}
    try:
        return route.schema().load(texts)
    except ValidationError as error:
        raise parsing.invalid(error) from None


def _params(route: Route, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    if route.schema is not None:
        loaded: Mapping[str, Any] = _loaded(route, fields)
        return loaded
    unknown = sorted(set(fields) - set(route.path_fields))
    if unknown:
        raise parsing.wrong(unknown[0], "is no parameter of this query")
    return {name: parsing.path_value(name, converter, fields) for name, converter in route.path_fields.items()}
