"""A request for a prescriber's session is met when one comes free or is scheduled, whichever of them is first."""

from collections.abc import Callable, Iterator, Mapping
from datetime import time, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from scheduling_service import Service
from scheduling_tellings import (
    admitted,
    discharged,
    held,
    opened,
    review_opened,
    review_rescheduled,
    review_withdrawn,
    suspended,
    timetable,
)
from scheduling_world import MONDAY, NOW, RULES, TRACK, ZONE, day, named, session_on

from events.log.commands import Context, Unit
from services.scheduling.decisions import decide
from services.scheduling.domain import commands as c
from services.scheduling.domain import review_commands

FIRST, SECOND = ("medication_management", "2026-03-02"), ("medication_management", "2026-03-09")
CLINIC = session_on(named("clinic"), 2)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A clinic with one seat a week; ben has it on 2 and cem on 9 March."""
    made = opened(tmp_path)
    timetable(made, seats=1)
    made.told(admitted("ben"), admitted("cem"), review_opened("ben", day(8)), review_opened("cem", day(15)))
    made.settle()
    yield made
    made.close()


def asked(service: Service, state: str = "open") -> list[str]:
    """Whose request for a prescriber is in this state."""
    service.settle()
    names = {str(named(name)): name for name in ("ann", "ben", "cem", "dan")}
    requests = service.ask("coordinator_requests", state=state)["requests"]
    return [names[one["participant_id"]] for one in requests if one["participant_id"] is not None]


def wants(service: Service, name: str, due: int) -> None:
    service.told(admitted(name), review_opened(name, day(due)))
    service.settle()


def gives_up(service: Service, name: str, session: UUID = CLINIC) -> None:
    service.settle()
    roster = service.ask("roster", session_id=session)["roster"]
    (booking,) = [e["booking_id"] for e in roster if e["participant_id"] == str(named(name)) and e["state"] == "booked"]
    service.do(c.CancelBooking(session, UUID(booking)))


def more_clinics(service: Service, first: int = 2) -> None:
    """Another prescriber, with one seat on Mondays at 15:00."""
    service.do(c.RegisterFacilitator(named("q"), "Quentin Nib", ("psychiatrist",)))
    service.do(
        c.PlanSeries(
            named("more"), TRACK, "medication_management", "more", "FREQ=WEEKLY", MONDAY + timedelta(days=first - 2),
            time(15), 30, ZONE, 1, 1, (named("q"),), None, "telehealth",
        )
    )  # fmt: skip
    service.do(c.ScheduleSessions(named("more"), MONDAY + timedelta(days=27)))


def ben_leaves(service: Service) -> None:
    service.told(discharged("ben", day(1, 13)))


HOW_A_SEAT_COMES_FREE: Mapping[str, Callable[[Service], object]] = {
    "given up": lambda service: gives_up(service, "ben"),
    "suspended": lambda service: service.told(suspended("ben", day(1, 13))),
    "discharged": ben_leaves,
    "withdrawn": lambda service: service.told(review_withdrawn("ben")),
}


@pytest.mark.parametrize("how", HOW_A_SEAT_COMES_FREE)
def test_a_seat_that_comes_free_goes_to_the_review_that_waits_for_one(service: Service, how: str) -> None:
    wants(service, "ann", due=8)
    assert asked(service) == ["ann"]
    HOW_A_SEAT_COMES_FREE[how](service)
    service.settle()
    assert held(service, "ann") == [FIRST]
    assert "ann" in asked(service, "met") and "ann" not in asked(service)


def test_sessions_scheduled_later_meet_the_reviews_that_wait(service: Service) -> None:
    wants(service, "ann", due=8)
    wants(service, "dan", due=10)
    more_clinics(service)
    service.settle()
    assert (held(service, "ann"), held(service, "dan")) == ([FIRST], [SECOND])
    assert asked(service) == []


def test_one_seat_goes_to_the_review_that_is_due_next(service: Service) -> None:
    wants(service, "dan", due=9)
    wants(service, "ann", due=8)
    gives_up(service, "ben")
    service.settle()
    assert (held(service, "ann"), held(service, "dan")) == ([FIRST], [])
    assert asked(service) == ["ben", "dan"]


def test_a_session_after_the_review_is_due_does_not_serve(service: Service) -> None:
    wants(service, "ann", due=8)
    more_clinics(service, first=9)
    assert asked(service) == ["ann"]
    assert held(service, "ann") == []


def test_a_seat_that_somebody_gave_up_is_not_forced_on_them_again(service: Service) -> None:
    gives_up(service, "ben")
    service.settle()
    assert held(service, "ben") == []
    assert asked(service) == ["ben"]


def test_where_the_earlier_seat_comes_free_the_later_one_is_passed_on(service: Service) -> None:
    """Cem's urgent review moves to the seat given up, and who waits gets the one that cem had."""
    wants(service, "ann", due=10)
    service.told(review_rescheduled("cem", day(8)))
    gives_up(service, "ben")
    service.settle()
    assert (held(service, "cem"), held(service, "ann")) == ([FIRST], [SECOND])


def test_a_session_that_the_program_cancelled_is_offered_to_nobody(service: Service) -> None:
    wants(service, "ann", due=8)
    service.do(c.CancelSession(CLINIC, "prescriber_ill"))
    service.settle()
    assert held(service, "ann") == []


def test_a_review_that_is_over_takes_no_seat(service: Service) -> None:
    wants(service, "ann", due=8)
    service.told(review_withdrawn("ann"))
    service.settle()
    gives_up(service, "ben")
    service.settle()
    assert held(service, "ann") == []


def test_an_opportunity_met_twice_has_its_effect_once(service: Service) -> None:
    wants(service, "ann", due=8)
    wants(service, "dan", due=8)
    gives_up(service, "ben")
    service.settle()
    before = service.log.head()
    for _ in range(2):
        service.do(review_commands.TryRequestsAgain(CLINIC))
        service.do(review_commands.SeekPrescriber(named("ann's episode")))
        service.do(review_commands.SeekPrescriber(named("dan's episode")))
    assert service.log.head() == before


@pytest.mark.parametrize("opportunity", [ben_leaves, more_clinics])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_every_order_a_request_and_what_meets_it_find_each_other(
    service: Service, opportunity: Callable[[Service], None], order: tuple[int, ...]
) -> None:
    steps = (
        lambda: service.told(admitted("ann")),
        lambda: service.told(review_opened("ann", day(8))),
        lambda: opportunity(service),
    )
    for step in order:
        steps[step]()
        service.settle()
    assert held(service, "ann") == [FIRST]
    assert asked(service) == []


@pytest.mark.parametrize("opportunity", [ben_leaves, more_clinics])
def test_what_comes_free_while_a_request_is_decided_is_not_missed(
    service: Service, opportunity: Callable[[Service], None]
) -> None:
    service.told(admitted("ann"))
    service.settle()
    waiting = review_commands.BookReview(named("ann"), named("ann's episode"), named("ann's review"), NOW, day(8))
    meanwhile = iter([opportunity])

    def decided_on_what_was(unit: Unit) -> Mapping[str, Any]:
        answer = decide(unit, waiting, RULES)
        for happens in meanwhile:
            happens(service)
            service.settle()
        return answer

    context = Context(named("a command"), NOW, "system:follow_medication_review", frozenset({"system"}), "test")
    service.log.execute(waiting, context, decided_on_what_was)
    assert any(event.type == "scheduling.placement.prescriber_requested" for event in service.log.read(0, 10_000))
    service.settle()
    assert held(service, "ann") == [FIRST]
    assert asked(service) == []


@pytest.mark.rule("review_finds_a_prescriber")
@pytest.mark.parametrize(("due", "found"), [(20, ["2026-03-16"]), (15, [])])
def test_a_review_withdrawn_and_asked_for_again_finds_its_prescriber_again(
    service: Service, due: int, found: list[str]
) -> None:
    """Domain.md: across services, review due: it keeps its id until it is completed, whatever asks for it."""
    wants(service, "ann", 20)
    assert held(service, "ann") == [("medication_management", "2026-03-16")]
    service.told(review_withdrawn("ann"))
    service.settle()
    assert (held(service, "ann"), asked(service)) == ([], [])
    service.told(review_opened("ann", day(due)))
    service.settle()
    assert [on for _, on in held(service, "ann")] == found
    assert asked(service) == ([] if found else ["ann"])
    service.told(review_withdrawn("ann"))
    service.settle()
    assert (held(service, "ann"), asked(service)) == ([], [])


@pytest.mark.rule("review_finds_a_prescriber")
@pytest.mark.rule("led_by_the_qualified")
def test_who_may_prescribe_no_more_is_no_prescriber_until_a_substitute_comes(service: Service) -> None:
    """Domain.md: across services, review due: a session with a prescriber, or a coordinator is asked."""
    service.do(c.ChangeQualifications(named("p"), ("nurse",)))
    wants(service, "ann", 20)
    assert (held(service, "ann"), asked(service)) == ([], ["ann"])
    service.do(c.RegisterFacilitator(named("q"), "Quill Percival", ("psychiatrist",)))
    service.do(c.SubstituteFacilitator(session_on(named("clinic"), 16), named("p"), named("q")))
    service.settle()
    assert held(service, "ann") == [("medication_management", "2026-03-16")]
    assert asked(service) == []


def test_a_seat_held_with_somebody_who_may_prescribe_no_more_sees_to_no_review(service: Service) -> None:
    service.told(admitted("ann"))
    service.settle()
    service.do(c.BookSession(session_on(named("clinic"), 16), named("ann")))
    service.do(c.ChangeQualifications(named("p"), ("nurse",)))
    service.told(review_opened("ann", day(20)))
    assert asked(service) == ["ann"]
    service.do(c.RegisterFacilitator(named("q"), "Quill Percival", ("psychiatrist",)))
    service.do(c.ChangeSeries(named("clinic"), facilitators=(named("q"),)))
    assert asked(service) == []
    assert held(service, "ann") == [("medication_management", "2026-03-16")]
