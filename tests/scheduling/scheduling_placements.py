"""What other services tell of placements, told to a world in memory, and what there is to be booked in it."""

from datetime import datetime, time, timedelta
from uuid import UUID

from scheduling_world import MONDAY, NOW, World, named

from services.scheduling.domain import commands as c
from services.scheduling.domain import review_commands, told_commands

STAY = named("stay")


def weekly_group(world: World) -> UUID:
    """Four Mondays (2, 9, 16, 23 March), two seats."""
    series = world.series("group", world.facilitator("f", "therapist"))
    world.sessions(series)
    return series


def prescribers_clinic(world: World) -> UUID:
    """Medication management, four Mondays at 10:00, led by a prescriber, one seat."""
    prescriber = world.facilitator("p", "prescriber")
    series = world.series("clinic", prescriber, component="medication_management", starts_at=time(10), seats=1)
    world.sessions(series)
    return series


def ids(name: str) -> dict[str, UUID]:
    return {"participant_id": named(name), "episode_id": named(f"{name}'s episode")}


def suspended(world: World, name: str, at: datetime, stay: UUID = STAY, told: datetime | None = None) -> None:
    world.do(
        told_commands.SuspendPlacement(
            **ids(name), suspension_id=stay, suspended_at=at, reason="hospitalized", told_at=told or at
        )
    )


def suspension_cancelled(world: World, name: str, told: datetime, stay: UUID = STAY) -> None:
    world.do(told_commands.CancelSuspension(**ids(name), suspension_id=stay, told_at=told))


def resumed(world: World, name: str, at: datetime, stay: UUID = STAY, told: datetime | None = None) -> None:
    world.do(told_commands.ResumePlacement(**ids(name), suspension_id=stay, resumed_at=at, told_at=told or at))


def review(world: World, name: str, due: datetime, review_id: str = "review", opened: datetime = NOW) -> None:
    world.do(review_commands.BookReview(**ids(name), review_id=named(review_id), opened_at=opened, due_at=due))


def rescheduled(world: World, name: str, due: datetime, review_id: str = "review") -> None:
    world.do(review_commands.RescheduleReview(**ids(name), review_id=named(review_id), due_at=due, told_at=NOW))


def booked_weeks(world: World, group: UUID, name: str = "ann") -> UUID:
    participant = world.admitted(name)
    world.do(c.BookSeries(group, participant, MONDAY, MONDAY + timedelta(days=60)))
    return participant
