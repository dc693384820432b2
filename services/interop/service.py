"""The menu of the gateway. Hospital messages themselves come in through MLLP and AMQP: see ``wiring.py``."""

from collections.abc import Mapping
from typing import Any

from events.log.commands import Answer, Context
from services.interop import schemas
from services.interop.application import Interop
from services.interop.queries import Queries
from services.platform.web import Query, Role, command, query

OPERATOR = {Role.OPERATOR}
SIGHT = {Role.OPERATOR, Role.INTEGRATION, Role.AUDITOR}
REFERRERS = {Role.INTEGRATION, Role.COORDINATOR}
MESSAGE = "/interop/messages/<uuid:message_id>"
NOTICE = "/interop/notices/<uuid:notice_id>"


class InteropService:
    name = "interop"
    application: Interop

    @command("POST", "/interop/referrals", schemas.Refer, roles=REFERRERS)
    def refer(self, command: object, context: Context) -> Answer:
        """Takes a FHIR R4 bundle as a referral."""
        return self.application.handle(command, context)

    @command("POST", MESSAGE + "/replay", schemas.ReplayMessage, roles=OPERATOR)
    def replay_message(self, command: object, context: Context) -> Answer:
        """Takes up a parked message under today's mapping."""
        return self.application.handle(command, context)

    @command("POST", MESSAGE + "/discard", schemas.DiscardMessage, roles=OPERATOR)
    def discard_message(self, command: object, context: Context) -> Answer:
        """Gives up a parked message."""
        return self.application.handle(command, context)

    @command("POST", MESSAGE + "/raw", schemas.ReadRaw, roles=OPERATOR, status=200)
    def read_raw(self, command: object, context: Context) -> Answer:
        """Shows a message's bytes; who looked and why is recorded."""
        return self.application.handle(command, context)

    @command("POST", NOTICE + "/replay", schemas.ReplayNotice, roles=OPERATOR)
    def replay_notice(self, command: object, context: Context) -> Answer:
        """Sends a parked outbound message again."""
        return self.application.handle(command, context)

    @command("POST", NOTICE + "/discard", schemas.DiscardNotice, roles=OPERATOR)
    def discard_notice(self, command: object, context: Context) -> Answer:
        """Gives up a parked outbound message, so that later ones pass."""
        return self.application.handle(command, context)

    @query("/interop/messages", schemas.Messages, roles=SIGHT)
    def messages(self, request: Query) -> Mapping[str, Any]:
        """The message browser."""
        return self._asked.messages(request)

    @query(MESSAGE, schemas.OneMessage, roles=SIGHT)
    def message(self, request: Query) -> Mapping[str, Any]:
        """One message and what became of it."""
        return self._asked.message(request)

    @query("/interop/notices", schemas.Limited, roles=SIGHT)
    def notices(self, request: Query) -> Mapping[str, Any]:
        """Outbound messages."""
        return self._asked.notices(request)

    @query("/interop/queues", roles=SIGHT)
    def queues(self, request: Query) -> Mapping[str, Any]:
        """Traffic and queues per hospital."""
        return self._asked.queues(request)

    @query("/interop/strangers", roles=SIGHT)
    def strangers(self, request: Query) -> Mapping[str, Any]:
        """How many messages wait for an identity."""
        return self._asked.strangers(request)

    @query("/interop/summary", roles=SIGHT)
    def summary(self, request: Query) -> Mapping[str, Any]:
        """All counts."""
        return self._asked.summary(request)

    @property
    def _asked(self) -> Queries:
        return self.application.queries
