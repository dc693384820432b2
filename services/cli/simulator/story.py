"""What happens beside the timetable: stays in hospital, orders, mistakes and their correction, discharges."""

from datetime import datetime, timedelta

from services.cli.simulator import hospital as h
from services.cli.simulator.intake import score
from services.cli.simulator.people import Person
from services.cli.simulator.world import Enrolled, World


def morning(world: World, day: int, now: datetime) -> None:
    """What the hospital sends overnight. Days count from 0, the first Monday."""
    present, hospital = world.present(), world.hospital
    if day % 7 == 1:
        for index, enrolled in enumerate(present[day % 5 :: 9]):
            changed = (h.SERTRALINE, h.BUPROPION, h.LAMOTRIGINE)[index % 3]
            world.line.send(hospital.order(enrolled.person, f"RX{day:02d}{index:03d}", changed, "NW", now))
    if day == 3:
        world.line.send(hospital.update(present[5].person, "V90005", now))
        world.line.send(hospital.observation(present[6].person, "LAB0001", "0.8", now))
    if day == 8:
        _hospitalize(world, present[3], "V91003", now)
        _hospitalize(world, present[7], "V91007", now)
        _hospitalize(world, present[11], "V91011", now)
        _stranger(world, now)
    if day == 9:
        # The stay of one was a clerk's mistake: whatever it set off is compensated.
        world.line.send(hospital.cancel_admission(present[7].person, "V91007", now - timedelta(days=1)))
    if day == 11:
        admitted = now - timedelta(days=3)
        world.line.send(hospital.discharge(present[3].person, "V91003", admitted, now))
        world.line.send(hospital.discharge(present[11].person, "V91011", admitted, now))
    if day == 12:
        world.line.send(hospital.cancel_discharge(present[11].person, "V91011", now - timedelta(days=4), now))
    if day == 14:
        world.line.send(hospital.discharge(present[11].person, "V91011", now - timedelta(days=6), now))
        _two_numbers(world, present[2], now)
    if day == 15:
        _sent_twice(world, present[4], now)
    world.settle()


def evening(world: World, day: int) -> None:
    """What staff put right at the end of a day."""
    if day % 7 in (2, 4):
        _correct_absences(world, day)
    if day == 4:
        _self_reported(world)
    if day == 10:
        for enrolled in world.present()[1:31:10]:
            discharge(world, enrolled)


def discharge(world: World, enrolled: Enrolled) -> None:
    """Goals met: a last PHQ-9, then discharge. The place goes to the first who waits."""
    score(world, enrolled, "discharge")
    body = {"reason": "completed", "plan": "Weekly outpatient therapy; alumni group", "to_level_of_care": "outpatient"}
    if world.attempt(world.coordinator, f"/enrollment/episodes/{enrolled.episode_id}/discharge", body) is not None:
        enrolled.left = True


def _hospitalize(world: World, enrolled: Enrolled, visit: str, now: datetime) -> None:
    world.line.send(world.hospital.admission(enrolled.person, visit, now))


def _stranger(world: World, now: datetime) -> None:
    """Somebody this program does not know: kept sealed until they are referred, or until the time is up."""
    known = world.people[0].person
    stranger = Person("RVS0000001", "Zenobrius", "Unterwalden", "male", known.birth_date, known.street, known.phone)
    world.line.send(world.hospital.admission(stranger, "V99999", now))


def _two_numbers(world: World, enrolled: Enrolled, now: datetime) -> None:
    """The hospital had given somebody a second number; the front desk wrote them down under it; A40 makes them one."""
    person = enrolled.person
    second = f"RVS9{person.number[3:]}"
    world.front_desk.post(
        "/enrollment/participants",
        {
            "person": {"family": person.family, "given": person.given, "birth_date": person.birth_date.isoformat()},
            "identifiers": [{"authority": "riverside-mrn", "number": second}],
        },
    )
    world.settle()
    world.line.send(world.hospital.merge(person, second, now))


def _sent_twice(world: World, enrolled: Enrolled, now: datetime) -> None:
    """One message arrives twice, and another under a control id that was used before."""
    order = world.hospital.order(enrolled.person, "RX15900", h.FLUOXETINE, "NW", now)
    world.line.send(order)
    world.line.send(order)
    world.line.send(order.replace(b"RX15900", b"RX15901"))


def _correct_absences(world: World, day: int) -> None:
    """A paper sheet turns up for one no-show, and another had called in sick."""
    today = world.day(day).isoformat()
    absences = world.therapist.get("/attendance/absences", from_date=today, through=today, status="no_show")["absences"]
    for number, absence in enumerate(absences[:2]):
        booking = f"/attendance/bookings/{absence['booking_id']}"
        if number == 0:
            starts = datetime.fromisoformat(absence["starts_at"])
            body = {
                "reason": "paper_sheet",
                "checked_in_at": starts.isoformat(),
                "checked_out_at": (starts + timedelta(minutes=45)).isoformat(),
            }
            world.attempt(world.therapist, f"{booking}/correction", body)
        else:
            world.attempt(world.therapist, f"{booking}/excuse", {"reason": "illness"})


def _self_reported(world: World) -> None:
    """What a participant says they take, which the hospital's list has otherwise."""
    enrolled = world.present()[0]
    world.therapist.post(
        f"/medication_review/participants/{enrolled.participant_id}/medications",
        {"source": "self_report", "name": "sertraline", "code": "312940", "system": "rxnorm", "dose": "50 mg"},
    )
