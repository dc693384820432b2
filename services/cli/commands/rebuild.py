"""Builds projections anew from the log beside the live ones, compares every row, and swaps.

Exit status 1 where a row differed; the new rows stand in the live ones' place all the same.
"""

import argparse
import http.client
from collections.abc import Iterator
from concurrent.futures import wait
from typing import Any

from events.follow.meanwhile import meanwhile
from services.cli.client import Client, Refusal
from services.cli.composition import SERVICES
from services.cli.connection import Connection, add_place, connected
from services.cli.output import machine, progress, table
from services.cli.wrong_use import WrongUse
from services.platform.tokens import Role

LOOK_SECONDS = 1.0
"""How often the status is looked at meanwhile."""


def add(command: argparse.ArgumentParser) -> None:
    add_place(command)
    command.add_argument("service", choices=SERVICES)
    command.add_argument("projection", nargs="?", help="one of its projections; all without it")


def run(arguments: argparse.Namespace) -> int:
    with connected(arguments) as services:
        try:
            answer = _rebuilt(services, arguments.service, arguments.projection)
        except Refusal as refusal:
            way_out = refusal.problem.get("hint") or "leave the projection out to rebuild all"
            raise WrongUse(str(refusal), way_out) from None
    rows = [
        (
            one["projection"],
            one["events"],
            round(one["seconds"], 2),
            "yes" if one["identical"] else "NO",
            one.get("difference") or "",
        )
        for one in answer["projections"]
    ]
    table(f"Rebuilt: {arguments.service}", ("projection", "events", "seconds", "identical", "first difference"), rows)
    if arguments.json:
        machine({name: answer[name] for name in ("events", "seconds", "identical", "projections")})
    return 0 if answer["identical"] else 1


def _rebuilt(services: Connection, service: str, projection: str | None) -> dict[str, Any]:
    """The answer, which comes at the end, however long that takes; the status tells meanwhile. Raises ``Refusal``."""
    path = f"/{service}/rebuild" + (f"?projection={projection}" if projection else "")
    watcher, worker = services.client(Role.OPERATOR), services.client(Role.OPERATOR, timeout=None)
    progress.print(f"rebuilding {service} …")
    coming = meanwhile("rebuild", lambda: worker.post(path, {}))
    with progress.status("") as line:
        while not wait([coming], LOOK_SECONDS).done:
            for text in _how_far(watcher, service):
                line.update(text)
                if not progress.is_terminal:
                    progress.print(text)
    return coming.result()


def _how_far(watcher: Client, service: str) -> Iterator[str]:
    try:
        status = watcher.get(f"/{service}/status")
    except (OSError, http.client.HTTPException, Refusal):
        return  # the answer says what is wrong, if anything is
    for one in status["rebuilds"]:
        part = one["position"] / max(status["position"], 1)
        yield f"{one['projection']}: {part:.0%} of the log, {one['events']:,} events, {one['events_per_second']:,}/s"
