"""Answers as they were given live, to be asked for again as of the positions that they carried."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from services.cli.client import Client


@dataclass(frozen=True)
class Remembered:
    """One answer with the position at which it was true."""

    path: str
    params: tuple[tuple[str, str], ...]
    answer: dict[str, Any]

    def same_now(self, client: Client) -> bool:
        """Whether the same question, asked as of that position, has the same answer."""
        asked = dict(self.params) | {"as_of": self.answer["position"]["position"]}
        return client.get(self.path, **asked) == self.answer


@dataclass
class Memory:
    """``questions`` are asked each time; participants of interest are added as they become known."""

    client: Client
    kept: list[Remembered] = field(default_factory=list)

    def ask(self, questions: Iterable[tuple[str, dict[str, str]]]) -> None:
        """Asks and keeps the answers."""
        for path, params in questions:
            self.kept.append(Remembered(path, tuple(params.items()), self.client.get(path, **params)))

    def differing(self) -> list[Remembered]:
        """Those whose answer as of then is another now."""
        return [one for one in self.kept if not one.same_now(self.client)]


def questions(participants: Iterable[str], day: str) -> list[tuple[str, dict[str, str]]]:
    """What a director, a clinician and an auditor would ask."""
    asked: list[tuple[str, dict[str, str]]] = [
        ("/enrollment/participants", {}),
        ("/enrollment/tracks", {}),
        ("/enrollment/due", {}),
        ("/scheduling/sessions", {"from": day, "through": day}),
        ("/scheduling/coordinator-requests", {}),
        ("/attendance/weekly-hours", {"week": day}),
        ("/attendance/absences", {}),
        ("/medication_review/due", {}),
        ("/interop/summary", {}),
        ("/interop/queues", {}),
    ]
    for participant in participants:
        asked += [(path, {}) for path in chart_paths(participant).values()]
    return asked


def chart_paths(participant: str) -> dict[str, str]:
    """Where the parts of one participant's chart are."""
    return {
        "enrollment": f"/enrollment/participants/{participant}",
        "bookings": f"/scheduling/participants/{participant}/bookings",
        "attendance": f"/attendance/participants/{participant}/attendance",
        "weeks": f"/attendance/participants/{participant}/weeks",
        "medications": f"/medication_review/participants/{participant}/medications",
        "reviews": f"/medication_review/participants/{participant}/reviews",
    }
