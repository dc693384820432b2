"""A facilitator who loses a qualification: a coordinator is asked for a substitute in each session that is to come."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scheduling_service import Service
from scheduling_tellings import opened, timetable
from scheduling_world import day, named, session_on

from events.log.commands import Context, Unit
from services.scheduling.domain import commands as c
from services.scheduling.domain import errors, review_commands
from services.scheduling.domain.session import Session

GROUP, T, U = named("group"), named("t"), named("u")
MONDAYS = (2, 9, 16, 23)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """t leads the group on four Mondays; u is a therapist too. It is Wednesday after the first of them."""
    made = two_therapists(tmp_path)
    made.now = day(4)
    yield made
    made.close()


def two_therapists(folder: Path) -> Service:
    made = opened(folder)
    timetable(made)
    made.do(c.RegisterFacilitator(U, "Una Vellum", ("therapist",)))
    return made


def lose(service: Service, who: Any = T) -> None:
    service.do(c.ChangeQualifications(who, ("peer",)))


def regain(service: Service, who: Any = T) -> None:
    service.do(c.ChangeQualifications(who, ("nurse", "therapist")))


def asked(service: Service, state: str = "open") -> list[dict[str, Any]]:
    service.settle()
    found: list[dict[str, Any]] = service.ask("coordinator_requests", state=state)["requests"]
    return [one for one in found if one["about"] == "find_substitute"]


def sessions(service: Service, state: str = "open") -> list[str]:
    return [one["session_id"] for one in asked(service, state)]


def on(*mondays: int) -> list[str]:
    return [str(session_on(GROUP, n)) for n in mondays]


@pytest.mark.rule("substitute_is_asked_for")
def test_a_lost_qualification_asks_for_a_substitute_in_each_session_to_come(service: Service) -> None:
    """Program components table: group therapy is led by therapists."""
    assert asked(service) == []
    lose(service)
    first, *_ = requests = asked(service)
    assert [one["session_id"] for one in requests] == on(9, 16, 23), "what is past stays what it was"
    assert (
        first.items()
        >= {
            "facilitator_id": str(T),
            "participant_id": None,
            "wanted_by": "2026-03-09T22:00:00Z",
            "why": "QualificationLost",
        }.items()
    )


def test_a_qualification_that_another_component_needs_asks_for_nothing(service: Service) -> None:
    service.do(c.ChangeQualifications(T, ("therapist", "nurse")))
    service.do(c.ChangeQualifications(T, ("therapist",)))
    assert asked(service) == []


def test_a_substitute_meets_the_request(service: Service) -> None:
    lose(service)
    service.do(c.SubstituteFacilitator(session_on(GROUP, 9), T, U))
    assert (sessions(service), sessions(service, "met")) == (on(16, 23), on(9))


def test_others_who_lead_the_series_from_then_on_meet_the_requests(service: Service) -> None:
    lose(service)
    service.do(c.ChangeSeries(GROUP, date(2026, 3, 16), facilitators=(U,)))
    assert (sessions(service), sessions(service, "met")) == (on(9), on(16, 23))


def test_a_qualification_given_back_meets_the_requests_and_one_lost_again_opens_them(service: Service) -> None:
    lose(service)
    regain(service)
    assert (sessions(service), sessions(service, "met")) == ([], on(9, 16, 23))
    lose(service)
    assert sessions(service) == on(9, 16, 23)


def test_a_cancelled_session_closes_its_request(service: Service) -> None:
    lose(service)
    service.do(c.CancelSession(session_on(GROUP, 9), "facilitator_ill"))
    regain(service)
    assert (sessions(service, "closed"), sessions(service, "met")) == (on(9), on(16, 23))


def test_a_request_is_due_when_its_session_was_moved_to(service: Service) -> None:
    lose(service)
    service.do(c.MoveSession(session_on(GROUP, 9), date(2026, 3, 10), time(17)))
    assert asked(service)[0]["wanted_by"] == "2026-03-10T21:00:00Z"


def test_a_request_seen_to_otherwise_is_closed_until_the_qualification_is_lost_anew(service: Service) -> None:
    lose(service)
    service.do(c.SettleSubstitute(session_on(GROUP, 9), T, "led_with_a_colleague"))
    assert (sessions(service), sessions(service, "closed")) == (on(16, 23), on(9))
    regain(service)
    lose(service)
    assert sessions(service) == on(9, 16, 23)


def test_who_is_qualified_or_does_not_lead_has_nothing_to_settle(service: Service) -> None:
    with pytest.raises(errors.NoSubstituteWanted):
        service.do(c.SettleSubstitute(session_on(GROUP, 9), T, "made_up"))
    lose(service, U)
    with pytest.raises(errors.FacilitatorDoesNotLead):
        service.do(c.SettleSubstitute(session_on(GROUP, 9), U, "made_up"))


def test_a_session_led_by_two_waits_for_each_of_them(service: Service) -> None:
    service.do(c.ChangeSeries(GROUP, date(2026, 3, 23), facilitators=(T, U)))
    lose(service)
    lose(service, U)
    assert sorted(one["facilitator_id"] for one in asked(service) if one["session_id"] in on(23)) == sorted(
        [str(T), str(U)]
    )
    service.do(c.SettleSubstitute(session_on(GROUP, 23), U, "led_with_a_colleague"))
    assert [one["facilitator_id"] for one in asked(service) if one["session_id"] in on(23)] == [str(T)]


def decided_on(service: Service, session_id: UUID) -> Session:
    """The session as commands see it."""
    seen: list[Session] = []

    def look(unit: Unit) -> Mapping[str, Any]:
        seen.append(unit.get(Session, session_id))
        return {}

    service.log.execute(
        review_commands.SeekPrescriber(session_id), Context(uuid4(), service.now, "someone", frozenset(), "t"), look
    )
    return seen[-1]


OPERATIONS: tuple[Callable[[Service], object], ...] = (
    lambda service: lose(service),
    lambda service: regain(service),
    lambda service: lose(service, U),
    lambda service: regain(service, U),
    *(lambda service, n=n: service.do(c.SubstituteFacilitator(session_on(GROUP, n), T, U)) for n in MONDAYS),
    *(lambda service, n=n: service.do(c.SubstituteFacilitator(session_on(GROUP, n), U, T)) for n in MONDAYS),
    lambda service: service.do(c.CancelSession(session_on(GROUP, 16), "holiday")),
    lambda service: service.do(c.ChangeSeries(GROUP, date(2026, 3, 9), facilitators=(U, T), allow_partial=True)),
    lambda service: setattr(service, "now", service.now + timedelta(days=5)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(OPERATIONS), max_size=14), st.sets(st.integers(0, 13)))
def test_whatever_comes_first_exactly_the_sessions_led_without_the_qualification_are_asked_about(
    operations: list[Callable[[Service], object]], cuts: set[int]
) -> None:
    """Held against the session as it is decided on, not against the view."""
    with tempfile.TemporaryDirectory() as folder:
        service = two_therapists(Path(folder))
        lost_at: dict[UUID, datetime | None] = {T: None, U: None}
        for place, operation in enumerate(operations):
            try:
                operation(service)
            except errors.SchedulingRefused:
                continue
            if operation in (OPERATIONS[0], OPERATIONS[2]):
                who = T if operation is OPERATIONS[0] else U
                lost_at[who] = lost_at[who] or service.now
            elif operation in (OPERATIONS[1], OPERATIONS[3]):
                lost_at[T if operation is OPERATIONS[1] else U] = None
            if place in cuts:
                service.settle()
        wanted = []
        for n in MONDAYS:
            session = decided_on(service, session_on(GROUP, n))
            for one in session.facilitators:
                at = lost_at[one]
                if at is not None and at < session.starts_at and not session.cancelled:
                    wanted.append((str(session.id), str(one)))
        assert sorted((one["session_id"], one["facilitator_id"]) for one in asked(service)) == sorted(wanted)
        service.close()
