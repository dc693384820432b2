"""A private RabbitMQ (3.10 or later) with its management API, own Erlang cookie, node name and port mapper."""

import base64
import json
import os
import re
import shutil
import signal
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit

import amqp

from tests.support import debian, docker
from tests.support.instance import Child, Instance, ServerUnavailable, password
from tests.support.patience import PATIENCE_SECONDS
from tests.support.ports import free_ports

_HINT = (
    "hint: install RabbitMQ 3.10 or later (Debian: the package rabbitmq-server), start a Docker engine, or give the "
    "URLs of a broker with its management API: DAYBOOK_TEST_RABBITMQ=amqp://USER:PASSWORD@HOST:5672/ and "
    "DAYBOOK_TEST_RABBITMQ_MANAGEMENT=http://USER:PASSWORD@HOST:15672"
)
_PLACES = (
    "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin",
    "/opt/homebrew/opt/rabbitmq/sbin",
    "/usr/local/opt/rabbitmq/sbin",
    "/opt/rabbitmq*/sbin",
)


@dataclass(frozen=True)
class Binaries:
    server: Path
    erlang: Path | None  # folder with erl and epmd where they are not on PATH
    libraries: str


@cache
def binaries() -> Binaries | None:
    """The server's scripts; None when a container has to do. Raises ``ServerUnavailable``."""
    installed = [folder for place in _PLACES for folder in Path("/").glob(place[1:])]
    on_path = shutil.which("rabbitmq-server")
    if installed:
        return Binaries(max(installed) / "rabbitmq-server", None, "")
    if on_path:
        return Binaries(Path(on_path).resolve(), None, "")
    if docker.engine_answers():
        return None
    if not debian.is_possible():
        raise ServerUnavailable(f"no RabbitMQ on this machine\n{_HINT}")
    try:
        root = debian.unpacked("rabbitmq-server")
    except ServerUnavailable as failure:
        raise ServerUnavailable(f"{failure}\n{_HINT}") from None
    server = max(root.glob("usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin")) / "rabbitmq-server"
    erlang = root / "usr/lib/erlang/bin"
    return Binaries(server, erlang if erlang.exists() else None, debian.library_path(root))


class Management:
    """The few things tests ask of the management API."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = f"{parts.scheme}://{parts.hostname}:{parts.port}"
        credentials = f"{parts.username or 'guest'}:{parts.password or 'guest'}"
        self.user = parts.username or "guest"
        self._authorization = "Basic " + base64.b64encode(credentials.encode()).decode()

    def call(self, method: str, path: str, body: object = None) -> object:
        """Raises ``urllib.error.URLError``."""
        request = urllib.request.Request(self.url + "/api" + path, method=method)
        request.add_header("Authorization", self._authorization)
        request.add_header("Content-Type", "application/json")
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=PATIENCE_SECONDS) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def add_vhost(self, name: str) -> None:
        self.call("PUT", f"/vhosts/{quote(name, safe='')}", {})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self.call("PUT", f"/permissions/{quote(name, safe='')}/{quote(self.user, safe='')}", everything)

    def delete_vhost(self, name: str) -> None:
        self.call("DELETE", f"/vhosts/{quote(name, safe='')}")


class PrivateRabbit(Instance):
    """RabbitMQ on free ports; ``url`` is its default virtual host's, ``management_url`` its API's."""

    what = "rabbitmq"

    def __init__(self) -> None:
        super().__init__()
        self._binaries = binaries()
        self.port, self.management_port, self._distribution_port, self._mapper_port = free_ports(4)
        secret = password()
        self.url = f"amqp://daybook:{secret}@127.0.0.1:{self.port}//"
        self.management_url = f"http://daybook:{secret}@127.0.0.1:{self.management_port}"
        self.management = Management(self.management_url)
        self._mapper: Child | None = None
        self._container: docker.Container | None = None
        if self._binaries is None:
            environment = {"RABBITMQ_DEFAULT_USER": "daybook", "RABBITMQ_DEFAULT_PASS": secret}
            ports = {self.port: 5672, self.management_port: 15672}
            name = f"daybook-rabbitmq-{self.port}"
            self._container = docker.Container(name, "rabbitmq:3.13-management", ports, environment, *())
        else:
            self._configure(secret)

    def _configure(self, secret: str) -> None:
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "management.tcp.ip = 127.0.0.1\n"
            f"management.tcp.port = {self.management_port}\n"
            "default_user = daybook\n"
            f"default_pass = {secret}\n"
            "disk_free_limit.absolute = 200MB\n"
        )
        (self.folder / "rabbitmq.conf").chmod(0o600)
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (self.folder / "rabbitmq-env.conf").touch()
        cookie = self.folder / ".erlang.cookie"
        cookie.write_text(password())
        cookie.chmod(0o400)

    def _environment(self) -> dict[str, str]:
        assert self._binaries is not None
        path = os.pathsep.join(filter(None, [str(self._binaries.erlang or ""), os.environ.get("PATH")]))
        libraries = os.pathsep.join(filter(None, [self._binaries.libraries, os.environ.get("LD_LIBRARY_PATH")]))
        return {
            "PATH": path,
            **({"LD_LIBRARY_PATH": libraries} if libraries else {}),
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self._mapper_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"daybook{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RUNNING_UNDER_SYSTEMD": "true",  # the script then becomes the server instead of waiting for it
        }

    def _launch(self) -> None:
        if self._container:
            self._container.start()
            return
        assert self._binaries is not None
        environment = self._environment()
        if self._mapper is None:
            self._mapper = Child(self._port_mapper(), self.folder / "epmd.log", environment)
        self._child = Child(["sh", self._binaries.server], self.folder / "server.log", environment)

    def _port_mapper(self) -> list[str]:
        """Erlang's epmd in the foreground; left to itself RabbitMQ would start one that outlives everything."""
        assert self._binaries is not None
        if self._binaries.erlang:
            epmd = str(max(self._binaries.erlang.parent.glob("erts-*/bin/epmd")))
        else:
            epmd = shutil.which("epmd") or str(max(Path("/usr/lib/erlang").glob("erts-*/bin/epmd")))
        return [epmd, "-port", str(self._mapper_port), "-address", "127.0.0.1"]

    def answers(self) -> bool:
        try:
            connect(self.url).close()
            self.management.call("GET", "/vhosts")
        except (OSError, amqp.exceptions.AMQPError, urllib.error.URLError):
            return False
        return True

    def _end(self, with_signal: signal.Signals) -> None:
        if self._container:
            (self._container.kill if with_signal == signal.SIGKILL else self._container.stop)()
        super()._end(with_signal)

    def wipe(self) -> None:
        """Stops it and deletes everything it ever knew: queues, exchanges, virtual hosts, messages."""
        self.kill()
        if self._container:
            self._container.remove()
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def close(self) -> None:
        if self._container:
            self._container.close()
            self._container = None
        self.kill()
        if self._mapper:
            self._mapper.end(signal.SIGKILL)
        super().close()


def connect(url: str) -> amqp.Connection:
    """A plain connection for what tests do to a broker. The virtual host is the URL's path without its first slash."""
    parts = urlsplit(url)
    vhost = re.sub(r"^/", "", parts.path) or "/"
    connection = amqp.Connection(
        host=f"{parts.hostname}:{parts.port or 5672}",
        userid=parts.username or "guest",
        password=parts.password or "guest",
        virtual_host=vhost,
        connect_timeout=30,
    )
    connection.connect()
    return connection
