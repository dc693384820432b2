"""The rule packs in force, as scheduling's domain needs them."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from services.platform.packs import Packs
from services.scheduling.domain.episode_topics import TopicShare
from services.scheduling.domain.seat_waitlist import PromotionNotice
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

    def promotion_notice(self, packs: Iterable[str], on: date) -> PromotionNotice:
        """Raises ``UnknownPack``."""
        rule = self._packs.in_force(packs, on).rule("seat_promotion.notice_hours")
        hours = float(rule.value) if rule else 0.0
        return PromotionNotice(timedelta(hours=hours), f"{rule.pack}: {rule.source}" if rule else "no pack")

    def topic_share(self, packs: Iterable[str], on: date) -> TopicShare:
        """Raises ``UnknownPack``."""
        rule = self._packs.in_force(packs, on).rule("curriculum.minimum_percent")
        return TopicShare(rule.value, f"{rule.pack}: {rule.source}") if rule else TopicShare(Decimal(0), "no pack")
