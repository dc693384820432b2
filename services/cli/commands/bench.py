"""Measures Daybook against a peer and a limit, all in one run on this machine, in turn, round by round.

It needs PostgreSQL and RabbitMQ: those given, those that `./daybook test` would use, or private ones that it starts.
What each benchmark compares is told in docs/benchmarks.md. `--quick` shows that they work; its figures mean nothing.
"""

import argparse
import importlib.util
import subprocess
import sys
from pathlib import Path

from services.cli.wrong_use import WrongUse

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("append", "relay", "deliver", "rebuild", "as-of", "ingest")
ONLY_HERE = ("hl7", "psycopg_pool")
"""Modules of peers, which a running Daybook does not need."""


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", choices=(*NAMES, "all"), metavar="NAME", help=", ".join((*NAMES, "or all")))
    command.add_argument("--quick", action="store_true", help="small and one round: shows that it works")
    command.add_argument("--rounds", type=int, metavar="N", help="rounds (3)")
    command.add_argument("--stored", type=int, metavar="N", help="grow logs to N events at most (1,000,000)")
    command.add_argument("--database", metavar="URL", help="PostgreSQL whose user may create databases")
    command.add_argument("--broker", metavar="URL", help="RabbitMQ, its management API on port 15672")


def run(arguments: argparse.Namespace) -> int:
    if not (ROOT / "bench" / "__main__.py").is_file():
        raise WrongUse("there are no benchmarks beside this program", "run `./daybook bench` in a checkout of Daybook")
    if any(importlib.util.find_spec(module) is None for module in ONLY_HERE):
        way_out = "run `./daybook bench`, which installs it, or install requirements-dev.lock"
        raise WrongUse("what the benchmarks compare with is not installed", way_out)
    words = [arguments.name]
    words += ["--quick"] if arguments.quick else []
    words += ["--json"] if arguments.json else []
    for option in ("rounds", "stored", "database", "broker"):
        if (given := getattr(arguments, option)) is not None:
            words += [f"--{option}", str(given)]
    return subprocess.run([sys.executable, "-m", "bench", *words], cwd=ROOT, check=False).returncode
