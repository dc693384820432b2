"""`daybook serve SERVICE` in a process that is struck by a signal at a step, when the test orders it.

``python -m tests.faults.faults_process ORDERS KIND DAYS SERVICE [--only ROLES]``. Nothing of the program knows: here
one function per step is wrapped from outside. An order is a file in the folder ORDERS, named after the step, that holds
the number of the signal; whoever carries it out takes it away, so it strikes once. DAYS is by how much the clock is
ahead, for what falls due. The server ends a transaction that a frozen process leaves open after two seconds, not sixty.
"""

import functools
import importlib
import os
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.faults_steps import FROZEN, KILLED, Step

if TYPE_CHECKING:
    from events.log.event import Event


BROKEN = "broken"
"""The file that breaks a handler."""


def file_name(step: str) -> str:
    """The order's file."""
    return "".join(letter if letter.isalnum() else "_" for letter in step)


def install(order: Path, step: Step) -> None:
    """Wraps the step's function."""
    module, _, path = step.place.partition(":")
    owner: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    original = getattr(owner, name)
    strike = striking(order, step.nth)

    @functools.wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if step.when == "before":
            strike()
        result = original(*args, **kwargs)
        if step.when == "after":
            strike()
        return result

    setattr(owner, name, wrapped)


def striking(order: Path, nth: int) -> Callable[[], None]:
    """What looks for the order at each call, and carries it out at the nth."""
    left = nth

    def strike() -> None:
        nonlocal left
        if not order.exists():
            return
        left -= 1
        if left <= 0:
            left = nth
            number = int(order.read_text())
            order.unlink()
            os.kill(os.getpid(), number)

    return strike


def break_handler(broken: Path) -> None:
    """While the file is there, one of scheduling's reactions fails for one key: the first that comes after the position
    that the file says, written there instead. A copy that was frozen may still look at earlier events, in vain."""
    from services.scheduling.following import FollowEnrollment

    handler = FollowEnrollment.suspended

    def failing(self: FollowEnrollment, event: "Event") -> Iterable[object]:
        if broken.exists():
            said = broken.read_text()
            if said.isdigit() and event.position > int(said):
                broken.write_text(event.key)
            if broken.read_text() == event.key:
                raise ZeroDivisionError
        return handler(self, event)

    FollowEnrollment.suspended = failing


def main(words: list[str]) -> int:
    orders, kind, days, *serve = words
    if "--only" not in serve or "commands" in serve[-1]:
        from services.platform import green

        green.patch()
    from events.log import postgres
    from services.cli.__main__ import main as daybook
    from services.platform import clock

    postgres.IDLE_SECONDS = 2
    ahead = timedelta(days=int(days))
    clock.SystemClock.__call__ = lambda self: datetime.now(UTC) + ahead
    for name, step in {**KILLED, **{f"frozen {name}": step for name, step in FROZEN.items()}}.items():
        if step.kind == kind:
            install(Path(orders) / file_name(name), step)
    if kind == "reactions":
        break_handler(Path(orders) / BROKEN)
    return daybook(["serve", *serve])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
