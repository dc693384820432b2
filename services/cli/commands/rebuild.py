"""Builds projections anew from the log beside the live ones, compares every row, and swaps.

Exit status 1 where a row differed; the new rows stand in the live ones' place all the same.
"""

import argparse

from services.cli.client import Refusal
from services.cli.composition import SERVICES
from services.cli.connection import add_place, connected
from services.cli.output import machine, progress, table
from services.cli.wrong_use import WrongUse
from services.platform.tokens import Role


def add(command: argparse.ArgumentParser) -> None:
    add_place(command)
    command.add_argument("service", choices=SERVICES)
    command.add_argument("projection", nargs="?", help="one of its projections; all without it")


def run(arguments: argparse.Namespace) -> int:
    with connected(arguments) as services:
        client = services.client(Role.OPERATOR)
        path = f"/{arguments.service}/rebuild"
        progress.print(f"rebuilding {arguments.service} …")
        try:
            answer = client.post(f"{path}?projection={arguments.projection}" if arguments.projection else path, {})
        except Refusal as refusal:
            raise WrongUse(str(refusal), "leave the projection out to rebuild all") from None
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
