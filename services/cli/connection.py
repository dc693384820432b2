"""Where a command finds the services: those that run on the data folder, or the same ones started here without loops.

Either way a command asks over HTTP, so it sees what any other client sees.
"""

import argparse
import http.client
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from events.log.errors import FolderInUse
from services.cli.client import Client
from services.cli.composition import SERVICES, definitions
from services.cli.wrong_use import WrongUse
from services.platform import keyring
from services.platform.roles import Work
from services.platform.settings import Settings, load
from services.platform.tokens import Role

RUNNING = "running.json"
"""In the data folder, while services run on it."""

OPTIONS = {
    "database": "DAYBOOK_DATABASE",
    "broker": "DAYBOOK_BROKER",
    "port": "DAYBOOK_PORT",
    "mllp_port": "DAYBOOK_MLLP_PORT",
}
"""Option → the setting that it stands for."""

LIVE_SECONDS = 30
"""A busy machine may answer late; who takes it for dead would open the folder a second time."""

ANSWER_SECONDS = 60

TOKEN_LIFETIME = timedelta(hours=1)


def add_place(command: argparse.ArgumentParser) -> None:
    """Options that say where the services are."""
    command.add_argument("--database", metavar="URL", help="PostgreSQL of the logs (DAYBOOK_DATABASE)")


def settings_of(arguments: argparse.Namespace, **more: Any) -> Settings:
    """Settings from the environment and the options, which are checked as their variables are; ``more`` wins."""
    given = {variable: getattr(arguments, option, None) for option, variable in OPTIONS.items()}
    told = {variable: str(value) for variable, value in given.items() if value is not None}
    return load({**os.environ, **told}, data=arguments.data, **more)


def note_running(settings: Settings, url: str) -> Path:
    """Leaves word for other commands where the services answer; remove the file at the end."""
    settings.data.mkdir(parents=True, exist_ok=True)
    path = settings.data / RUNNING
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps({"url": url, "process": os.getpid()}))
    draft.replace(path)  # whoever looks finds all of it or nothing
    return path


def require_data(settings: Settings) -> None:
    """Raises ``WrongUse`` where there are no logs yet: a command that looks makes none."""
    if settings.database is None and not (settings.data / "logs").is_dir():
        raise WrongUse(
            f"there is no data in {settings.data}",
            "name the folder with --data (as `demo --keep DIR` or `up --data DIR` made it)",
        )


@dataclass(frozen=True)
class Connection:
    """Where the services answer, and tokens for whoever asks."""

    url: str
    keys: keyring.Keyring

    def client(self, *roles: Role, timeout: float | None = ANSWER_SECONDS) -> Client:
        """A client in these roles, which waits ``timeout`` seconds for an answer (None: for ever). Raises ``WrongUse``
        where this host cannot issue tokens."""
        issuer = self.keys.issuer
        if issuer is None:
            raise WrongUse(
                "this host has no key to issue tokens with", "set DAYBOOK_TOKEN_PRIVATE_KEY_FILE where it may have one"
            )
        return Client(self.url, issuer.issue("command-line", roles, datetime.now(UTC), TOKEN_LIFETIME), timeout)


@contextmanager
def connected(arguments: argparse.Namespace, *, views: bool = False) -> Iterator[Connection]:
    """The services that ``arguments`` mean. Raises ``WrongUse`` where there is nothing yet.

    ``views``: where nobody else runs on the folder, views are brought up to the log, so that answers tell all of it.
    """
    settings = settings_of(arguments, port=0, mllp_port=0)
    require_data(settings)
    running = _running(settings)
    if running is not None:
        yield Connection(running, keyring.load(settings))
        return
    from services.platform.runner import Runner

    try:
        # On PostgreSQL the services' own copies do it; taking it from them for a moment would only delay them.
        further = {Work.PROJECTIONS} if views and settings.database is None else set()
        runner = Runner(definitions(), settings, work=frozenset({Work.COMMANDS, *further}))
    except FolderInUse as error:
        fact = str(error).partition("\n")[0]
        raise WrongUse(fact, "wait for the other process, stop it, or ask it over HTTP") from None
    runner.start()
    try:
        yield Connection(runner.url, runner.keyring)
    finally:
        runner.stop()


def _running(settings: Settings) -> str | None:
    """Where services say that they answer on this folder; None where nobody does, such as after kill -9."""
    try:
        url = str(json.loads((settings.data / RUNNING).read_text())["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    parts = urlsplit(url)
    asked = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=LIVE_SECONDS)
    try:
        asked.request("GET", f"/{SERVICES[0]}/health/live")
        return url if asked.getresponse().status == http.client.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        asked.close()
