"""Everything that the hospital sends, in order: about participants, and about people whom the program does not know."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from services.cli.simulator.hospital import Hospital
from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import chosen, draw, weeks_until
from services.cli.simulator.model.lives import HospitalStay, Life
from services.cli.simulator.model.medications import ALL, Medication
from services.cli.simulator.model.mistakes import WrongMerge
from services.cli.simulator.model.timetable import ZONE
from services.cli.simulator.people import Person, people

DAY = timedelta(days=1)

Write = Callable[[Hospital, datetime], bytes]


@dataclass(frozen=True)
class Sent:
    """A message and when it is sent."""

    at: datetime
    content: bytes


def instant(first_day: date, days: float) -> datetime:
    """So many days after local midnight of the first Monday, in UTC and whole seconds."""
    moment = datetime.combine(first_day, time(), ZoneInfo(ZONE)).astimezone(UTC) + timedelta(days=days)
    return moment.replace(microsecond=0)


def traffic(
    seed: int, lives: tuple[Life, ...], wrong_merges: tuple[WrongMerge, ...], first_day: date, weeks: int
) -> Iterator[Sent]:
    """In the order of the times at which they are sent; control ids count in that order."""
    events: list[tuple[datetime, int, int, Write]] = []
    for life in lives:
        told = sorted(_of(seed, life), key=lambda one: one[0])
        events += [(instant(first_day, day), life.number, index, write) for index, (day, write) in enumerate(told)]
    events += [
        (instant(first_day, day), len(lives), index, write)
        for index, (day, write) in enumerate(_strangers(seed, len(lives), weeks))
    ]
    events += [
        (instant(first_day, one.merged), len(lives) + 1, index, _merge(lives[one.survivor], lives[one.retired]))
        for index, one in enumerate(wrong_merges)
    ]
    hospital, end = Hospital(), instant(first_day, weeks * 7)
    again = draw(seed, "sent twice")
    for at, _, _, write in sorted(events, key=lambda one: one[:3]):
        if at < end:
            content = write(hospital, at)
            yield Sent(at, content)
            if again.random() < p.SENT_TWICE:
                yield Sent(at, content)


def second_number(person: Person) -> Person:
    """The same person as the hospital has written them down a second time."""
    return replace(person, number=f"RVS9{person.number[3:]}")


def second_number_day(seed: int, life: Life) -> int | None:
    """The day on which they are written down once more; the hospital merges the two two days later."""
    random = draw(seed, "second number", life.number)
    return max(life.referred, 0) + random.randint(3, 40) if random.random() < p.SECOND_NUMBER else None


def _of(seed: int, life: Life) -> Iterator[tuple[float, Write]]:
    """Days from the first Monday, and what is sent then."""
    person, number = life.person, life.number
    if life.way == "registration":
        yield life.referred + 10 / 24, lambda hospital, at: hospital.registration(person, f"V{number:06d}", at)
    for index, stay in enumerate(life.stays):
        yield from _stay(person, f"V{number:06d}-{index}", stay)
    yield from _orders(seed, life)
    written_down_again = second_number_day(seed, life)
    if written_down_again is not None:
        retired = second_number(person).number
        yield written_down_again + 2.3, lambda hospital, at: hospital.merge(person, retired, at)
    random = draw(seed, "updates", number)
    for day in _now_and_then(random, life, p.UPDATED):
        yield day, lambda hospital, at: hospital.update(person, f"V{number:06d}", at)
    for index, day in enumerate(_now_and_then(random, life, p.OBSERVED)):
        value = f"{random.uniform(0.3, 1.3):.1f}"
        yield day, _observation(person, f"LAB{number:06d}{index:02d}", value)


def _now_and_then(random: Random, life: Life, hazard: float) -> Iterator[float]:
    day, through = float(max(life.referred, 0)), life.referred + 7 * p.WATCHED_WEEKS
    while (day := day + 7 * weeks_until(random, hazard)) < through:
        yield day


def _stay(person: Person, visit: str, stay: HospitalStay) -> Iterator[tuple[float, Write]]:
    begins, ends = stay.begins, stay.begins + stay.days
    length = timedelta(days=stay.days)
    yield begins, lambda hospital, at: hospital.admission(person, visit, at)
    if stay.cancelled:
        yield begins + 1, lambda hospital, at: hospital.cancel_admission(person, visit, at - timedelta(days=1))
        return
    yield ends, lambda hospital, at: hospital.discharge(person, visit, at - length, at)
    if stay.again is not None:
        more = timedelta(days=stay.again)
        yield ends + 1, lambda hospital, at: hospital.cancel_discharge(person, visit, at - length - DAY, at)
        yield ends + stay.again, lambda hospital, at: hospital.discharge(person, visit, at - length - more, at)


def _orders(seed: int, life: Life) -> Iterator[tuple[float, Write]]:
    """New, changed and discontinued orders; the first of each participant is new."""
    random = draw(seed, "orders", life.number)
    active: dict[str, Medication] = {}
    for index, day in enumerate(_now_and_then(random, life, p.ORDERS_CHANGED)):
        control = chosen(random, p.ORDER_CONTROLS) if active else "NW"
        order = f"RX{life.number:06d}{index:03d}" if control == "NW" else random.choice(sorted(active))
        medication = random.choice(ALL) if control == "NW" else active[order]
        if control == "XO":
            medication = replace(medication, dose=_other_dose(medication))
        active[order] = medication
        if control == "DC":
            del active[order]
        yield day, _order(life.person, order, medication, control)


def _other_dose(medication: Medication) -> str:
    """Twice the first dose, and back."""
    first = next(one.dose for one in ALL if one.code == medication.code)
    return str(int(first) * 2) if medication.dose == first else first


def _observation(person: Person, filler: str, value: str) -> Write:
    return lambda hospital, at: hospital.observation(person, filler, value, at)


def _order(person: Person, order: str, medication: Medication, control: str) -> Write:
    return lambda hospital, at: hospital.order(person, order, medication, control, at)


def _merge(survivor: Life, retired: Life) -> Write:
    return lambda hospital, at: hospital.merge(survivor.person, retired.person.number, at)


def _strangers(seed: int, participants: int, weeks: int) -> list[tuple[float, Write]]:
    """Admissions and discharges of people who never come to the program."""
    random = draw(seed, "strangers")
    count = round(participants * p.STRANGERS * min(weeks, 10) / 4)
    told: list[tuple[float, Write]] = []
    for index, person in enumerate(people(draw(seed, "people", "strangers"), count)):
        stay = HospitalStay(random.uniform(0, weeks * 7), random.uniform(*p.STAY_IN_HOSPITAL_DAYS), False, None)
        stranger = replace(person, number=f"RVX{person.number[3:]}")
        told += _stay(stranger, f"V8{index:06d}", stay)
    return sorted(told, key=lambda one: one[0])
