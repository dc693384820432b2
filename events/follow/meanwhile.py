"""Work in a thread of its own, whose result is asked for later."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def meanwhile(name: str, work: Callable[[], T]) -> "Future[T]":
    """Runs it in a thread (green in a nameko process) that no process waits for; gives its result or exception."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
