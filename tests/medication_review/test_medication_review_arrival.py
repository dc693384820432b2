"""Whatever the order in which the others' events arrive, early or late, the same rows stand at the end."""

from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from medication_review_service import EPISODE
from medication_review_told import (
    NOW,
    admitted,
    cancelled,
    discharged,
    merged,
    named,
    no_shows,
    no_shows_excused,
    reported,
    resumed,
    scored,
    suspended,
    transferred,
)
from medication_review_world import hours

from services.medication_review.domain import commands as c
from services.medication_review.domain import dose_commands
from services.medication_review.wiring import define
from tests.support.whole_service import Told, interleaved, opened

DAILY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


STORY = [
    admitted("ada"),
    suspended("ada", 20),
    scored("ada", 30),
    resumed("ada", 50),
    cancelled("resumption_cancelled", "ada"),
    resumed("ada", 70),
    transferred("ada", 75, "step_down"),
    merged("ada", "twin", "ada"),
    merged("ada", "twin", "twin"),
    admitted("ben", hours(3)),
    scored("ben", 4),
    discharged("ben", 90),
    no_shows("ada", 3, 10),
    no_shows("ada", 6, 90),
    no_shows_excused("ada", 5),
    no_shows("ben", 3, 20),
    reported("ada", "1", -4),
    reported("ada", "2", 25, dose="850 mg"),
    reported("ada", "1", 80, status="stopped"),
    reported("twin", "7", 95, name="Lithium", code="6448"),
    reported("ada", "1", 75, source="fhir_list:clinic", dose="850 mg"),
    reported("ben", "1", 95),
    reported("ben", "2", 30, name="Clonazepam 0.5 MG Oral Tablet", code="2598"),
    reported("twin", "8", 40, name="Methadone 10 MG Oral Tablet", code="6813"),
]


def rows_after(story: list[Told], late: int) -> dict[str, list]:
    """All is told, the last ``late`` events only when weeks have passed."""
    with opened(define, NOW) as service:
        service.told(*story[: len(story) - late])
        service.pass_time(hours(35 * 24), timedelta(days=5))
        service.told(*story[len(story) - late :])
        service.pass_time(hours(36 * 24), timedelta(days=1))
        return service.rows()


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    picks=st.lists(st.integers(0, 30), min_size=len(STORY), max_size=len(STORY)),
    late=st.integers(0, len(STORY)),
)
def test_every_order_of_arrival_early_or_late_ends_in_the_same_rows(picks, late):
    assert rows_after(interleaved(STORY, picks), late) == rows_after(STORY, 0)


DOSED = [
    suspended("ada", 20),
    resumed("ada", 50),
    cancelled("suspension_cancelled", "ada"),
    transferred("ada", 100),
    reported("ada", "2", 25, name="Clonazepam 0.5 MG Oral Tablet", code="2598"),
    scored("ada", 30),
    no_shows("ada", 3, 10),
]


def rows_of_doses_after(story: list[Told], early: int) -> dict[str, list]:
    """Ada takes methadone under observation, on some days, and is checked once. The first ``early`` events are told
    before that, the others when it is over; the clock goes on in between."""
    with opened(define, NOW) as service:
        service.told(admitted("ada"), *story[:early])
        service.do(dose_commands.OrderDoses(EPISODE, "methadone", DAILY), "prescriber", command_id=named("order"))
        service.do(c.RecordPdmpCheck(EPISODE, "consistent", NOW), "prescriber", command_id=named("check"))
        for day in range(9):
            service.pass_time(hours(24 * day))
            if day in (0, 3):
                service.do(dose_commands.RecordDose(EPISODE, "observed"), "prescriber", command_id=named(f"dose {day}"))
        service.told(*story[early:], *story[early:])
        service.pass_time(hours(12 * 24), timedelta(days=1))
        return service.rows()


@settings(
    max_examples=6,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(picks=st.lists(st.integers(0, 30), min_size=len(DOSED), max_size=len(DOSED)), early=st.integers(0, len(DOSED)))
def test_what_others_tell_before_or_after_the_doses_ends_in_the_same_rows(picks, early):
    assert rows_of_doses_after(interleaved(DOSED, picks), early) == rows_of_doses_after(DOSED, 0)
