"""What could not be handled: why, and what waits behind it.

After the cause is mended, `retry` goes on where it stopped; `discard` leaves the event out for good. Both are recorded.
"""

import argparse

from services.cli.client import Client, Refusal
from services.cli.composition import SERVICES
from services.cli.connection import add_place, connected
from services.cli.output import machine, people, table
from services.cli.wrong_use import WrongUse
from services.platform.tokens import Role


def add(command: argparse.ArgumentParser) -> None:
    add_place(command)
    command.add_argument("action", choices=("list", "show", "retry", "discard"))
    command.add_argument("id", nargs="?", help="SERVICE/ID, as `parked list` shows it")
    command.add_argument("--all", action="store_true", help="with retry: everything that is parked")


def run(arguments: argparse.Namespace) -> int:
    with connected(arguments) as services:
        client = services.client(Role.OPERATOR)
        entries = _list(client)
        if arguments.action != "list":
            chosen = _chosen(arguments, entries)
            for entry in chosen:
                _act(client, arguments.action, entry)
            if arguments.action != "show":
                entries = _list(client)
        else:
            columns = ("id", "follower", "key", "position", "event", "reason", "waiting")
            rows = [
                [entry[name] for name in ("id", "follower", "key", "position", "type", "error", "waiting")]
                for entry in entries
            ]
            table("Parked", columns, rows)
    if arguments.json:
        machine({"parked": entries})
    return 0


def _list(client: Client) -> list[dict[str, object]]:
    return [
        {**entry, "service": service, "id": f"{service}/{entry['id']}"}
        for service in SERVICES
        for entry in client.get(f"/{service}/parked")["parked"]
    ]


def _chosen(arguments: argparse.Namespace, entries: list[dict[str, object]]) -> list[dict[str, object]]:
    if arguments.all and arguments.action == "retry":
        return entries
    chosen = [entry for entry in entries if entry["id"] == arguments.id]
    if not chosen:
        fact = "which one is not said" if arguments.id is None else f"{arguments.id} is not parked"
        raise WrongUse(fact, "`parked list` shows what is; give its id")
    return chosen


def _act(client: Client, action: str, entry: dict[str, object]) -> None:
    service, _, parked_id = str(entry["id"]).partition("/")
    try:
        if action == "show":
            for name, value in client.get(f"/{service}/parked/{parked_id}").items():
                people.print(f"{name}: {value}")
        else:
            client.post(f"/{service}/parked/{parked_id}/{action}", {})
            people.print(f"{entry['id']}: {'released' if action == 'retry' else 'discarded'}")
    except Refusal as refusal:
        raise WrongUse(str(refusal), "`parked list` shows what is parked now") from None
