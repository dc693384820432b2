"""The enrollment service on SQLite with its real log, feed, inbox records, followers and deadlines, without processes.

Stand-ins: hospitals' published events are handed to the log as the inbox would hand them (``hear``), and the clock is
moved by hand.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from enrollment_states import MONDAY
from sqlalchemy import select

from events.contract.envelope import CloudEvent, partition_of
from events.follow import tables as following
from events.follow.compose import ServiceFollowers
from events.follow.reading import Reader
from events.log.commands import Answer, Context
from events.log.database import Database
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault
from events.transport import tables as transport
from events.transport.feed import FeedFollower
from services.enrollment.application import Enrollment
from services.enrollment.domain import commands, people_commands, plan_of_care_commands
from services.enrollment.domain.criteria import CLINICAL_ANSWERS
from services.enrollment.domain.planned_care import Diagnosis, GoalAsked, PlannedService
from services.enrollment.wiring import define
from services.platform.clock import SimulatedClock
from services.platform.packs import Packs
from services.platform.web import Query
from tests.support.laid_out import lay_out

PERSON = {"family": "Okafor", "given": "Ada", "birth_date": "1990-04-01", "sex": "female", "phone": "555-0101"}
SUPPORTING = {name: name == "step_down" for name in CLINICAL_ANSWERS}
COORDINATOR = frozenset({"coordinator"})
DIAGNOSES = (Diagnosis("F33.1", "icd-10-cm"),)
SERVICES = (PlannedService("group_therapy", "cbt_group", amount=180, frequency=3, duration=12),)
GOALS = (GoalAsked("sleep", "Sleeps seven hours"), GoalAsked("work", "Back at work"))
PACKS = ("medicare_iop", "district_of_columbia", "program_default")


class World:
    def __init__(self, folder: Path, vault: Vault | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        definition = define()
        lay_out(folder / "enrollment.db", definition)
        self.clock = SimulatedClock(MONDAY)
        self.vault = vault or Vault.connect(f"sqlite:///{folder}/keys.db", b"k" * 32)
        self.database = Database.open(f"sqlite:///{folder}/enrollment.db", "enrollment")
        self.database.migrate(extra=[following.metadata, transport.metadata])
        self.log = EventLog(self.database, TypeRegistry("enrollment", definition.aggregates), self.vault, self.clock)
        self.reader = Reader(self.database, self.log)
        self.application = Enrollment(self.log, self.reader, self.vault, Packs.load(), "America/New_York")
        self.projections = [projection() for projection in definition.projections]
        self.followers = ServiceFollowers(
            self.database,
            self.log,
            projections=[projection() for projection in definition.projections],
            reactions=[reaction() for reaction in definition.reactions],
            deadlines=[deadlines() for deadlines in definition.deadlines],
            others=[lambda tail: FeedFollower(self.database, self.log, definition.publish, tail=tail)],
            dispatch=self.application.handle,
            clock=self.clock,
        )
        self._sequence: dict[tuple[str, int], int] = {}

    def close(self) -> None:
        self.database.close()

    # what is done

    def do(
        self,
        command: object,
        roles: frozenset[str] = COORDINATOR,
        at: datetime | None = None,
        command_id: UUID | None = None,
    ) -> Answer:
        command_id = command_id or uuid4()
        context = Context(command_id, at or self.clock(), "coordinator-1", roles, str(command_id))
        return self.application.handle(command, context)

    def hear(self, *told: tuple[str, Mapping[str, Any]]) -> None:
        """Events of other services, as they publish them: each a type, of interop's where it names no service, and data
        with the key's field."""
        events = []
        for type_, data in told:
            type_ = type_ if "." in type_ else f"interop.{type_}"
            service = type_.partition(".")[0]
            key = str(data.get("told_to") or data["participant_id"])
            partition = partition_of(key)
            sequence = self._sequence[service, partition] = self._sequence.get((service, partition), 0) + 1
            id_ = uuid5(NAMESPACE_URL, json.dumps([type_, data], default=str, sort_keys=True))
            events.append(
                CloudEvent(
                    id=id_, source=f"/daybook/{service}", generation=1, partition=partition, sequence=sequence,
                    type=f"{type_}.v1", key=key, occurred_at=MONDAY, recorded_at=MONDAY,
                    correlation_id=str(id_), causation_id=None, actor="hospital", traceparent=None, data=data,
                )
            )  # fmt: skip
        with self.database.begin() as tx:
            self.log.receive(tx, events)
        self.drain()

    def drain(self) -> None:
        self.followers.drain()

    # states

    def a_track(self, limit: int = 1, packs: tuple[str, ...] = PACKS) -> UUID:
        opened = self.do(commands.OpenTrack("Adult mental health", "America/New_York", packs, limit))
        return UUID(str(opened.body["track_id"]))

    def a_participant(self, number: str | None = None, person: Mapping[str, Any] = PERSON) -> UUID:
        numbers = (people_commands.HospitalNumber("GENERAL", number),) if number else ()
        return UUID(str(self.do(people_commands.RegisterParticipant(person, numbers)).body["participant_id"]))

    def an_assessment(self, participant_id: UUID) -> UUID:
        command = commands.AssessLevelOfCare(participant_id, "mental_health", SUPPORTING, "adult", {"step_down": "why"})
        return UUID(str(self.do(command).body["assessment_id"]))

    def admit(self, participant_id: UUID, track_id: UUID, **more: Any) -> Mapping[str, Any]:
        more = {"assessment_id": None, **more} if "override_reason" in more else more
        assessment_id = more.pop("assessment_id", ...)
        if assessment_id is ...:
            assessment_id = self.an_assessment(participant_id)
        return self.do(
            commands.AdmitParticipant(participant_id, track_id, ("group_therapy",), assessment_id=assessment_id, **more)
        ).body

    def plan(self, episode_id: UUID, **changes: Any) -> Mapping[str, Any]:
        written = {"diagnoses": DIAGNOSES, "services": SERVICES, "goals": GOALS, **changes}
        return self.do(plan_of_care_commands.WritePlanOfCare(episode_id, **written)).body

    # what is seen

    def ask(self, question: str, roles: frozenset[str] = COORDINATOR, as_of: Any = None, **params: Any) -> Any:
        self.drain()
        return getattr(self.application.queries, question)(Query(params, as_of=as_of, roles=roles))

    def chart(self, participant_id: UUID, **more: Any) -> Any:
        return self.ask("participant", participant_id=participant_id, **more)

    def told(self, name: str | None = None) -> list[dict[str, Any]]:
        """Data of the published events of this name, in the order told."""
        self.drain()
        with self.database.read() as connection:
            bodies = connection.execute(select(transport.FEED.c.body).order_by(transport.FEED.c.place)).scalars()
            events = [CloudEvent.from_bytes(body) for body in bodies]
        return [
            {"type": event.type, **event.data}
            for event in events
            if name is None or event.type == f"enrollment.{name}.v1"
        ]

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """All current rows of all views, without positions and with what is sealed opened: a seal differs each time."""
        self.drain()
        found = {}
        for projection in self.projections:
            snapshot = self.reader.at([projection.name])
            for view in projection.views:
                found[view.name] = [_opened(self.vault, row) for row in snapshot.many(view)]
        return found


def _opened(vault: Vault, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _opened(vault, one) for name, one in value.items()}
    if isinstance(value, list):
        return [_opened(vault, one) for one in value]
    return vault.open(value) if isinstance(value, str) and value.startswith("sealed:") else value
