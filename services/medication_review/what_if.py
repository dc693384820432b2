"""When reviews that are open would be due by other rule packs, and the next of each cycle: weighed anew, and let go."""

import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.medication_review.desk import Desk
from services.medication_review.domain.case import MedicationCase
from services.medication_review.rulebook import COMMON_PRACTICE, PackRules
from services.medication_review.table_files import Tables, shipped
from services.platform.definition import Runtime
from services.platform.what_if import Difference, Findings, Supposed, events

BEGUN = "medication_review.case.case_opened"
DUE_DATES = "due_dates"
NEXT_CYCLE = "next_cycle"

Due = tuple[datetime, tuple[str, ...]]
"""When, and which parameter of which pack says so."""


def what_if(runtime: Runtime, supposed: Supposed) -> Findings:
    """Of every case that the log knows. Raises ``RuleMissing`` where the packs supposed lack what is needed."""
    found, tables = Findings({DUE_DATES: []}, judged_by={COMMON_PRACTICE}), shipped()
    book = PackRules(supposed.packs)
    for event in events(runtime.log, [BEGUN]):
        runtime.log.suppose(partial(_compare, event.stream, book, tables, supposed, found))
        time.sleep(0)  # whoever else asks this process is answered in between
    return found


def _compare(case_id: UUID, book: PackRules, tables: Tables, supposed: Supposed, found: Findings, unit: Unit) -> None:
    case = unit.get(MedicationCase, case_id)
    found.judged_by.update(name for track in (case.facts.track, *case.facts.transfers.values()) for name in track.packs)
    if not case.facts.open:
        return
    was, desk = _due(case), Desk(unit, book, tables)
    for _ in range(2):  # the first sets the cycle, by which the second opens its review
        desk.weigh(case)
    would_be = _due(case)
    for what in sorted(was.keys() | would_be.keys()):
        before, after = was.get(what), would_be.get(what)
        on = case.facts.local_day((before or after or (desk.at,))[0])
        if supposed.covers(on):
            same = (before and before[0]) == (after and after[0])
            difference = Difference(case.participant_id, case.id, on, what, _shown(before), _shown(after))
            found.look(DUE_DATES, None if same else difference)


def _due(case: MedicationCase) -> dict[str, Due]:
    found: dict[str, Due] = {
        review.kind: (review.need.due_at, review.need.decided_by) for review in case.reviews.values() if review.open
    }
    if case.facts.cycle_due_at is not None:
        found[NEXT_CYCLE] = (case.facts.cycle_due_at, ())
    return found


def _shown(due: Due | None) -> Mapping[str, Any] | None:
    return None if due is None else {"due_at": due[0], "decided_by": due[1]}
