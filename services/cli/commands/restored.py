"""Begins a new generation of the logs, after their database was restored to an earlier moment.

Positions that are used again are then never mistaken for those that others have already seen. Run it once, as the
owner, before any service starts on the restored database. Running it once too often does no harm.
"""

import argparse
from datetime import UTC, datetime

from events.log.database import Database
from events.log.identity import mint_generation
from services.cli.composition import SERVICES
from services.cli.connection import require_data, settings_of
from services.cli.output import machine, people
from services.platform.service import database_url


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument("service", nargs="?", choices=SERVICES, help="whose log was restored; all without it")
    command.add_argument("--database", metavar="URL", help="as the tables' owner (DAYBOOK_DATABASE)")


def run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    require_data(settings)
    generations = {}
    for service in [arguments.service] if arguments.service else SERVICES:
        database = Database.open(database_url(settings, service), service)
        try:
            generations[service] = mint_generation(database, datetime.now(UTC))
        finally:
            database.close()
        people.print(f"{service}: generation {generations[service]} begins")
    if arguments.json:
        machine({"generations": generations})
    return 0
