"""nameko entrypoints for the marks of ``web.py``: HTTP through the process's listener, RPC where there is a broker.

Import it only in a process that ``green.patch()`` has made green.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from eventlet.event import Event
from nameko.constants import AMQP_URI_CONFIG_KEY
from nameko.containers import ServiceContainer
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import DependencyProvider, Entrypoint, register_entrypoint
from nameko.rpc import Rpc

from events.contract.canonical import loads
from services.platform.calls import Call, Calls, Outcome, problem
from services.platform.http import Application, Asked
from services.platform.parsing import Envelope, wrong
from services.platform.problem import Refused, stopping
from services.platform.rpc import ARGUMENTS, RpcProblem
from services.platform.web import ROUTE_ATTRIBUTE, Route, routes

logger = logging.getLogger(__name__)

HTTP_APPLICATION = "DAYBOOK_HTTP_APPLICATION"
"""Key of the process's HTTP application in a container's configuration."""


class Provided(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """Hands the service's built application to each worker."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self.value


class HttpEntrypoint(Entrypoint):  # type: ignore[misc]  # nameko has no types
    """One route over HTTP. Any number of services share the process's one listener."""

    def __init__(self, route: Route) -> None:
        super().__init__()
        self.route = route
        self.routed = False

    def setup(self) -> None:
        # Not in start, which nameko calls once RPC is set up: until then a client would be told there is nothing here.
        application: Application = self.container.config[HTTP_APPLICATION]
        application.add(self, self.route.http_method, self.route.url, self._handle)
        self.routed = True

    def stop(self) -> None:
        application: Application = self.container.config[HTTP_APPLICATION]
        application.withdraw(self)

    kill = stop

    def _handle(self, asked: Asked) -> Outcome:
        fields = asked.command_fields if self.route.kind == "command" else asked.query_fields
        answered = Event()
        try:
            self.container.spawn_worker(
                self, (fields, asked.envelope(), False), {}, handle_result=partial(_send, answered)
            )
        except ContainerBeingKilled:
            raise stopping() from None
        outcome: Outcome = answered.wait()
        return outcome


def _send(answered: Event, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
    answered.send(result, exc_info)
    return result, exc_info


class RpcEntrypoint(Rpc):  # type: ignore[misc]  # nameko has no types
    """One route over RPC: ``payload`` and, beside it, what HTTP has in headers (see ``rpc.ARGUMENTS``).

    Without a broker it binds to nothing, since nameko's own would refuse to start.
    """

    def __init__(self, route: Route) -> None:
        super().__init__()
        self.route = route

    def bind(self, container: Any, method_name: str) -> Any:
        if not container.config.get(AMQP_URI_CONFIG_KEY):
            return _Nothing(self.route).bind(container, method_name)
        return super().bind(container, method_name)

    def handle_message(self, body: Any, message: Any) -> None:
        context = self.unpack_message_headers(message)
        try:
            fields, envelope = _from_message(body, context)
        except Refused as refused:
            self.handle_result(message, None, problem(refused, str(context.get("correlation_id"))), None)
            return
        try:
            self.container.spawn_worker(
                self,
                (lambda: fields, envelope, True),
                {},
                context_data=context,
                handle_result=partial(self.handle_result, message),
            )
        except ContainerBeingKilled:
            self.rpc_consumer.requeue_message(message)

    def handle_result(self, message: Any, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        outcome: Outcome | None = result
        body: Any = None
        if outcome is not None and outcome.refused:
            error = RpcProblem(outcome.body.decode())
            exc_info = (RpcProblem, error, None)
        elif outcome is not None:
            body = _body(outcome)
        try:
            self.rpc_consumer.handle_result(message, body, exc_info)
        except Exception:
            # The broker went away before the answer: unacknowledged, the call comes again, and the same command id
            # gets the same answer. Raised here it would end the whole service.
            logger.warning("an answer could not be sent", extra={"route": self.route.name}, exc_info=True)
        return body, exc_info


class _Nothing(Entrypoint):  # type: ignore[misc]  # nameko has no types
    """Stands where RPC would be."""

    def __init__(self, route: Route) -> None:
        super().__init__()
        self.route = route


def _from_message(body: Any, context: Mapping[str, Any]) -> tuple[Mapping[str, Any], Envelope]:
    arguments = body.get("kwargs") if isinstance(body, Mapping) else None
    if not isinstance(arguments, Mapping) or body.get("args"):
        raise wrong("arguments", "are given by name: payload and " + ", ".join(ARGUMENTS))
    unknown = sorted(set(arguments) - {"payload", *ARGUMENTS})
    if unknown:
        raise wrong(unknown[0], "is no argument; fields of the command or query go into payload")
    payload = arguments.get("payload") or {}
    if not isinstance(payload, Mapping):
        raise wrong("payload", "is not a mapping of fields")
    given: dict[str, Any] = {}
    for name in ARGUMENTS:
        value = arguments.get(name, context.get(name))
        given[name] = value if value is None or (name == "known_at" and isinstance(value, Mapping)) else str(value)
    return payload, Envelope(**given)


def _body(outcome: Outcome) -> Any:
    if outcome.media_type == "application/json":
        return loads(outcome.body)
    return {"media_type": outcome.media_type, "body": outcome.body.decode("utf-8", "replace")}


def shell_with_entrypoints(shell: type, application: Any, calls: Calls) -> type:
    """The shell as nameko runs it: each marked method gets its entrypoints, ``application`` its provider."""
    members: dict[str, Any] = {"name": calls.place.service, "application": Provided(application)}
    for route in routes(shell):
        members[route.name] = _worker(getattr(shell, route.name), route, calls)
    return type(shell.__name__, (shell,), members)


def _worker(method: Callable[..., Any], route: Route, calls: Calls) -> Callable[..., Outcome]:
    def worker(self: Any, fields: Callable[[], Mapping[str, Any]], envelope: Envelope, rpc: bool) -> Outcome:
        return calls.run(Call(route, partial(method, self), fields, envelope, rpc))

    worker.__name__ = route.name
    setattr(worker, ROUTE_ATTRIBUTE, route)
    register_entrypoint(worker, HttpEntrypoint(route))
    register_entrypoint(worker, RpcEntrypoint(route))
    return worker


class Container:
    """A nameko container whose start waits for no broker and whose stop is bounded."""

    def __init__(self, shell: type, application: Application, broker: str | None, workers: int) -> None:
        config: dict[str, Any] = {
            HTTP_APPLICATION: application,
            "max_workers": workers,
            "serializer": "json",
            "ACCEPT": ["json"],
        }
        if broker:
            config[AMQP_URI_CONFIG_KEY] = broker
        self._container = ServiceContainer(shell, config)
        self._starting: Any = None

    def start(self) -> None:
        """Serves HTTP when it returns, RPC as soon as the broker answers."""
        import eventlet

        self._starting = eventlet.spawn(self._container.start)
        http = [one for one in self._container.entrypoints if isinstance(one, HttpEntrypoint)]
        while not self._starting.dead and not all(one.routed for one in http):
            eventlet.sleep(0)

    @property
    def failed(self) -> BaseException | None:
        """What ended the container against its will."""
        died = self._container._died
        if not died.ready():
            return None
        try:
            died.wait()
        except BaseException as error:
            return error
        return None

    def stop(self, seconds: float) -> None:
        """Lets running calls finish for so long, then ends them: repeating their command ids settles their outcome."""
        import eventlet

        finished = False
        with eventlet.Timeout(seconds, False):
            if self._starting.dead:
                self._container.stop()
            else:  # RPC still waits for its broker, and nameko's stop would wait for that
                self._starting.kill()
                self._container._worker_pool.waitall()
            finished = True
        if finished:
            return
        logger.warning("calls did not finish in time", extra={"service": self._container.service_name})
        with eventlet.Timeout(1, False):
            self._container.kill()


def stop_all(containers: Iterable[Container], seconds: float) -> None:
    """Stops them at the same time."""
    import eventlet

    stopping_ = [eventlet.spawn(container.stop, seconds) for container in containers]
    for one in stopping_:
        one.wait()
