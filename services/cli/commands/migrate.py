"""Creates or upgrades the tables of every service, or of one, as their owner. Safe to repeat.

With DAYBOOK_SERVICE_ROLE the role that the services use is granted what they need and no more: on the log it may insert
and select.
"""

import argparse

from services.cli.composition import SERVICES, definition
from services.cli.connection import settings_of
from services.cli.output import machine, people
from services.cli.wrong_use import WrongUse
from services.platform.service import migrate


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument("service", nargs="?", choices=SERVICES)
    command.add_argument("--database", metavar="URL", help="as the tables' owner (DAYBOOK_DATABASE)")


def run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if settings.database is None:
        raise WrongUse("there is no database to migrate", "give --database; SQLite files are made when services start")
    services = [arguments.service] if arguments.service else list(SERVICES)
    for service in services:
        migrate(definition(service), settings)
        people.print(f"{service}: tables are as this version wants them")
    if arguments.json:
        machine({"migrated": services})
    return 0
