"""Asks a service on this host whether it is ready: the probe of a container. Exit status 0 ready, 1 not."""

import argparse
import urllib.error
import urllib.request

from services.cli.composition import SERVICES
from services.cli.connection import settings_of
from services.cli.output import machine
from services.cli.wrong_use import WrongUse


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument("service", choices=SERVICES)
    command.add_argument("--port", type=int, help="where it listens (DAYBOOK_PORT)")


def run(arguments: argparse.Namespace) -> int:
    port = settings_of(arguments).port
    if not port:
        raise WrongUse("port 0 means that the service took a free one", "say which with --port")
    url = f"http://127.0.0.1:{port}/{arguments.service}/health/ready"
    try:
        with urllib.request.urlopen(url, timeout=4) as answer:
            ready = answer.status == 200
    except (urllib.error.URLError, OSError):
        ready = False
    if arguments.json:
        machine({"service": arguments.service, "ready": ready})
    return 0 if ready else 1
