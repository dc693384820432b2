"""One service in this process, or some of its roles; several copies at once share the work.

Roles: commands, feed, relay, inbox, projections, reactions, deadlines, ledger, background. A process without `commands`
still answers health, status and the feed. Everything else is a setting: docs/settings.md.
"""

import argparse

from services.cli.composition import SERVICES, definition
from services.cli.connection import settings_of
from services.cli.wrong_use import WrongUse
from services.platform import telemetry
from services.platform.roles import ALL, UnknownRole, parse


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument("service", choices=SERVICES)
    command.add_argument("--only", action="append", metavar="ROLE,…", help="these roles only")
    command.add_argument("--database", metavar="URL", help="DAYBOOK_DATABASE")
    command.add_argument("--broker", metavar="URL", help="DAYBOOK_BROKER")
    command.add_argument("--port", type=int, metavar="N", help="DAYBOOK_PORT")


def run(arguments: argparse.Namespace) -> int:
    from services.platform.runner import Runner

    try:
        work = parse(",".join(arguments.only).split(",")) if arguments.only else ALL
    except UnknownRole as unknown:
        raise WrongUse(str(unknown), "name roles separated by commas, or leave --only out") from None
    settings = settings_of(arguments)
    telemetry.configure(settings.log_level)
    return Runner([definition(arguments.service)], settings, work=work).run()
