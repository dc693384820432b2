"""The menu of ``./daybook``. Exit status: 0 done, 1 the answer is "no", 2 wrong use or input."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from services.cli.output import WrongUse

COMMANDS = (
    "demo",
    "up",
    "serve",
    "ready",
    "migrate",
    "secrets",
    "token",
    "status",
    "parked",
    "rebuild",
    "participants",
    "chart",
    "hl7",
    "bench",
    "contract",
)
"""In the order in which the help lists them; each is a module of ``services.cli.commands``."""


class Parser(argparse.ArgumentParser):
    """Wrong options end in ``error:`` and ``hint:`` lines, as all wrong use does."""

    def error(self, message: str) -> None:  # type: ignore[override]  # raises instead of exiting here
        raise WrongUse(message, f"{self.prog} --help shows what it takes")


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    menu = Parser(prog="daybook", description="Runs intensive outpatient programs on event-sourced services.")
    menu.epilog = "daybook COMMAND --help tells more of each. `daybook test` runs the test suite."
    commands = menu.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for name in COMMANDS:
        module = importlib.import_module(f"services.cli.commands.{name}")
        command = commands.add_parser(name, help=module.HELP, description=module.__doc__)
        command.add_argument("--json", action="store_true", help="the last line of output is one JSON object")
        command.add_argument(
            "--data", type=Path, default=Path(".daybook"), metavar="DIR", help="where data lives (.daybook)"
        )
        module.add(command)
        command.set_defaults(run=module.run)
    return menu


def main(words: Sequence[str]) -> int:
    """Runs one command and returns its exit status."""
    try:
        arguments = parser().parse_args(words)
        return int(arguments.run(arguments))
    except WrongUse as wrong:
        sys.stderr.write(f"error: {wrong.fact}\nhint: {wrong.way_out}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("daybook: interrupted; nothing that was acknowledged is lost\n")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
