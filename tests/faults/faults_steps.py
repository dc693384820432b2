"""The steps between which processes are killed or frozen, and which function of the program each of them is."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Step:
    """``place``: ``module:function`` or ``module:Class.method``; struck before or after its ``nth`` call."""

    kind: str
    place: str
    when: Literal["before", "after"]
    nth: int = 2


def _follower(kind: str, name: str, place: str) -> dict[str, Step]:
    """A follower's transaction is the same whatever it writes: read, write, commit."""
    return {
        f"{name}: handled, nothing written": Step(kind, f"{place}.save", "before"),
        f"{name}: written, not committed": Step(kind, f"{place}.save", "after"),
        f"{name}: committed": Step(kind, f"{place}.committed", "before"),
    }


APPEND = {
    "append: decided, not appended": Step("commands", "events.log.recorder_postgres:PostgresRecorder.append", "before"),
    "append: appended, not answered": Step("commands", "events.log.recorder_postgres:PostgresRecorder.append", "after"),
}
FEED = _follower("feed", "feed", "events.transport.feed:FeedFollower")
RELAY = {
    "relay: read, nothing published": Step("relay", "events.transport.relay:Relay._publish", "before", 1),
    "relay: some of a batch published": Step("relay", "events.transport.relay:Relay._publish", "after", 3),
    "relay: published, not confirmed": Step("relay", "events.transport.relay:Confirms.wait", "before"),
    "relay: confirmed, checkpoint not moved": Step("relay", "events.transport.relay:Confirms.wait", "after"),
    "relay: checkpoint moved, not committed": Step("relay", "events.follow.checkpoint:advance", "after"),
}
INBOX = {
    "inbox: received, nothing stored": Step("inbox", "events.transport.receiver:Receiver.accept", "before"),
    "inbox: checkpoint moved, nothing appended": Step("inbox", "events.log.log:EventLog.receive", "before"),
    "inbox: appended, not committed": Step("inbox", "events.log.log:EventLog.receive", "after"),
    "inbox: committed, not acknowledged": Step("inbox", "events.transport.intake:Intake.acknowledge", "before"),
    "inbox: acknowledged": Step("inbox", "events.transport.intake:Intake.acknowledge", "after"),
}
PROJECT = _follower("projections", "projection", "events.follow.projecting:ProjectionFollower")
REACT = {
    "reaction: command not issued": Step("reactions", "services.scheduling.application:Application.handle", "before"),
    "reaction: command issued, checkpoint not moved": Step(
        "reactions", "services.scheduling.application:Application.handle", "after"
    ),
    "reaction: checkpoint moved": Step("reactions", "events.follow.follower:Follower.committed", "before"),
}
DEADLINE = {
    "deadline: due, not fired": Step("deadlines", "services.enrollment.application:Enrollment.handle", "before"),
    "deadline: fired, not remembered": Step("deadlines", "services.enrollment.application:Enrollment.handle", "after"),
    "deadline: remembered": Step("deadlines", "events.follow.firing:Firing._remember", "after"),
}
LEDGER = {
    "ledger: read, nothing sealed": Step("ledger", "events.log.ledger:seal", "before"),
    "ledger: sealed, not committed": Step("ledger", "events.log.ledger:seal", "after"),
}
KILLED = {**APPEND, **FEED, **RELAY, **INBOX, **PROJECT, **REACT, **DEADLINE, **LEDGER}
"""Where each kind of process is killed."""

FROZEN = {
    "feed: handled, nothing written": Step("feed", "events.follow.follower:Follower.process", "after"),
    "relay: confirmed, checkpoint not moved": RELAY["relay: confirmed, checkpoint not moved"],
    "inbox: received, nothing stored": INBOX["inbox: received, nothing stored"],
    "inbox: appended, not committed": INBOX["inbox: appended, not committed"],
    "projection: handled, nothing written": Step("projections", "events.follow.follower:Follower.process", "after"),
    "reaction: command issued, checkpoint not moved": REACT["reaction: command issued, checkpoint not moved"],
}
"""Where a copy is frozen with work in hand, another takes over, and the first one wakes up."""
