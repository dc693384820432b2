"""Episodes of care as enrollment told them: in which track from when, on which days, suspended when, until when.

What was told again counts in its last wording; a cancelled suspension never was.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.checker.packs import InForce, Packs
from tests.checker.reading import Event, Told, instant

DAY = timedelta(days=1)


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Stay:
    """In one track, from the admission or a transfer on. ``kind``: admission, transfer, step_up or step_down."""

    kind: str
    since: datetime
    track_id: str
    zone: ZoneInfo
    packs: tuple[str, ...]
    age_group: str
    components: tuple[str, ...]
    event: Event

    @property
    def first_day(self) -> date:
        return self.since.astimezone(self.zone).date()


@dataclass
class Suspension:
    """From ``since`` to ``until``, None while it lasts."""

    since: datetime
    until: datetime | None = None
    cancelled: bool = False

    def covers(self, moment: datetime) -> bool:
        return not self.cancelled and self.since <= moment and (self.until is None or moment < self.until)


@dataclass
class Episode:
    """``stays``: in order of time, the first is the admission. ``events``: all that was told of it."""

    id: str
    participant_id: str
    stays: list[Stay] = field(default_factory=list)
    suspensions: dict[str, Suspension] = field(default_factory=dict)
    discharged_at: datetime | None = None
    discharge: Event | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def zone(self) -> ZoneInfo:
        return self.stays[-1].zone

    @property
    def admitted_at(self) -> datetime:
        return self.stays[0].since

    @property
    def left_at(self) -> datetime:
        """The discharge; the end of time where there is none."""
        return self.discharged_at or datetime.max.replace(tzinfo=UTC)

    @property
    def first_day(self) -> date:
        return self.stays[0].first_day

    @property
    def last_day(self) -> date | None:
        """The local day of the discharge."""
        return self.discharged_at.astimezone(self.zone).date() if self.discharged_at else None

    def stay_on(self, day: date) -> Stay:
        """Where they are on a day: from the day of a transfer on in the new track. Before the admission: the first."""
        return next((one for one in reversed(self.stays) if one.first_day <= day), self.stays[0])

    def stays_in_week(self, monday: date) -> list[Stay]:
        """The stay on the Monday and those that begin in the week."""
        first = self.stay_on(monday)
        return [first] + [one for one in self.stays if one is not first and monday <= one.first_day <= monday + 6 * DAY]

    def rules_of_week(self, monday: date, packs: Packs) -> InForce:
        """Editions of the Monday; where a transfer falls into the week, those of both tracks."""
        stays = self.stays_in_week(monday)
        return packs.on(monday, (name for stay in stays for name in stay.packs), stays[-1].age_group)

    def rules_on(self, day: date, packs: Packs) -> InForce:
        stay = self.stay_on(day)
        return packs.on(day, stay.packs, stay.age_group)

    def rules_at(self, moment: datetime, packs: Packs) -> InForce:
        """Of the local day."""
        return self.rules_on(moment.astimezone(self.zone).date(), packs)

    def as_of(self, event: Event) -> "Episode":
        """Where they were, as far as was told before the event: a transfer later on that day decided nothing yet."""
        known = [one for one in self.stays if (one.event.at, one.event.order) < (event.at, event.order)]
        return replace(self, stays=known or self.stays[:1])

    def is_suspended_at(self, moment: datetime) -> bool:
        return any(one.covers(moment) for one in self.suspensions.values())

    def is_suspended_on(self, day: date) -> bool:
        """The day on which a suspension begins is one of its days, that of the resumption is not."""
        for one in self.suspensions.values():
            since = one.since.astimezone(self.zone).date()
            until = one.until.astimezone(self.zone).date() if one.until else None
            if not one.cancelled and since <= day and (until is None or day < until):
                return True
        return False

    def contains(self, day: date) -> bool:
        """Whether a local day belongs to the episode: the rule ``partial_week``."""
        if day < self.first_day or (self.last_day is not None and day > self.last_day):
            return False
        return not self.is_suspended_on(day)

    def days(self, first: date, last: date) -> list[date]:
        """Those of the span that belong to the episode."""
        span = (first + number * DAY for number in range((last - first).days + 1))
        return [day for day in span if self.contains(day)]

    def step_downs(self) -> list[date]:
        """Local days on which a step-down takes effect: a transfer of that kind, or a discharge for that reason."""
        days = [stay.first_day for stay in self.stays if stay.kind == "step_down"]
        if self.discharge is not None and self.discharge.data["reason"] == "stepped_down" and self.last_day:
            days.append(self.last_day)
        return days


def episodes(told: Told) -> dict[str, Episode]:
    """Those admitted. Who only waits has no episode to judge yet."""
    found: dict[str, Episode] = {}
    for event in told.of(
        "enrollment.participant_admitted",
        "enrollment.participant_transferred",
        "enrollment.episode_suspended",
        "enrollment.episode_resumed",
        "enrollment.suspension_cancelled",
        "enrollment.resumption_cancelled",
        "enrollment.participant_discharged",
    ):
        data = event.data
        episode = found.setdefault(data["episode_id"], Episode(data["episode_id"], data["participant_id"]))
        episode.events.append(event)
        _learn(episode, event)
    return {id_: _in_order(one) for id_, one in found.items() if one.stays}


def _learn(episode: Episode, event: Event) -> None:
    name, data = event.type.split(".")[1], event.data
    if name == "participant_admitted":
        episode.stays.append(_stay("admission", data["admitted_at"], event))
    elif name == "participant_transferred":
        moved = _stay(data["kind"], data["effective_at"], event)
        episode.stays = [one for one in episode.stays if one.kind == "admission" or one.since != moved.since]
        episode.stays.append(moved)
    elif name == "participant_discharged":
        episode.discharged_at, episode.discharge = instant(data["discharged_at"]), event
    elif name == "episode_suspended":
        known = episode.suspensions.get(data["suspension_id"])
        until = known.until if known is not None and not known.cancelled else None
        episode.suspensions[data["suspension_id"]] = Suspension(instant(data["suspended_at"]), until)
    else:
        _change(episode.suspensions, name, event)


def _change(suspensions: dict[str, Suspension], name: str, event: Event) -> None:
    known = suspensions.get(event.data["suspension_id"])
    if known is None:
        return
    if name == "suspension_cancelled":
        known.cancelled = True
    else:
        known.until = instant(event.data["resumed_at"]) if name == "episode_resumed" else None


def _stay(kind: str, since: str, event: Event) -> Stay:
    data = event.data
    zone = ZoneInfo(data["time_zone"])
    packs, components = tuple(data["packs"]), tuple(data["components"])
    return Stay(kind, instant(since), data["track_id"], zone, packs, data["age_group"], components, event)


def _in_order(episode: Episode) -> Episode:
    episode.stays.sort(key=lambda one: (one.kind != "admission", one.since))
    return episode


def aliases(told: Told) -> dict[str, str]:
    """Retired participant id → where it stands now; of what was said about one the highest revision counts."""
    last: dict[str, tuple[int, str | None]] = {}
    for event in told.of("enrollment.participants_merged", "enrollment.participants_unmerged"):
        revision, retired = event.data.get("revision", 1), event.data["retired_id"]
        into = event.data["surviving_id"] if event.type.endswith("_merged.v1") and "un" not in event.type else None
        if revision >= last.get(retired, (0, None))[0]:
            last[retired] = revision, into
    return {retired: into for retired, (_, into) in last.items() if into is not None}


def ever_one(told: Told) -> dict[str, set[str]]:
    """Participant id → the other ids with which it was ever one, be they told apart since."""
    found: dict[str, set[str]] = defaultdict(set)
    for event in told.of("enrollment.participants_merged"):
        survivor, retired = event.data["surviving_id"], event.data["retired_id"]
        together = {survivor, retired, *found[survivor], *found[retired]}
        for one in together:
            found[one] |= together - {one}
    return found


def root(participant_id: str, known: dict[str, str]) -> str:
    """Follows aliases to the end."""
    while participant_id in known:
        participant_id = known[participant_id]
    return participant_id


def by_participant(found: Iterable[Episode]) -> dict[str, list[Episode]]:
    """Participant id → their episodes."""
    grouped: dict[str, list[Episode]] = defaultdict(list)
    for episode in found:
        grouped[episode.participant_id].append(episode)
    return grouped
