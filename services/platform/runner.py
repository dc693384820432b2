"""Runs services: all of them in one process or one of them, all roles or some, until it is told to stop.

A process that serves commands runs on eventlet: call ``green.patch()`` before importing this module. Without commands
the same loops are real threads and eventlet is never imported.
"""

import contextlib
import gc
import logging
import os
import signal
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from events.log.database import Appended
from services.platform import green, keyring
from services.platform.admin import Admin
from services.platform.calls import Calls, Place
from services.platform.clock import Clock, SystemClock
from services.platform.definition import ServiceDefinition
from services.platform.http import Application
from services.platform.listener import Listener
from services.platform.metrics import Metrics
from services.platform.packs import PackError, Packs
from services.platform.problem import ProblemTable
from services.platform.roles import ALL, Work
from services.platform.service import Service, Surroundings, migrate
from services.platform.settings import BadSetting, Settings

if TYPE_CHECKING:
    from services.platform.entrypoints import Container

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
"""How often a running process looks whether it was told to stop."""


def _packs(settings: Settings) -> Packs:
    try:
        return Packs.load(*([settings.rule_packs] if settings.rule_packs else []))
    except PackError as error:
        raise BadSetting("DAYBOOK_RULE_PACKS", str(error), "docs/rule-packs.md says what packs look like") from None


class Runner:
    """All services of one process.

    ``extras``: service name → what its runtime gets beside the usual. ``owner``: create missing tables first; without
    it a PostgreSQL database must have been migrated.
    """

    def __init__(
        self,
        definitions: Iterable[ServiceDefinition],
        settings: Settings,
        *,
        work: frozenset[Work] = ALL,
        clock: Clock | None = None,
        extras: Mapping[str, Mapping[str, Any]] | None = None,
        owner: bool = False,
    ) -> None:
        self.settings = settings
        self.work = work
        self.clock = clock or SystemClock()
        self.metrics = Metrics()
        self._ready = False
        self._signalled: int | None = None
        self._containers: list[Container] = []
        self._admins: list[Admin] = []
        if Work.COMMANDS in work:
            green.check()
        definitions = list(definitions)
        if owner and settings.database is not None:
            for definition in definitions:
                migrate(definition, settings)
        self.keyring = keyring.load(settings)
        packs = _packs(settings)
        around = Surroundings(settings, self.clock, self.keyring, packs, self.metrics, Appended(), len(definitions))
        self.application = Application(settings.max_body)
        self.listener = Listener(settings.host, settings.port, self.application)
        self.services: dict[str, Service] = {}
        for definition in definitions:
            given = (extras or {}).get(definition.name, {})
            self.services[definition.name] = Service(definition, around, work, given)
        for service in self.services.values():
            service.connect(self.services)

    @property
    def port(self) -> int:
        """Where HTTP is answered."""
        return self.listener.port

    @property
    def url(self) -> str:
        """Where HTTP is answered, for clients on this host."""
        host = "127.0.0.1" if self.settings.host in ("", "0.0.0.0") else self.settings.host  # noqa: S104 (compared only)
        return f"http://{host}:{self.port}"

    def start(self) -> None:
        """Loops first, so that views move; then whoever asks is answered."""
        for service in self.services.values():
            service.start()
            self._serve(service)
        self.listener.start()
        self.metrics.set("daybook_hub_lag_seconds", green.probe())
        gc.freeze()  # what was imported and built stays for good: the collector need not look at it again
        self._ready = True
        logger.info("started", extra={"service": ",".join(self.services), "role": ",".join(sorted(self.work))})

    def _serve(self, service: Service) -> None:
        place = Place(service.name, lambda: service.log.generation)
        problems = ProblemTable(service.definition.errors)
        calls = Calls(place, self.keyring.verifier, self.clock, problems, self.metrics)
        admin = Admin(service, calls, lambda: self._ready)
        admin.add_to(self.application)
        self._admins.append(admin)
        if Work.COMMANDS not in self.work:
            return
        from services.platform.entrypoints import Container, shell_with_entrypoints

        shell = shell_with_entrypoints(service.definition.shell, service.application, calls)
        container = Container(shell, self.application, self.settings.broker, self.settings.workers)
        container.start()
        self._containers.append(container)

    def run(self) -> int:
        """Starts, goes on until SIGTERM or SIGINT, stops. The exit status: 0, or 1 when a service ended by itself."""
        for number in (signal.SIGTERM, signal.SIGINT):
            # A handler may interrupt the hub itself, where nothing may switch: it only leaves a mark.
            signal.signal(number, self._mark)
        try:
            self.start()
            failed = self._watch()
        finally:
            self.stop()
        return 1 if failed else 0

    def _mark(self, number: int, frame: object) -> None:
        if self._signalled is not None:
            os._exit(128 + number)  # told twice: whoever asks does not want to wait
        self._signalled = number

    def _watch(self) -> bool:
        while self._signalled is None:
            for container in self._containers:
                error = container.failed
                if error is not None:
                    logger.error("a service ended by itself", extra={"error": type(error).__name__})
                    return True
            time.sleep(LOOK_SECONDS)
        logger.info("stopping", extra={"signal": signal.Signals(self._signalled).name})
        return False

    def stop(self) -> None:
        """Stops within ``stop_seconds``: no new calls, running ones finish, loops end after the batch at hand. What is
        cut off nevertheless is settled by command ids and checkpoints."""
        until = time.monotonic() + self.settings.stop_seconds

        def remaining() -> float:
            return max(until - time.monotonic(), 0.05)

        self._ready = False
        for service in self.services.values():
            service.ask_to_stop()
        self.listener.stop(remaining() / 4)
        if self._containers:
            from services.platform.entrypoints import stop_all

            stop_all(self._containers, remaining() / 2)
        for service in self.services.values():
            for late in service.join(remaining):
                logger.warning("did not end in time", extra={"service": service.name, "loop": late})
        for service in self.services.values():
            with contextlib.suppress(Exception):  # the process ends; its locks end with it
                service.close()
        self._containers.clear()
        self.keyring.vault.close()
        logger.info("stopped", extra={"service": ",".join(self.services)})
