"""A private PostgreSQL (15 or later) with its safety settings as in production."""

import os
import pwd
import re
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path

import psycopg

from tests.support import debian, docker
from tests.support.instance import Child, Instance, ServerUnavailable, password
from tests.support.ports import free_ports

LEAST_VERSION = 15
OF_THIS_DATABASE = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
"""Of the rows of ``pg_locks``: other tests use the same server."""
_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/pgsql*/bin",
)
_HINT = (
    "hint: install PostgreSQL 15 or later (Debian: the package postgresql), start a Docker engine, or give the "
    "URL of a server whose user may create databases and roles in "
    "DAYBOOK_TEST_POSTGRES=postgresql://USER:PASSWORD@HOST/postgres"
)
_SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "dynamic_shared_memory_type=mmap",  # in the data folder, with which what a killed server left is deleted
    "max_connections=400",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "logging_collector=off",
)


@cache
def binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres``; None when a container has to do. Raises ``ServerUnavailable``."""
    found = _installed()
    if found:
        return found
    if docker.engine_answers():
        return None
    if not debian.is_possible():
        raise ServerUnavailable(f"no PostgreSQL on this machine\n{_HINT}")
    try:
        root = debian.unpacked("postgresql")
    except ServerUnavailable as failure:
        raise ServerUnavailable(f"{failure}\n{_HINT}") from None
    return max((root / "usr/lib/postgresql").glob("*/bin"))


def _installed() -> Path | None:
    on_path = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    places = [folder for place in _PLACES for folder in Path("/").glob(place[1:])]
    usable = {folder: version for folder in (*on_path, *places) if (version := _version(folder)) >= LEAST_VERSION}
    return max(usable, key=lambda folder: usable[folder]) if usable else None


def _version(folder: Path) -> int:
    if not (folder / "initdb").exists() or not (folder / "postgres").exists():
        return 0
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


class PrivatePostgres(Instance):
    """PostgreSQL on a free port; ``url`` is its owner's. As root it runs as another user, since initdb refuses root."""

    what = "postgres"

    def __init__(self) -> None:
        super().__init__()
        self._binaries = binaries()
        [self.port] = free_ports(1)
        self._password = password()
        self._user = _unprivileged_user() if os.geteuid() == 0 else None
        self.url = f"postgresql://daybook:{self._password}@127.0.0.1:{self.port}/postgres"
        self._container: docker.Container | None = None
        self._env: dict[str, str] = {}
        if self._binaries is None:
            settings = [part for one in _SETTINGS[3:] for part in ("-c", one)]
            environment = {"POSTGRES_USER": "daybook", "POSTGRES_PASSWORD": self._password}
            name = f"daybook-postgres-{self.port}"
            self._container = docker.Container(name, "postgres:17", {self.port: 5432}, environment, *settings)
        else:
            self._make_reachable()

    def _make_reachable(self) -> None:
        """Unpacked binaries may lie where only root can look; the server's user gets a copy then."""
        assert self._binaries is not None
        if debian.TOOLS in self._binaries.parents:
            root = debian.TOOLS / "postgresql" / "root"
            if self._user:
                shutil.copytree(root, self.folder / "root", symlinks=True)
                self._binaries = self.folder / "root" / self._binaries.relative_to(root)
                root = self.folder / "root"
            self._env = {"LD_LIBRARY_PATH": debian.library_path(root)}

    def _launch(self) -> None:
        if self._container:
            self._container.start()
            return
        assert self._binaries is not None
        data = self.folder / "data"
        if not data.exists():
            self._initialise(data)
        settings = [part for one in _SETTINGS for part in ("-c", one)]
        command = [self._binaries / "postgres", "-D", data, "-p", str(self.port), *settings]
        self._child = Child(command, self.folder / "postgres.log", self._env, self._user)

    def _initialise(self, data: Path) -> None:
        assert self._binaries is not None
        data.mkdir(mode=0o700)
        secret = self.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self._password)
        if self._user:
            for path in (data, secret):
                shutil.chown(path, self._user)
        command = [self._binaries / "initdb", "-D", data, "-U", "daybook", "-E", "UTF8", "--locale=C", "--no-sync"]
        log = self.folder / "initdb.log"
        child = Child([*command, "-A", "scram-sha-256", f"--pwfile={secret}"], log, self._env, self._user)
        code = child.process.wait(300)
        child.end(signal.SIGKILL)
        secret.unlink()
        if code:
            raise ServerUnavailable(f"initdb failed:\n{self._tail()}")

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=30).close()
        except psycopg.OperationalError:
            return False
        return True

    def _end(self, with_signal: signal.Signals) -> None:
        if self._container:
            (self._container.kill if with_signal == signal.SIGKILL else self._container.stop)()
        # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for clients to leave
        super()._end(signal.SIGINT if with_signal == signal.SIGTERM else with_signal)

    def wipe(self) -> None:
        """Stops it and deletes all its data."""
        self.kill()
        if self._container:
            self._container.remove()
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def close(self) -> None:
        if self._container:
            self._container.close()
            self._container = None
        super().close()


def _unprivileged_user() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise ServerUnavailable(
        f"neither the user postgres nor nobody exists, and PostgreSQL does not run as root\n{_HINT}"
    )
