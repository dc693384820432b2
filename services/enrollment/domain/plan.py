"""What an episode of care is admitted to: track, level of care, rules and components."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.enrollment.domain.errors import UnknownComponent

COMPONENTS = ("individual_therapy", "group_therapy", "medication_management", "psychoeducation", "support_group")
AGE_GROUPS = ("adult", "adolescent")


@dataclass(frozen=True)
class Plan:
    """What an episode is admitted to."""

    track_id: UUID
    level_of_care: str
    age_group: str
    time_zone: str
    packs: tuple[str, ...]
    components: tuple[str, ...]


def check_components(plan: Plan) -> None:
    """Raises ``UnknownComponent``."""
    unknown = sorted(set(plan.components) - set(COMPONENTS))
    if unknown or not plan.components:
        raise UnknownComponent(f"{', '.join(unknown) or 'none given'}: choose from {', '.join(COMPONENTS)}")


def local_date(instant: datetime, time_zone: str) -> date:
    """The day on a calendar of the program."""
    return instant.astimezone(UTC).astimezone(ZoneInfo(time_zone)).date()
