"""What the demo shows beside an ordinary program: stays in hospital and their cancellation, mistakes, a merge."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.cli.simulator import hospital as h
from services.cli.simulator.intake import written_down
from services.cli.simulator.leaving import complete
from services.cli.simulator.model import medications as m
from services.cli.simulator.model.traffic import second_number
from services.cli.simulator.people import Person
from services.cli.simulator.world import Enrolled, World


@dataclass
class Story:
    """Days count from 0, the first Monday. It has its people from those in treatment on the day on which it begins."""

    world: World
    hospital: h.Hospital = field(default_factory=lambda: h.Hospital(sent=900_000))
    cast: list[Enrolled] = field(default_factory=list)

    def morning(self, day: int, now: datetime) -> None:
        """What the hospital sends overnight."""
        send, hospital = self.world.line.send, self.hospital
        if day == 3:
            somebody, another = self.world.present()[5:7]
            send(hospital.update(somebody.life.person, "V90005", now))
            send(hospital.observation(another.life.person, "LAB0001", "0.8", now))
        if day == 8:
            self.cast = self.world.present()[2:7]
            for number in (1, 2, 3):
                send(hospital.admission(self._person(number), f"V9100{number}", now))
            send(hospital.admission(self._stranger(), "V99999", now))
        if day == 9:
            # The stay of one was a clerk's mistake: whatever it set off is compensated.
            send(hospital.cancel_admission(self._person(2), "V91002", now - timedelta(days=1)))
        if day == 11:
            for number in (1, 3):
                send(hospital.discharge(self._person(number), f"V9100{number}", now - timedelta(days=3), now))
        if day == 12:
            send(hospital.cancel_discharge(self._person(3), "V91003", now - timedelta(days=4), now))
        if day == 14:
            send(hospital.discharge(self._person(3), "V91003", now - timedelta(days=6), now))
            self._two_numbers(self.cast[0], now)
        if day == 15:
            self._sent_twice(self._person(4), now)

    def evening(self, day: int, now: datetime) -> None:
        """What staff put right at the end of a day, and whom they discharge."""
        if day % 7 in (2, 4):
            self._correct_absences(now)
        if day == 4:
            self._self_reported()
        if day in (10, 18):
            for enrolled in self.world.present()[8:11]:
                complete(self.world, enrolled, self.world.day(day))

    def _person(self, number: int) -> Person:
        return self.cast[number].life.person

    def _stranger(self) -> Person:
        """Somebody this program does not know: kept sealed until they are referred, or until the time is up."""
        known = self.world.people[0].life.person
        return Person("RVS0000001", "Zenobrius", "Unterwalden", "male", known.birth_date, known.street, known.phone)

    def _two_numbers(self, enrolled: Enrolled, now: datetime) -> None:
        """The hospital had given somebody a second number; the front desk wrote them down under it; A40 makes them
        one."""
        again = second_number(enrolled.life.person)
        self.world.front_desk.post("/enrollment/participants", written_down(again))
        self.world.settle()
        self.world.line.send(self.hospital.merge(enrolled.life.person, again.number, now))

    def _sent_twice(self, person: Person, now: datetime) -> None:
        """One message arrives twice, and another under a control id that was used before."""
        order = self.hospital.order(person, "RX15900", m.FLUOXETINE, "NW", now)
        for content in (order, order, order.replace(b"RX15900", b"RX15901")):
            self.world.line.send(content)

    def _correct_absences(self, now: datetime) -> None:
        """A paper sheet turns up for one no-show, and another had called in sick."""
        world, today = self.world, now.date().isoformat()
        asked = {"from_date": today, "through": today, "status": "no_show"}
        absences = world.therapist.get("/attendance/absences", **asked)["absences"]
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

    def _self_reported(self) -> None:
        """What a participant says they take, which the hospital's list has otherwise."""
        enrolled = self.world.present()[0]
        self.world.therapist.post(
            f"/medication_review/participants/{enrolled.participant_id}/medications",
            {"source": "self_report", "name": "sertraline", "code": "312940", "system": "rxnorm", "dose": "50 mg"},
        )
