"""What every service answers besides its own routes: probes, status, figures, its feed, what stands still, rebuilds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from events.contract.canonical import dumps
from events.contract.envelope import PARTITIONS
from events.follow.parking import Parking
from events.transport.marks import Place
from events.transport.oversight import NotHalted, Oversight
from events.transport.source import PAGE, page_document
from services.platform import metrics, openapi, status, telemetry
from services.platform.calls import Calls, Outcome
from services.platform.http import Application, Asked
from services.platform.parsing import wrong
from services.platform.problem import Refused
from services.platform.service import Service
from services.platform.tokens import Role
from services.platform.what_if import supposed

OPERATOR = frozenset({Role.OPERATOR.value})
TELLERS = frozenset({Role.INTEGRATION.value, Role.OPERATOR.value})
"""Who may read the published feed: services and integrations, and operators."""

SUPPOSING = frozenset({Role.AUDITOR.value, Role.COORDINATOR.value})
"""Who may ask what other rule packs would have changed: the answer names participants by id."""

MOST_PER_PAGE = 5_000


class Admin:
    """The platform's endpoints of one service."""

    def __init__(self, service: Service, calls: Calls, ready: Callable[[], bool]) -> None:
        self._service = service
        self._calls = calls
        self._ready = ready
        self._parking = Parking(service.database, service.log)
        self._oversight = Oversight(service.database, service.log)

    def add_to(self, application: Application) -> None:
        """Adds all routes."""
        name = self._service.name
        application.add(self, "GET", f"/{name}/health/live", lambda asked: _json({"live": True}))
        application.add(self, "GET", f"/{name}/health/ready", self._health_ready)
        for method, url, roles, answer in self._guarded():
            application.add(self, method, f"/{name}{url}", self._with(roles, answer))

    def _guarded(self) -> Iterable[tuple[str, str, frozenset[str], Callable[[Asked], Outcome]]]:
        return (
            ("GET", "/status", OPERATOR, self._status),
            ("GET", "/metrics", OPERATOR, self._metrics),
            ("GET", "/openapi.json", frozenset(Role), self._openapi),
            ("GET", "/feed", TELLERS, self._heads),
            ("GET", "/feed/<int:partition>", TELLERS, self._feed),
            ("GET", "/parked", OPERATOR, self._parked),
            ("GET", "/parked/<parked_id>", OPERATOR, self._show),
            ("POST", "/parked/<parked_id>/retry", OPERATOR, self._retry),
            ("POST", "/parked/<parked_id>/discard", OPERATOR, self._discard),
            ("GET", "/halted", OPERATOR, self._halted),
            ("POST", "/halted/<halt_id>/resume", OPERATOR, self._resume),
            ("POST", "/rebuild", OPERATOR, self._rebuild),
            *self._supposing(),
        )

    def _supposing(self) -> Iterable[tuple[str, str, frozenset[str], Callable[[Asked], Outcome]]]:
        """Of services that judge by packs."""
        find = self._service.definition.what_if
        if find is None:
            return ()

        def what_if(asked: Asked) -> Outcome:
            runtime = self._service.runtime
            asking = supposed(runtime.packs, asked.command_fields())
            return _json({"service": self._service.name, **find(runtime, asking).document(asking)})

        return (("POST", "/what-if", SUPPOSING, what_if),)

    def _with(self, roles: frozenset[str], answer: Callable[[Asked], Outcome]) -> Callable[[Asked], Outcome]:
        def endpoint(asked: Asked) -> Outcome:
            envelope = asked.envelope()
            correlation_id = telemetry.correlation(envelope.correlation_id)

            def work() -> Outcome:
                self._calls.identify(envelope.token, roles)
                return answer(asked)

            with telemetry.working_on(correlation_id, telemetry.trace(envelope.traceparent)):
                return self._calls.guarded(correlation_id, work)

        return endpoint

    def _health_ready(self, asked: Asked) -> Outcome:
        """Ready: started, not stopping, and the database answers. Says nothing of the broker: the feeds do without."""
        ready = self._ready()
        if ready:
            try:
                self._service.log.head()
            except Exception:  # whatever it is, the service cannot answer now
                ready = False
        return _json({"ready": ready}, 200 if ready else 503)

    def _status(self, asked: Asked) -> Outcome:
        return _json(status.document(self._service))

    def _metrics(self, asked: Asked) -> Outcome:
        figures = self._service.around.metrics
        status.measure(self._service, figures)
        return Outcome(200, figures.text(self._service.name).encode(), metrics.MEDIA_TYPE)

    def _openapi(self, asked: Asked) -> Outcome:
        return _json(openapi.document(self._service.definition))

    def _heads(self, asked: Asked) -> Outcome:
        return _json(self._service.feed.heads().document())

    def _feed(self, asked: Asked) -> Outcome:
        partition = asked.path["partition"]
        if partition >= PARTITIONS:
            there_are = f"partitions are 0 to {PARTITIONS - 1}"
            raise Refused(404, "no_such_partition", "There is no such partition", there_are)
        limit = min(_number(asked, "limit", PAGE), MOST_PER_PAGE)
        given = _number(asked, "generation", 0)
        bodies = self._service.feed.read(partition, _number(asked, "after", 0), limit, generation=given or None)
        return Outcome(200, page_document(bodies))

    def _parked(self, asked: Asked) -> Outcome:
        return _json({"parked": [asdict(parked) for parked in self._parking.list()]})

    def _show(self, asked: Asked) -> Outcome:
        return _json(asdict(self._parking.show(asked.path["parked_id"])))

    def _retry(self, asked: Asked) -> Outcome:
        return self._at(self._parking.retry(asked.path["parked_id"]))

    def _discard(self, asked: Asked) -> Outcome:
        return self._at(self._parking.discard(asked.path["parked_id"]))

    def _at(self, position: int) -> Outcome:
        return _json({"position": self._calls.place.stamp(position)})

    def _halted(self, asked: Asked) -> Outcome:
        return _json({"halted": [document for _, document in self._halts()]})

    def _resume(self, asked: Asked) -> Outcome:
        wanted = asked.path["halt_id"]
        for place, document in self._halts():
            if document["id"] == wanted:
                self._oversight.resume(place)
                return _json({"resumed": document})
        raise NotHalted(f"nothing is halted as {wanted!r}; `daybook parked list` shows what is")

    def _halts(self) -> list[tuple[Place, Mapping[str, Any]]]:
        found = sorted(self._oversight.halted().items())
        return [(place, status.halt_document(place, reason)) for place, reason in found]

    def _rebuild(self, asked: Asked) -> Outcome:
        kept = {follower.projection.name: follower.projection for follower in self._service.followers.projections}
        name = asked.request.args.get("projection")
        if name is not None and name not in kept:
            raise wrong("projection", f"is none of {', '.join(sorted(kept))}")
        results = [self._service.rebuilding.run(one) for one in ([kept[name]] if name else kept.values())]
        projections: list[Mapping[str, Any]] = [asdict(result) for result in results]
        return _json(
            {
                "service": self._service.name,
                "events": sum(result.events for result in results),
                "seconds": round(sum(result.seconds for result in results), 3),
                "identical": all(result.identical for result in results),
                "projections": projections,
            }
        )


def _number(asked: Asked, name: str, default: int) -> int:
    raw = asked.request.args.get(name)
    if raw is None:
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) < 19):
        raise wrong(name, "is not a whole number from 0 up")
    return int(raw)


def _json(value: Mapping[str, Any], code: int = 200) -> Outcome:
    return Outcome(code, dumps(value))
