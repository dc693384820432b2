"""What is due in medication review, and whose it is: one list, from the views."""

from collections.abc import Iterator, Mapping
from typing import Any

from events.follow.reading import Snapshot
from services.medication_review.projections.due_list import DUE, DueList
from services.medication_review.projections.observed_doses import MISSED, ObservedDoses
from services.medication_review.projections.pdmp_checks import CHECKS_DUE, PdmpChecks
from services.platform.web import Query, Role
from services.platform.who_is_who import WhoIsWho, all_ids

PDMP_CHECK, MISSED_DOSES = "pdmp_check", "missed_doses"
VIEWS = (DueList.name, PdmpChecks.name, ObservedDoses.name, WhoIsWho.name)

Item = dict[str, Any]


def due_items(snapshot: Snapshot, request: Query) -> list[Item]:
    """What is due or overdue, the earliest first, under the ids that hold today; of a role what it has to see to, and
    what it was told of because another did not."""
    found = [
        item
        for item in (*_reviews(snapshot), *_pdmp_checks(snapshot), *_missed_doses(snapshot))
        if _wanted(item, request)
    ]
    for item in found:
        item["participant_id"] = all_ids(snapshot, item["participant_id"])[0]
    return sorted(found, key=lambda item: (item["due_at"], item["kind"], str(item["episode_id"])))


def _wanted(item: Item, request: Query) -> bool:
    return (
        request["overdue"] in (None, item["overdue"])
        and (request["until"] is None or item["due_at"] <= request["until"])
        and request["kind"] in (None, item["kind"])
        and request["role"] in (None, item["role"], *item["told"])
    )


def _reviews(snapshot: Snapshot) -> Iterator[Item]:
    for row in snapshot.many(DUE):
        yield dict(row)


def _pdmp_checks(snapshot: Snapshot) -> Iterator[Item]:
    for row in snapshot.many(CHECKS_DUE):
        yield _item(PDMP_CHECK, Role.PRESCRIBER, row)


def _missed_doses(snapshot: Snapshot) -> Iterator[Item]:
    """Who missed so many is to be reached, from then on, until a dose is taken."""
    for row in snapshot.many(MISSED, MISSED.c.under_way):
        yield _item(MISSED_DOSES, Role.COORDINATOR, {**row, "due_at": row["since"], "overdue": True})


def _item(kind: str, role: Role, row: Mapping[str, Any]) -> Item:
    """What is no review: nothing of what only reviews have."""
    no_review: Item = {"review_id": None, "cause": None, "urgent": False, "decided_by": []}
    nobody_told: Item = {"told": [], "escalated_to": None}
    own = {name: row[name] for name in ("participant_id", "episode_id", "due_at", "overdue")}
    return {"kind": kind, "role": role.value, **no_review, **nobody_told, **own}
