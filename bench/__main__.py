"""Runs one benchmark or all of them: ``python -m bench NAME|all [--quick] [--json]``. The last line is JSON."""

import argparse
import importlib
import json
import sys
from typing import Any

from bench.harness import ROUNDS, Options, say, show
from bench.servers import Servers, Unusable, provided
from tests.support.servers import ServerUnavailable

NAMES = ("append", "relay", "deliver", "rebuild", "as-of", "ingest")


def run(name: str, options: Options, servers: Servers) -> dict[str, Any]:
    """The result of one benchmark."""
    say(f"{name} …")
    module = importlib.import_module(f"bench.{name.replace('-', '_')}")
    found: dict[str, Any] = module.measure(options, servers)
    return {"bench": name, **found, "rounds": options.rounds, "quick": options.quick}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=(*NAMES, "all"))
    parser.add_argument("--quick", action="store_true", help="small and one round: shows that it works")
    parser.add_argument("--rounds", type=int, help=f"rounds ({ROUNDS})")
    parser.add_argument("--database", metavar="URL", help="PostgreSQL whose user may create databases")
    parser.add_argument("--broker", metavar="URL", help="RabbitMQ with its management API")
    parser.add_argument("--all-ways", action="store_true", help="append: also the ways that ADR 1 compares")
    parser.add_argument("--stored", type=int, default=1_000_000, metavar="N", help="grow logs to N events at most")
    parser.add_argument("--json", action="store_true", help="nothing but the JSON object on standard output")
    given = parser.parse_args()
    rounds = given.rounds or (1 if given.quick else ROUNDS)
    options = Options(given.quick, rounds, given.all_ways, given.stored)
    results = []
    try:
        with provided(given.database, given.broker) as servers:
            for name in NAMES if given.name == "all" else [given.name]:
                results.append(run(name, options, servers))
                if not given.json:
                    show(results[-1])
    except (ServerUnavailable, Unusable) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    print(json.dumps({"bench": "all", "results": results} if given.name == "all" else results[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
