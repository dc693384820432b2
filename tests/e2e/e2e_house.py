"""All five services in one process, as they are composed for `up`, without HTTP and stepped by hand.

Commands and queries go through the shells' own routes: token, roles, schema, method, the answer's form. Messages of
hospitals go to the gateway's own intake. Services tell one another only by their feeds.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule

from events.contract.canonical import dumps, loads
from events.follow.parking import Parking
from events.follow.rebuild import RebuildResult, rebuild
from events.log.database import Appended
from events.transport.receiver import Receiver
from services.cli.client import Refusal
from services.cli.composition import definitions
from services.interop.examining import Incoming
from services.interop.mapping import SHIPPED
from services.platform import keyring, web
from services.platform.calls import Call, Calls, Place
from services.platform.clock import SimulatedClock
from services.platform.metrics import Metrics
from services.platform.packs import Packs
from services.platform.parsing import Envelope
from services.platform.problem import ProblemTable
from services.platform.service import Service, Surroundings, migrate
from services.platform.settings import load
from tests.support.laid_out import lay_out

EVERYTHING = ("coordinator", "therapist", "prescriber", "front_desk", "operator", "auditor", "integration")


class House:
    """``settings``: any of ``services.platform.settings`` by name. PostgreSQL is migrated first."""

    def __init__(self, folder: Path, now: datetime, **settings: Any) -> None:
        self.folder = folder
        self.clock = SimulatedClock(now)
        hospitals = told_hospital(folder, port=1)  # nobody is connected: what is to be sent stays to be looked at
        self.settings = load({}, data=folder, port=0, mllp_port=0, hospitals=hospitals, **settings)
        self.keyring = keyring.load(self.settings)
        packs = Packs.load(*([self.settings.rule_packs] if self.settings.rule_packs else []))
        around = Surroundings(self.settings, self.clock, self.keyring, packs, Metrics(), Appended())
        self.services: dict[str, Service] = {}
        for definition in definitions():
            if self.settings.database is not None:
                migrate(definition, self.settings)
            else:
                lay_out(folder / "logs" / f"{definition.name}.sqlite", definition)
            self.services[definition.name] = Service(definition, around, frozenset(), {})
        self.receivers = {name: self._receiver(service) for name, service in self.services.items()}

    def _receiver(self, service: Service) -> Receiver:
        sources = [self.services[name].feed for name in service.sources]
        return Receiver(service.database, service.log, service.definition.consumes, sources, self.clock)

    def settle(self) -> None:
        """Until nothing is left to do anywhere."""
        while sum(self.step(name) for name in self.services):
            pass

    def step(self, name: str) -> int:
        """One service takes what the others have told, and does all that follows from it."""
        return self.receivers[name].catch_up() + self.services[name].followers.drain()

    def move_to(self, now: datetime) -> None:
        """The clock goes on, and what falls due happens."""
        self.clock.set(now)
        self.settle()

    def pass_time(self, until: datetime, by: timedelta = timedelta(hours=12)) -> None:
        """As ``move_to``, in steps, so that deadlines fire about when they are due."""
        while self.clock() < until:
            self.move_to(min(until, self.clock() + by))

    def client(self, *roles: str) -> "Client":
        """Calls with a token in these roles; in all of them where none is named."""
        issuer = self.keyring.issuer
        assert issuer is not None
        return Client(self, issuer.issue("somebody", roles or EVERYTHING, datetime.now(UTC)))

    def send(self, *messages: bytes) -> list[str]:
        """Messages of hospitals as the listener hands them on; the acknowledgments' codes."""
        kept = self.services["interop"].application.receive([Incoming(one, "mllp") for one in messages], "mllp")
        return [receipt.ack_code for receipt in kept]

    def parked(self) -> list[str]:
        return [
            f"{name}: {one.follower} {one.type} {one.error}"
            for name, service in self.services.items()
            for one in Parking(service.database, service.log).list()
        ]

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """The present rows of all views of all services, sealed values opened. Nothing may be parked."""
        assert self.parked() == []
        found: dict[str, list[dict[str, Any]]] = {}
        for name, service in self.services.items():
            for projection in service.definition.projections:
                snapshot = service.reader.at([projection.name])
                for view in projection.views:
                    found[f"{name}.{view.name}"] = self._opened(loads(dumps(snapshot.many(view))))
        return found

    def _opened(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._opened(one) for one in value]
        if isinstance(value, dict):
            return {name: self._opened(one) for name, one in value.items()}
        if isinstance(value, str) and value.startswith("sealed:"):
            return self.keyring.vault.open(value)
        return value

    def rebuilt(self, *only: str) -> dict[str, RebuildResult]:
        """Every projection of every service, or of these, built anew from its log and compared."""
        return {
            f"{name}.{follower.projection.name}": rebuild(service.database, service.log, follower.projection)
            for name, service in self.services.items()
            if not only or name in only
            for follower in service.followers.projections
        }

    def close(self) -> None:
        for service in self.services.values():
            service.close()
        self.keyring.vault.close()

    @cached_property
    def doors(self) -> "Map":
        """URL → service, its calls, the route and the shell's method."""
        return Map([rule for service in self.services.values() for rule in self._doors(service)])

    def _doors(self, service: Service) -> Iterator[Rule]:
        shell = service.definition.shell()
        shell.application = service.application
        place = Place(service.name, lambda: service.log.generation)
        calls = Calls(place, self.keyring.verifier, self.clock, ProblemTable(service.definition.errors), Metrics())
        for route in web.routes(service.definition.shell):
            endpoint = (calls, route, getattr(shell, route.name))
            yield Rule(route.url, endpoint=endpoint, methods=[route.http_method])


class Client:
    """As ``services.cli.client.Client``, without the way over HTTP."""

    def __init__(self, house: House, token: str) -> None:
        self._house = house
        self._token = token

    def get(self, path: str, **params: object) -> dict[str, Any]:
        given = {name: str(value) for name, value in params.items() if value is not None}
        beside = {name: given.pop(name) for name in ("as_of", "after") if name in given}
        return self._call("GET", path, given, Envelope(self._token, **beside))

    def post(self, path: str, body: Mapping[str, Any], *, command_id: UUID | None = None) -> dict[str, Any]:
        return self.call("POST", path, body, command_id=command_id)

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        command_id: UUID | None = None,
        media_type: str = "application/json",
    ) -> dict[str, Any]:
        envelope = Envelope(self._token, command_id=str(command_id) if command_id else None)
        return self._call(method, path, loads(dumps(body)), envelope)

    def _call(self, method: str, path: str, fields: Mapping[str, Any], envelope: Envelope) -> dict[str, Any]:
        try:
            (calls, route, shown), of_path = self._house.doors.bind("house").match(path, method)
        except NotFound:
            raise Refusal(404, {"type": "urn:daybook:problem:no_such_route"}) from None
        outcome = calls.run(Call(route, shown, lambda: {**fields, **of_path}, envelope))
        if not outcome.media_type.endswith("json"):
            position = {"position": int(outcome.headers["Daybook-Position"])}
            return {"media_type": outcome.media_type, "body": outcome.body.decode(), "position": position}
        answer = loads(outcome.body)
        if outcome.refused:
            raise Refusal(outcome.status, answer)
        return dict(answer)


def told_hospital(folder: Path, port: int) -> Path:
    """A folder with the shipped mapping of the sample hospital, and that it wants to be told over MLLP."""
    mapping: dict[str, Any] = yaml.safe_load((SHIPPED / "riverside.yaml").read_text())
    mapping["send"] = {
        "application": "RIVEREHR",
        "facility": "RIVERSIDE",
        "messages": ["ADT^A04", "ADT^A03", "SIU^S12", "SIU^S15", "SIU^S26"],
        "mllp": f"127.0.0.1:{port}",
    }
    hospitals = folder / "hospitals"
    hospitals.mkdir(parents=True, exist_ok=True)
    (hospitals / "riverside.yaml").write_text(yaml.safe_dump(mapping, sort_keys=False))
    return hospitals


@contextmanager
def opened(folder: Path, now: datetime, **settings: Any) -> Iterator[House]:
    """A house for as long as the block lasts."""
    house = House(folder, now, **settings)
    try:
        yield house
    finally:
        house.close()
