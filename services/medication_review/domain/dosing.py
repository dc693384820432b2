"""The observed doses of one episode: what is ordered, what came of each day, and what was missed."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.medication_review.domain import dosing_events as events
from services.medication_review.domain.doses import (
    TAKE_HOME,
    TAKEN,
    DoseOrder,
    MissedRun,
    asked_for,
    missed_runs,
    next_expected,
    order_on,
)
from services.medication_review.domain.episode_facts import EpisodeFacts
from services.medication_review.domain.errors import (
    DoseOrderUnclear,
    DoseOrderUnknown,
    NoDoseOrdered,
    NotHappenedYet,
    PrescriberOnly,
    ReasonMissing,
    ReviewBeforeDose,
)
from services.medication_review.domain.medications import PROGRAM, Medication
from services.medication_review.domain.rules import RuleBook
from services.medication_review.domain.who_may import PRESCRIBER

_DOSINGS = UUID("9f0c55f4-0c4e-5c3d-9c36-60b2c8f3a6d7")


def dosing_id(episode_id: UUID) -> UUID:
    return uuid5(_DOSINGS, str(episode_id))


@dataclass(frozen=True)
class DoseTold:
    """What somebody writes down about a local day's dose."""

    on: date
    outcome: str
    reason: str | None = None
    override_reason: str | None = None


class Dosing(Aggregate):
    """Of one episode. After each fact ``weigh`` makes the missed doses what the facts ask for."""

    TOPIC = "medication_review.dosing"

    Created = events.Created
    DosesOrdered = events.DosesOrdered
    OrderEnded = events.OrderEnded
    DoseRecorded = events.DoseRecorded
    DoseMissed = events.DoseMissed
    MissReversed = events.MissReversed
    DosesMissed = events.DosesMissed
    DosesMissedReversed = events.DosesMissedReversed
    DayAwaited = events.DayAwaited

    @event(events.Created)
    def __init__(self, participant_id: UUID, episode_id: UUID) -> None:
        self.participant_id = participant_id
        self.episode_id = episode_id
        self.orders: tuple[DoseOrder, ...] = ()
        self.outcomes: dict[date, str] = {}
        self.missed: set[date] = set()
        self.asked: dict[date, tuple[int, bool]] = {}
        """First day of a row of missed doses that was told → how many, and whether none was taken since."""
        self.awaited: datetime | None = None

    @classmethod
    def begin(cls, episode_id: UUID, participant_id: UUID, at: datetime) -> "Dosing":
        own = {"participant_id": participant_id, "episode_id": episode_id}
        return cls._create(cls.Created, id=dosing_id(episode_id), timestamp=at, **own)

    def order(self, order: DoseOrder, today: date, at: datetime) -> None:
        """A prescriber orders observed doses, in place of what was ordered before. Raises ``DoseOrderUnclear``."""
        if order.starts_on < today:
            raise DoseOrderUnclear("an order begins today or later; doses of past days cannot be asked for")
        if not order.days or set(order.days) & set(order.take_home_days):
            raise DoseOrderUnclear("name at least one day on which the dose is observed, and each weekday once")
        self._happen(self.DosesOrdered, at, order=order)

    def end_order(self, order_id: UUID, ended_on: date, today: date, at: datetime) -> None:
        """Raises ``DoseOrderUnknown``, ``DoseOrderUnclear``. Nothing happens where it ended on that day before."""
        known = next((order for order in self.orders if order.order_id == order_id), None)
        if known is None:
            raise DoseOrderUnknown("there is no such order in the episode; read the participant's doses")
        if ended_on < today:
            raise DoseOrderUnclear("an order ends today or later; what was missed before stands")
        if known.ended_on != ended_on:
            self._happen(self.OrderEnded, at, order_id=order_id, ended_on=ended_on)

    def record(
        self, told: DoseTold, facts: EpisodeFacts, book: RuleBook, at: datetime, *, roles: frozenset[str]
    ) -> None:
        """What came of a day's dose, or what is told instead of what was. Raises ``NoDoseOrdered``, ``NotHappenedYet``,
        ``ReasonMissing``, ``ReviewBeforeDose``, ``PrescriberOnly``."""
        today = facts.local_day(at)
        order = order_on(self.orders, told.on)
        if order is None or not order.gives(told.on):
            raise NoDoseOrdered("no dose is ordered for that day; read the participant's doses")
        if told.on > today and told.outcome != TAKE_HOME:
            raise NotHappenedYet("only a take-home dose is given for a day to come")
        late = told.on < today or told.on in self.outcomes
        if late and not told.reason:
            raise ReasonMissing("the day is over, or was recorded otherwise; say why it is recorded now")
        if told.outcome in TAKEN:
            self._check_not_held(told, facts, book, at, roles)
        self._happen(
            self.DoseRecorded,
            at,
            order_id=order.order_id,
            medication=order.medication,
            on=told.on,
            outcome=told.outcome,
            late=late,
            reason=told.reason,
            override_reason=told.override_reason,
            recorded_at=at,
        )

    def ordered(self, day: date) -> tuple[Medication, ...]:
        """What the order that holds on a day gives, as the program's own list would have it."""
        order = order_on(self.orders, day)
        if order is None:
            return ()
        facts = (PROGRAM, str(order.order_id), "active", None, None, order.medication, order.dose, None, None)
        return (Medication(*facts, order.ordered_at),)

    def runs(self, facts: EpisodeFacts, at: datetime) -> tuple[MissedRun, ...]:
        """The doses missed by then, one after the other."""
        return missed_runs(self.orders, self.outcomes, facts, at)

    def weigh(self, facts: EpisodeFacts, book: RuleBook, at: datetime) -> None:
        """Notes what is missed by now and what is not any more, and which day is awaited next."""
        runs = self.runs(facts, at)
        missed = {day.on: run for run in runs for day in run.missed}
        for on in sorted(self.missed - missed.keys()):
            self._happen(self.MissReversed, at, on=on)
        for on in sorted(missed.keys() - self.missed):
            self._happen(self.DoseMissed, at, order_id=missed[on].order_id, medication=missed[on].medication, on=on)
        self._tell_runs(runs, facts, book, at)
        awaited = next_expected(self.orders, facts, at)
        ends_at = awaited.ended_at if awaited is not None else None
        if ends_at != self.awaited:
            self._happen(self.DayAwaited, at, on=awaited.on if awaited is not None else None, ends_at=ends_at)

    def _tell_runs(self, runs: tuple[MissedRun, ...], facts: EpisodeFacts, book: RuleBook, at: datetime) -> None:
        asking = {run.first_on: (run, asks[-1]) for run in runs if (asks := asked_for(run, facts, book))}
        for first_on in sorted(self.asked.keys() - asking.keys()):
            self._happen(self.DosesMissedReversed, at, first_on=first_on)
        for first_on, (run, asked) in sorted(asking.items()):
            if self.asked.get(first_on) != (asked.count, run.under_way):
                self._happen(
                    self.DosesMissed,
                    at,
                    order_id=run.order_id,
                    medication=run.medication,
                    first_on=first_on,
                    last_on=asked.last.on,
                    count=asked.count,
                    since=asked.last.ended_at,
                    under_way=run.under_way,
                )

    def _check_not_held(
        self, told: DoseTold, facts: EpisodeFacts, book: RuleBook, at: datetime, roles: frozenset[str]
    ) -> None:
        """The rule ``missed_doses_are_reviewed_before_the_next``; what is told of one of those days is not held."""
        run = next((run for run in self.runs(facts, at) if run.under_way and run.last_on < told.on), None)
        if run is None or all(asked.id in facts.covered for asked in asked_for(run, facts, book)):
            return
        if not told.override_reason:
            raise ReviewBeforeDose(
                f"{len(run.missed)} doses in a row were missed; a prescriber completes the review that is open before "
                "the next dose, or records it with an override_reason"
            )
        if PRESCRIBER not in roles:
            raise PrescriberOnly("only a prescriber gives a dose although a review is asked for first")

    def _happen(self, event_class: type[events.Event], at: datetime, **fields: Any) -> None:
        own = {"participant_id": self.participant_id, "episode_id": self.episode_id}
        self.trigger_event(event_class, timestamp=at, **own, **fields)

    @event(events.DosesOrdered)
    def _ordered(self, order: DoseOrder) -> None:
        self.orders = (*self.orders, order)

    @event(events.OrderEnded)
    def _order_ended(self, order_id: UUID, ended_on: date) -> None:
        ended = [replace(one, ended_on=ended_on) if one.order_id == order_id else one for one in self.orders]
        self.orders = tuple(ended)

    @event(events.DoseRecorded)
    def _recorded(self, on: date, outcome: str) -> None:
        self.outcomes[on] = outcome

    @event(events.DoseMissed)
    def _missed(self, on: date) -> None:
        self.missed.add(on)

    @event(events.MissReversed)
    def _miss_reversed(self, on: date) -> None:
        self.missed.discard(on)

    @event(events.DosesMissed)
    def _doses_missed(self, first_on: date, count: int, under_way: bool) -> None:
        self.asked[first_on] = (count, under_way)

    @event(events.DosesMissedReversed)
    def _doses_missed_reversed(self, first_on: date) -> None:
        self.asked.pop(first_on, None)

    @event(events.DayAwaited)
    def _day_awaited(self, ends_at: datetime | None) -> None:
        self.awaited = ends_at
