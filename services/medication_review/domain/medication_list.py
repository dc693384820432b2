"""The medication list of a participant: what every source reports, and the hospital's changes in their order."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.medication_review.domain.episode_facts import OrderChange
from services.medication_review.domain.errors import DecidedTwice, DecisionUnclear, MedicationNotListed
from services.medication_review.domain.medications import ACTIONS, PROGRAM, Decision, Medication, changes

HOSPITAL_ORDER = "hospital_order"
"""How the source of a hospital's orders begins; what follows is the sender."""


class MedicationList(Aggregate):
    """One participant's medications by source and order. Its id is the participant's."""

    TOPIC = "medication_review.medication_list"

    class Event(Aggregate.Event):
        TOPIC = "medication_review.medication_list.event"
        participant_id: UUID

    class Created(Aggregate.Created):
        TOPIC = "medication_review.medication_list.list_opened"
        participant_id: UUID

    class ListLinked(Event):
        """The other participant is the same person."""

        TOPIC = "medication_review.medication_list.list_linked"
        other_id: UUID
        retired_id: UUID | None = None
        revision: int = 1

    class ListSeparated(Event):
        """The other participant is somebody else after all."""

        TOPIC = "medication_review.medication_list.list_separated"
        other_id: UUID
        retired_id: UUID
        revision: int

    class EpisodeAdded(Event):
        """An episode whose reviews this list bears on."""

        TOPIC = "medication_review.medication_list.episode_added"
        episode_id: UUID

    class MedicationListed(Event):
        TOPIC = "medication_review.medication_list.medication_listed"
        medication: Medication

    class MedicationDecided(Event):
        """A prescriber of the program decided; ``medication`` is what the program's own list says from now on."""

        TOPIC = "medication_review.medication_list.medication_decided"
        review_id: UUID
        action: str
        medication: Medication

    @event(Created)
    def __init__(self, participant_id: UUID) -> None:
        self.participant_id = participant_id
        self.links: dict[tuple[UUID, UUID | None], tuple[int, bool]] = {}
        """By the other id and which of the two was retired: the last word about it, and whether they are one person."""
        self.episodes: set[UUID] = set()
        self.said: dict[tuple[str, str], tuple[Medication, ...]] = {}
        """By source and order: everything that was said, however late it came; of one time, in the order of arrival."""

    @classmethod
    def open(cls, participant_id: UUID, at: datetime) -> "MedicationList":
        """The first that medication review hears of a participant, from whichever source."""
        return cls._create(cls.Created, id=participant_id, timestamp=at, participant_id=participant_id)

    @property
    def linked(self) -> set[UUID]:
        """Participants who are the same person."""
        return {other_id for (other_id, _), (_, same) in self.links.items() if same}

    @property
    def medications(self) -> dict[tuple[str, str], Medication]:
        """By source and order: what holds now, since when it was said."""
        return {key: changes(said)[-1] for key, said in self.said.items()}

    @property
    def orders(self) -> tuple[OrderChange, ...]:
        """Where hospital orders were new, changed or stopped."""
        return tuple(
            OrderChange(f"{source}/{order_id}", change.reported_at)
            for (source, order_id), said in self.said.items()
            if source.startswith(HOSPITAL_ORDER)
            for change in changes(said)
        )

    @property
    def stated(self) -> dict[str, datetime]:
        """By source: when it last said anything."""
        latest: dict[str, datetime] = {}
        for (source, _), said in self.said.items():
            last = max(one.reported_at for one in said)
            latest[source] = max(latest.get(source, last), last)
        return latest

    def link(self, other_id: UUID, retired_id: UUID, revision: int, at: datetime) -> None:
        """The same person as another participant; nothing happens twice, or where something was said since."""
        if self._is_news(other_id, retired_id, revision):
            self._happen(self.ListLinked, at, other_id=other_id, retired_id=retired_id, revision=revision)

    def separate(self, other_id: UUID, retired_id: UUID, revision: int, at: datetime) -> None:
        """Not the same person after all; nothing happens twice, or where something was said since."""
        if self._is_news(other_id, retired_id, revision):
            self._happen(self.ListSeparated, at, other_id=other_id, retired_id=retired_id, revision=revision)

    def _is_news(self, other_id: UUID, retired_id: UUID, revision: int) -> bool:
        told = [self.links[key][0] for key in ((other_id, retired_id), (other_id, None)) if key in self.links]
        return all(earlier < revision for earlier in told)

    def add_episode(self, episode_id: UUID, at: datetime) -> None:
        """Keeps an episode in mind; nothing happens twice."""
        if episode_id not in self.episodes:
            self._happen(self.EpisodeAdded, at, episode_id=episode_id)

    def report(self, medication: Medication, at: datetime) -> None:
        """What a source reports, old or new: what holds follows from all that was said, not from when it came. Nothing
        happens where the source said just that at that time."""
        if medication not in self.said.get((medication.source, medication.order_id), ()):
            self._happen(self.MedicationListed, at, medication=medication)

    def decide(
        self, review_id: UUID, decisions: Iterable[Decision], listed: Iterable[Medication], decided_at: datetime
    ) -> None:
        """Applies a prescriber's decisions to the program's own list. ``listed``: this list and those linked to it.
        Raises ``DecisionUnclear``, ``MedicationNotListed``, ``DecidedTwice``."""
        known = {(medication.source, medication.order_id): medication for medication in listed}
        decided: set[str] = set()
        for number, decision in enumerate(decisions):
            medication = _decided(decision, known, f"{review_id}/{number}", decided_at)
            if medication.order_id in decided:
                raise DecidedTwice("one review decides once about one medication; send one decision for it")
            decided.add(medication.order_id)
            told = {"review_id": review_id, "action": decision.action, "medication": medication}
            self._happen(self.MedicationDecided, decided_at, **told)

    def _happen(self, event_class: type[Event], at: datetime, **fields: Any) -> None:
        self.trigger_event(event_class, timestamp=at, participant_id=self.participant_id, **fields)

    @event(ListLinked)
    def _list_linked(self, other_id: UUID, retired_id: UUID | None, revision: int) -> None:
        self.links[other_id, retired_id] = (revision, True)

    @event(ListSeparated)
    def _list_separated(self, other_id: UUID, retired_id: UUID, revision: int) -> None:
        self.links.pop((other_id, None), None)
        self.links[other_id, retired_id] = (revision, False)

    @event(EpisodeAdded)
    def _episode_added(self, episode_id: UUID) -> None:
        self.episodes.add(episode_id)

    @event(MedicationListed)
    def _medication_listed(self, medication: Medication) -> None:
        self._say(medication)

    @event(MedicationDecided)
    def _medication_decided(self, medication: Medication) -> None:
        self._say(medication)

    def _say(self, medication: Medication) -> None:
        key = (medication.source, medication.order_id)
        self.said[key] = (*self.said.get(key, ()), medication)


def _decided(
    decision: Decision, known: dict[tuple[str, str], Medication], new_order: str, decided_at: datetime
) -> Medication:
    """The program's own entry that follows from a decision."""
    if decision.action not in ACTIONS:
        raise DecisionUnclear(f"a decision is one of {', '.join(ACTIONS)}")
    if decision.action == "start":
        if not decision.name or decision.source or decision.order_id:
            raise DecisionUnclear("to start a medication give its name, and no source or order of another")
        return Medication(
            PROGRAM,
            new_order,
            "active",
            decision.code,
            decision.system,
            decision.name,
            decision.dose,
            decision.frequency,
            decision.route,
            decided_at,
        )
    if decision.code or decision.system:
        raise DecisionUnclear("only what is started has a code of its own; the others have that of what is listed")
    listed = known.get((decision.source or "", decision.order_id or ""))
    if listed is None:
        raise MedicationNotListed("no such source and order is on the list; read the list and name one that is")
    if decision.action == "change" and not (decision.dose or decision.frequency or decision.route):
        raise DecisionUnclear("a change says the new dose, frequency or route")
    changes = decision.action == "change"
    return Medication(
        PROGRAM,
        listed.order_id if listed.source == PROGRAM else f"{listed.source}/{listed.order_id}",
        "stopped" if decision.action == "stop" else "active",
        listed.code,
        listed.system,
        listed.name,
        (decision.dose if changes else None) or listed.dose,
        (decision.frequency if changes else None) or listed.frequency,
        (decision.route if changes else None) or listed.route,
        decided_at,
    )
