"""The servers a test run needs: given by URL, or private ones that this process starts and ends.

``provide()`` looks in this order: ``DAYBOOK_TEST_POSTGRES`` and ``DAYBOOK_TEST_RABBITMQ`` (with
``DAYBOOK_TEST_RABBITMQ_MANAGEMENT``); binaries on the machine; a Docker engine; Debian packages unpacked into
`.tools/`. It never touches a server that is already running.
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from tests.support.instance import Instance, ServerUnavailable
from tests.support.postgres import PrivatePostgres
from tests.support.rabbit import PrivateRabbit

POSTGRES = "DAYBOOK_TEST_POSTGRES"
RABBITMQ = "DAYBOOK_TEST_RABBITMQ"
MANAGEMENT = "DAYBOOK_TEST_RABBITMQ_MANAGEMENT"

__all__ = ["PrivatePostgres", "PrivateRabbit", "ServerUnavailable", "provide", "stop"]

_started: list[Instance] = []


def provide() -> dict[str, str]:
    """The environment variables that tests expect, with servers behind them. Raises ``ServerUnavailable``."""
    with ThreadPoolExecutor(2) as pool:
        broker = pool.submit(_broker)
        database = pool.submit(_database)
        try:
            return {**database.result(), **broker.result()}
        except BaseException:
            broker.exception()
            stop()
            raise


def _database() -> dict[str, str]:
    given = os.environ.get(POSTGRES)
    if given:
        return {POSTGRES: given}
    server = PrivatePostgres()
    _started.append(server)
    server.start()
    return {POSTGRES: server.url}


def _broker() -> dict[str, str]:
    given = os.environ.get(RABBITMQ)
    if given:
        parts = urlsplit(given)
        credentials = f"{parts.username or 'guest'}:{parts.password or 'guest'}"
        management = os.environ.get(MANAGEMENT) or f"http://{credentials}@{parts.hostname}:15672"
        return {RABBITMQ: given, MANAGEMENT: management}
    server = PrivateRabbit()
    _started.append(server)
    server.start()
    return {RABBITMQ: server.url, MANAGEMENT: server.management_url}


def stop() -> None:
    """Ends and removes what ``provide`` started."""
    while _started:
        _started.pop().close()


def main() -> None:
    """Provides the servers, prints their variables for a shell, and keeps them until it is ended."""
    try:
        for name, value in provide().items():
            print(f"export {name}={value}", flush=True)
        threading.Event().wait()
    except ServerUnavailable as problem:
        raise SystemExit(f"error: {problem}") from None
    except KeyboardInterrupt:
        sys.exit(0)
    finally:
        stop()


if __name__ == "__main__":
    main()
