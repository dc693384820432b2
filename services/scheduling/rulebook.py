"""The rule packs in force, as scheduling's domain needs them."""

from collections.abc import Iterable
from datetime import date

from services.platform.packs import Packs
from services.scheduling.domain.series import SeatRule


class PackRules:
    """The strictest numbers of a track's packs; where they are silent there is no rule."""

    def __init__(self, packs: Packs) -> None:
        self._packs = packs

    def group_size(self, packs: Iterable[str], on: date) -> SeatRule:
        """Raises ``UnknownPack``."""
        in_force = self._packs.in_force(packs, on)
        least, most = in_force.rule("group.minimum"), in_force.rule("group.maximum")
        source = "; ".join(dict.fromkeys(f"{rule.pack}: {rule.source}" for rule in (least, most) if rule))
        return SeatRule("group_therapy", least.value if least else 1, most.value if most else None, source)
