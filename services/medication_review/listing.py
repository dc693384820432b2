"""Answers about what a participant takes: the list with what each entry is, and where the sources disagree."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from events.follow.reading import Snapshot
from services.medication_review.domain.discrepancies import Discrepancy, Finding, discrepancies
from services.medication_review.domain.formulary import Formulary
from services.medication_review.domain.interactions import SEVERITIES, Stopped, stopped_at, taken_since
from services.medication_review.domain.medications import Medication
from services.medication_review.domain.reconciling import discrepancy_id, mark
from services.medication_review.domain.same_medication import same_medications
from services.medication_review.projections.interactions import ACKNOWLEDGEMENTS, FLAGS
from services.medication_review.projections.medication_list import MEDICATIONS, medication_of
from services.medication_review.table_files import Tables
from services.platform.who_is_who import all_ids


def listed(snapshot: Snapshot, tables: Tables, participant_id: object) -> Mapping[str, Any]:
    """A participant's medications by all sources under all their ids, where the sources disagree, what interacts."""
    ids = all_ids(snapshot, str(participant_id))
    order = (MEDICATIONS.c.name, MEDICATIONS.c.source)
    rows = snapshot.many(MEDICATIONS, MEDICATIONS.c.participant_id.in_(ids), order_by=order)
    stated: dict[str, datetime] = {}
    for row in rows:
        stated[row["source"]] = max(stated.get(row["source"], row["stated_at"]), row["stated_at"])
    entries = [medication_of(row) for row in rows]
    disagree = discrepancies(entries, tables.formulary, stated)
    groups = same_medications(entries, tables.formulary)
    since, stopped = taken_since(groups), stopped_at(groups)
    return {
        "participant_id": ids[0],
        "medications": [{**row, **_understood(row, tables.formulary)} for row in rows],
        "discrepancies": [_discrepancy(one) for one in disagree],
        "interactions": _interactions(snapshot, tables, ids, since, stopped),
    }


def _interactions(
    snapshot: Snapshot,
    tables: Tables,
    ids: Sequence[str],
    since: Mapping[str, datetime],
    stopped: Mapping[str, Stopped],
) -> list[Mapping[str, Any]]:
    """What is flagged in the episodes of a person, the gravest first. ``since``: by code, since when an ingredient is
    taken; ``stopped``: of those that are not any more, when that was said. ``acts_until``: of a pair of which one was
    stopped, until when that acts. ``acknowledged``: by whom, when and why; None where nobody did since both are taken
    as they are. ``says`` and ``source`` are None where the table of today does not name the pair any more."""
    acknowledged = {
        _flag(row): {name: row[name] for name in ("reason", "acknowledged_at", "acknowledged_by")}
        for row in snapshot.many(ACKNOWLEDGEMENTS, ACKNOWLEDGEMENTS.c.participant_id.in_(ids))
    }
    names = {one.code: one.name for one in tables.formulary.ingredients}
    found = []
    for row in snapshot.many(FLAGS, FLAGS.c.participant_id.in_(ids)):
        line = tables.interactions.find(row["interaction"])
        told = {name: row[name] for name in ("episode_id", "interaction", "severity")}
        both = max((since[code] for code in row["codes"] if code in since), default=None)
        known = acknowledged.get(_flag(row))
        holds = known is not None and (both is None or known["acknowledged_at"] >= both)
        told["ingredients"] = [{"name": names.get(code), "code": code} for code in row["codes"]]
        told |= {"says": line and line.says, "source": line and line.source}
        ended = [code for code in row["codes"] if code in stopped]
        told["acts_until"] = line.acts_until(ended[0], stopped[ended[0]].last) if line and ended else None
        found.append(told | {"since": both, "acknowledged": known if holds else None})
    return sorted(found, key=lambda one: (SEVERITIES.index(one["severity"]), one["interaction"], one["episode_id"]))


def _flag(row: Mapping[str, Any]) -> tuple[object, ...]:
    return row["episode_id"], row["interaction"], row["pair"]


def _understood(row: Mapping[str, Any], formulary: Formulary) -> Mapping[str, Any]:
    """Whether a medication is recognised, as which ingredients, and the mark by which a reconciliation says that it saw
    this entry."""
    understood = formulary.understand(row["name"], row["code"], row["system"])
    ingredients = [{"name": one.name, "code": one.code} for one in understood.ingredients]
    return {"recognition": understood.recognition, "ingredients": ingredients, "mark": mark(medication_of(row))}


def _discrepancy(one: Discrepancy) -> Mapping[str, Any]:
    """``differs``: the kinds; ``findings``: each kind with the entries that disagree and the lists that omit."""
    return {
        "id": discrepancy_id(one),
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
