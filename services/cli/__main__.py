"""The menu of ``./daybook``. Exit status: 0 done, 1 the answer is "no", 2 wrong use or input."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from services.cli.wrong_use import WrongUse

COMMANDS = {
    "demo": "run a whole program on sample hospital traffic, then prove what came of it",
    "simulate": "simulate a program of any size by seed: hospital traffic and what the program does",
    "up": "run every service in one process",
    "serve": "run one service, or some of its roles",
    "migrate": "create or upgrade the tables, as their owner",
    "ready": "ask a service on this host whether it is ready (a container's probe)",
    "secrets": "make the passwords and keys of a deployment",
    "token": "issue a signed token for a person or a program",
    "status": "how every service and its followers do",
    "parked": "what could not be handled, why, and what waits behind it",
    "rebuild": "build projections anew beside the live ones, compare, swap",
    "restored": "begin a new generation after a database was restored",
    "participants": "all participants, now or then",
    "due": "what has to be done by when, and by whom, across all services",
    "chart": "one participant across all services, now or then",
    "what-if": "what other rule packs would have changed, without changing anything",
    "hl7": "read hospital messages in files",
    "bench": "measure against a peer and a limit in one run",
    "contract": "write the AsyncAPI and OpenAPI documents",
}
"""Name → what the menu says of it. Each is a module of ``services.cli.commands``."""

WITHOUT_EVENTLET = ("hl7", "secrets", "token", "ready", "migrate", "restored", "bench", "contract")


class Parser(argparse.ArgumentParser):
    """Wrong options end in ``error:`` and ``hint:`` lines, as all wrong use does."""

    def error(self, message: str) -> NoReturn:
        raise WrongUse(message, f"{self.prog} --help shows what it takes")


def parser(chosen: str | None) -> argparse.ArgumentParser:
    """The menu; of the commands only the chosen one is loaded with its options, so that each starts at once."""
    menu = Parser(prog="daybook", description="Runs intensive outpatient programs on event-sourced services.")
    menu.epilog = "daybook COMMAND --help tells more of each. `daybook test` runs the test suite."
    commands = menu.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for name, says in COMMANDS.items():
        command = commands.add_parser(name, help=says)
        if name != chosen:
            continue
        module = importlib.import_module(f"services.cli.commands.{name.replace('-', '_')}")
        command.description = module.__doc__
        command.formatter_class = argparse.RawDescriptionHelpFormatter
        command.add_argument("--json", action="store_true", help="the last line of output is one JSON object")
        command.add_argument(
            "--data", type=Path, default=None, metavar="DIR", help="where data lives (DAYBOOK_DATA or .daybook)"
        )
        module.add(command)
        command.set_defaults(run=module.run)
    return menu


def main(words: Sequence[str]) -> int:
    """Runs one command and returns its exit status."""
    chosen = next((word for word in words if not word.startswith("-")), None)
    if _serves_commands(chosen, words):
        from services.platform import green

        green.patch()
    try:
        arguments = parser(chosen).parse_args(words)
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        sys.stderr.write("daybook: interrupted; nothing that was acknowledged is lost\n")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        from services.cli.failures import told

        return _refuse(*told(error))


def _refuse(fact: str, way_out: str) -> int:
    sys.stderr.write(f"error: {fact}\nhint: {way_out}\n")
    return 2


def _serves_commands(chosen: str | None, words: Sequence[str]) -> bool:
    """Whether the process answers HTTP by nameko, which needs eventlet before anything else is imported."""
    if chosen in WITHOUT_EVENTLET or chosen not in COMMANDS:
        return False
    if chosen != "serve":
        return True
    only = [words[index + 1] for index, word in enumerate(words[:-1]) if word == "--only"]
    only += [word.partition("=")[2] for word in words if word.startswith("--only=")]
    return not only or any("commands" in names.split(",") for names in only)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
