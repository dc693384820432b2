"""What is due across all services, put together from the services' own due lists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.cli.client import Client
from services.platform.tokens import Role

LISTS: Mapping[str, str] = {
    "enrollment": "/enrollment/due",
    "scheduling": "/scheduling/coordinator-requests",
    "attendance": "/attendance/due",
    "medication_review": "/medication_review/due",
}
"""Service → where it says what it waits for."""


@dataclass(frozen=True)
class DueItem:
    """One thing that somebody has to do. ``about``: whatever else its service says of it."""

    service: str
    kind: str
    role: str
    escalated_to: str | None
    due_at: datetime
    overdue: bool
    participant_id: str | None
    about: Mapping[str, Any]

    def is_for(self, role: str) -> bool:
        """Whether ``role`` does it, or was told of it because another did not."""
        return role in (self.role, self.escalated_to, *self.about.get("told", ()))

    def to_data(self) -> dict[str, Any]:
        own = ("service", "kind", "role", "escalated_to", "due_at", "overdue", "participant_id")
        return dict(self.about) | {name: getattr(self, name) for name in own}


@dataclass(frozen=True)
class DueList:
    """``vector`` asks for the same again: ``enrollment=12,scheduling=9``."""

    items: tuple[DueItem, ...]
    vector: str


def read(client: Client, as_of: str | None, at: datetime) -> DueList:
    """Everything that is due, the soonest first; overdue is judged at ``at`` where its service does not tell it."""
    items: list[DueItem] = []
    seen: dict[str, int] = {}
    for service, path in LISTS.items():
        params = {"at": at.isoformat()} if service == "attendance" else {}
        answer = client.get(path, as_of=as_of, **params)
        seen[service] = answer["position"]["position"]
        items += _items(service, answer, at)
    items.sort(key=lambda item: (item.due_at, item.service, item.kind, item.participant_id or ""))
    return DueList(tuple(items), ",".join(f"{service}={position}" for service, position in seen.items()))


def _items(service: str, answer: Mapping[str, Any], at: datetime) -> Iterator[DueItem]:
    for row in answer["due"] if "due" in answer else _requests(answer["requests"]):
        told = dict(row)
        kind, due_at = told.pop("kind"), datetime.fromisoformat(told.pop("due_at"))
        yield DueItem(
            service,
            kind,
            told.pop("role"),
            told.pop("escalated_to", None),
            due_at,
            told.pop("overdue", due_at <= at),
            told.pop("participant_id"),
            told,
        )


def _requests(rows: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Scheduling's open requests in the words of the other lists: all are a coordinator's."""
    for row in rows:
        if row["state"] == "open":
            told = {name: value for name, value in row.items() if name not in ("about", "wanted_by", "state")}
            yield told | {"kind": row["about"], "due_at": row["wanted_by"], "role": Role.COORDINATOR}
