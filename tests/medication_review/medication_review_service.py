"""What tests ask a whole medication review service on a real log."""

from uuid import UUID

from medication_review_told import named

from tests.support.whole_service import WholeService

EPISODE = named("ada's episode")


def told(service: WholeService, type_: str) -> list[dict]:
    service.settle()
    return [event["data"] for event in service.feed() if event["type"] == f"medication_review.{type_}.v1"]


def due(service: WholeService, **params) -> list[tuple[str, str, bool]]:
    service.settle()
    return [(row["kind"], row["cause"], row["overdue"]) for row in service.ask("due", **params)["due"]]


def open_review(service: WholeService, kind: str) -> UUID:
    service.settle()
    return next(UUID(row["review_id"]) for row in service.ask("due")["due"] if row["kind"] == kind)
