"""Claim lines: days of service with the codes of the packs in force on each; each test cites its source."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from attendance_told import admitted, booked, booking, days, named
from attendance_world import MONDAY, at

from services.attendance.domain import commands as c
from services.attendance.domain.claims import ClaimRules, ServiceDay, claim_lines
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.rulebook import PackRules
from services.platform.packs import Packs

IOP, PHP = UUID(int=1), UUID(int=2)


def rules(condition: str = "92", procedure: str | None = "H0015") -> ClaimRules:
    procedures = frozenset({procedure} if procedure else ())
    return ClaimRules(procedures, frozenset({"0906"}), frozenset({condition}), frozenset({"41", "92"}))


def served(episode: UUID = IOP, n: int = 0, bills_as: str = "per_diem") -> ServiceDay:
    return ServiceDay(episode, MONDAY + timedelta(days=n), bills_as, 180, ("group_therapy",))


@pytest.mark.rule("claims.procedure_codes")
@pytest.mark.rule("claims.revenue_codes")
@pytest.mark.rule("claims.condition_codes")
@pytest.mark.rule("claims.condition_codes_apart")
def test_the_shipped_codes():
    """CMS: condition code 92, revenue codes 0905 and 0906; HCPCS H0015 and S9480, per diem."""
    book = PackRules(Packs.load())
    psychiatric = book.claims(JudgedBy(("medicare_iop", "s9480_day")), MONDAY)
    assert (psychiatric.procedure_codes, psychiatric.condition_codes) == ({"S9480"}, {"92"})
    assert (psychiatric.revenue_codes, psychiatric.apart) == ({"0905", "0906"}, {"41", "92"})
    assert "claims.procedure_codes of s9480_day@2013-01-01" in psychiatric.cited
    assert book.claims(JudgedBy(("h0015_day",)), MONDAY).procedure_codes == {"H0015"}
    assert book.claims(JudgedBy(("h0015_day",)), date(2012, 1, 1)).procedure_codes == frozenset()


@pytest.mark.rule("one_per_diem_a_day")
def test_one_per_diem_a_day():
    """HCPCS H0015 and S9480: per diem, one unit however many minutes."""
    lines = claim_lines([(served(n=1), rules()), (served(), rules()), (served(n=2, bills_as="nothing"), rules())])
    assert [(line.day.date, line.units, line.problems) for line in lines] == [
        (MONDAY, 1, ()),
        (MONDAY + timedelta(days=1), 1, ()),
    ]
    both = claim_lines([(served(), rules()), (served(PHP), rules())])
    assert [line.problems for line in both] == [("one_per_diem_a_day",)] * 2


@pytest.mark.rule("condition_codes_apart")
@pytest.mark.rule("claims.condition_codes_apart")
def test_condition_codes_apart():
    """CMS: condition code 92 (intensive outpatient) must not overlap 41 (partial hospitalization)."""
    same_day = claim_lines([(served(), rules()), (served(PHP, bills_as="discrete_services"), rules("41"))])
    assert [line.problems for line in same_day] == [("condition_codes_apart",)] * 2
    other_day = claim_lines([(served(), rules()), (served(PHP, n=1), rules("41"))])
    assert [line.problems for line in other_day] == [(), ()]


@pytest.mark.rule("codes_from_packs")
def test_codes_from_packs():
    """Payer manuals: a per diem is claimed under a procedure code; services billed one by one have their own."""
    (per_diem,) = claim_lines([(served(), rules(procedure=None))])
    (discrete,) = claim_lines([(served(bills_as="discrete_services"), rules(procedure=None))])
    assert (per_diem.units, per_diem.problems) == (1, ("codes_from_packs",))
    assert (discrete.units, discrete.problems) == (0, ())


def test_billable_days_of_a_period_are_answered_as_claim_lines(service):
    first, second = days(0, 1)
    service.told(admitted("ada", packs=("medicare_iop", "h0015_day")))
    for day, until in ((first, "12:00"), (second, "11:00")):
        service.told(booked("ada", day))
        service.now = at(day, "12:00")
        times = {"checked_in_at": at(day, "09:00"), "checked_out_at": at(day, until)}
        service.do(c.CorrectAttendance(booking("ada", day), "entered_late", **times), "therapist")
    service.pass_time(at(second, "23:00"))
    found = service.ask("claim_lines", participant_id=named("ada"), from_date=first, through=second)
    (line,) = found["lines"]
    assert (line["date"], line["units"], line["procedure_codes"]) == (str(first), 1, ["H0015"])
    assert (line["condition_codes"], line["problems"], found["ready"]) == (["92"], [], True)
    assert "claims.condition_codes of medicare_iop@2024-01-01" in line["decided_by"]
    assert found["sources"]["claims.procedure_codes of h0015_day@2013-01-01"] == "HCPCS H0015, per diem"
    assert service.ask("claim_lines", participant_id=named("ada"), from_date=second)["lines"] == []
