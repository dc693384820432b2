"""Whose time is taken, and whether it can be: one place at a time, and when they are available."""

from collections.abc import Iterable
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.domain.availability import Availability
from services.scheduling.domain.claimed_day import PARTICIPANT, ClaimedDay, Span
from services.scheduling.domain.identity import availability_id, claimed_day_id, days_touched


def opened(unit: Unit, kind: str, resource_id: UUID) -> Availability:
    """What was stated about when they can be had; nothing yet where nobody asked."""
    found = unit.find(Availability, availability_id(kind, resource_id))
    return found or unit.add(Availability.open(kind, resource_id, unit.context.at))


def check_available(unit: Unit, kind: str, resource_id: UUID, span: Span) -> None:
    """Raises the kind's refusal where the span is outside of what was stated."""
    stated = unit.find(Availability, availability_id(kind, resource_id))
    if stated is not None:
        stated.check(span)


def check_time(unit: Unit, kind: str, resource_id: UUID, span: Span, but_for: UUID | None = None) -> None:
    """Raises the kind's refusal where the span is taken. ``but_for``: a claim that is to move there."""
    for day in days_touched(span.starts_at, span.ends_at):
        claimed = unit.find(ClaimedDay, claimed_day_id(kind, resource_id, day))
        if claimed is not None:
            claimed.check_free(span, but_for)


def claim_time(unit: Unit, kind: str, resource_id: UUID, claim_id: UUID, span: Span, *, override: bool = False) -> None:
    """Takes the span of a facilitator, room or participant. Raises the kind's refusal, unless ``override``."""
    at = unit.context.at
    if kind != PARTICIPANT:
        opened(unit, kind, resource_id).rely(at)
    for day in days_touched(span.starts_at, span.ends_at):
        claimed = unit.find(ClaimedDay, claimed_day_id(kind, resource_id, day))
        if claimed is None:
            unit.add(ClaimedDay.open(kind, resource_id, day, claim_id=claim_id, span=span, at=at))
        elif override:
            claimed.claim_beside(claim_id, span, at)
        else:
            claimed.claim(claim_id, span, at)


def release_time(unit: Unit, kind: str, resource_ids: Iterable[UUID], claim_id: UUID, span: Span) -> None:
    """Gives the span back, under whichever of the ids it was taken."""
    for day in days_touched(span.starts_at, span.ends_at):
        for resource_id in resource_ids:
            claimed = unit.find(ClaimedDay, claimed_day_id(kind, resource_id, day))
            if claimed is not None:
                claimed.release(claim_id, unit.context.at)


def move_time(unit: Unit, kind: str, from_id: UUID, to_id: UUID, claim_id: UUID, span: Span) -> None:
    """What is claimed under one id is claimed under another from now on; nothing happens where it was not, or is the
    same."""
    days = [
        unit.find(ClaimedDay, claimed_day_id(kind, from_id, one)) for one in days_touched(span.starts_at, span.ends_at)
    ]
    if from_id != to_id and any(day is not None and claim_id in day.claims for day in days):
        release_time(unit, kind, (from_id,), claim_id, span)
        claim_time(unit, kind, to_id, claim_id, span, override=True)  # what stood beside another goes on standing so
