"""A log of enrollment of any length: one participant's way through the program, decided by the service itself, then
played again and again under other ids and names, at other times, with seals of their own."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4, uuid5

from eventsourcing.persistence import StoredEvent

from events.contract.canonical import dumps, loads
from events.follow import tables as following
from events.follow.reading import Reader
from events.log.clock import to_microseconds
from events.log.commands import Context
from events.log.database import Database
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault, is_sealed
from services.enrollment.application import Enrollment
from services.enrollment.domain import commands, people_commands
from services.enrollment.domain.criteria import CLINICAL_ANSWERS
from services.enrollment.wiring import define
from services.platform.packs import Packs

SERVICE = "enrollment"
BEGINS = datetime(2021, 1, 4, 14, tzinfo=UTC)
TRACKS = 8
PLACES = 12
"""Participants who are in one track at the same time."""
AT_ONCE = 500
"""Events per append; they are recorded at the same instant."""
APART = timedelta(minutes=10)
_NAMES = UUID("5e9a2f0c-7a44-5d0b-9c65-0d2c8f3b7a10")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_PACKS = ("medicare_iop", "district_of_columbia", "program_default")
_PERSON = {"family": "Sample", "given": "Patient", "birth_date": "1990-04-01", "sex": "female", "phone": "555-0101"}


@dataclass(frozen=True)
class Step:
    """One event of the life, as it was stored, its seals opened: path → (place sealed for, value)."""

    stream: str
    type: str
    state: dict[str, Any]
    seals: dict[str, tuple[str, Any]]


class Life:
    """The template."""

    def __init__(self) -> None:
        with TemporaryDirectory() as folder:
            vault = Vault.connect(f"sqlite:///{folder}/keys.sqlite", bytes(32))
            (Path(folder) / "log").mkdir()
            database = Database.open(f"sqlite:///{folder}/log/log.sqlite", SERVICE)
            database.migrate(extra=[following.metadata])
            log = EventLog(database, TypeRegistry(SERVICE, define().aggregates), vault, lambda: BEGINS)
            self.track, self.participant = self._lived(Enrollment(log, Reader(database, log), vault, Packs.load()))
            records = log.records(0, 1_000)
            self.opened = _step(vault, records[0])
            self.steps = [_step(vault, record) for record in records[1:]]
            database.close()

    def _lived(self, service: Enrollment) -> tuple[str, str]:
        at = BEGINS

        def do(command: object, days: int = 0) -> Any:
            nonlocal at
            at += timedelta(days=days, minutes=5)
            context = Context(uuid4(), at, "coordinator-1", frozenset({"coordinator"}), "bench")
            return service.handle(command, context).body

        def score(occasion: str, points: int) -> None:
            answers = tuple(min(3, max(0, points - 3 * item)) for item in range(9))
            do(commands.ScoreInstrument(episode, "phq_9", occasion, answers), days=7)

        track = do(commands.OpenTrack("Adult mental health", "America/New_York", _PACKS, PLACES))["track_id"]
        participant = UUID(str(do(people_commands.RegisterParticipant(_PERSON))["participant_id"]))
        do(people_commands.ReferParticipant(participant, "General Hospital", "routine", "severe symptoms"))
        answers = {name: name == "step_down" for name in CLINICAL_ANSWERS}
        rationale = {"step_down": "leaves the hospital"}
        command = commands.AssessLevelOfCare(participant, "mental_health", answers, "adult", rationale)
        assessment = UUID(str(do(command, 1)["assessment_id"]))
        components = ("group_therapy", "individual_therapy")
        admitted = do(commands.AdmitParticipant(participant, UUID(str(track)), components, assessment), 1)
        episode = UUID(str(admitted["episode_id"]))
        score("admission", 18)
        for points in (15, 12, 11, 9):
            score("review", points)
        score("discharge", 6)
        do(commands.DischargeParticipant(episode, "completed", plan="weekly visits"), 1)
        return str(track), str(participant)


def _step(vault: Vault, record: Any) -> Step:
    state = loads(record.state)
    seals: dict[str, tuple[str, Any]] = {}
    for name, value in state["data"].items():
        if is_sealed(value):
            seals[name] = (f"{record.type}.{name}", vault.open(value))
    return Step(str(record.stream), record.type, state, seals)


class Lives:
    """Appends to a log up to any length; knows whose chart can be asked for, and since when."""

    def __init__(self, log: EventLog, vault: Vault):
        self.log = log
        self.vault = vault
        self.life = Life()
        self.length = 0
        self.known: list[tuple[UUID, datetime]] = []
        """Participants and the instant by which they were registered."""
        self.tracks = [uuid5(_NAMES, f"track {number}") for number in range(TRACKS)]
        self._versions: dict[UUID, int] = {}
        self._events = self._all()

    @property
    def now(self) -> datetime:
        """When the last event was recorded."""
        return BEGINS + APART * (self.length // AT_ONCE)

    def grow(self, length: int) -> None:
        """Appends until the log has so many events."""
        while self.length < length:
            events = [next(self._events) for _ in range(min(AT_ONCE, length - self.length))]
            self.log.recorder.append(events, None, to_microseconds(self.now))
            self.length += len(events)

    def _all(self) -> Iterator[StoredEvent]:
        for number, track in enumerate(self.tracks):
            yield self._played(self.life.opened, {self.life.track: str(track)}, number)
        cohort = 0
        while True:
            yield from self._cohort(cohort)
            cohort += 1

    def _cohort(self, cohort: int) -> Iterator[StoredEvent]:
        """So many people that all places are taken once; they go through the program side by side."""
        members = range(cohort * TRACKS * PLACES, (cohort + 1) * TRACKS * PLACES)
        ids = [{self.life.track: str(self.tracks[member % TRACKS])} for member in members]
        subjects = [str(uuid5(_NAMES, f"{member}/{self.life.participant}")) for member in members]
        self.vault.prepare(subjects)
        for number, step in enumerate(self.life.steps):
            for member, known in zip(members, ids, strict=True):
                yield self._played(step, known, member)
            if not number:
                self.known += [(UUID(subject), self.now + APART) for subject in subjects]

    def _played(self, step: Step, known: dict[str, str], member: int) -> StoredEvent:
        """The event of another life: ids and looked-up names by the member, instants moved, sealed anew."""

        def other_id(found: re.Match[str]) -> str:
            old = found[0]
            if old not in known:
                known[old] = str(uuid5(_NAMES, f"{member}/{old}"))
            return known[old]

        moved = self.now - BEGINS
        data = {name: value for name, value in step.state["data"].items() if name not in step.seals}
        text = dumps({**step.state, "data": data}).decode()
        text = _ID.sub(other_id, text)
        text = _INSTANT.sub(lambda found: _later(found[0], moved), text)
        state = loads(text)
        if "name_lookup" in state["data"]:  # else everybody would look like everybody's duplicate
            state["data"]["name_lookup"] = self.vault.lookup("name", str(member))
        for name, (place, value) in step.seals.items():
            subject = other_id(_ID.match(self.life.participant))
            state["data"][name] = self.vault.seal(subject, value, context=place)
        stream = UUID(_ID.sub(other_id, step.stream))
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        return StoredEvent(stream, version, step.type, dumps(state))


def _later(instant: str, by: timedelta) -> str:
    moved = datetime.fromisoformat(instant) + by
    return moved.isoformat().removesuffix("+00:00") + "Z"


def someone(lives: Lives, chance: random.Random) -> tuple[UUID, datetime]:
    """A participant, and an instant of the past at which they were known."""
    who, since = chance.choice(lives.known)
    return who, since + (lives.now - since) * chance.random()
