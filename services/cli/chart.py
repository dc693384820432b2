"""A participant across all services, put together from the services' own answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.cli.client import Client
from services.cli.demo.remembered import chart_paths


@dataclass(frozen=True)
class Chart:
    """``answers``: section → answer. ``vector`` asks for the same again: ``enrollment=12,scheduling=9``."""

    participant_id: str
    as_of: str | None
    vector: str
    answers: Mapping[str, Mapping[str, Any]]

    def to_data(self) -> dict[str, Any]:
        """The chart as JSON: enrollment's answer whole, of the other sections what they are named after and more."""
        data: dict[str, Any] = {
            "participant_id": self.participant_id,
            "as_of": self.as_of,
            "vector": self.vector,
            "enrollment": _without_place(self.answers["enrollment"]),
        }
        for section, answer in self.answers.items():
            if section != "enrollment":
                data |= _without_place(answer)
        return data


def read(client: Client, participant_id: str, as_of: str | None) -> Chart:
    """All sections, each service at one position. Raises ``Refusal``, with status 404 where nobody knows the person."""
    answers: dict[str, dict[str, Any]] = {}
    seen: dict[str, int] = {}
    for section, path in chart_paths(participant_id).items():
        service = path.split("/")[1]
        answers[section] = client.get(path, as_of=as_of if as_of is not None else seen.get(service))
        seen[service] = answers[section]["position"]["position"]
    vector = ",".join(f"{service}={position}" for service, position in seen.items())
    return Chart(answers["enrollment"]["participant_id"], as_of, vector, answers)


def _without_place(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("position", "participant_id")}
