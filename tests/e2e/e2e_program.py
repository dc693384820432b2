"""A small program with one track, and the people in it; played on whatever site runs the services."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Protocol
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.cli.simulator.hospital import Hospital
from services.cli.simulator.intake import CLINICAL
from services.cli.simulator.model.timetable import COMPONENTS
from services.cli.simulator.people import Person, people

NAMES = UUID("00000000-0000-0000-0000-00000000e2e0")
ZONE = "America/New_York"
MONDAY = date(2026, 3, 2)
BEGIN = datetime(2026, 3, 2, 14, tzinfo=UTC)
"""Nine in the morning of the first Monday."""


def named(*parts: object) -> UUID:
    """The same id for the same name in every run."""
    return uuid5(NAMES, "/".join(map(str, parts)))


def at(day: date, hour: int, minute: int = 0, zone: str = ZONE) -> datetime:
    """A local moment as an instant."""
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)


class Site(Protocol):
    """Where the services run: see ``House`` and ``Town``."""

    def client(self, *roles: str) -> Any: ...
    def settle(self) -> None: ...
    def move_to(self, now: datetime) -> None: ...
    def send(self, *messages: bytes) -> list[str]: ...


PLAN_OF_CARE = {
    "diagnoses": [{"code": "F33.1", "system": "icd-10-cm"}],
    "services": [
        {"component": "group_therapy", "type": "cbt_group", "amount": 180, "frequency": 3, "duration": 12},
    ],
    "goals": [{"code": "sleep", "text": "Sleeps seven hours"}],
}


@dataclass
class Member:
    """A participant of the program."""

    person: Person
    participant_id: str
    episode_id: str
    outcome: str


@dataclass
class Program:
    """``name`` keeps several programs on one site apart; every id follows from it."""

    site: Site
    name: str = "program"
    census: int = 40
    packs: tuple[str, ...] = ("program_default", "medicare_iop")
    hospital: Hospital = field(default_factory=Hospital)

    def __post_init__(self) -> None:
        self.staff = self.site.client()
        self.prescriber = self.site.client("prescriber")
        # Control ids are the hospital's own and must differ between programs on one site.
        self.hospital.sent = int(self.id("control ids")) % 10**9
        self.people = people(Random(self.name), 60)  # the name is the seed

    def id(self, *parts: object) -> UUID:
        return named(self.name, *parts)

    def open_track(self) -> "Program":
        """A track without a timetable."""
        track = {"track_id": self.id("track"), "name": f"Track {self.name}", "time_zone": ZONE}
        self.staff.post("/enrollment/tracks", {**track, "packs": self.packs, "census_limit": self.census})
        self.site.settle()
        return self

    def open(self, weeks: int = 3) -> "Program":
        """A track; groups on three days at 18:00, skills before them; a prescriber on Tuesday at 8:00."""
        self.open_track()
        self.plan("group", "group_therapy", "therapist", "MO,WE,FR", time(18), 120, weeks)
        self.plan("skills", "psychoeducation", "psychoeducator", "MO,WE,FR", time(16, 30), 60, weeks)
        self.plan("clinic", "medication_management", "prescriber", "TU", time(8), 30, weeks, seats=2)
        self.site.settle()
        return self

    def plan(
        self,
        title: str,
        component: str,
        qualification: str,
        days: str,
        starts_at: time,
        minutes: int,
        weeks: int,
        *,
        seats: int = 40,
        first: date | None = None,
    ) -> UUID:
        """A weekly series with a facilitator and a room of its own, and its sessions."""
        leader, series, room = self.id(title, "leader"), self.id(title), f"{self.name}-{title}".replace(" ", "-")
        qualified = {"facilitator_id": leader, "label": f"Leader of {title}", "qualifications": [qualification]}
        self.staff.post("/scheduling/facilitators", qualified)
        self.staff.post("/scheduling/rooms", {"code": room, "seats": seats})
        weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU").index(days.split(",", maxsplit=1)[0])
        begins = first or MONDAY + timedelta(days=weekday)
        self.staff.post(
            "/scheduling/series",
            {
                "series_id": series, "track_id": self.id("track"), "component": component, "title": title,
                "rule": f"FREQ=WEEKLY;BYDAY={days}", "first_date": begins, "starts_at": starts_at, "minutes": minutes,
                "seats": seats, "facilitators": [leader], "room": room, "modality": "in_person",
            },
        )  # fmt: skip
        through = begins + timedelta(weeks=weeks, days=-1)
        self.staff.post(f"/scheduling/series/{series}/sessions", {"through": through})
        return series

    def register(self, number: int) -> Member:
        """A person of the hospital's, written down at the front desk, with an assessment that supports admission."""
        person = self.people[number]
        participant = str(self.id("participant", number))
        self.staff.post(
            "/enrollment/participants",
            {
                "participant_id": participant,
                "person": {
                    "family": person.family, "given": person.given, "birth_date": person.birth_date,
                    "sex": person.sex, "phone": person.phone,
                },
                "identifiers": [{"authority": "riverside-mrn", "number": person.number}],
            },
        )  # fmt: skip
        assessment = {"kind": "mental_health", "answers": CLINICAL, "age_group": "adult"}
        assessment |= {"assessment_id": self.id("assessment", number)}
        self.staff.post(f"/enrollment/participants/{participant}/assessments", assessment)
        return Member(person, participant, str(self.id("episode", number)), "registered")

    def admit(self, number: int, priority: int = 3) -> Member:
        """Registered, assessed, and admitted with a plan of care, or waitlisted, as the census allows."""
        member = self.register(number)
        answer = self.staff.post(
            f"/enrollment/participants/{member.participant_id}/episodes",
            {
                "track_id": self.id("track"), "assessment_id": self.id("assessment", number), "components": COMPONENTS,
                "episode_id": member.episode_id, "priority": priority,
            },
        )  # fmt: skip
        member.outcome = answer["outcome"]
        if member.outcome == "admitted":
            self.staff.call("PUT", f"/enrollment/episodes/{member.episode_id}/plan-of-care", PLAN_OF_CARE)
        return member

    def member(self, number: int, *series: str) -> Member:
        """Admitted, everywhere known, and booked into these series."""
        found = self.admit(number)
        self.site.settle()
        for one in series:
            self.book(found, one)
        self.site.settle()
        return found

    def book(self, member: Member, series: str, weeks: int = 3) -> dict[str, Any]:
        body = {"participant_id": member.participant_id, "from": MONDAY, "through": MONDAY + timedelta(weeks=weeks)}
        found: dict[str, Any] = self.staff.post(f"/scheduling/series/{self.id(series)}/bookings", body)
        assert found["booked"], found
        return found

    def score(self, member: Member, item_9: int, occasion: str = "admission") -> dict[str, Any]:
        scored: dict[str, Any] = self.staff.post(
            f"/enrollment/episodes/{member.episode_id}/scores",
            {"instrument": "phq_9", "occasion": occasion, "answers": [1] * 8 + [item_9]},
        )
        return scored

    # what is asked

    def enrolled(self, member: Member) -> dict[str, Any]:
        found: dict[str, Any] = self.staff.get(f"/enrollment/participants/{member.participant_id}")
        return found

    def bookings(self, member: Member) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.staff.get(f"/scheduling/participants/{member.participant_id}/bookings")[
            "bookings"
        ]
        return found

    def attendance(self, member: Member) -> list[dict[str, Any]]:
        path = f"/attendance/participants/{member.participant_id}/attendance"
        found: list[dict[str, Any]] = self.staff.get(path)["attendance"]
        return found

    def weeks(self, member: Member) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.staff.get(f"/attendance/participants/{member.participant_id}/weeks")["weeks"]
        return found

    def status(self, member: Member) -> str:
        return str(self.enrolled(member)["episodes"][-1]["status"])

    def held(self, member: Member) -> list[str]:
        """The sessions in which the participant has a seat, in order."""
        return [one["session_id"] for one in self.bookings(member) if one["state"] == "booked"]

    def outcomes(self, member: Member) -> list[str]:
        """What came of each session, in order."""
        return [one["status"] for one in self.attendance(member)]

    def medication(self, member: Member) -> dict[str, Any]:
        """The state of the case and the reviews, open and completed."""
        found = self.staff.get(f"/medication_review/participants/{member.participant_id}/reviews")
        (case,) = (one for one in found["cases"] if one["episode_id"] == member.episode_id)
        return {"state": case["state"], "reviews": found["reviews"]}

    def marks(self, member: Member) -> list[str]:
        """What a reconciliation of the member's medications compares."""
        listed = self.staff.get(f"/medication_review/participants/{member.participant_id}/medications")["medications"]
        return [row["mark"] for row in listed]

    def due(self, member: Member) -> dict[str, str]:
        """What is due of the member's medication → whose it is."""
        found = self.staff.get("/medication_review/due")["due"]
        return {one["kind"]: one["role"] for one in found if one["participant_id"] == member.participant_id}

    def causes(self, member: Member) -> dict[str, list[str]]:
        """Kind of each open review → what asks for it."""
        return {one["kind"]: one["causes"] for one in self.medication(member)["reviews"] if one["state"] == "open"}
