"""One simulated program by seed and size: what can be known of it without running anything."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from services.cli.simulator.model.closings import Closing, closings
from services.cli.simulator.model.lives import Life, lives
from services.cli.simulator.model.mistakes import WrongMerge, wrong_merges
from services.cli.simulator.model.size import Size, size_of
from services.cli.simulator.model.timetable import KINDS, Kind
from services.cli.simulator.model.traffic import Sent, traffic


@dataclass(frozen=True)
class Program:
    """``participants`` are referred in all, in ``weeks`` from Monday ``first_day`` on; ``seed`` decides all else."""

    participants: int
    weeks: int
    seed: int
    first_day: date

    @cached_property
    def size(self) -> Size:
        """Tracks, groups and places."""
        return size_of(self.participants, self.weeks)

    @cached_property
    def lives(self) -> tuple[Life, ...]:
        """Everybody who is referred."""
        return lives(self.seed, self.size)

    @cached_property
    def closings(self) -> tuple[Closing, ...]:
        """Days on which it, or a track, is closed."""
        return closings(self.seed, self.first_day, self.weeks, len(self.size.tracks))

    @cached_property
    def wrong_merges(self) -> tuple[WrongMerge, ...]:
        """Participants whom the hospital takes for one."""
        return tuple(wrong_merges(self.seed, self.lives))

    @cached_property
    def traffic(self) -> tuple[Sent, ...]:
        """What the hospital sends, in order."""
        return tuple(traffic(self.seed, self.lives, self.wrong_merges, self.first_day, self.weeks))

    def kind(self, track: int) -> Kind:
        """Of which kind a track is."""
        return KINDS[self.size.tracks[track].kind]
