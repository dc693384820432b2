"""What views have in common about seats."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def at_another_time(row: Mapping[str, Any], seat: Mapping[str, Any]) -> bool:
    """Whether a session was moved since a row of its booking was written; rows hold instants, events text."""
    return bool(row["starts_at"] != datetime.fromisoformat(seat["starts_at"]))
