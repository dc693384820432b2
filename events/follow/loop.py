"""Running followers: one thread for all of them, one durable write for a batch of each, and no way to die."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from events.follow.checkpoint import LostLease
from events.follow.firing import Firing
from events.follow.follower import Follower, step_together
from events.follow.lease import Leases
from events.follow.tail import Tail
from events.log.database import Database

logger = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
"""How long to wait for the log before looking at leases and deadlines all the same."""
FULL_ROUND, LONGEST_LINGER = 50, 0.005
"""After a round with fewer events, the next one waits as long as that took, so many seconds at most, and twice as long
for each other service in the process: so a round is worth its writes, and many loops leave it to those who wait."""
LOOK_SECONDS = 0.1
"""How often deadlines that were due when they were set are looked for; others fire by the clock at once."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds without a follower after an error, doubled each time."""
ROUNDS_PER_TTL = 4
"""How often leases are renewed before they would expire."""


def linger(took: float, crowd: int) -> float:
    """Seconds to wait after a round that took so long and did little, where ``crowd`` services share a process."""
    return (2 * crowd - 1) * min(took, LONGEST_LINGER)


class Unit(Protocol):
    """A named unit of work, done in steps by one copy at a time."""

    @property
    def name(self) -> str: ...

    def step(self) -> int:
        """One batch; 0 when there was nothing to do."""
        ...


@dataclass(frozen=True)
class Condition:
    """How one unit does in this process. ``error`` names an exception's class."""

    name: str
    owned: bool
    position: int
    error: str | None


class _Member:
    def __init__(self, unit: Unit):
        self.unit = unit
        self.error: str | None = None
        self._pause = FIRST_PAUSE
        self._not_before = 0.0

    @property
    def ready(self) -> bool:
        return time.monotonic() >= self._not_before

    def failed(self, error: Exception) -> None:
        name = type(error).__name__
        if self.error != name:
            logger.warning("%s stopped by %s; trying again", self.unit.name, name)
        self.error = name
        self._not_before = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def worked(self) -> None:
        if self.error is not None:
            logger.info("%s goes on", self.unit.name)
        self.error = None
        self._pause = FIRST_PAUSE


class FollowerLoop:
    """Steps the units of work whose leases this copy holds; without ``leases`` all of them."""

    def __init__(
        self,
        database: Database,
        tail: Tail,
        units: Sequence[Unit],
        *,
        leases: Leases | None = None,
        kind: str = "follower",
        crowd: int = 1,
    ):
        self.name = f"followers of {database.service}"
        self._database = database
        self._tail = tail
        self._members = [_Member(unit) for unit in units]
        self._leases = leases
        for unit in units:
            if isinstance(unit, Follower | Firing):
                unit.mine = partial(self._has, unit.name)
            if isinstance(unit, Firing):
                unit.patience = LOOK_SECONDS
        self._kind = kind
        self._crowd = crowd
        self._balance_at = 0.0
        self._apart = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Runs in a thread of its own until ``stop``."""
        self._thread = threading.Thread(target=self.run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Ends after the batch at hand and gives the leases back."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def run(self) -> None:
        """Goes on until ``stop``, whatever the database does."""
        while not self._stopping.is_set():
            try:
                self.step(IDLE_SECONDS)
            except Exception as error:  # the database is away, most likely; the next round finds out
                logger.warning("%s stopped by %s; trying again", self.name, type(error).__name__)
                self._stopping.wait(IDLE_SECONDS)
        self.close()

    def close(self) -> None:
        """Gives the leases back, so that other copies need not wait for their expiry."""
        if self._leases is not None:
            try:
                self._leases.release()
            except Exception as error:  # they expire by themselves
                logger.warning("%s kept its leases: %s", self.name, type(error).__name__)

    def step(self, wait: float = 0.0) -> int:
        """A batch of each unit, or ``wait`` seconds at most for something to do; how much was done."""
        head = self._tail.head  # what comes during the round is above it, so the wait below misses nothing
        began = time.monotonic()
        done = self.round()
        took = time.monotonic() - began
        if not done and wait:
            self._tail.wait(head, wait)  # what ends a rest is handled at once
        elif done < FULL_ROUND and wait:
            time.sleep(linger(took, self._crowd))
        return done

    def round(self) -> int:
        """A batch of each unit that is ready."""
        self._balance()
        ready = [member for member in self._members if member.ready and self._owned(member)]
        followers = [(member, member.unit) for member in ready if isinstance(member.unit, Follower)]
        done = self._together(followers)
        for member in ready:
            if not isinstance(member.unit, Follower):
                done = max(done, self._alone(member))
        return done

    def conditions(self) -> list[Condition]:
        """How the units do, in this process."""
        return [Condition(m.unit.name, self._owned(m), getattr(m.unit, "position", 0), m.error) for m in self._members]

    def _together(self, followers: Sequence[tuple[_Member, Follower]]) -> int:
        """One durable write for all. After a failure one by one, so that those who can go on do."""
        if not self._apart:
            try:
                done = step_together(self._database, [follower for _, follower in followers])
            except Exception as error:  # whose it is shows when each steps alone
                logger.debug("%s step apart after %s", self.name, type(error).__name__)
                self._apart = True
            else:
                for member, _ in followers:
                    member.worked()
                return done
        done = max((self._alone(member) for member, _ in followers), default=0)
        self._apart = any(member.error for member in self._members if isinstance(member.unit, Follower))
        return done

    def _alone(self, member: _Member) -> int:
        try:
            done = member.unit.step()
        except Exception as error:  # one unit's trouble is not the others'
            if isinstance(error, LostLease) and self._leases is not None:
                self._leases.drop(self._kind, member.unit.name)
            member.failed(error)
            return 0
        member.worked()
        return done

    def _owned(self, member: _Member) -> bool:
        return self._has(member.unit.name)

    def _has(self, name: str) -> bool:
        return self._leases is None or self._leases.owns(self._kind, name)

    def _balance(self) -> None:
        if self._leases is None or time.monotonic() < self._balance_at:
            return
        self._leases.balance(self._kind, [member.unit.name for member in self._members])
        self._balance_at = time.monotonic() + self._leases.ttl / ROUNDS_PER_TTL
