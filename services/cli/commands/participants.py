"""All participants with the state of their last episode, now or as of then.

What is shown is what the role of --role may see; an erased participant has no name left to show.
"""

import argparse
from collections.abc import Mapping
from typing import Any

from services.cli.connection import add_place, connected
from services.cli.moment import add_as_of, as_of, words
from services.cli.output import machine, people, table
from services.cli.viewer import add_role, name_of, role_of


def add(command: argparse.ArgumentParser) -> None:
    add_place(command)
    add_as_of(command)
    add_role(command)


def run(arguments: argparse.Namespace) -> int:
    asked = as_of(arguments)
    with connected(arguments, views=True) as services:
        client = services.client(role_of(arguments))
        answer = client.get("/enrollment/participants", as_of=asked)
        position = answer["position"]["position"]
        tracks = client.get("/enrollment/tracks", as_of=position)["tracks"]
    found = answer["participants"]
    _show(found, {track["track_id"]: track["name"] for track in tracks}, words(asked))
    if arguments.json:
        machine({"participants": found, "as_of": asked, "vector": f"enrollment={position}"})
    return 0


def _show(found: list[Mapping[str, Any]], tracks: Mapping[str, str], when: str) -> None:
    rows = [
        (row["participant_id"], name_of(row["name"], row["erased"]), row["status"], tracks.get(row["track_id"] or ""))
        for row in sorted(found, key=lambda row: (row["status"] or "", row["participant_id"]))
    ]
    table(f"Participants, {when}", ("participant", "name", "status", "track"), rows)
    people.print(f"{len(rows)} participants")
