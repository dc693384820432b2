"""What other rule packs would have changed: worked out from a service's log, without writing anything.

What was decided stands whatever the packs say today. Each service that judges by packs looks at what it decided, judges
the same facts by the packs supposed, and tells the differences.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.platform.pack_files import PackError, read_texts
from services.platform.packs import Packs
from services.platform.parsing import wrong
from services.platform.problem import Refused

if TYPE_CHECKING:
    from events.log.log import EventLog

PAGE = 2_000
"""Records of the log read at once."""


@dataclass(frozen=True)
class Supposed:
    """The packs to judge by, and the days to look at, both included; None: no limit."""

    packs: Packs
    names: frozenset[str]
    """Of the packs that are changed or added."""
    since: date | None = None
    through: date | None = None

    def covers(self, first: date, last: date | None = None) -> bool:
        """Whether a day, or any day up to ``last``, is to be looked at."""
        return (self.since is None or (last or first) >= self.since) and (self.through is None or first <= self.through)


@dataclass(frozen=True)
class Difference:
    """One thing that would have been decided otherwise. ``was``: as decided; ``would_be``: by the packs supposed; None
    where there is nothing."""

    participant_id: UUID
    episode_id: UUID
    on: date
    """The local day, or the Monday of the week."""
    what: str | None
    """Which one of the day, where there may be several."""
    was: Mapping[str, Any] | None
    would_be: Mapping[str, Any] | None


@dataclass
class Findings:
    """Of one service. ``differences`` and ``looked_at``: by kind (``weeks``, ``billable_days``, ``absence_steps``,
    ``due_dates``)."""

    differences: dict[str, list[Difference]] = field(default_factory=dict)
    looked_at: dict[str, int] = field(default_factory=dict)
    judged_by: set[str] = field(default_factory=set)
    """Names of the packs that judge anybody."""

    def look(self, kind: str, found: Difference | None) -> None:
        """One thing was looked at; ``found`` where it would have been decided otherwise."""
        self.looked_at[kind] = self.looked_at.get(kind, 0) + 1
        self.differences.setdefault(kind, [])
        if found is not None:
            self.differences[kind].append(found)

    def document(self, supposed: Supposed) -> dict[str, Any]:
        """As JSON. ``unused``: packs that are supposed and judge nobody."""
        differences = {
            kind: [asdict(one) for one in sorted(found, key=lambda one: (one.on, str(one.episode_id), one.what or ""))]
            for kind, found in self.differences.items()
        }
        return {
            "differences": differences,
            "looked_at": self.looked_at,
            "unused": sorted(supposed.names - self.judged_by),
        }


def supposed(packs: Packs, body: Mapping[str, Any]) -> Supposed:
    """From ``{"packs": {FILE: TEXT}, "from_date": DAY, "through": DAY}``. Raises ``Refused``."""
    unknown = sorted(set(body) - {"packs", "from_date", "through"})
    if unknown:
        raise wrong(unknown[0], "is unknown here; known are packs, from_date, through")
    texts = body.get("packs")
    if not isinstance(texts, dict) or not texts or not all(isinstance(text, str) for text in texts.values()):
        raise wrong("packs", "is not a mapping of file names to the texts of rule packs")
    try:
        changed = read_texts({Path(name): text for name, text in texts.items()})
    except PackError as error:
        raise Refused(
            422,
            "bad_rule_pack",
            "A rule pack is not usable",
            str(error),
            "docs/rule-packs.md says what packs look like",
        ) from None
    since, through = _day(body, "from_date"), _day(body, "through")
    if since is not None and through is not None and through < since:
        raise wrong("through", "is before from_date")
    return Supposed(packs.changed(changed), frozenset(changed), since, through)


def events(log: "EventLog", types: Iterable[str]) -> Iterator[Any]:
    """All events of these types, in order, decoded."""
    wanted, after = tuple(types), 0
    while records := log.records(after, PAGE, types=wanted):
        for record in records:
            yield log.decode(record)
        after = records[-1].position


def _day(body: Mapping[str, Any], name: str) -> date | None:
    try:
        return None if body.get(name) is None else date.fromisoformat(body[name])
    except (TypeError, ValueError):
        raise wrong(name, "is no day such as 2026-03-01") from None
