"""Every command and question of the gateway: load, decide, save."""

import base64
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from events.contract.canonical import dumps
from events.follow.follower import transient
from events.log.commands import Answer, Context, Unit
from events.log.log import EventLog
from events.log.vault import Vault
from services.interop.applying import Applying
from services.interop.domain import commands as c
from services.interop.domain.errors import HospitalUnknown, MessageErased, ReferralRefused, StillRefused
from services.interop.domain.message import Message
from services.interop.domain.notice import PARKED, Notice
from services.interop.examining import FHIR, Examiner, Incoming, Ready
from services.interop.mapping import Mappings
from services.interop.places import NOTE
from services.interop.queries import Queries
from services.interop.receiving import Receipt, keeping, receipts
from services.interop.telling import Telling
from services.interop.translate import FhirOptions
from services.platform.clock import Clock

logger = logging.getLogger(__name__)

Decide = Callable[[Unit], Mapping[str, Any]]


class Interop:
    """The gateway's decisions. ``execute`` for commands; ``receive`` for messages from a transport."""

    def __init__(self, log: EventLog, vault: Vault, clock: Clock, mappings: Mappings, queries: Queries) -> None:
        self.log = log
        self.vault = vault
        self.clock = clock
        self.mappings = mappings
        self.queries = queries
        self.mllp_address: tuple[str, int] | None = None
        self.examiner = Examiner(mappings, vault)
        self._handlers: dict[type, Callable[[Any, Context], Answer]] = {
            c.Refer: self.refer,
            c.ApplyMessage: self.apply,
            c.ForgetMessage: self.forget,
            c.ReplayMessage: self.replay,
            c.DiscardMessage: self.discard,
            c.ReadRaw: self.read_raw,
            c.IdentifyParticipant: self.identify,
            c.FollowMerge: self.follow_merge,
            c.FollowUnmerge: self.follow_unmerge,
            c.TellHospitals: self.tell,
            c.CorrectNoShow: self.correct_no_show,
            c.RecordAnswers: self.record_answers,
            c.ReplayNotice: self.replay_notice,
            c.DiscardNotice: self.discard_notice,
        }

    def handle(self, command: object, context: Context) -> Answer:
        """Executes any command by its class. Raises ``KeyError`` for what is none."""
        return self._handlers[type(command)](command, context)

    def receive(self, incoming: Sequence[Incoming], transport: str) -> list[Receipt]:
        """Keeps messages in one transaction; when this returns they are durable and may be acknowledged."""
        return self.keep([self.prepare(one) for one in incoming], transport)

    def prepare(self, incoming: Incoming) -> Ready:
        """The first half of ``receive``, which asks no database; in any thread."""
        return self.examiner.ready(incoming, self.clock())

    def keep(self, ready: Sequence[Ready], transport: str) -> list[Receipt]:
        """The second half."""
        command_id = uuid4()
        context = Context(command_id, self.clock(), f"system:{transport}", frozenset({"system"}), str(command_id))
        command = c.ReceiveMessages(tuple(one.arrival.sha256 for one in ready))
        return receipts(self._execute(command, context, keeping(ready)).body)

    def refer(self, command: c.Refer, context: Context) -> Answer:
        """A FHIR bundle becomes a kept message and, when it is applied, a referral. Refused ones are kept as well."""
        if command.hospital is not None and self.mappings.named(command.hospital) is None:
            raise HospitalUnknown(f"no mapping file names a hospital {command.hospital}")
        options = FhirOptions(command.reason, command.urgency, command.from_level_of_care)
        incoming = Incoming(dumps(command.bundle), "http", FHIR, command.hospital, options)
        ready = self.examiner.ready(incoming, context.at)
        asked = _Referring(ready.arrival.id, ready.arrival.sha256)
        answer = self._execute(asked, context, keeping([ready]))
        receipt = answer.body["receipts"][0]
        if receipt["outcome"] == "parked":
            raise ReferralRefused("; ".join(str(one["reason"]) for one in ready.arrival.troubles))
        body = {"message_id": receipt["message_id"], "outcome": receipt["outcome"]}
        return Answer(body, answer.position, answer.repeated)

    def apply(self, command: c.ApplyMessage, context: Context) -> Answer:
        """Applies a message. One that cannot be, through a fault of ours, is parked here rather than by the follower:
        what waits behind it depends on all of its numbers, and an operator finds it among the messages."""
        try:
            answer = self._execute(command, context, lambda unit: self._applying(unit).apply(command))
        except Exception as error:
            if transient(error):
                raise
            fault = error
            logger.warning("a hospital message could not be applied", extra={"error": type(error).__name__})
            answer = self._execute(command, context, lambda unit: self._applying(unit).give_up(command, fault))
        self._own(answer)
        return answer

    def identify(self, command: c.IdentifyParticipant, context: Context) -> Answer:
        def decide(unit: Unit) -> Mapping[str, Any]:
            applying = self._applying(unit)
            body = applying.identify(command)
            self._telling(unit).catch_up(applying.patient(command.participant_id))
            return body

        answer = self._execute(command, context, decide)
        self._own(answer)
        return answer

    def follow_merge(self, command: c.FollowMerge, context: Context) -> Answer:
        return self._execute(command, context, lambda unit: self._applying(unit).follow_merge(command))

    def follow_unmerge(self, command: c.FollowUnmerge, context: Context) -> Answer:
        return self._execute(command, context, lambda unit: self._applying(unit).follow_unmerge(command))

    def forget(self, command: c.ForgetMessage, context: Context) -> Answer:
        answer = self._execute(command, context, lambda unit: self._applying(unit).forget(command))
        if answer.body.get("destroy"):
            self.vault.destroy(answer.body["destroy"])
        return answer

    def replay(self, command: c.ReplayMessage, context: Context) -> Answer:
        """Raises ``StillRefused``, ``MessageErased``, ``MessageNotParked``."""

        def decide(unit: Unit) -> Mapping[str, Any]:
            message = unit.get(Message, command.message_id)
            incoming = self.examiner.unseal(message)
            if incoming is None:
                raise MessageErased("the message's key is destroyed")
            reading = self.examiner.examine(incoming, context.at)
            if reading.content is None:
                raise StillRefused([trouble.reason for trouble in reading.troubles])
            lookups = [self.examiner.lookup(one) for one in reading.content.all_numbers]
            message.replay(reading.hospital.name, reading.message_type, lookups, context.at)
            return {"message_id": str(message.id)}

        return self._execute(command, context, decide)

    def discard(self, command: c.DiscardMessage, context: Context) -> Answer:
        return self._execute(command, context, lambda unit: self._applying(unit).discard(command))

    def read_raw(self, command: c.ReadRaw, context: Context) -> Answer:
        """The bytes in base64 beside the answer that is kept; a repeated one has none. Raises ``MessageErased``."""
        shown: list[str] = []

        def decide(unit: Unit) -> Mapping[str, Any]:
            message = unit.get(Message, command.message_id)
            incoming = self.examiner.unseal(message)
            if incoming is None:
                raise MessageErased("the message's key is destroyed")
            shown[:] = [base64.b64encode(incoming.raw).decode()]
            message.show(context.actor, command.reason, context.at)
            return {"message_id": str(message.id)}

        answer = self._execute(command, context, decide)
        return Answer({**answer.body, "raw": shown[0] if shown else None}, answer.position, answer.repeated)

    def tell(self, command: c.TellHospitals, context: Context) -> Answer:
        return self._execute(command, context, lambda unit: self._telling(unit).tell(command))

    def correct_no_show(self, command: c.CorrectNoShow, context: Context) -> Answer:
        return self._execute(command, context, lambda unit: self._telling(unit).correct_no_show(command))

    def record_answers(self, command: c.RecordAnswers, context: Context) -> Answer:
        def decide(unit: Unit) -> Mapping[str, Any]:
            for answer in command.answers:
                notice = unit.get(Notice, answer.notice_id)
                if answer.reason is not None:
                    notice.park(answer.reason, context.at)
                else:
                    notice.acknowledge(answer.code or "AA", context.at)
            return {"answers": len(command.answers)}

        return self._execute(command, context, decide)

    def replay_notice(self, command: c.ReplayNotice, context: Context) -> Answer:
        def decide(unit: Unit) -> Mapping[str, Any]:
            unit.get(Notice, command.notice_id).replay(context.at)
            return {"notice_id": str(command.notice_id)}

        return self._execute(command, context, decide)

    def discard_notice(self, command: c.DiscardNotice, context: Context) -> Answer:
        def decide(unit: Unit) -> Mapping[str, Any]:
            notice = unit.get(Notice, command.notice_id)
            note = None
            if command.note and notice.state == PARKED:
                note = self.vault.seal(str(notice.participant_id), command.note, context=NOTE)
            notice.discard(command.reason, note, context.at)
            return {"notice_id": str(command.notice_id)}

        return self._execute(command, context, decide)

    def _execute(self, command: object, context: Context, decide: Decide) -> Answer:
        return self.log.execute(command, context, decide)

    def _applying(self, unit: Unit) -> Applying:
        return Applying(unit, self.examiner, self.vault)

    def _telling(self, unit: Unit) -> Telling:
        return Telling(unit, self.mappings, self.vault)

    def _own(self, answer: Answer) -> None:
        """Raw messages belong to their participants from now on; safe to repeat after a crash."""
        self.vault.assign_all(answer.body.get("owners") or {})


@dataclass(frozen=True)
class _Referring:
    """A referral as a command id remembers it: the bytes decide whether it is the same one."""

    message_id: UUID
    sha256: str
