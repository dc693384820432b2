"""Calling a service over nameko's RPC protocol, with what nameko's own client lacks: a time-out on every call, and a
command id without which no command is sent. Needs neither nameko nor eventlet.
"""

import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import kombu

from events.contract.canonical import dumps, loads

ARGUMENTS = ("token", "command_id", "known_at", "traceparent", "correlation_id", "as_of", "after")
"""What goes beside ``payload``; also read from nameko's context data."""

EXCHANGE = "nameko-rpc"

_kombu: Any = kombu  # it is only half typed


class RpcProblem(Exception):
    """A service refused a call. Its one argument is the problem document as JSON, so that it survives any transport."""

    def __init__(self, document: str) -> None:
        super().__init__(document)
        self.problem: Mapping[str, Any] = json.loads(document)

    @property
    def code(self) -> str:
        """The problem's code."""
        return str(self.problem.get("code", "internal"))

    @property
    def status(self) -> int:
        """The problem's HTTP status."""
        return int(self.problem.get("status", 500))


class RpcTimeout(Exception):
    """No answer in time. The outcome is unknown: repeat the call with the same command id to learn it."""


class NoSuchService(Exception):
    """Nobody takes calls for this service: no copy of it has ever run with this broker."""


class RpcClient:
    """One connection and one reply queue. Not for several threads at once."""

    def __init__(self, broker: str, token: str) -> None:
        self._token = token
        self._connection = _kombu.Connection(broker, connect_timeout=5)
        self._channel = self._connection.channel()
        self._exchange = _kombu.Exchange(EXCHANGE, type="topic", durable=True)
        address = str(uuid4())
        queue = _kombu.Queue(
            f"rpc.reply-daybook-{address}", self._exchange, routing_key=address, exclusive=True, auto_delete=True
        )
        self._address = address
        self._replies: dict[str, Any] = {}
        self._returned: set[str] = set()
        self._consumer = _kombu.Consumer(self._channel, [queue], callbacks=[self._reply], accept=["json"], no_ack=True)
        self._consumer.consume()
        self._producer = _kombu.Producer(self._channel, self._exchange, on_return=self._return)

    def command(
        self, service: str, method: str, payload: Mapping[str, Any], *, command_id: UUID, timeout: float, **beside: Any
    ) -> Mapping[str, Any]:
        """Sends a command and returns its answer. ``timeout`` in seconds.

        Raises ``RpcProblem`` when it was refused, ``RpcTimeout`` when its outcome is unknown, ``NoSuchService``.
        """
        return self._call(service, method, payload, timeout, {**beside, "command_id": str(command_id)})

    def query(
        self, service: str, method: str, params: Mapping[str, Any], *, timeout: float, **beside: Any
    ) -> Mapping[str, Any]:
        """Asks. ``as_of`` and ``after`` go beside the parameters. Raises as ``command`` does."""
        return self._call(service, method, params, timeout, beside)

    def close(self) -> None:
        """Gives up connection and reply queue."""
        self._connection.release()

    def _call(
        self, service: str, method: str, payload: Mapping[str, Any], timeout: float, beside: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        correlation = str(uuid4())
        arguments = {"payload": payload, "token": self._token, **beside}
        self._producer.publish(
            dumps({"args": [], "kwargs": arguments}),
            routing_key=f"{service}.{method}",
            content_type="application/json",
            content_encoding="utf-8",
            reply_to=self._address,
            correlation_id=correlation,
            mandatory=True,
            expiration=timeout,
        )
        until = time.monotonic() + timeout
        while correlation not in self._replies:
            left = until - time.monotonic()
            if correlation in self._returned:
                raise NoSuchService(f"no copy of {service} takes calls on this broker")
            if left <= 0:
                raise RpcTimeout(f"{service}.{method} did not answer within {timeout:g} s: repeat the same command id")
            try:
                self._connection.drain_events(timeout=left)
            except TimeoutError:
                continue
        return _result(self._replies.pop(correlation))

    def _reply(self, body: Any, message: Any) -> None:
        self._replies[str(message.properties.get("correlation_id"))] = body

    def _return(self, exception: Any, exchange: str, routing_key: str, message: Any) -> None:
        self._returned.add(str(message.properties.get("correlation_id")))


def _result(body: Any) -> Mapping[str, Any]:
    error = body.get("error")
    if not error:
        found: Mapping[str, Any] = body["result"]
        return found
    document = (error.get("exc_args") or ["{}"])[0] if error.get("exc_type") == RpcProblem.__name__ else None
    if document is None:
        document = dumps({"code": "internal", "status": 500, "title": "The service failed"}).decode()
    loads(document)
    raise RpcProblem(document)
