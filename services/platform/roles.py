"""What a process does for a service: the roles of ``serve SERVICE --only ROLE,…``."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from events.follow.compose import ServiceFollowers
from events.follow.firing import Firing
from events.follow.loop import Unit
from events.follow.reaction import ReactionFollower
from events.follow.sealing import Sealing
from events.transport.feed import FeedFollower


class Work(StrEnum):
    """One kind of work."""

    COMMANDS = "commands"
    FEED = "feed"
    RELAY = "relay"
    INBOX = "inbox"
    PROJECTIONS = "projections"
    REACTIONS = "reactions"
    DEADLINES = "deadlines"
    LEDGER = "ledger"
    BACKGROUND = "background"


ALL = frozenset(Work)

FOLLOWING = (Work.PROJECTIONS, Work.FEED, Work.REACTIONS, Work.DEADLINES, Work.LEDGER)
"""Work that follows the service's own log."""


class UnknownRole(ValueError):
    """There is no such role."""


def parse(names: Iterable[str]) -> frozenset[Work]:
    """Raises ``UnknownRole`` naming it and those there are."""
    found = set()
    for name in names:
        try:
            found.add(Work(name.strip()))
        except ValueError:
            raise UnknownRole(f"{name.strip()!r} is no role; there are {', '.join(Work)}") from None
    return frozenset(found)


def connections(work: frozenset[Work], most: int) -> int:
    """How many connections to PostgreSQL a service gets in this process, of ``most`` that it may have.

    Commands, queries and what hospitals send come as many at a time as there are. Other work takes at most one
    connection of each half at a time, and somebody may ask for health and figures meanwhile.
    """
    crowded = work & {Work.COMMANDS, Work.BACKGROUND}
    return most if crowded else min(most, 2 * (len(work) + 2))


def units_by_work(followers: ServiceFollowers) -> dict[Work, Sequence[Unit]]:
    """The units of each kind of following, in the order in which they should be stepped."""
    sorted_: dict[Work, list[Unit]] = {work: [] for work in FOLLOWING}
    for unit in followers.units:
        sorted_[_work_of(unit)].append(unit)
    return dict(sorted_)


def _work_of(unit: Unit) -> Work:
    if isinstance(unit, FeedFollower):
        return Work.FEED
    if isinstance(unit, ReactionFollower):
        return Work.REACTIONS
    if isinstance(unit, Firing):
        return Work.DEADLINES
    return Work.LEDGER if isinstance(unit, Sealing) else Work.PROJECTIONS
