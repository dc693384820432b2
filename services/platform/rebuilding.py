"""Rebuilds of one service's projections in this process, one of each at a time, and how far they are."""

from dataclasses import dataclass
from threading import Lock
from typing import Any

from events.follow import checkpoint
from events.follow.projection import Projection
from events.follow.rebuild import SUFFIX, RebuildResult, rebuild
from events.log.database import Database
from events.log.log import EventLog
from services.platform.problem import Refused


@dataclass
class _Progress:
    events: int = 0
    per_second: float = 0.0

    def note(self, events: int, per_second: float) -> None:
        self.events, self.per_second = events, per_second


class Rebuilding:
    """Rebuilds, and tells those who ask meanwhile."""

    def __init__(self, database: Database, log: EventLog):
        self._database = database
        self._log = log
        self._lock = Lock()
        self._under_way: dict[str, _Progress] = {}

    def run(self, projection: Projection) -> RebuildResult:
        """Builds, compares and swaps. Raises ``Refused`` (409) while this process does so already, and as ``rebuild``
        does."""
        progress = _Progress()
        with self._lock:
            if projection.name in self._under_way:
                raise Refused(
                    409,
                    "rebuild_under_way",
                    "This projection is being rebuilt",
                    f"projection {projection.name} is being rebuilt by this process",
                    "the status shows how far it is; ask again when it is done",
                )
            self._under_way[projection.name] = progress
        try:
            return rebuild(self._database, self._log, projection, progress=progress.note)
        finally:
            with self._lock:
                del self._under_way[projection.name]

    def document(self) -> list[dict[str, Any]]:
        """Of each rebuild that is under way: the position up to which it is, events so far, events per second."""
        with self._lock:
            found = sorted(self._under_way.items())
        with self._database.read() as connection:
            stored = {name: checkpoint.find(connection, f"{name}@{SUFFIX}") for name, _ in found}
        return [
            {
                "projection": name,
                "position": built.position if (built := stored[name]) else 0,
                "events": progress.events,
                "events_per_second": round(progress.per_second),
            }
            for name, progress in found
        ]
