"""The sample program: four tracks, who works there, and the week's groups and appointments."""

from dataclasses import dataclass
from datetime import time

ZONE = "America/New_York"


@dataclass(frozen=True)
class Track:
    """A program line. ``census``: places; ``kind``: of assessment; ``begins``: when the first group of a day does."""

    name: str
    kind: str
    packs: tuple[str, ...]
    census: int
    begins: time
    problem: tuple[str, str]


@dataclass(frozen=True)
class Staff:
    """A member of staff by a label that is no person's name."""

    label: str
    qualifications: tuple[str, ...]


@dataclass(frozen=True)
class Series:
    """A weekly series of a track. ``leader``: index among the track's staff of the qualification that leads it."""

    component: str
    title: str
    days: str
    starts_at: time
    minutes: int
    seats: int
    leader: str
    telehealth: bool = False


TRACKS = (
    Track(
        "Adult mental health",
        "mental_health",
        ("program_default", "medicare_iop", "group_90853"),
        12,
        time(9),
        ("F33.1", "Major depressive disorder, recurrent, moderate"),
    ),
    Track(
        "Substance use, evenings",
        "asam",
        ("program_default", "asam_2_1", "h0015_day"),
        10,
        time(17, 30),
        ("F10.20", "Alcohol dependence, uncomplicated"),
    ),
    Track(
        "Eating disorders",
        "eating_disorder",
        ("program_default", "tricare_iop"),
        8,
        time(10),
        ("F50.2", "Bulimia nervosa"),
    ),
    Track(
        "Young adults",
        "mental_health",
        ("program_default", "medicare_iop"),
        10,
        time(13),
        ("F41.1", "Generalized anxiety disorder"),
    ),
)

STAFF = (
    Staff("Therapist A", ("therapist",)),
    Staff("Therapist B", ("therapist",)),
    Staff("Educator", ("psychoeducator",)),
    Staff("Prescriber", ("prescriber",)),
    Staff("Peer lead", ("peer",)),
)
"""Each track has its own five."""


def groups(track: Track) -> tuple[Series, ...]:
    """What everybody on a track attends: nine hours of group therapy on three days, skills, and a support group."""
    first = track.begins
    return (
        Series("group_therapy", "Group", "MO,WE,FR", first, 180, 12, "Therapist A"),
        Series("psychoeducation", "Skills", "TU", first, 60, 12, "Educator"),
        Series("support_group", "Peers", "TH", first, 60, 16, "Peer lead", telehealth=True),
    )


def appointments(track: Track) -> tuple[Series, ...]:
    """Weekly individual therapy, one seat each, as many as the track has places."""
    slots = []
    for number in range(track.census):
        leader = ("Therapist A", "Therapist B")[number % 2]
        day = "TU" if number % 4 < 2 else "TH"
        start = _later(track.begins, 70 + 60 * (number // 4))
        slots.append(Series("individual_therapy", f"Individual {number + 1}", day, start, 50, 1, leader))
    return tuple(slots)


def medication_clinic(track: Track) -> tuple[Series, ...]:
    """The prescriber's appointments: reviews that fall due are booked into them."""
    return tuple(
        Series("medication_management", f"Medication {number + 1}", "TU,TH", _later(track.begins, 30 * number), 25, 1,
               "Prescriber")
        for number in range(4)
    )  # fmt: skip


def _later(start: time, minutes: int) -> time:
    total = start.hour * 60 + start.minute + minutes
    return time(total // 60, total % 60)
