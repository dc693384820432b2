"""Every service in one process, until interrupted.

Without URLs it is embedded: SQLite files in the data folder, no broker, no root. With --database and --broker the same
services run on PostgreSQL and RabbitMQ; the database's tables are made as its owner.
"""

import argparse

from services.cli.composition import definitions
from services.cli.connection import note_running, settings_of
from services.cli.output import progress, table
from services.cli.wrong_use import WrongUse
from services.platform import telemetry


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument("--database", metavar="URL", help="postgresql://… (SQLite files without it)")
    command.add_argument("--broker", metavar="URL", help="amqp://… (feeds are pulled without it)")
    command.add_argument("--port", type=int, metavar="N", help="port for HTTP (8000; 0 takes a free one)")
    command.add_argument("--mllp-port", type=int, metavar="N", help="port for hospital messages (2575)")


def run(arguments: argparse.Namespace) -> int:
    from events.log.errors import DaybookError
    from services.platform.listener import PortTaken
    from services.platform.runner import Runner

    settings = settings_of(arguments, broker=arguments.broker, port=arguments.port, mllp_port=arguments.mllp_port)
    telemetry.configure(settings.log_level)
    try:
        runner = Runner(definitions(), settings, owner=True)
    except PortTaken as error:
        raise WrongUse(str(error).partition("\n")[0], "choose another port with --port") from None
    except DaybookError as error:
        fact, _, way_out = str(error).partition("\nhint: ")
        raise WrongUse(fact, way_out or "see docs/operations.md") from None
    note = note_running(settings, runner.url)
    try:
        table("Daybook is up", ("service", "where"), [(name, f"{runner.url}/{name}") for name in runner.services])
        progress.print(f"hospital messages: mllp://{settings.mllp_host}:{settings.mllp_port} · Ctrl-C ends it")
        return runner.run()
    finally:
        note.unlink(missing_ok=True)
