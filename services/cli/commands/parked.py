"""What could not be handled: events of a service and hospital messages; why, and what waits behind them.

After the cause is mended, `retry` goes on where it stopped; `discard` leaves it out for good. Both are recorded. A
partition of a source that is halted, because what it tells cannot be read or contradicts what is known, can only be
retried.
"""

import argparse

from services.cli.client import Client
from services.cli.connection import add_place, connected
from services.cli.output import machine, people, table
from services.cli.standing_still import Parked, everything
from services.cli.wrong_use import WrongUse
from services.interop.domain.reasons import DISCARD_REASONS
from services.platform.tokens import Role


def add(command: argparse.ArgumentParser) -> None:
    add_place(command)
    command.add_argument("action", choices=("list", "show", "retry", "discard"))
    command.add_argument("id", nargs="?", help="SERVICE/ID, as `parked list` shows it")
    command.add_argument("--all", action="store_true", help="with retry: everything that is parked")
    why = "with discard of a hospital message: why; it is recorded"
    command.add_argument("--reason", choices=tuple(DISCARD_REASONS), help=why)
    command.add_argument("--note", metavar="TEXT", help="with --reason: in words; sealed, for operators and auditors")


def run(arguments: argparse.Namespace) -> int:
    with connected(arguments, views=True) as services:
        client = services.client(Role.OPERATOR)
        found = list(everything(client))
        if arguments.action != "list":
            for one in _chosen(arguments, found):
                _act(client, arguments, one)
        if arguments.action in ("retry", "discard"):
            found = list(everything(client))
    if arguments.action == "list":
        table("Parked", ("id", "what", "reason", "waiting"), [one.row() for one in found])
    if arguments.json:
        machine({"parked": [one.to_data() for one in found]})
    return 0


def _chosen(arguments: argparse.Namespace, found: list[Parked]) -> list[Parked]:
    if arguments.all and arguments.action == "retry":
        return found
    chosen = [one for one in found if one.id == arguments.id]
    if not chosen:
        fact = "which one is not said" if arguments.id is None else f"{arguments.id} is not parked"
        raise WrongUse(fact, "`parked list` shows what is; give its id")
    return chosen


def _act(client: Client, arguments: argparse.Namespace, one: Parked) -> None:
    if arguments.action == "show":
        for name, value in one.show(client).items():
            people.print(f"{name}: {value}", markup=False)
        return
    if arguments.action == "discard" and one.of_hospital and not arguments.reason:
        codes = "\n".join(f"  {code}: {stands_for}" for code, stands_for in DISCARD_REASONS.items())
        raise WrongUse("a hospital message is given up with a reason", f"add --reason and one of\n{codes}")
    if arguments.action == "discard" and one.halted:
        raise WrongUse("nothing can be left out of a partition that is halted", "mend the cause, then `parked retry`")
    one.act(client, arguments.action, arguments.reason, arguments.note)
    people.print(f"{one.id}: {'released' if arguments.action == 'retry' else 'discarded'}", markup=False)
