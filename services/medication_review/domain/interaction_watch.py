"""An episode's interactions as they were told: flagged while they hold, then cleared; acknowledged by a prescriber."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.medication_review.domain.errors import InteractionNotFlagged
from services.medication_review.domain.interactions import Flag, Pair, Severity
from services.medication_review.domain.who_may import check_prescriber

_WATCHES = UUID("b6a3a1a5-6f0e-5b8e-9a53-0c1b7f3f5d11")


class InteractionWatch(Aggregate):
    """The flags of one episode. It begins with the first."""

    TOPIC = "medication_review.interaction_watch"

    class Event(Aggregate.Event):
        TOPIC = "medication_review.interaction_watch.event"
        participant_id: UUID
        episode_id: UUID

    class Created(Aggregate.Created):
        TOPIC = "medication_review.interaction_watch.watch_begun"
        participant_id: UUID
        episode_id: UUID

    class InteractionFlagged(Event):
        """Both ingredients, by their RxNorm codes, are taken."""

        TOPIC = "medication_review.interaction_watch.interaction_flagged"
        interaction: str
        codes: Pair
        severity: Severity

    class InteractionCleared(Event):
        """They no longer are, the table no longer says so, or the episode is over."""

        TOPIC = "medication_review.interaction_watch.interaction_cleared"
        interaction: str
        codes: Pair

    class WashoutAwaited(Event):
        """The next day on which a medication that was stopped acts no more: what it is flagged for is looked at again
        then. None: no such flag stands."""

        TOPIC = "medication_review.interaction_watch.washout_awaited"
        until: date | None

    class InteractionAcknowledged(Event):
        """A prescriber knows, and why it stays so."""

        TOPIC = "medication_review.interaction_watch.interaction_acknowledged"
        interaction: str
        codes: Pair
        reason: str
        acknowledged_at: datetime

    @event(Created)
    def __init__(self, participant_id: UUID, episode_id: UUID) -> None:
        self.participant_id = participant_id
        self.episode_id = episode_id
        self.flagged: dict[tuple[str, Pair], Severity] = {}
        self.acknowledged: dict[tuple[str, Pair], datetime] = {}
        self.awaited: date | None = None

    @staticmethod
    def create_id(episode_id: UUID) -> UUID:
        """The id of an episode's watch."""
        return uuid5(_WATCHES, str(episode_id))

    @classmethod
    def begin(cls, participant_id: UUID, episode_id: UUID, at: datetime) -> "InteractionWatch":
        """With the first flag of an episode."""
        told = {"participant_id": participant_id, "episode_id": episode_id}
        return cls._create(cls.Created, id=cls.create_id(episode_id), timestamp=at, **told)

    def weigh(self, holding: Iterable[Flag], at: datetime) -> None:
        """The rules ``interactions_are_flagged`` and ``washout_is_flagged``: tells what holds and was not told, clears
        what no longer holds, and says when what was stopped acts no more."""
        flags = list(holding)
        wanted = {flag.key: flag.severity for flag in flags}
        for key in sorted(self.flagged.keys() - wanted.keys()):
            self._happen(self.InteractionCleared, at, key)
        for key, severity in sorted(wanted.items()):
            if self.flagged.get(key) != severity:
                self._happen(self.InteractionFlagged, at, key, severity=severity)
        until = min((flag.until for flag in flags if flag.until is not None), default=None)
        if until != self.awaited:
            whose = {"participant_id": self.participant_id, "episode_id": self.episode_id}
            self.trigger_event(self.WashoutAwaited, timestamp=at, until=until, **whose)

    def acknowledge(
        self, interaction: str, codes: Iterable[str], reason: str, at: datetime, *, roles: frozenset[str]
    ) -> None:
        """A prescriber leaves the pair as it is. Raises ``PrescriberOnly``, ``InteractionNotFlagged``."""
        check_prescriber(roles)
        first, second = sorted(codes)
        key = (interaction, (first, second))
        if key not in self.flagged:
            raise InteractionNotFlagged("no such interaction is flagged for these ingredients; read the list again")
        self._happen(self.InteractionAcknowledged, at, key, reason=reason, acknowledged_at=at)

    def open_flags(self, holding: Iterable[Flag]) -> tuple[Flag, ...]:
        """Those that no prescriber acknowledged since both are taken as they are now."""
        return tuple(
            flag for flag in holding if (known := self.acknowledged.get(flag.key)) is None or known < flag.since
        )

    def _happen(self, event_class: type[Event], at: datetime, key: tuple[str, Pair], **fields: Any) -> None:
        interaction, codes = key
        whose = {"participant_id": self.participant_id, "episode_id": self.episode_id}
        self.trigger_event(event_class, timestamp=at, interaction=interaction, codes=codes, **whose, **fields)

    @event(InteractionFlagged)
    def _interaction_flagged(self, interaction: str, codes: Pair, severity: Severity) -> None:
        self.flagged[interaction, codes] = severity

    @event(InteractionCleared)
    def _interaction_cleared(self, interaction: str, codes: Pair) -> None:
        del self.flagged[interaction, codes]

    @event(WashoutAwaited)
    def _washout_awaited(self, until: date | None) -> None:
        self.awaited = until

    @event(InteractionAcknowledged)
    def _interaction_acknowledged(self, interaction: str, codes: Pair, acknowledged_at: datetime) -> None:
        self.acknowledged[interaction, codes] = acknowledged_at
