"""What services told one another, heard by a fresh service late, in any order that RabbitMQ allows, and repeated."""

import shutil
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from e2e_house import House, opened
from e2e_simulated import Simulated, in_time

from events.contract.envelope import CloudEvent
from events.transport.receiver import Message

AFTER = timedelta(days=21)
"""Long enough for all that was late to be judged."""

Rows = dict[str, list[dict[str, Any]]]


class Late:
    """What the others told one service, as it arrives: each day's events in an order of chance, some of them days late,
    and repeated; of one source's partition always in order, as RabbitMQ carries it."""

    def __init__(self, house: House, consumer: str, chance: Random | None) -> None:
        self.house, self.consumer, self.chance = house, consumer, chance
        self.punctual = consumer == "interop"
        """What a hospital is told bears the time at which it is written: there nothing is a day late."""
        self._waiting: dict[tuple[str, int], deque[bytes]] = defaultdict(deque)
        self._arrived: list[bytes] = []

    def take(self, bodies: Iterable[tuple[CloudEvent, bytes]]) -> None:
        """They are on their way; or there at once, where nothing is left to chance."""
        if self.chance is None:
            self.house.receivers[self.consumer].accept([Message(body) for _, body in bodies])
            return
        for event, body in bodies:
            self._waiting[event.source, event.partition].append(body)

    def arrive(self, *, all_of_it: bool) -> None:
        """Some of what is on its way, or all of it, a few at a time."""
        if self.chance is None:
            return
        places = [place for place, waiting in self._waiting.items() if waiting]
        if not (all_of_it or self.punctual):
            places = [place for place in places if self.chance.random() < 0.8]
        while places:
            place = self.chance.choice(places)
            waiting = self._waiting[place]
            self._arrive([waiting.popleft() for _ in range(self.chance.randint(1, min(3, len(waiting))))], self.chance)
            if not waiting:
                places.remove(place)

    def _arrive(self, bodies: list[bytes], chance: Random) -> None:
        if self._arrived and chance.random() < 0.1:
            bodies = [chance.choice(self._arrived), *bodies]
        self._arrived += bodies
        self.house.receivers[self.consumer].accept([Message(body) for body in bodies])
        if chance.random() < 0.5:
            self.house.services[self.consumer].followers.drain()


def rows_of(program: Simulated, consumer: str, folder: Path, chance: Random | None) -> Rows:
    """The rows of a fresh service to which nobody ever talked but the others, under the keys of the program."""
    for name in ("keys", "secrets"):
        shutil.copytree(program.folder / name, folder / name)
    told = in_time(body for name, bodies in program.told.items() if name != consumer for body in bodies)
    with opened(folder, told[0][0].recorded_at) as house:
        sources = {f"/daybook/{name}" for name in house.services[consumer].sources}
        late = Late(house, consumer, chance)
        for day, events in days([one for one in told if one[0].source in sources]):
            house.clock.set(day)
            late.take(events)
            late.arrive(all_of_it=False)
            house.services[consumer].followers.drain()
        late.arrive(all_of_it=True)
        house.services[consumer].followers.drain()
        if consumer == "attendance":
            _write_down(house, program)
        while house.clock() < program.until + AFTER:
            house.clock.set(house.clock() + timedelta(days=2))
            house.services[consumer].followers.drain()
        for service in house.services.values():  # the others have nothing to show, and say so
            service.followers.drain()
        return {view: rows for view, rows in house.rows().items() if view.startswith(f"{consumer}.")}


def _write_down(house: House, program: Simulated) -> None:
    """Who came, as staff enters it from the sheets once all is known."""
    client = house.client()
    for event in map(CloudEvent.from_bytes, program.told["attendance"]):
        data = event.data
        if event.type == "attendance.attendance_recorded.v1" and data["minutes"]:
            starts_at = datetime.fromisoformat(data["starts_at"])
            came = {
                "reason": "paper_sheet",
                "checked_in_at": starts_at.isoformat(),
                "checked_out_at": (starts_at + timedelta(minutes=data["minutes"])).isoformat(),
            }
            client.post(f"/attendance/bookings/{data['booking_id']}/correction", came, command_id=event.id)


def days(told: list[tuple[CloudEvent, bytes]]) -> Iterator[tuple[datetime, list[tuple[CloudEvent, bytes]]]]:
    """The end of each day, and what was told on it."""
    by_day: dict[Any, list[tuple[CloudEvent, bytes]]] = defaultdict(list)
    for event, body in told:
        by_day[event.recorded_at.date()].append((event, body))
    for day, events in sorted(by_day.items()):
        yield datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC), events


def unlike(found: Rows, wanted: Rows) -> dict[str, Any]:
    """View → rows that only one of the two has, but for what tells the way there."""
    differing = {}
    for view in wanted:
        here, there = ({repr(plain(row)) for row in rows[view] if stands(view, row)} for rows in (found, wanted))
        if here != there:
            differing[view] = {"only late": sorted(here - there)[:3], "only in order": sorted(there - here)[:3]}
    return differing


def stands(view: str, row: dict[str, Any]) -> bool:
    """What a coordinator was asked and is closed by now was perhaps never asked in another order: that is the way
    there (scheduling's README, "How the rules hold when many ask at once")."""
    return view != "scheduling.coordinator_requests" or bool(row["state"] == "open")


def plain(row: dict[str, Any]) -> list[tuple[str, Any]]:
    """Without positions, how often something was judged again, and how a message to a hospital describes the person:
    as was known when it was written, and never written again."""
    told = {name: _without_person(value) if name == "content" else value for name, value in row.items()}
    return sorted((name, value) for name, value in told.items() if name not in ("place", "revision"))


def _without_person(content: str | None) -> list[str] | None:
    return None if content is None else [segment for segment in content.split("\r") if not segment.startswith("PID|")]
