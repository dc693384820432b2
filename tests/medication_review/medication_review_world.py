"""Medication review without infrastructure: one participant's list and one episode, rules in force given by hand."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid5

from services.medication_review.domain.case import MedicationCase
from services.medication_review.domain.doses import OBSERVED, WEEKDAYS, DoseOrder
from services.medication_review.domain.dosing import DoseTold, Dosing
from services.medication_review.domain.episode_facts import KINDS, Track
from services.medication_review.domain.evidence import Evidence
from services.medication_review.domain.medication_list import MedicationList
from services.medication_review.domain.medications import Medication
from services.medication_review.domain.pdmp import CONSISTENT, Controlled, PdmpCheck
from services.medication_review.domain.pdmp_record import PdmpRecord
from services.medication_review.domain.review import Review
from services.medication_review.domain.rules import DoseRules, PdmpRules, ReviewRules

NAMES = UUID("00000000-0000-0000-0000-00000000da1e")
PARTICIPANT = uuid5(NAMES, "participant")
EPISODE = uuid5(NAMES, "episode")
SUSPENSION = uuid5(NAMES, "suspension")
ADMITTED = datetime(2026, 2, 2, 14, tzinfo=UTC)
PRESCRIBER = frozenset({"prescriber"})

RULES = ReviewRules(
    admission=timedelta(hours=72),
    transition=timedelta(hours=72),
    order_changed=timedelta(hours=72),
    adverse_effect=timedelta(hours=48),
    severe_effect=timedelta(hours=20),
    pdmp=timedelta(hours=60),
    missed_doses=timedelta(hours=24),
    no_shows=timedelta(days=7),
    discrepancies=timedelta(hours=72),
    interaction=timedelta(hours=24),
    urgent=timedelta(hours=24),
    cycle=timedelta(days=30),
    cycle_notice=timedelta(days=7),
    escalation=(("coordinator", timedelta(0)), ("auditor", timedelta(hours=24))),
    reconciled_by=frozenset({"prescriber", "coordinator"}),
)

PDMP_RULES = PdmpRules(
    schedules=frozenset({"II", "III", "IV"}),
    at_start=timedelta(hours=24),
    valid=timedelta(days=90),
    checked_by=frozenset({"prescriber", "coordinator"}),
)

DOSE_RULES = DoseRules(
    missed={"methadone": 3, "buprenorphine": 5, "naltrexone": 3},
    observed_by=frozenset({"prescriber", "coordinator"}),
)


def hours(n: float) -> datetime:
    """An instant so many hours after the admission."""
    return ADMITTED + timedelta(hours=n)


class Book:
    def reviews(self, packs, on):
        return RULES

    def pdmp(self, packs, on):
        return PDMP_RULES

    def doses(self, packs, on):
        return DOSE_RULES


def medication(source="hospital_order:general", order="1", reported=-10.0, **changes) -> Medication:
    values = {
        "status": "active",
        "code": "6809",
        "system": "rxnorm",
        "name": "Metformin 500 MG Oral Tablet",
        "dose": "500 mg",
        "frequency": "daily",
        "route": "oral",
    } | changes
    return Medication(source=source, order_id=order, reported_at=hours(reported), **values)


class World:
    """Each step weighs the case again, as the application does."""

    def __init__(self):
        self.book = Book()
        self.list = MedicationList.open(PARTICIPANT, ADMITTED)
        self.case = MedicationCase.open(EPISODE, PARTICIPANT, ADMITTED)
        self.pdmp = PdmpRecord.open(EPISODE, PARTICIPANT, ADMITTED)
        self.controlled: tuple[Controlled, ...] = ()
        self.dosing = Dosing.begin(EPISODE, PARTICIPANT, ADMITTED)
        self.now = ADMITTED

    def admitted(self):
        return self.after(lambda case: case.admit(ADMITTED, "America/New_York", ("program_default",), ADMITTED))

    def after(self, fact, at=None):
        """``at`` None: now, which goes on with ``passed`` alone."""
        at = self.now if at is None else at
        fact(self.case)
        self.pdmp.weigh(self.case.facts, self.controlled, self.book, at)
        self.dosing.weigh(self.case.facts, self.book, at)
        self.case.weigh(self.evidence(at), self.book, at)
        return self

    def evidence(self, at: datetime) -> Evidence:
        return Evidence(self.list.orders, self.pdmp.standing, self.dosing.runs(self.case.facts, at))

    def reported(self, *medications: Medication):
        for one in medications:
            self.list.report(one, ADMITTED)
        return self.after(lambda case: None)

    def suspended(self, n: float):
        return self.after(lambda case: case.suspend(SUSPENSION, hours(n), ADMITTED))

    def resumed(self, n: float):
        return self.after(lambda case: case.resume(SUSPENSION, hours(n), ADMITTED))

    def triggered(self, n: float):
        return self.after(lambda case: case.note_safety_trigger("phq_9", hours(n), ADMITTED))

    def no_shows(self, count: int, n: float):
        return self.after(lambda case: case.note_no_shows(count, hours(n), ADMITTED))

    def transferred(self, n: float, move="transfer"):
        track = Track("America/New_York", ("other",))
        return self.after(lambda case: case.transfer(move, hours(n), track, ADMITTED))

    def adverse_effect(self, n: float, severity="moderate", name="effect"):
        effect = uuid5(NAMES, name)
        return self.after(lambda case: case.report_adverse_effect(effect, severity, "a rash", None, hours(n)))

    def taking(self, *controlled: Controlled):
        """From now on known to take these controlled substances and no others."""
        self.controlled = controlled
        return self.after(lambda case: None)

    def checked(self, n: float, result=CONSISTENT, name=None, at=None):
        """The monitoring program was asked."""
        check = uuid5(NAMES, name or f"check {n}")
        valid_until = hours(n) + PDMP_RULES.valid
        recorded = hours(n if at is None else at)
        return self.after(lambda case: self.pdmp.check(check, PdmpCheck(hours(n), result), valid_until, recorded))

    def passed(self, until: datetime):
        """The clock went on, and what was due by then was noted."""
        self.now = until
        return self.after(lambda case: None)

    def ordered(self, medication="methadone", days=WEEKDAYS, take_home=(), starts_on: date | None = None, name="order"):
        """A prescriber orders observed doses from now on."""
        today = self.case.facts.local_day(self.now)
        order = DoseOrder(uuid5(NAMES, name), medication, None, days, take_home, starts_on or today, self.now)
        return self.after(lambda case: self.dosing.order(order, today, self.now))

    def dosed(self, on: date, outcome=OBSERVED, roles=PRESCRIBER, **reasons):
        """What came of a local day's dose, written down now."""
        told = DoseTold(on, outcome, **reasons)
        return self.after(lambda case: self.dosing.record(told, case.facts, self.book, self.now, roles=roles))

    def day_over(self, on: date):
        """It is the morning after this local day, six hours after midnight in New York."""
        return self.passed(datetime.combine(on + timedelta(days=1), time(11), UTC))

    def completed(self, kind: str, n: float, roles=PRESCRIBER, **with_):
        def complete(case):
            case.complete(self.open_id(kind), self.evidence(self.now), self.book, hours(n), roles=roles, **with_)

        return self.after(complete)

    def open_id(self, kind: str) -> UUID:
        return next(of for of, review in self.case.reviews.items() if review.open and review.kind == kind)

    def open(self, kind: str) -> Review | None:
        found = [review for review in self.case.reviews.values() if review.open and review.kind == kind]
        assert len(found) <= 1, "an episode has at most one open review of a kind"
        return found[0] if found else None

    def needs(self) -> dict:
        """What is open, by kind: the same for every order in which the facts came."""
        return {kind: (review.need if (review := self.open(kind)) else None) for kind in KINDS}

    def told(self) -> list[str]:
        return [type(event).__name__ for event in self.case.pending_events]
