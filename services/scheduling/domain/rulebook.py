"""The rule packs, as the domain needs them."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from services.scheduling.domain.episode_topics import TopicShare
from services.scheduling.domain.seat_waitlist import PromotionNotice
from services.scheduling.domain.series import SeatRule


class RuleBook(Protocol):
    """What payers, states and programs say, on a day."""

    def group_size(self, packs: Iterable[str], on: date) -> SeatRule:
        """How many may sit in a group, by the packs in force on the local day."""

    def promotion_notice(self, packs: Iterable[str], on: date) -> PromotionNotice:
        """How long before a session its free seats are still given to those who wait for them."""

    def topic_share(self, packs: Iterable[str], on: date) -> TopicShare:
        """How much of a session completes its topic, by the packs in force on the local day."""
