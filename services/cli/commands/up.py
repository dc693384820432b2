"""Every service in one process, until interrupted.

Without URLs it is embedded: SQLite files in the data folder, no broker, no root. With --database and --broker the same
services run on PostgreSQL and RabbitMQ; the database's tables are made as its owner.
"""

import argparse

from services.cli.composition import definitions
from services.cli.connection import note_running, settings_of
from services.cli.output import progress, table
from services.platform import telemetry


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument("--database", metavar="URL", help="postgresql://… (SQLite files without it)")
    command.add_argument("--broker", metavar="URL", help="amqp://… (feeds are pulled without it)")
    command.add_argument("--port", type=int, metavar="N", help="port for HTTP (8000; 0 takes a free one)")
    command.add_argument("--mllp-port", type=int, metavar="N", help="port for hospital messages (2575)")


def run(arguments: argparse.Namespace) -> int:
    from services.platform.runner import Runner

    settings = settings_of(arguments)
    telemetry.configure(settings.log_level)
    runner = Runner(definitions(), settings, owner=True)
    note = note_running(settings, runner.url)
    try:
        table("Daybook is up", ("service", "where"), [(name, f"{runner.url}/{name}") for name in runner.services])
        host, port = runner.services["interop"].application.mllp_address
        progress.print(f"hospital messages: mllp://{host}:{port} · Ctrl-C ends it")
        return runner.run()
    finally:
        note.unlink(missing_ok=True)
