"""Keep first, answer second: what a message is answered is decided when it is stored, in the same transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.interop.domain.commands import Arrival
from services.interop.domain.ids import reused_id
from services.interop.domain.message import Message
from services.interop.examining import REUSED, Ready


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is answered. ``outcome``: accepted, parked or duplicate; ``ack``: none where none is wanted."""

    message_id: UUID
    outcome: str
    ack_code: str
    ack: bytes | None


def keeping(ready: Sequence[Ready]) -> Callable[[Unit], Mapping[str, Any]]:
    """A decision: what each message is, new, the same again, or another one under a used control id.

    Nearly all are new. So the first time it does not ask but takes them for it; where one is known the append
    conflicts, and the second time it looks."""
    ids = [one.arrival.id for one in ready]
    again = False

    def decide(unit: Unit) -> Mapping[str, Any]:
        nonlocal again
        if again:
            unit.look_up(Message, ids)
        else:
            unit.presume_missing(ids)
        again = True
        return {"receipts": [_keep(unit, one) for one in ready]}

    return decide


def _keep(unit: Unit, ready: Ready) -> dict[str, Any]:
    arrival, at = ready.arrival, unit.context.at
    known = unit.find(Message, arrival.id)
    if known is None:
        return _told(_store(unit, arrival, at))
    if known.sha256 != arrival.sha256:
        second = reused_id(arrival.id, arrival.sha256)
        known = unit.find(Message, second)
        if known is None:
            return _told(_store_reuse(unit, arrival, second, ready.refusal(second)))
    known.receive_again(at)
    return _told(known) | {"outcome": "duplicate"}


def _store(unit: Unit, arrival: Arrival, at: datetime) -> Message:
    message = unit.add(
        Message.receive(
            arrival.id,
            at,
            **_kept(arrival),
            outcome="parked" if arrival.troubles else "accepted",
            troubles=arrival.troubles,
            ack_code=arrival.ack_code,
            ack=arrival.ack,
            lookups=arrival.lookups,
        )
    )
    if not arrival.supported and not arrival.troubles:
        message.not_supported(at)
    return message


def _store_reuse(unit: Unit, arrival: Arrival, second: UUID, ack: str | None) -> Message:
    return unit.add(
        Message.receive(
            second,
            unit.context.at,
            **_kept(arrival),
            outcome="parked",
            troubles=(REUSED.to_data(),),
            ack_code="AE",
            ack=ack,
            lookups=(),
        )
    )


def _kept(arrival: Arrival) -> dict[str, Any]:
    names = (
        "patient",
        "hospital",
        "sender",
        "control_id",
        "message_type",
        "form",
        "transport",
        "sha256",
        "size",
        "raw",
    )
    return {name: getattr(arrival, name) for name in (*names, "candidate_id", "expires_at")}


def _told(message: Message) -> dict[str, Any]:
    accepted = message.ack_code == "AA"
    return {
        "message_id": str(message.id),
        "outcome": "accepted" if accepted else "parked",
        "ack_code": message.ack_code,
        "ack": message.ack,
    }


def receipts(body: Mapping[str, Any]) -> list[Receipt]:
    """The receipts in the answer of ``keep``."""
    return [
        Receipt(UUID(one["message_id"]), one["outcome"], one["ack_code"], one["ack"].encode() if one["ack"] else None)
        for one in body["receipts"]
    ]
