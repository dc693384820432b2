"""The answer about the history of each medication of a participant."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from events.follow.reading import Snapshot
from services.medication_review.domain.formulary import Formulary
from services.medication_review.domain.history import Step, steps
from services.medication_review.domain.medications import Medication
from services.medication_review.domain.same_medication import same_medications
from services.medication_review.projections.medication_list import STATEMENTS, medication_of
from services.platform.web import Query
from services.platform.who_is_who import all_ids

Row = Mapping[str, Any]


def histories(snapshot: Snapshot, formulary: Formulary, request: Query) -> Mapping[str, Any]:
    """By medication, in order of time: what each source said under all ids of the person, and what a prescriber
    decided. ``since`` and ``until`` of the request leave out what was said before, and from then on."""
    ids = all_ids(snapshot, request["participant_id"])
    order = (STATEMENTS.c.reported_at, STATEMENTS.c.number)
    rows = snapshot.many(STATEMENTS, STATEMENTS.c.participant_id.in_(ids), order_by=order)
    lines = [(step.medication, line) for step, line in _steps(rows) if _asked_for(step, request)]
    found = []
    for group in same_medications({medication_of(row) for row in rows}, formulary):
        told = [line for medication, line in lines if medication in group.entries]
        if told:
            ingredients = [{"name": one.name, "code": one.code} for one in group.ingredients]
            told.sort(key=lambda line: (line["reported_at"], line["source"], line["order_id"]))
            found.append({"medication": group.name, "ingredients": ingredients, "steps": told})
    return {"participant_id": ids[0], "medications": found}


def _steps(rows: list[Row]) -> Iterator[tuple[Step, Row]]:
    """Each step with how it is told."""
    of_order: defaultdict[tuple[Any, ...], dict[Medication, Row]] = defaultdict(dict)
    for row in rows:
        of_order[row["participant_id"], row["source"], row["order_id"]][medication_of(row)] = row
    for said in of_order.values():
        for step in steps(said):
            told = {name: value for name, value in said[step.medication].items() if name != "number"}
            yield step, told | {"changed": step.changed, "again_at": step.again_at}


def _asked_for(step: Step, request: Query) -> bool:
    at = step.medication.reported_at
    since, until = request["since"], request["until"]
    return (since is None or since <= at) and (until is None or at < until)
