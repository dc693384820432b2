"""How every service does: position, what followers lag behind, what is parked, how old the oldest untold event is.

Then the hospitals: messages that wait for an identity or for a person, and notices that are not sent yet.
"""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from services.cli.composition import SERVICES
from services.cli.connection import add_place, connected
from services.cli.output import machine, people, table
from services.platform.tokens import Role

Status = Mapping[str, Any]


def add(command: argparse.ArgumentParser) -> None:
    add_place(command)
    command.add_argument(
        "--followers", action="store_true", help="every follower, not only the slowest of each service"
    )


def run(arguments: argparse.Namespace) -> int:
    with connected(arguments) as services:
        client = services.client(Role.OPERATOR)
        found = {name: client.get(f"/{name}/status") for name in SERVICES}
        hospitals = client.get("/interop/queues")["queues"]
    _show_services(found)
    if arguments.followers:
        _show_followers(found)
    columns = ("hospital", "received", "waiting", "parked", "pending")
    table("Hospitals", columns, [[queue[name] for name in columns] for queue in hospitals])
    for line in _needs_a_person(found):
        people.print(line)
    if arguments.json:
        machine({"services": found, "hospitals": hospitals})
    return 0


def _show_services(found: Mapping[str, Status]) -> None:
    rows = []
    for name, status in found.items():
        slowest = max(status["followers"], key=lambda one: one["lag_events"], default=None)
        lag = slowest["lag_events"] if slowest else 0
        seconds = round(slowest["lag_seconds"], 1) if slowest else 0.0
        relay = status["relay"]
        age = "-" if relay is None else round(relay["age_seconds"], 1)
        rows.append(
            (name, status["position"], lag, seconds, slowest["name"] if slowest and lag else "-", status["parked"], age)
        )
    table("Services", ("service", "position", "lag", "lag in s", "slowest follower", "parked", "relay in s"), rows)


def _show_followers(found: Mapping[str, Status]) -> None:
    rows = [
        (name, one["name"], one["position"], one["lag_events"], round(one["lag_seconds"], 1))
        for name, status in found.items()
        for one in status["followers"]
    ]
    table("Followers", ("service", "follower", "position", "lag", "lag in s"), rows)


def _needs_a_person(found: Mapping[str, Status]) -> Iterator[str]:
    for name, status in found.items():
        for one in status["failing"]:
            yield f"{name}: {one['name']} fails and tries again: {one['error']}"
        if status["unreadable"]:
            yield f"{name}: {status['unreadable']} unreadable messages on the broker"
        for source in status["inbox"]:
            for place, halt in zip(source["halted"], source["halts"], strict=True):
                yield f"{name}: halted at {place}: {halt['reason']}: `daybook parked list`"
        if status["parked"]:
            behind = status["waiting_behind_parked"]
            yield f"{name}: {status['parked']} parked, {behind} wait behind: `daybook parked list`"
