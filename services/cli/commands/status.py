"""How every service does: position, what followers lag behind, what is parked, how old the oldest untold event is."""

import argparse
from typing import Any

from services.cli.composition import SERVICES
from services.cli.connection import add_place, connected
from services.cli.output import machine, table
from services.platform.tokens import Role


def add(command: argparse.ArgumentParser) -> None:
    add_place(command)


def run(arguments: argparse.Namespace) -> int:
    with connected(arguments) as services:
        client = services.client(Role.OPERATOR)
        found = {name: client.get(f"/{name}/status") for name in SERVICES}
        hospitals = client.get("/interop/queues")["queues"]
    _show(found)
    table(
        "Hospitals", ("hospital", "waiting", "parked"), [(q["hospital"], q["waiting"], q["parked"]) for q in hospitals]
    )
    if arguments.json:
        machine({"services": found, "hospitals": hospitals})
    return 0


def _show(found: dict[str, dict[str, Any]]) -> None:
    rows = []
    for name, status in found.items():
        slowest = max(status["followers"], key=lambda one: one["lag_events"], default=None)
        relay = status["relay"] or {}
        rows.append(
            (
                name,
                status["position"],
                slowest["name"] if slowest and slowest["lag_events"] else "all caught up",
                slowest["lag_events"] if slowest else 0,
                round(slowest["lag_seconds"], 1) if slowest else 0.0,
                status["parked"],
                round(relay.get("age_seconds", 0.0), 1),
            )
        )
    columns = ("service", "position", "slowest follower", "lag in events", "in seconds", "parked", "relay age in s")
    table("Services", columns, rows)
