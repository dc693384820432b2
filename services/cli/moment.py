"""As of when a question is asked: ``--as-of``, the same for all services."""

import argparse
import re
from datetime import datetime

from services.cli.composition import SERVICES
from services.cli.wrong_use import WrongUse

_VECTOR = re.compile(r"[a-z_]+=\d{1,18}(,[a-z_]+=\d{1,18})*")
_INSTANT = "write an instant with its time zone, such as 2026-03-10T12:00:00Z"
_WAY_OUT = f"{_INSTANT}, or the vector that an answer printed"


def add_as_of(command: argparse.ArgumentParser) -> None:
    """Adds the option."""
    command.add_argument(
        "--as-of", metavar="T", help="what was known then: an instant (2026-03-10T12:00:00Z), or an answer's vector"
    )


def as_of(arguments: argparse.Namespace) -> str | None:
    """What the services are asked with; None for now. Raises ``WrongUse``."""
    text: str | None = arguments.as_of
    if text is None:
        return None
    if _VECTOR.fullmatch(text):
        unknown = {part.partition("=")[0] for part in text.split(",")} - set(SERVICES)
        if unknown:
            raise WrongUse(f"--as-of: there is no service {', '.join(sorted(unknown))}", _WAY_OUT)
        return text
    return instant(text, "--as-of", _WAY_OUT).isoformat()


def instant(text: str, option: str, way_out: str = _INSTANT) -> datetime:
    """The instant that an option names. Raises ``WrongUse``."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"{option}: {text!r} is no instant", way_out) from None
    if found.tzinfo is None:
        raise WrongUse(f"{option}: {text!r} has no time zone", way_out)
    return found


def words(asked: str | None) -> str:
    """How a heading says it."""
    return "now" if asked is None else f"as of {asked}"
