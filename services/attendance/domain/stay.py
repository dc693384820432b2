"""When an episode counts and what judges it on which day: what follows from what was told, whatever the order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.attendance.domain.episode_facts import JudgedBy, Placement, Suspension


@dataclass(frozen=True)
class Stay:
    """Admission, suspensions, transfers and discharge of an episode, as far as they were told."""

    admitted_at: datetime | None = None
    admission: Placement | None = None
    transfers: Mapping[date, Placement] = field(default_factory=dict)
    stepped_down: frozenset[date] = frozenset()
    """The days on which a transfer or the discharge to less intensive care took effect."""
    suspensions: Mapping[UUID, Suspension] = field(default_factory=dict)
    discharged_at: datetime | None = None
    discharged_on: date | None = None

    def transferred(self, on: date, placement: Placement, *, steps_down: bool) -> "Stay":
        """It goes on in another track; the last word about a day counts."""
        others = self.stepped_down - {on}
        return replace(
            self,
            transfers={**self.transfers, on: placement},
            stepped_down=others | {on} if steps_down else others,
        )

    def suspended(self, suspension_id: UUID, since: datetime) -> "Stay":
        """One that was cancelled holds again, and what ended it is told anew."""
        held = self.suspensions.get(suspension_id)
        until = None if held is None or held.cancelled else held.until
        return self._with(suspension_id, Suspension(since, until))

    def resumed(self, suspension_id: UUID, until: datetime | None) -> "Stay":
        """``until``: None where the resumption never was."""
        return self._with(suspension_id, replace(self.suspensions[suspension_id], until=until))

    def suspension_cancelled(self, suspension_id: UUID) -> "Stay":
        return self._with(suspension_id, replace(self.suspensions[suspension_id], cancelled=True))

    def _with(self, suspension_id: UUID, suspension: Suspension) -> "Stay":
        return replace(self, suspensions={**self.suspensions, suspension_id: suspension})

    def discharged(self, at: datetime, on: date, *, steps_down: bool) -> "Stay":
        stepped_down = self.stepped_down | {on} if steps_down else self.stepped_down
        return replace(self, discharged_at=at, discharged_on=on, stepped_down=stepped_down)

    @property
    def admitted(self) -> bool:
        return self.admission is not None

    @property
    def admitted_on(self) -> date | None:
        return None if self.admission is None else self.admission.since

    def placement_on(self, day: date) -> Placement:
        """The track on a local day; before the admission, the one admitted to. Raises ``LookupError`` before that."""
        if self.admission is None:
            raise LookupError("the episode has no admission yet")
        since = max((on for on in self.transfers if on <= day), default=None)
        return self.admission if since is None else self.transfers[since]

    def judged_by_on(self, day: date) -> JudgedBy:
        """The packs that judge a local day."""
        return self.placement_on(day).judged_by

    def judged_by_in(self, monday: date) -> JudgedBy:
        """The packs that judge a week, by the rule ``week_of_the_pack``: where a transfer falls into it, those of both
        tracks together."""
        judged_by = self.judged_by_on(monday)
        for on in sorted(on for on in self.transfers if monday < on < monday + timedelta(days=7)):
            judged_by = judged_by.together_with(self.transfers[on].judged_by)
        return judged_by

    def zone_on(self, day: date) -> str:
        """The time zone of the track on that day."""
        return self.placement_on(day).time_zone

    def local_day(self, instant: datetime) -> date:
        """The instant's local day, by the time zone of the track then."""
        day = instant.date()
        return instant.astimezone(ZoneInfo(self.zone_on(day))).date()

    def spans(self, day: date) -> bool:
        """Whether the local day lies between admission and discharge, both included."""
        first, last = self.admitted_on, self.discharged_on
        return first is not None and first <= day and (last is None or day <= last)

    def has_day(self, day: date) -> bool:
        """Whether a local day belongs to the episode: admitted, not discharged, not suspended. The days of admission,
        discharge and resumption belong to it; the day on which a suspension begins does not."""
        return self.spans(day) and not any(self._suspends(suspension, day) for suspension in self.suspensions.values())

    def _suspends(self, suspension: Suspension, day: date) -> bool:
        if suspension.cancelled or day < self.local_day(suspension.since):
            return False
        return suspension.until is None or day < self.local_day(suspension.until)

    def suspended_at(self, instant: datetime) -> bool:
        """Whether any suspension that was covers the instant."""
        return any(suspension.covers(instant) for suspension in self.suspensions.values())

    def discharged_by(self, instant: datetime) -> bool:
        """Whether the episode was over at the instant."""
        return self.discharged_at is not None and self.discharged_at <= instant

    def over_before(self, monday: date) -> bool:
        """Whether the episode ended before the week."""
        return self.discharged_on is not None and self.discharged_on < monday
