"""What a track offers in a week, who works there and where: the groups and appointments of each of its groups."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from services.cli.simulator.model import parameters as p

ZONE = "America/New_York"

COMPONENTS = ("individual_therapy", "group_therapy", "medication_management", "psychoeducation", "support_group")

GROUP_MINUTES = 195
"""Three hours, as H0015 asks for on each of three days, and a quarter of an hour for those who are a little late.
Plausible, not measured."""

SATURDAY_BEGINS = (time(9), time(13))
"""The make-up group of tracks whose days begin in the morning, and of others. Plausible, not measured."""

APPOINTMENTS_PER_HOUR = 4
"""Individual therapy at the same hour of the week: two therapists on two days."""


@dataclass(frozen=True)
class Kind:
    """A kind of track. ``assessment``: of which form; ``begins``: when the first group of a day does; ``share``: of
    those who are referred; ``stay_weeks``: the mean length of a completed course (programs state 8 to 12 weeks; by kind
    plausible, not measured); ``problems``: ICD-10-CM codes; ``instruments``: what is measured."""

    name: str
    assessment: str
    packs: tuple[str, ...]
    share: float
    stay_weeks: float
    begins: time
    problems: tuple[tuple[str, str], ...]
    instruments: tuple[str, ...]


@dataclass(frozen=True)
class Staff:
    """A member of staff by a label that is no person's name."""

    label: str
    qualifications: tuple[str, ...]


@dataclass(frozen=True)
class Series:
    """A weekly series. ``leader``: label of the group's staff; ``room``: kind of room, None where it is telehealth."""

    component: str
    title: str
    days: str
    starts_at: time
    minutes: int
    seats: int
    leader: str
    room: str | None


KINDS = (
    Kind(
        "Adult mental health",
        "mental_health",
        ("program_default", "medicare_iop", "group_90853"),
        0.35,
        9,
        time(9),
        (
            ("F33.1", "Major depressive disorder, recurrent, moderate"),
            ("F33.2", "Major depressive disorder, recurrent severe without psychotic features"),
            ("F31.81", "Bipolar II disorder"),
        ),
        ("phq_9", "gad_7"),
    ),
    Kind(
        "Substance use, evenings",
        "asam",
        ("program_default", "asam_2_1", "h0015_day"),
        0.25,
        10,
        time(17, 30),
        (("F10.20", "Alcohol dependence, uncomplicated"), ("F11.20", "Opioid dependence, uncomplicated")),
        ("phq_9", "gad_7", "bam_iop"),
    ),
    Kind(
        "Eating disorders",
        "eating_disorder",
        ("program_default", "tricare_iop"),
        0.15,
        12,
        time(10),
        (("F50.2", "Bulimia nervosa"),),
        ("phq_9", "gad_7", "ede_q"),
    ),
    Kind(
        "Young adults",
        "mental_health",
        ("program_default", "medicare_iop", "waitlist_offers"),
        0.25,
        8,
        time(13),
        (("F41.1", "Generalized anxiety disorder"), ("F32.1", "Major depressive disorder, single episode, moderate")),
        ("phq_9", "gad_7"),
    ),
)

STAFF = (
    Staff("Therapist A", ("therapist",)),
    Staff("Therapist B", ("therapist",)),
    Staff("Educator", ("psychoeducator",)),
    Staff("Prescriber", ("prescriber",)),
    Staff("Peer lead", ("peer",)),
)
"""Each group has its own five."""

ROOMS = {"group": 16, "office-a": 2, "office-b": 2, "clinic": 2}
"""Each group's rooms with their seats."""


def together(kind: Kind, seats: int) -> tuple[Series, ...]:
    """What everybody in a group attends: group therapy on three days, skills, and a support group."""
    first, skills = kind.begins, seats - p.SKILLS_SEATS_SHORT if seats >= 4 else seats
    return (
        Series("group_therapy", "Group", "MO,WE,FR", first, GROUP_MINUTES, seats, "Therapist A", "group"),
        Series("psychoeducation", "Skills", "TU", first, 60, skills, "Educator", "group"),
        Series("support_group", "Peers", "TH", first, 60, 16, "Peer lead", None),
    )


def appointments(kind: Kind, seats: int) -> tuple[Series, ...]:
    """Weekly individual therapy, one seat each, as many as the group has places."""
    slots = []
    for number in range(seats):
        therapist, office = (("Therapist A", "office-a"), ("Therapist B", "office-b"))[number % 2]
        day = "TU" if number % APPOINTMENTS_PER_HOUR < 2 else "TH"
        start = _later(kind.begins, 70 + 60 * (number // APPOINTMENTS_PER_HOUR))
        slots.append(Series("individual_therapy", f"Individual {number + 1}", day, start, 50, 1, therapist, office))
    return tuple(slots)


def medication_clinic(kind: Kind) -> tuple[Series, ...]:
    """The prescriber's appointments: reviews that fall due are booked into them."""
    return tuple(
        Series("medication_management", f"Medication {number + 1}", "TU,TH", _later(kind.begins, 30 * number), 25, 1,
               "Prescriber", "clinic")
        for number in range(4)
    )  # fmt: skip


def make_up_group(kind: Kind) -> Series:
    """On Saturdays, for those who missed a group in the week; a place for everybody of one group."""
    return Series(
        "group_therapy", "Make-up group", "SA", SATURDAY_BEGINS[kind.begins >= time(12)], GROUP_MINUTES, p.GROUP_SEATS,
        "Therapist B", "group",
    )  # fmt: skip


def local_day(instant: str) -> date:
    """The program's day on which an instant falls: what begins in the evening begins in UTC on the next."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(ZONE)).date()


def _later(start: time, minutes: int) -> time:
    total = start.hour * 60 + start.minute + minutes
    return time(total // 60, total % 60)
