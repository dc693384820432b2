"""What shell, reactions and deadlines call: commands are decided and appended, queries answered from views."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.follow.reading import Reader
from events.log.commands import Answer, Context, Unit
from events.log.log import EventLog
from events.log.vault import Vault
from services.medication_review.decisions import HANDLERS
from services.medication_review.desk import Desk
from services.medication_review.domain.rules import RuleBook
from services.medication_review.due import VIEWS, due_items
from services.medication_review.histories import histories
from services.medication_review.listing import listed
from services.medication_review.projections.adverse_effects import DESCRIPTION, EFFECTS, AdverseEffects
from services.medication_review.projections.interactions import Interactions
from services.medication_review.projections.medication_list import MedicationLists
from services.medication_review.projections.observed_doses import DOSE_DAYS, MISSED, ORDERS, REASONS, ObservedDoses
from services.medication_review.projections.participant_reviews import CASES, REVIEWS, ParticipantReviews
from services.medication_review.projections.pdmp_checks import CHECKS, CHECKS_DUE, PdmpChecks
from services.medication_review.table_files import Tables
from services.platform.answering import FromViews, found
from services.platform.web import Query, Role
from services.platform.who_is_who import WhoIsWho, all_ids

READS_CLINICAL = frozenset({Role.COORDINATOR, Role.THERAPIST, Role.PRESCRIBER, Role.AUDITOR})
"""May read what is told in words."""


class Application(FromViews):
    """Medication review's commands and queries."""

    def __init__(self, log: EventLog, reader: Reader, vault: Vault, book: RuleBook, tables: Tables) -> None:
        self._log = log
        super().__init__(reader)
        self._vault = vault
        self._book = book
        self._tables = tables

    def handle(self, command: object, context: Context) -> Answer:
        """Carries out any command of this service, once per command id. Raises the refusal of the rule broken."""
        carry_out = HANDLERS[type(command)]

        def decide(unit: Unit) -> Mapping[str, Any]:
            answered: Mapping[str, Any] = carry_out(Desk(unit, self._book, self._tables), command)
            return answered

        return self._log.execute(command, context, decide)

    def medications(self, request: Query) -> Mapping[str, Any]:
        """A participant's medications by all sources under all their ids, where the sources disagree, and what is
        flagged."""
        snapshot = self._at(request, MedicationLists.name, Interactions.name, WhoIsWho.name)
        return found(snapshot, **listed(snapshot, self._tables, request["participant_id"]))

    def medication_history(self, request: Query) -> Mapping[str, Any]:
        """What each source said of each medication and when, what that changed, and what prescribers decided."""
        snapshot = self._at(request, MedicationLists.name, WhoIsWho.name)
        return found(snapshot, **histories(snapshot, self._tables.formulary, request))

    def reviews(self, request: Query) -> Mapping[str, Any]:
        """A participant's cases and reviews, open and completed, under all their ids, in order of due time."""
        snapshot = self._at(request, ParticipantReviews.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        cases = snapshot.many(CASES, CASES.c.participant_id.in_(ids))
        reviews = snapshot.many(REVIEWS, REVIEWS.c.participant_id.in_(ids), order_by=REVIEWS.c.due_at)
        sources = self._sources(reviews)
        return found(snapshot, participant_id=ids[0], cases=cases, reviews=reviews, sources=sources)

    def adverse_effects(self, request: Query) -> Mapping[str, Any]:
        """What was reported of a participant under all their ids, the latest first; in whose words, to clinical staff
        alone."""
        snapshot = self._at(request, AdverseEffects.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        effects = snapshot.many(EFFECTS, EFFECTS.c.participant_id.in_(ids), order_by=EFFECTS.c.reported_at.desc())
        return found(snapshot, participant_id=ids[0], adverse_effects=self._opened(effects, request, DESCRIPTION))

    def pdmp_checks(self, request: Query) -> Mapping[str, Any]:
        """When the monitoring program was asked about a participant under all their ids, the latest first, and by when
        it has to be asked in which episode."""
        snapshot = self._at(request, PdmpChecks.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        checks = snapshot.many(CHECKS, CHECKS.c.participant_id.in_(ids), order_by=CHECKS.c.checked_at.desc())
        due = snapshot.many(CHECKS_DUE, CHECKS_DUE.c.participant_id.in_(ids), order_by=CHECKS_DUE.c.due_at)
        return found(snapshot, participant_id=ids[0], pdmp_checks=checks, due=due)

    def doses(self, request: Query) -> Mapping[str, Any]:
        """A participant's observed doses under all their ids: what is ordered, what came of each day, the latest
        first, and those missed in a row that ask for a review."""
        snapshot = self._at(request, ObservedDoses.name, WhoIsWho.name)
        ids = all_ids(snapshot, request["participant_id"])
        orders = snapshot.many(ORDERS, ORDERS.c.participant_id.in_(ids), order_by=ORDERS.c.ordered_at)
        days = snapshot.many(DOSE_DAYS, DOSE_DAYS.c.participant_id.in_(ids), order_by=DOSE_DAYS.c.on.desc())
        missed = snapshot.many(MISSED, MISSED.c.participant_id.in_(ids), order_by=MISSED.c.first_on)
        return found(
            snapshot, participant_id=ids[0], orders=orders, doses=self._opened(days, request, REASONS), missed=missed
        )

    def due(self, request: Query) -> Mapping[str, Any]:
        """What is due, by whom it has to be done: see ``due_items``."""
        snapshot = self._at(request, *VIEWS)
        due = due_items(snapshot, request)
        return found(snapshot, due=due, sources=self._sources(due))

    def _sources(self, reviews: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
        """The source of each parameter and pack that decided when one of these is due."""
        return self._book.sources(one for row in reviews for one in row["decided_by"] or ())

    def _opened(self, rows: list[Mapping[str, Any]], request: Query, sealed: Mapping[str, str]) -> list[dict[str, Any]]:
        """The rows with these sealed columns (name → for which place) opened; without them for those who may not read
        them."""
        if not READS_CLINICAL & request.roles:
            return [{name: value for name, value in row.items() if name not in sealed} for row in rows]
        return [{**row, **{name: self._open(row, name, place) for name, place in sealed.items()}} for row in rows]

    def _open(self, row: Mapping[str, Any], name: str, place: str) -> Any:
        """None where there is nothing, or the participant was erased."""
        sealed = row[name]
        return (self._vault.open(sealed, subject=str(row["participant_id"]), context=place) or None) if sealed else None
