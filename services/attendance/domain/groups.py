"""Groups: how many people may be in one, and what has to be documented."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.attendance.domain.rules import NamedRule

GROUP_SIZE = NamedRule(
    "group_size",
    "A group has no fewer and no more people than the packs of those who attended say, the strictest of all.",
    "billing code 90853, L33632: at most 12, the count documented; California Title 9 §10345: 2 to 12",
)
GROUP_NOTE = NamedRule(
    "group_note",
    "Where a pack of anybody who attended asks for it, a note with the count is written within its days of the end.",
    "California Code of Regulations, Title 9, §10345: within 14 days",
)
NAMED_RULES = (GROUP_SIZE, GROUP_NOTE)


@dataclass(frozen=True)
class GroupRules:
    """What packs say about groups on a local day; None where they say nothing."""

    minimum: int | None
    maximum: int | None
    note_within: timedelta | None
    decided_by: Mapping[str, str]
    """``minimum``, ``maximum``, ``note`` → the pack whose number decided."""
    cited: tuple[str, ...] = ()
    """``group.maximum of group_90853@2015-10-01`` and the like."""

    def broken_by(self, people: int) -> list[str]:
        """``PACK:group_size`` of each limit that so many people break."""
        too_few = self.minimum is not None and people < self.minimum
        too_many = self.maximum is not None and people > self.maximum
        sides = [side for side, broken in (("minimum", too_few), ("maximum", too_many)) if broken]
        return [f"{self.decided_by[side]}:{GROUP_SIZE.name}" for side in sides]
