"""The desk at which every decision is made: what is known of an episode and a person, and what falls due of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.medication_review.domain.case import MedicationCase
from services.medication_review.domain.controlled import controlled_substances
from services.medication_review.domain.discrepancies import Discrepancy, discrepancies
from services.medication_review.domain.doses import MissedRun
from services.medication_review.domain.dosing import Dosing, dosing_id
from services.medication_review.domain.evidence import Evidence
from services.medication_review.domain.medication_list import MedicationList
from services.medication_review.domain.medications import Medication
from services.medication_review.domain.pdmp import PdmpStanding
from services.medication_review.domain.pdmp_record import PdmpRecord, pdmp_record_id
from services.medication_review.domain.rules import RuleBook
from services.medication_review.flagging import open_flags
from services.medication_review.table_files import Tables

Answered = Mapping[str, Any]


class Desk:
    """What every decision needs: the unit, the rules, the medications known, and the time of the command."""

    def __init__(self, unit: Unit, book: RuleBook, tables: Tables) -> None:
        self.unit = unit
        self.book = book
        self.tables = tables
        self.at = unit.context.at
        self.roles = unit.context.roles

    def list_of(self, participant_id: UUID) -> MedicationList:
        known = self.unit.find(MedicationList, participant_id)
        return known or self.unit.add(MedicationList.open(participant_id, self.at))

    def case(self, episode_id: UUID, participant_id: UUID) -> MedicationCase:
        """The case of an episode, begun where it was not known; the participant's list keeps it in mind."""
        known = self.unit.find(MedicationCase, episode_id)
        if known is None:
            known = self.unit.add(MedicationCase.open(episode_id, participant_id, self.at))
            self.list_of(participant_id).add_episode(episode_id, self.at)
        return known

    def lists_of(self, participant_id: UUID) -> list[MedicationList]:
        """The lists under all ids of one person."""
        found = {participant_id: self.list_of(participant_id)}
        waiting = [participant_id]
        while waiting:
            for other in found[waiting.pop()].linked - found.keys():
                found[other] = self.list_of(other)
                waiting.append(other)
        return list(found.values())

    def evidence_for(self, case: MedicationCase) -> Evidence:
        """What is known beside the case, brought up to now."""
        orders = tuple(order for own in self.lists_of(case.participant_id) for order in own.orders)
        taken = self.listed_for(case)
        missed: tuple[MissedRun, ...] = ()
        if (dosing := self.unit.find(Dosing, dosing_id(case.id))) is not None:
            dosing.weigh(case.facts, self.book, self.at)
            taken += dosing.ordered(case.facts.local_day(self.at))
            missed = dosing.runs(case.facts, self.at)
        flags = open_flags(self.unit, case, taken, self.tables, self.at)
        return Evidence(orders, self._pdmp_standing(case, taken), missed, flags)

    def dosing(self, case: MedicationCase) -> Dosing:
        known = self.unit.find(Dosing, dosing_id(case.id))
        return known or self.unit.add(Dosing.begin(case.id, case.participant_id, self.at))

    def pdmp_record(self, case: MedicationCase) -> PdmpRecord:
        known = self.unit.find(PdmpRecord, pdmp_record_id(case.id))
        return known or self.unit.add(PdmpRecord.open(case.id, case.participant_id, self.at))

    def _pdmp_standing(self, case: MedicationCase, taken: Iterable[Medication]) -> PdmpStanding:
        controlled = controlled_substances(taken, self.tables.formulary)
        if not controlled and self.unit.find(PdmpRecord, pdmp_record_id(case.id)) is None:
            return PdmpStanding()
        record = self.pdmp_record(case)
        record.weigh(case.facts, controlled, self.book, self.at)
        return record.standing

    def listed_for(self, case: MedicationCase) -> list[Medication]:
        return [entry for own in self.lists_of(case.participant_id) for entry in own.medications.values()]

    def discrepancies_for(self, case: MedicationCase) -> list[Discrepancy]:
        stated: dict[str, datetime] = {}
        for own in self.lists_of(case.participant_id):
            for source, at in own.stated.items():
                stated[source] = max(stated.get(source, at), at)
        return discrepancies(self.listed_for(case), self.tables.formulary, stated)

    def weigh(self, case: MedicationCase) -> Answered:
        """Opens, reschedules and withdraws what the facts ask for now."""
        case.weigh(self.evidence_for(case), self.book, self.at)
        return {"episode_id": case.id}

    def weigh_all(self, participant_id: UUID) -> None:
        """Every case that a participant's list bears on."""
        for own in self.lists_of(participant_id):
            for episode_id in sorted(own.episodes):
                self.weigh(self.unit.get(MedicationCase, episode_id))
