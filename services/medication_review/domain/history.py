"""The history of a medication: what each source said of it when, and what that changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.medication_review.domain.medications import PROGRAM, Medication, changes, normal_dose

Change = Literal["listed", "started", "stopped", "dose", "frequency", "route", "name"]
"""listed: a source names it for the first time · started: active again · stopped: also where it was first told as
stopped · the others: told otherwise than before."""


@dataclass(frozen=True)
class Step:
    """What one source said of one order from ``medication.reported_at`` on. ``changed`` is empty for a decision that
    leaves all as it was; ``again_at``: when the same was last said again, None where it was not."""

    medication: Medication
    changed: tuple[Change, ...]
    again_at: datetime | None


def steps(said: Iterable[Medication]) -> list[Step]:
    """The steps of one source's one order, in order of time."""
    known = sorted(said, key=lambda one: one.reported_at)
    told = changes(known)
    ends = [later.reported_at for later in told[1:]]
    found = []
    for number, one in enumerate(told):
        before = told[number - 1] if number else None
        until = ends[number] if number < len(ends) else None
        again = [
            other.reported_at
            for other in known
            if one.source != PROGRAM
            and one.reported_at < other.reported_at
            and (until is None or other.reported_at < until)
        ]
        found.append(Step(one, tuple(_changed(before, one)), max(again, default=None)))
    return found


def _changed(before: Medication | None, now: Medication) -> Iterable[Change]:
    if before is None:
        yield "listed"
        if not now.active:
            yield "stopped"
        return
    if before.active != now.active:
        yield "started" if now.active else "stopped"
    if normal_dose(before.dose) != normal_dose(now.dose):
        yield "dose"
    if before.frequency != now.frequency:
        yield "frequency"
    if before.route != now.route:
        yield "route"
    if (before.name, before.code, before.system) != (now.name, now.code, now.system):
        yield "name"
