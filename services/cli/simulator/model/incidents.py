"""What becomes of a session beside its plan: it is cancelled, led by somebody else, or held at another hour."""

from datetime import date

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import draw

CANCELLED, SUBSTITUTED, MOVED = "cancelled", "substituted", "moved"
SHARES = {CANCELLED: p.SESSION_CANCELLED, SUBSTITUTED: p.SESSION_SUBSTITUTED, MOVED: p.SESSION_MOVED}
"""What happens → to which share of all sessions; the others are held as planned."""


def incident(seed: int, group: str, title: str, day: date) -> str | None:
    """What happens to this session of a group; None where it is held as planned."""
    chance = draw(seed, "session of", group, title, day).random()
    for what, share in SHARES.items():
        if chance < share:
            return what
        chance -= share
    return None
