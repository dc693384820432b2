"""Outbound messages go to each hospital in order per patient, one in flight, and are parked when they are refused."""

import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement

from events.follow.lease import Leases, Turn
from events.follow.reading import NotThereYet, Reader, Snapshot, ViewNotBuilt
from events.log.commands import Answer, Context
from events.log.vault import Vault
from services.interop.destination import Destination
from services.interop.domain.commands import HospitalAnswer, RecordAnswers
from services.interop.mapping import Hospital
from services.interop.mllp.client import MllpClient, NoAnswer, NoConnection
from services.interop.places import CONTENTS
from services.interop.projections.outbound import NOTICE, Outbound
from services.platform.clock import Clock

logger = logging.getLogger(__name__)

BATCH = 100
KEPT_TOGETHER = 20
"""Answers that share one durable write. A crash before it sends that many again at most, under the same control ids."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
GOOD = frozenset(("AA", "CA"))


class Carrier(Protocol):
    """One way to a hospital."""

    def carry(self, message: bytes, control_id: str, headers: Mapping[str, str]) -> str:
        """MSA-1, or AA where taking it over is all the answer there is. Raises ``NoConnection`` and ``NoAnswer``."""
        ...

    def close(self) -> None: ...


class MllpCarrier:
    """Over MLLP, answered by the hospital itself."""

    def __init__(self, to: Destination) -> None:
        assert to.mllp is not None
        self._client = MllpClient(*to.mllp, timeout=to.timeout_seconds, tls=to.tls_context())

    def carry(self, message: bytes, control_id: str, headers: Mapping[str, str]) -> str:
        return self._client.send(message, control_id)[0]

    def close(self) -> None:
        self._client.close()


class Sender:
    """A loop of the service, one for each hospital that is told anything."""

    def __init__(
        self,
        hospital: Hospital,
        carriers: list[Carrier],
        *,
        reader: Reader,
        vault: Vault,
        clock: Clock,
        handle: Callable[[object, Context], Answer],
        leases: Leases | None = None,
    ) -> None:
        assert hospital.send is not None
        self.name = f"send to {hospital.name}"
        self._hospital = hospital
        self._attempts_allowed = hospital.send.attempts
        self._patience = timedelta(hours=hospital.send.give_up_hours)
        self._carriers = carriers
        self._reader = reader
        self._vault = vault
        self._clock = clock
        self._handle = handle
        self._turn = Turn(leases, self.name)
        self._position = 0
        self._not_before = 0.0
        self._pause = FIRST_PAUSE
        self._attempts: dict[str, int] = {}
        self._answers: list[HospitalAnswer] = []
        self._away = False

    def step(self) -> int:
        """Sends what is ready, up to a batch; stops at the first sign that the hospital does not answer."""
        if not self._turn.mine() or time.monotonic() < self._not_before:
            return 0
        try:
            seen = self._reader.at((Outbound.name,), after=self._position)
        except (ViewNotBuilt, NotThereYet):
            return 0  # the view is behind; what is ready stays ready
        c, ours = NOTICE.c, NOTICE.c.hospital == self._hospital.name
        stuck = {row["participant_id"] for row in seen.many(NOTICE, ours, c.state == "parked")}
        sent, self._away = 0, False
        others = c.participant_id.not_in(set(stuck))  # in the query: what waits behind parked ones never fills a batch
        for row in seen.many(NOTICE, ours, c.state == "ready", others, order_by=(c.place,), limit=BATCH):
            if row["participant_id"] in stuck:
                continue
            if not self._send(row):
                stuck.add(row["participant_id"])
            sent += 1
            if len(self._answers) >= KEPT_TOGETHER:
                self._keep_answers()
            if time.monotonic() < self._not_before:
                break
        if self._away:
            self._give_up(seen, others)
        self._keep_answers()
        return sent

    def close(self) -> None:
        for carrier in self._carriers:
            carrier.close()
        self._turn.release()

    def _send(self, row: Mapping[str, Any]) -> bool:
        """Whether the later ones about the same person may follow."""
        notice, control_id = row["notice_id"], row["control_id"]
        content = self._vault.open(row["content"], subject=row["participant_id"], context=CONTENTS)
        if not content:
            self._record(notice, None, "the person's data was erased")
            return False
        message = str(content).encode()
        headers = {
            "message_type": row["message_type"],
            "control_id": control_id,
            "character_set": "UNICODE UTF-8",
            "sha256": hashlib.sha256(message).hexdigest(),
            "hospital": self._hospital.name,
        }
        try:
            codes = [carrier.carry(message, control_id, headers) for carrier in self._carriers]
        except NoConnection as error:
            self._away = True
            self._back_off(error)
            return False
        except NoAnswer as error:
            self._back_off(error)
            self._attempts[notice] = self._attempts.get(notice, 0) + 1
            if self._attempts[notice] >= self._attempts_allowed:
                self._record(notice, None, f"not acknowledged in {self._attempts_allowed} attempts")
            return False
        self._pause = FIRST_PAUSE
        refused = next((code for code in codes if code not in GOOD), None)
        self._record(notice, codes[0], f"refused with {refused or 'no code'}" if refused is not None else None)
        return refused is None

    def _give_up(self, seen: Snapshot, others: ColumnElement[bool]) -> None:
        """Parks what a hospital that cannot be reached could not be given for as long as its mapping allows: the first
        for each person, since the later ones wait behind it. Nothing while it has taken anything within that time."""
        c, ours = NOTICE.c, NOTICE.c.hospital == self._hospital.name
        since = self._clock() - self._patience
        if seen.count(NOTICE, ours, c.state == "acknowledged", c.changed_at > since):
            return
        ready = (ours, c.state == "ready")
        overdue = seen.many(NOTICE, *ready, others, c.changed_at <= since, order_by=(c.place,), limit=BATCH)
        people = sorted({row["participant_id"] for row in overdue})
        firsts: dict[str, Mapping[str, Any]] = {}
        for row in seen.many(NOTICE, *ready, c.participant_id.in_(people), order_by=(c.place,)):
            firsts.setdefault(row["participant_id"], row)
        given_up = [row["notice_id"] for row in firsts.values() if row["changed_at"] <= since]
        for notice in given_up:
            self._record(notice, None, f"could not be reached for {self._patience / timedelta(hours=1):g} h")
        if given_up:
            told = {"hospital": self._hospital.name, "events": len(given_up)}
            logger.warning("messages to a hospital that cannot be reached are parked", extra=told)

    def _record(self, notice: str, code: str | None, reason: str | None) -> None:
        self._attempts.pop(notice, None)
        self._answers.append(HospitalAnswer(UUID(notice), code, reason))

    def _keep_answers(self) -> None:
        if not self._answers:
            return
        command_id = uuid4()
        context = Context(command_id, self._clock(), "system:sender", frozenset({"system"}), str(command_id))
        self._position = self._handle(RecordAnswers(tuple(self._answers)), context).position
        self._answers.clear()

    def _back_off(self, error: OSError) -> None:
        if self._pause == FIRST_PAUSE:
            told = {"hospital": self._hospital.name, "reason": str(error)}
            logger.warning("a hospital does not take messages", extra=told)
        self._not_before = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
