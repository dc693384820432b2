"""How many messages each hospital sent and was sent, and what became of them.

received = accepted + duplicate + parked; accepted = applied + waiting + held_up + unsupported + forgotten + pending."""

from sqlalchemy import Column, Integer, String

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

INCOMING = ("received", "accepted", "duplicate", "parked", "discarded")
OUTCOMES = ("pending", "applied", "waiting", "held_up", "unsupported", "forgotten")
OUTGOING = ("due", "ready", "acknowledged", "refused", "dropped")
COUNTS = (*INCOMING, *OUTCOMES, *OUTGOING)
"""``pending``: accepted and not yet applied; ``held_up``: behind an earlier one that is parked; ``discarded``: of the
parked, those given up; ``due``: outbound, the person's number there unknown; ``ready``: to be sent; ``refused``: parked
outbound; ``dropped``: discarded outbound."""

TRAFFIC = view(
    "hospital_traffic",
    Column("hospital", String),
    *(Column(name, Integer, nullable=False) for name in COUNTS),
    key=("hospital",),
)
STATE = view(
    "traffic_state",
    Column("id", String),
    Column("hospital", String, nullable=False),
    Column("state", String, nullable=False),
    key=("id",),
)
_OUTCOME = {
    "interop.message.held": "waiting",
    "interop.message.held_up": "held_up",
    "interop.message.released": "pending",
    "interop.message.applied": "applied",
    "interop.message.found_unsupported": "unsupported",
    "interop.message.forgotten": "forgotten",
}
_NOTICE = {
    "interop.notice.due": "due",
    "interop.notice.written": "ready",
    "interop.notice.replayed": "ready",
    "interop.notice.acknowledged": "acknowledged",
    "interop.notice.parked": "refused",
    "interop.notice.discarded": "dropped",
}


class Traffic(Projection):
    name = "hospital_traffic"
    version = 2
    views = (TRAFFIC, STATE)

    @handles("interop.message.received")
    def received(self, event: Event, rows: Rows) -> None:
        accepted = event.data["outcome"] == "accepted"
        hospital = event.data["hospital"]
        _add(rows, hospital, received=1, **({"accepted": 1} if accepted else {}))
        _move(rows, event, hospital, "pending" if accepted else "parked")

    @handles("interop.message.received_again")
    def received_again(self, event: Event, rows: Rows) -> None:
        _add(rows, event.data["hospital"], received=1, duplicate=1)

    @handles(*_OUTCOME)
    def dealt_with(self, event: Event, rows: Rows) -> None:
        state = rows.get(STATE, str(event.stream))
        if event.type == "interop.message.forgotten" and state and state["state"] == "parked":
            return  # it was refused: it stays among those, only its bytes are gone
        _move(rows, event, event.data["hospital"], _OUTCOME[event.type])

    @handles("interop.message.parked")
    def parked(self, event: Event, rows: Rows) -> None:
        _add(rows, event.data["hospital"], accepted=-1)
        _move(rows, event, event.data["hospital"], "parked")

    @handles("interop.message.replayed")
    def replayed(self, event: Event, rows: Rows) -> None:
        row = rows.get(STATE, str(event.stream))
        if row and row["hospital"] != event.data["hospital"]:
            _add(rows, row["hospital"], received=-1)
            _add(rows, event.data["hospital"], received=1)
        _add(rows, event.data["hospital"], accepted=1)
        _move(rows, event, event.data["hospital"], "pending")

    @handles("interop.message.discarded")
    def discarded(self, event: Event, rows: Rows) -> None:
        _add(rows, event.data["hospital"], discarded=1)

    @handles(*_NOTICE)
    def notice(self, event: Event, rows: Rows) -> None:
        _move(rows, event, event.data["hospital"], _NOTICE[event.type])


def _add(rows: Rows, hospital: str, **counts: int) -> None:
    row = rows.get(TRAFFIC, hospital) or {"hospital": hospital, **dict.fromkeys(COUNTS, 0)}
    rows.put(TRAFFIC, {**row, **{name: row[name] + number for name, number in counts.items()}})


def _move(rows: Rows, event: Event, hospital: str, state: str) -> None:
    """From the count it was in to the one it is in now."""
    before = rows.get(STATE, str(event.stream))
    if before:
        _add(rows, before["hospital"], **{before["state"]: -1})
    _add(rows, hospital, **{state: 1})
    rows.put(STATE, {"id": str(event.stream), "hospital": hospital, "state": state})
