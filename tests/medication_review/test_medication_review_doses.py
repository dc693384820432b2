"""Observed doses: what is missed, what excuses it, and what comes before the next dose. Each test is one rule."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from medication_review_world import ADMITTED, SUSPENSION, World, hours

from services.medication_review.domain.doses import ABSENT, REFUSED, TAKE_HOME
from services.medication_review.domain.errors import (
    DoseOrderUnclear,
    DoseOrderUnknown,
    EpisodeEnded,
    EpisodeNotBegun,
    NoDoseOrdered,
    NotHappenedYet,
    NotQualifiedToObserve,
    PrescriberOnly,
    ReasonMissing,
    ReviewBeforeDose,
)
from services.medication_review.domain.who_may import check_observer
from services.medication_review.rulebook import PackRules
from services.platform.packs import Packs

MONDAY = date(2026, 2, 2)
"""The day of the admission."""
DAYS = [MONDAY + timedelta(days=number) for number in range(15)]
NOT_ON_SUNDAYS = ("MO", "TU", "WE", "TH", "FR", "SA")


def dosing(**order) -> World:
    """Admitted, with a daily order of methadone from Monday on."""
    return World().admitted().ordered(**order)


def missed(*days: date, **order) -> World:
    """Nobody came on these first days, which are over."""
    return dosing(**order).day_over(days[-1])


@pytest.mark.rule("dose_is_missed_at_the_days_end")
def test_a_dose_not_taken_is_missed_at_the_end_of_the_programs_local_day():
    """Program practice: the day is over at midnight in the program's local time."""
    midnight = datetime(2026, 2, 3, 5, tzinfo=UTC)
    world = dosing()
    assert world.dosing.awaited == midnight
    assert world.passed(midnight - timedelta(seconds=1)).dosing.missed == set()
    assert world.passed(midnight).dosing.missed == {MONDAY}
    assert world.dosing.awaited == midnight + timedelta(days=1)


def test_across_the_change_of_the_clock_the_day_ends_at_local_midnight():
    world = dosing().passed(datetime(2026, 3, 8, 6, tzinfo=UTC))
    assert world.dosing.awaited == datetime(2026, 3, 9, 4, tzinfo=UTC), "8 March has 23 hours in New York"


def test_a_dose_taken_is_not_missed_and_one_refused_is():
    world = dosing().dosed(MONDAY).day_over(MONDAY).dosed(DAYS[1], REFUSED)
    assert world.dosing.missed == set()
    assert world.day_over(DAYS[1]).dosing.missed == {DAYS[1]}


def test_who_refused_may_take_it_later_that_day():
    world = dosing().dosed(MONDAY, REFUSED).dosed(MONDAY, reason="came back")
    assert world.day_over(MONDAY).dosing.missed == set()


def test_only_days_that_are_ordered_are_awaited():
    world = dosing(days=("MO", "WE", "FR"), take_home=("TU",)).day_over(DAYS[6])
    assert world.dosing.missed == {DAYS[0], DAYS[2], DAYS[4]}


@pytest.mark.rule("missed_doses_are_reviewed_before_the_next")
@pytest.mark.rule("medication.missed_doses_methadone")
@pytest.mark.rule("medication.missed_doses_review_hours")
def test_three_doses_of_methadone_missed_in_a_row_ask_for_a_review():
    """SAMHSA, Federal Guidelines for Opioid Treatment Programs; TIP 63: assessed before the next dose."""
    world = missed(*DAYS[:2])
    assert world.open("review") is None
    need = world.day_over(DAYS[2]).open("review").need
    ended = datetime(2026, 2, 5, 5, tzinfo=UTC)
    assert (need.cause, need.due_at) == ("missed_doses", ended + timedelta(hours=24))
    assert world.dosing.asked == {MONDAY: (3, True)}


@pytest.mark.rule("medication.missed_doses_buprenorphine")
@pytest.mark.rule("medication.missed_doses_naltrexone")
@pytest.mark.parametrize(("medication", "many"), [("buprenorphine", 5), ("naltrexone", 3)])
def test_of_other_medications_as_many_as_the_packs_say(medication, many):
    """TIP 63 and program practice; to be verified by the program."""
    world = missed(*DAYS[: many - 1], medication=medication)
    assert world.open("review") is None
    assert world.day_over(DAYS[many - 1]).open("review").need.cause == "missed_doses"


def test_a_dose_taken_between_ends_the_row():
    world = missed(*DAYS[:2]).dosed(DAYS[2]).day_over(DAYS[4])
    assert len(world.dosing.missed) == 4 and world.open("review") is None


def test_days_without_an_expected_dose_neither_count_nor_end_a_row():
    world = missed(*DAYS[:5], days=("MO", "WE", "FR"))
    assert world.dosing.asked == {MONDAY: (3, True)}


def test_a_take_home_dose_given_ends_the_row():
    world = missed(*DAYS[:6], days=NOT_ON_SUNDAYS, take_home=("SU",), medication="buprenorphine")
    assert world.dosing.asked == {MONDAY: (5, True)}
    world.dosed(DAYS[6], TAKE_HOME, override_reason="cannot come on Sundays")
    assert world.dosing.asked == {MONDAY: (5, False)}


def test_every_so_many_more_ask_for_another_review():
    world = missed(*DAYS[:3]).completed("review", 70)
    assert world.open("review") is None
    assert world.day_over(DAYS[4]).open("review") is None
    assert world.day_over(DAYS[5]).open("review").need.cause == "missed_doses"
    assert world.dosing.asked == {MONDAY: (6, True)}


@pytest.mark.rule("missed_doses_are_reviewed_before_the_next")
def test_the_next_dose_waits_for_the_review():
    """TIP 63: the patient is assessed before the dose is given again."""
    world = missed(*DAYS[:3])
    with pytest.raises(ReviewBeforeDose, match="override_reason"):
        world.dosed(DAYS[3])
    world.completed("review", 70).dosed(DAYS[3])
    assert world.dosing.asked == {MONDAY: (3, False)}, "a dose was taken since"


def test_a_prescriber_alone_gives_it_before_the_review_and_says_why():
    world = missed(*DAYS[:3])
    with pytest.raises(PrescriberOnly):
        world.dosed(DAYS[3], roles=frozenset({"coordinator"}), override_reason="in withdrawal")
    world.dosed(DAYS[3], override_reason="in withdrawal, half the dose")
    assert world.open("review").need.causes == ("missed_doses",), "the review is still to be made"
    world.day_over(DAYS[3]).dosed(DAYS[4])


def test_what_is_refused_or_missed_again_may_be_recorded_before_the_review():
    world = missed(*DAYS[:3]).dosed(DAYS[3], ABSENT)
    assert world.day_over(DAYS[3]).dosed(DAYS[4], REFUSED).dosing.missed == set(DAYS[:4])


@pytest.mark.rule("dose_is_missed_at_the_days_end")
def test_a_late_entry_with_a_reason_reverses_a_missed_dose_and_the_review_it_asked_for():
    """Program practice: a correction is appended with its reason."""
    world = missed(*DAYS[:3])
    with pytest.raises(ReasonMissing):
        world.dosed(DAYS[1])
    world.dosed(DAYS[1], reason="the sheet was found")
    assert world.dosing.missed == {DAYS[0], DAYS[2]}
    assert world.dosing.asked == {} and world.open("review") is None
    world.dosed(DAYS[3])


def test_a_wrong_entry_is_corrected_with_a_reason():
    world = dosing().dosed(MONDAY).day_over(MONDAY)
    world.dosed(MONDAY, ABSENT, reason="mistaken for somebody else")
    assert world.dosing.missed == {MONDAY}


@pytest.mark.rule("dose_is_missed_at_the_days_end")
def test_a_hospital_stay_excuses_and_its_cancellation_takes_the_excuse_back():
    """domain.md: cancelled hospitalization, all of that is compensated."""
    world = missed(*DAYS[:3]).suspended(20)
    assert world.dosing.missed == {MONDAY} and world.open("review") is None
    assert world.dosing.awaited is None, "nobody is awaited while the stay goes on"
    world.after(lambda case: case.cancel_suspension(SUSPENSION, ADMITTED))
    assert world.dosing.missed == set(DAYS[:3])
    assert world.open("review").need.cause == "missed_doses"


def test_after_a_stay_doses_are_awaited_from_the_day_after_the_return():
    world = dosing().suspended(20).resumed(50).day_over(DAYS[3])
    assert world.dosing.missed == {MONDAY, DAYS[3]}


def test_a_dose_taken_on_a_day_that_is_excused_ends_the_row():
    world = missed(*DAYS[:2]).dosed(DAYS[2]).suspended(55).resumed(56).day_over(DAYS[3])
    assert world.dosing.missed == {*DAYS[:2], DAYS[3]} and world.open("review") is None


def test_from_the_day_of_the_discharge_on_none_is_missed():
    world = missed(*DAYS[:2])
    world.after(lambda case: case.close(hours(60), hours(60)))
    assert world.day_over(DAYS[6]).dosing.missed == set(DAYS[:2])
    assert world.dosing.awaited is None


def test_another_order_takes_the_place_of_the_one_before():
    world = missed(*DAYS[:2]).ordered("buprenorphine", starts_on=DAYS[2], name="another").day_over(DAYS[3])
    assert world.dosing.missed == set(DAYS[:4])
    assert world.dosing.asked == {}, "of neither medication so many"


def test_an_order_that_ended_expects_nothing_more():
    world = missed(*DAYS[:3])
    order = world.dosing.orders[0].order_id
    world.after(lambda case: world.dosing.end_order(order, DAYS[3], DAYS[3], world.now))
    assert world.dosing.awaited is None and world.dosing.asked == {MONDAY: (3, False)}
    with pytest.raises(NoDoseOrdered):
        world.dosed(DAYS[3])
    with pytest.raises(DoseOrderUnknown):
        world.dosing.end_order(SUSPENSION, DAYS[3], DAYS[3], world.now)
    with pytest.raises(DoseOrderUnclear):
        world.dosing.end_order(order, DAYS[1], DAYS[3], world.now)


@pytest.mark.parametrize(
    "order",
    [{"days": ()}, {"days": ("MO",), "take_home": ("MO",)}, {"starts_on": MONDAY - timedelta(days=1)}],
)
def test_an_order_says_on_which_weekdays_and_begins_today_or_later(order):
    with pytest.raises(DoseOrderUnclear):
        dosing(**order)


def test_a_dose_is_recorded_for_a_day_that_is_ordered_and_has_come():
    world = dosing(days=("MO", "TU"), take_home=("WE",))
    with pytest.raises(NoDoseOrdered):
        world.dosed(DAYS[3])
    with pytest.raises(NotHappenedYet):
        world.dosed(DAYS[1])
    world.dosed(DAYS[2], TAKE_HOME)


@pytest.mark.rule("medication.doses_observed_by")
def test_a_dose_is_observed_by_the_roles_that_the_packs_name():
    """42 CFR 8.12(h): a practitioner, or an agent under supervision."""
    rules = World().book.doses((), MONDAY)
    check_observer(frozenset({"coordinator"}), rules)
    check_observer(frozenset({"prescriber"}), rules)
    with pytest.raises(NotQualifiedToObserve, match="coordinator"):
        check_observer(frozenset({"therapist"}), rules)


def test_doses_are_ordered_in_an_episode_that_is_under_way():
    world = World()
    with pytest.raises(EpisodeNotBegun):
        world.case.check_under_way()
    world.admitted().case.check_under_way()
    world.after(lambda case: case.close(hours(60), hours(60)))
    with pytest.raises(EpisodeEnded):
        world.case.check_under_way()


def test_the_shipped_packs_ask_after_three_doses_of_methadone_and_five_of_buprenorphine():
    found = PackRules(Packs.load()).doses((), MONDAY)
    assert found.missed == {"methadone": 3, "buprenorphine": 5, "naltrexone": 3}
    assert found.observed_by == {"prescriber", "coordinator"}


TOLD = (
    lambda world: world.suspended(20),
    lambda world: world.resumed(50),
    lambda world: world.after(lambda case: case.cancel_suspension(SUSPENSION, ADMITTED)),
    lambda world: world.transferred(60),
)
CLOCK = tuple(lambda world, number=number: world.day_over(DAYS[number]) for number in (1, 2, 6))


@given(turns=st.permutations("ttttccc"), twice=st.booleans())
def test_whenever_what_others_tell_comes_the_same_doses_are_missed(turns, twice):
    """The clock goes on in one order, what enrollment tells in another; the hour may strike twice."""

    def play(turns, *, twice):
        world, told, clock = dosing(medication="buprenorphine"), list(TOLD), list(CLOCK)
        for turn in turns:
            step = (told if turn == "t" else clock).pop(0)
            step(world)
            if twice and turn == "c":
                step(world)
        world.day_over(DAYS[10])
        return world.dosing.missed, world.dosing.asked, world.dosing.awaited, world.needs()

    assert play(turns, twice=twice) == play("ttttccc", twice=False)
