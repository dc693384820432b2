"""Hospital messages over RabbitMQ: exchanges ``hospital.in`` and ``hospital.out``.

Body: the ER7 bytes or FHIR JSON. Headers: ``message_type``, ``control_id``, ``character_set``, ``sha256``. Persistent,
confirmed. A refused message is dead-lettered to the queue ``hospital.parking``; it is kept in the log all the same."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from kombu.entity import Exchange, Queue

from events.transport.broker import FAILURES, Link
from services.interop.examining import ER7, FHIR, Incoming
from services.interop.mllp.client import NoAnswer, NoConnection
from services.interop.receiving import Receipt

_Exchange: Any = Exchange  # kombu is not typed
_Queue: Any = Queue

ER7_TYPE = "x-application/hl7-v2+er7"

BATCH = 200
GATHER_SECONDS = 0.02
IDLE_SECONDS = 0.2

IN = _Exchange("hospital.in", type="topic", durable=True)
OUT = _Exchange("hospital.out", type="topic", durable=True)
PARKING = _Exchange("hospital.parking", type="fanout", durable=True)
_QUORUM = {"x-queue-type": "quorum"}
IN_QUEUE = _Queue(
    "hospital.in",
    IN,
    routing_key="#",
    durable=True,
    queue_arguments={**_QUORUM, "x-dead-letter-exchange": PARKING.name, "x-single-active-consumer": True},
)
"""One copy of the gateway takes from it at a time: two would keep one patient's messages in another order."""

PARKING_QUEUE = _Queue("hospital.parking", PARKING, durable=True, queue_arguments=_QUORUM)


def out_queue(hospital: str) -> Any:
    """Where a hospital's messages wait to be fetched."""
    return _Queue(f"hospital.out.{hospital}", OUT, routing_key=f"{hospital}.#", durable=True, queue_arguments=_QUORUM)


class Keeper(Protocol):
    """Keeps messages and says what to answer; when it returns they are durable."""

    def receive(self, incoming: Sequence[Incoming], transport: str) -> list[Receipt]: ...


class AmqpIntake:
    """A loop of the service: takes what lies in ``hospital.in``, keeps it, and only then acknowledges it."""

    name = "hospital.in"

    def __init__(self, keeper: Keeper, broker_url: str) -> None:
        self._keeper = keeper
        self._link = Link(broker_url, "interop hospital.in")
        self._channel: Any = None
        self._taken: list[Any] = []

    def step(self) -> int:
        """One batch; how many messages were taken. A broker that is away is tried again later."""
        try:
            if not self._listen():
                time.sleep(IDLE_SECONDS)
                return 0
            self._gather()
            self._link.beat()
        except FAILURES as error:
            self._drop(error)
            return 0
        batch, self._taken = self._taken, []
        if not batch:
            return 0
        try:
            receipts = self._keeper.receive([_incoming(one) for one in batch if _intact(one)], "amqp")
        except Exception as error:
            self._drop(error)  # the broker gives them again, in order; on an open channel they would lie unanswered
            raise
        answers = iter(receipts)
        try:
            for one in batch:
                receipt = next(answers) if _intact(one) else None
                self._reply(one, receipt.ack if receipt else None)
                if receipt is None or receipt.outcome == "parked":
                    one.reject(requeue=False)
                else:
                    one.ack()
        except FAILURES as error:
            self._drop(error)
        return len(batch)

    def close(self) -> None:
        self._link.close()

    def _listen(self) -> bool:
        connection = self._link.open()
        if connection is None:
            return False
        if self._channel is None:
            self._channel = channel = connection.channel()
            for queue in (PARKING_QUEUE, IN_QUEUE):
                queue(channel).declare()
            consumer = connection.Consumer([IN_QUEUE], channel=channel, accept=None, no_ack=False)
            consumer.qos(prefetch_count=BATCH * 2)
            consumer.on_message = self._taken_over
            consumer.consume()
        return True

    def _taken_over(self, message: Any) -> None:
        self._taken.append(message)

    def _gather(self) -> None:
        connection = self._link.open()
        until = time.monotonic() + IDLE_SECONDS
        while len(self._taken) < BATCH:
            try:
                connection.drain_events(timeout=max(0.001, until - time.monotonic()))
            except TimeoutError:
                return
            if len(self._taken) == 1:
                until = time.monotonic() + GATHER_SECONDS

    def _reply(self, message: Any, ack: bytes | None) -> None:
        """The acknowledgment, to where the sender wants it (reply-to)."""
        to = message.properties.get("reply_to")
        if to and ack is not None:
            properties = {"correlation_id": message.properties.get("correlation_id")}
            basic = self._channel.prepare_message(ack, content_type=ER7_TYPE, properties=properties)
            self._channel.basic_publish(basic, exchange="", routing_key=to)

    def _drop(self, error: Exception) -> None:
        self._taken.clear()
        self._channel = None
        self._link.failed(error)


class AmqpCarrier:
    """To the exchange ``hospital.out``; taken over when the broker confirms that a queue has it."""

    def __init__(self, hospital: str, broker_url: str) -> None:
        self._hospital = hospital
        self._link = Link(broker_url, f"interop hospital.out {hospital}")
        self._channel: Any = None

    def carry(self, message: bytes, control_id: str, headers: Mapping[str, str]) -> str:
        """AA when the broker has it durably. Raises ``NoConnection`` and ``NoAnswer``."""
        try:
            connection = self._link.open()
            if connection is None:
                raise NoConnection("the broker is away")
            if self._channel is None:
                self._channel = connection.channel()
                self._channel.confirm_select()
                out_queue(self._hospital)(self._channel).declare()
            kind = headers["message_type"].replace("^", ".")
            basic = self._channel.prepare_message(
                message,
                content_type=ER7_TYPE,
                headers=dict(headers),
                properties={"delivery_mode": 2, "message_id": control_id},
            )
            self._channel.basic_publish_confirm(
                basic, exchange=OUT.name, routing_key=f"{self._hospital}.{kind}", mandatory=True, confirm_timeout=10
            )
        except NoConnection:
            raise
        except FAILURES as error:
            self._channel = None
            self._link.failed(error)
            raise NoAnswer(f"the broker did not confirm ({type(error).__name__})") from None
        return "AA"

    def close(self) -> None:
        self._link.close()


def _incoming(message: Any) -> Incoming:
    body = _body(message)
    is_json = "json" in (message.content_type or "") or (not message.content_type and body.lstrip()[:1] == b"{")
    return Incoming(body, "amqp", FHIR if is_json else ER7, message.headers.get("hospital"))


def _intact(message: Any) -> bool:
    """Whether the bytes are those that the sender hashed, where it says so."""
    told = message.headers.get("sha256")
    return told is None or str(told).lower() == hashlib.sha256(_body(message)).hexdigest()


def _body(message: Any) -> bytes:
    body = message.body
    return body if isinstance(body, bytes) else bytes(body) if isinstance(body, memoryview) else str(body).encode()
