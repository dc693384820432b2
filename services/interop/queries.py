"""The gateway's answers: metadata about messages and queues, never what a message says."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement

from events.follow.reading import Reader
from events.log.vault import Vault
from services.interop.behind import behind_messages, behind_notices
from services.interop.domain.errors import MessageUnknown
from services.interop.mapping import Mappings
from services.interop.places import NOTES
from services.interop.projections.messages import MESSAGE, Messages
from services.interop.projections.outbound import NOTICE, Outbound
from services.interop.projections.standing import StandingInLine
from services.interop.projections.strangers import STRANGER, Strangers
from services.interop.projections.traffic import COUNTS, TRAFFIC, Traffic
from services.platform.answering import FromViews
from services.platform.tokens import Role
from services.platform.web import Query

Answered = Mapping[str, Any]
NOTE_READERS = frozenset({Role.OPERATOR, Role.AUDITOR})


class Queries(FromViews):
    """One method per question."""

    def __init__(self, reader: Reader, mappings: Mappings, vault: Vault) -> None:
        super().__init__(reader)
        self._mappings = mappings
        self._vault = vault

    def messages(self, request: Query) -> Answered:
        """The message browser: newest first, by hospital, state and type. ``holds_up``: how many stand behind it."""
        seen = self._at(request, Messages.name, StandingInLine.name)
        found = seen.many(
            MESSAGE,
            *self._conditions(request),
            order_by=(MESSAGE.c.received_at.desc(),),
            limit=request.params.get("limit", 100),
        )
        behind = behind_messages(seen, [row["message_id"] for row in found])
        shown = [self._shown(row, request, holds_up=behind[row["message_id"]]) for row in found]
        return {"position": seen.position, "messages": shown}

    def message(self, request: Query) -> Answered:
        """One message's metadata. Raises ``MessageUnknown``."""
        seen = self._at(request, Messages.name, StandingInLine.name)
        found = seen.one(MESSAGE, str(request["message_id"]))
        if found is None:
            raise MessageUnknown("no message has this id")
        behind = behind_messages(seen, [found["message_id"]])
        return {"position": seen.position, **self._shown(found, request, holds_up=behind[found["message_id"]])}

    def notices(self, request: Query) -> Answered:
        """Outbound messages, oldest first. ``holds_up``: how many later ones about the same person wait behind it."""
        seen = self._at(request, Outbound.name)
        wanted = [NOTICE.c[name] == request.params[name] for name in ("hospital", "state") if name in request.params]
        found = seen.many(NOTICE, *wanted, order_by=(NOTICE.c.place,), limit=request.params.get("limit", 100))
        behind = behind_notices(seen, found)
        shown = [self._shown(row, request, holds_up=behind[row["notice_id"]]) for row in found]
        return {"position": seen.position, "notices": shown}

    def queues(self, request: Query) -> Answered:
        """Per hospital: what came, what became of it, and what waits to go out. ``parked`` is all that needs a person,
        inbound and outbound; ``refused`` the outbound part of it."""
        seen = self._at(request, Traffic.name)
        counted = {row["hospital"]: row for row in seen.many(TRAFFIC)}
        names = sorted({*counted, *(one.name for one in self._mappings.hospitals)})
        empty = dict.fromkeys(COUNTS, 0)
        rows = [{**empty, "hospital": name, **counted.get(name, {})} for name in names]
        for row in rows:
            row["parked"] += row["refused"] - row["discarded"]
        return {"position": seen.position, "queues": rows}

    def strangers(self, request: Query) -> Answered:
        """How many messages wait for an identity, per assigning authority."""
        seen = self._at(request, Strangers.name)
        counts: dict[str, dict[str, int]] = {}
        for row in seen.many(STRANGER, STRANGER.c.waiting > 0):
            one = counts.setdefault(row["authority"], {"identities": 0, "messages": 0})
            one["identities"] += 1
            one["messages"] += row["waiting"]
        return {"position": seen.position, "authorities": counts}

    def summary(self, request: Query) -> Answered:
        """All hospitals together; ``sent`` counts outbound messages that were handed over, answered or not."""
        seen = self._at(request, Traffic.name)
        rows = seen.many(TRAFFIC)
        total = {name: sum(row[name] for row in rows) for name in COUNTS}
        total["sent"] = total["acknowledged"] + total["refused"]
        return {"position": seen.position, **total}

    def _shown(self, row: Mapping[str, Any], request: Query, **more: Any) -> dict[str, Any]:
        """The row without what hospitals say, and with the note of who discarded it for those who may read it."""
        may = request.roles & NOTE_READERS
        note = self._vault.open(row["note"], context=NOTES) if row["note"] and may else None
        return {name: value for name, value in row.items() if name != "content"} | {"note": note or None} | more

    def _conditions(self, request: Query) -> list[ColumnElement[bool]]:
        names = ("hospital", "state", "message_type")
        return [MESSAGE.c[name] == request.params[name] for name in names if name in request.params]
