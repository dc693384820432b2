"""Hospital messages over a real RabbitMQ."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from kombu import Connection

from services.interop.amqp import IN, OUT, PARKING_QUEUE, AmqpCarrier, AmqpIntake, out_queue
from services.interop.er7 import read
from tests.interop.gateway import Gateway, stay
from tests.support.patience import until

pytestmark = pytest.mark.processes


@pytest.fixture
def intake(hospital: Gateway, rabbitmq_url: str) -> Iterator[AmqpIntake]:
    found = AmqpIntake(hospital.application, rabbitmq_url)
    found.step()
    yield found
    found.close()


def publish(url: str, body: bytes, **headers: Any) -> None:
    with Connection(url) as connection:
        producer = connection.Producer(exchange=IN)
        reply_to = headers.pop("reply_to", None)
        kind = {"content_type": "x-application/hl7-v2+er7", "content_encoding": "binary"}
        producer.publish(body, routing_key="riverside", headers=headers, reply_to=reply_to, delivery_mode=2, **kind)


def fetched(url: str, queue: Any) -> list[Any]:
    found = []
    with Connection(url) as connection:
        bound = queue(connection.default_channel)
        while (message := bound.get()) is not None:
            message.ack()
            found.append(message)
    return found


def test_messages_from_the_queue_are_kept_and_acknowledged(
    hospital: Gateway, intake: AmqpIntake, rabbitmq_url: str
) -> None:
    message = stay("A01", control_id="C1")
    publish(rabbitmq_url, message, sha256=hashlib.sha256(message).hexdigest())
    publish(rabbitmq_url, message)
    taken = 0

    def both() -> bool:
        nonlocal taken
        taken += intake.step()
        return taken == 2

    until(both, "both messages are taken")
    hospital.followers.drain()
    counts = hospital.summary()
    assert (counts["received"], counts["duplicate"]) == (2, 1)


def test_two_copies_do_not_share_the_queue_so_its_order_holds(
    hospital: Gateway, intake: AmqpIntake, rabbitmq_url: str
) -> None:
    other = AmqpIntake(hospital.application, rabbitmq_url)
    other.step()
    for number in range(4):
        publish(rabbitmq_url, stay("A01", control_id=f"C{number}"))
    assert other.step() == 0
    intake.close()  # it had them and kept none: they come again, in order

    def all_kept() -> bool:
        other.step()
        hospital.followers.drain()
        return bool(hospital.summary()["received"] == 4)

    until(all_kept, "all four are kept")
    other.close()
    received = [event.data["control_id"] for event in hospital.log.read(0, 1000) if event.type.endswith(".received")]
    assert received == ["C0", "C1", "C2", "C3"]


def test_refused_and_damaged_messages_lie_in_the_parking_queue(
    hospital: Gateway, intake: AmqpIntake, rabbitmq_url: str
) -> None:
    publish(rabbitmq_url, b"nonsense")
    publish(rabbitmq_url, stay("A01"), sha256="0" * 64)
    parked: list[Any] = []

    def there() -> bool:
        intake.step()
        parked.extend(fetched(rabbitmq_url, PARKING_QUEUE))
        return len(parked) == 2

    until(there, "both are in the parking queue")
    hospital.followers.drain()
    assert hospital.summary()["parked"] == 1


def test_the_acknowledgment_goes_where_the_sender_wants_it(
    hospital: Gateway, intake: AmqpIntake, rabbitmq_url: str
) -> None:
    from kombu import Queue

    mine = Queue("answers", durable=False, auto_delete=False)
    with Connection(rabbitmq_url) as connection:
        mine(connection.default_channel).declare()
    publish(rabbitmq_url, stay("A01", control_id="C1"), reply_to="answers")
    answers: list[Any] = []

    def answered() -> bool:
        intake.step()
        answers.extend(fetched(rabbitmq_url, mine))
        return bool(answers)

    until(answered, "the answer")
    body = answers[0].body
    assert read(body if isinstance(body, bytes) else body.encode()).segments[1].value(2) == "C1"


def test_what_goes_out_is_confirmed_and_waits_for_the_hospital(rabbitmq_url: str) -> None:
    carrier = AmqpCarrier("riverside", rabbitmq_url)
    message = stay("A04", control_id="C1")
    headers = {"message_type": "ADT^A04", "control_id": "C1", "sha256": hashlib.sha256(message).hexdigest()}
    assert carrier.carry(message, "C1", headers) == "AA"
    carrier.close()
    (got,) = fetched(rabbitmq_url, out_queue("riverside"))
    body = got.body if isinstance(got.body, bytes) else got.body.encode()
    assert body == message and got.headers["message_type"] == "ADT^A04"
    assert got.delivery_info["exchange"] == OUT.name and got.properties["delivery_mode"] == 2


def test_messages_that_could_not_be_kept_come_again_at_once(hospital: Gateway, rabbitmq_url: str) -> None:
    class FailsOnce:
        failed = False

        def receive(self, incoming: list[Any], transport: str) -> list[Any]:
            if not self.failed:
                self.failed = True
                raise ConnectionError("the database is away")
            return hospital.application.receive(incoming, transport)

    intake = AmqpIntake(FailsOnce(), rabbitmq_url)
    intake.step()
    publish(rabbitmq_url, stay("A01", control_id="C1"))

    def kept() -> bool:
        try:
            return intake.step() == 1
        except ConnectionError:
            return False

    until(kept, "it comes again and is kept")
    intake.close()
