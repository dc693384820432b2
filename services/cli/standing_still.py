"""Everything that stands still until a person acts: events parked in a service, partitions of a source that are halted,
and hospital messages in and out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.cli.client import Client
from services.cli.composition import SERVICES

MOST = 1000
"""Hospital messages that are listed at most, of each kind."""

_NOTICE = "interop/notice"
_MESSAGE = "interop/message"
_HALTED = "halted"


@dataclass(frozen=True)
class Parked:
    """One of them. ``id`` begins with its service; ``path`` is where it is shown and acted on."""

    id: str
    path: str
    entry: Mapping[str, Any]

    @property
    def of_hospital(self) -> bool:
        """Whether it is a hospital message rather than an event of a service."""
        return self.id.startswith((_MESSAGE, _NOTICE))

    @property
    def halted(self) -> bool:
        """Whether it is a partition from which a service takes nothing."""
        return self.id.split("/")[1] == _HALTED

    def to_data(self) -> dict[str, Any]:
        """As the JSON answer lists it."""
        return {**self.entry, "id": self.id, "service": self.id.partition("/")[0]}

    def row(self) -> tuple[object, ...]:
        """id, what, reason, how many wait behind it."""
        entry = self.entry
        if self.halted:
            what = f"inbox: partition {entry['partition']} of {entry['source']}, generation {entry['generation']}"
            return self.id, what, entry["reason"], ""
        if not self.of_hospital:
            return self.id, f"{entry['follower']}: {entry['type']}", entry["error"], entry["waiting"]
        reasons = "; ".join(trouble["reason"] for trouble in entry.get("troubles") or ()) or entry.get("reason")
        return self.id, f"{entry['hospital']}: {entry['message_type']}", reasons, entry.get("holds_up", "")

    def show(self, client: Client) -> Mapping[str, Any]:
        """All that is known of it."""
        return self.to_data() if self.halted or self.id.startswith(_NOTICE) else client.get(self.path)

    def act(self, client: Client, action: str, reason: str | None, note: str | None) -> None:
        """``retry`` or ``discard`` (not of what is halted). Raises ``Refusal``."""
        if self.halted:
            client.post(f"{self.path}/resume", {})
        elif not self.of_hospital:
            client.post(f"{self.path}/{action}", {})
        elif action == "retry":
            client.post(f"{self.path}/replay", {})
        else:
            client.post(f"{self.path}/discard", {"reason": reason, "note": note})


def everything(client: Client) -> Iterator[Parked]:
    """All of it, by service."""
    for service in SERVICES:
        for entry in client.get(f"/{service}/parked")["parked"]:
            yield Parked(f"{service}/{entry['id']}", f"/{service}/parked/{entry['id']}", entry)
        for entry in client.get(f"/{service}/halted")["halted"]:
            yield Parked(f"{service}/{_HALTED}/{entry['id']}", f"/{service}/halted/{entry['id']}", entry)
    for message in client.get("/interop/messages", state="parked", limit=MOST)["messages"]:
        yield _hospitals(_MESSAGE, "messages", message, message["message_id"])
    for notice in client.get("/interop/notices", state="parked", limit=MOST)["notices"]:
        yield _hospitals(_NOTICE, "notices", notice, notice["notice_id"])


def _hospitals(prefix: str, kind: str, entry: Mapping[str, Any], id_: str) -> Parked:
    return Parked(f"{prefix}/{id_}", f"/interop/{kind}/{id_}", entry)
