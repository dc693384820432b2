"""Answers about what a participant takes: the list with what each entry is, and where the sources disagree."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from events.follow.reading import Snapshot
from services.medication_review.domain.discrepancies import Discrepancy, Finding, discrepancies
from services.medication_review.domain.formulary import Formulary
from services.medication_review.domain.medications import Medication
from services.medication_review.projections.medication_list import MEDICATIONS, medication_of
from services.platform.who_is_who import all_ids


def listed(snapshot: Snapshot, formulary: Formulary, participant_id: object) -> Mapping[str, Any]:
    """A participant's medications by all sources under all their ids, and where the sources disagree."""
    ids = all_ids(snapshot, str(participant_id))
    order = (MEDICATIONS.c.name, MEDICATIONS.c.source)
    rows = snapshot.many(MEDICATIONS, MEDICATIONS.c.participant_id.in_(ids), order_by=order)
    stated: dict[str, datetime] = {}
    for row in rows:
        stated[row["source"]] = max(stated.get(row["source"], row["stated_at"]), row["stated_at"])
    disagree = discrepancies(map(medication_of, rows), formulary, stated)
    return {
        "participant_id": ids[0],
        "medications": [{**row, **_understood(row, formulary)} for row in rows],
        "discrepancies": [_discrepancy(one) for one in disagree],
    }


def _understood(row: Mapping[str, Any], formulary: Formulary) -> Mapping[str, Any]:
    """Whether a medication is recognised, and as which ingredients."""
    understood = formulary.understand(row["name"], row["code"], row["system"])
    ingredients = [{"name": one.name, "code": one.code} for one in understood.ingredients]
    return {"recognition": understood.recognition, "ingredients": ingredients}


def _discrepancy(one: Discrepancy) -> Mapping[str, Any]:
    """``differs``: the kinds; ``findings``: each kind with the entries that disagree and the lists that omit."""
    return {
        "medication": one.medication,
        "codes": one.codes,
        "differs": one.differs,
        "findings": [_finding(finding) for finding in one.findings],
        "entries": [_entry(entry) for entry in one.entries],
    }


def _finding(finding: Finding) -> Mapping[str, Any]:
    entries = [{"source": entry.source, "order_id": entry.order_id} for entry in finding.entries]
    return {"kind": finding.kind, "entries": entries, "missing_from": finding.missing_from}


def _entry(entry: Medication) -> Mapping[str, Any]:
    return {
        name: getattr(entry, name)
        for name in ("source", "order_id", "status", "name", "dose", "frequency", "route", "reported_at")
    }
