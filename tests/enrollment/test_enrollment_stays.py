"""Hospital stays: the same facts mean the same, in whatever order they came."""

from itertools import permutations

from enrollment_states import EPISODE, OTHER_STAY, STAY, an_admitted_episode, day, fact, happened
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.domain.stays import (
    END_CANCELLED,
    ENDED,
    START_CANCELLED,
    STARTED,
    HospitalFact,
    Interruption,
    Stay,
    interruptions,
    stays,
)

ADMISSION = fact(STARTED, 3, 3)
DISCHARGE = fact(ENDED, 6, 6)
CANCEL_ADMISSION = fact(START_CANCELLED, 4)
CANCEL_DISCHARGE = fact(END_CANCELLED, 7)
SECOND_DISCHARGE = fact(ENDED, 9, 9)


def test_an_admission_starts_a_stay():
    assert stays([ADMISSION]) == (Stay(STAY, day(3), None),)


def test_a_discharge_without_its_admission_waits():
    assert stays([DISCHARGE]) == ()


def test_a_cancelled_admission_never_was_in_whatever_order():
    for facts in permutations([ADMISSION, CANCEL_ADMISSION, DISCHARGE]):
        assert stays(facts) == ()


def test_a_cancelled_discharge_leaves_the_stay_open_in_whatever_order():
    for facts in permutations([ADMISSION, DISCHARGE, CANCEL_DISCHARGE]):
        assert stays(facts) == (Stay(STAY, day(3), None),)


def test_a_discharge_after_a_cancelled_one_ends_the_stay_in_whatever_order():
    for facts in permutations([ADMISSION, DISCHARGE, CANCEL_DISCHARGE, SECOND_DISCHARGE]):
        assert stays(facts) == (Stay(STAY, day(3), day(9)),)


def test_a_cancellation_wins_over_a_statement_of_the_same_instant():
    assert stays([fact(STARTED, 3, 3), fact(START_CANCELLED, 3)]) == ()


def test_a_stay_that_ended_before_the_admission_to_the_program_interrupts_nothing():
    assert interruptions([fact(STARTED, -5, -5), fact(ENDED, -1, -1)], day(0), None) == ()


def test_a_stay_under_way_at_admission_interrupts_from_the_admission():
    assert interruptions([fact(STARTED, -5, -5)], day(0), None) == (Interruption(STAY, day(0), None),)


def test_a_stay_after_discharge_from_the_program_interrupts_nothing():
    assert interruptions([fact(STARTED, 5, 5)], day(0), day(4)) == ()


def test_a_stay_that_outlasts_the_episode_is_not_resumed():
    assert interruptions([fact(STARTED, 2, 2), fact(ENDED, 9, 9)], day(0), day(4)) == (
        Interruption(STAY, day(2), None),
    )


def test_two_overlapping_stays_interrupt_twice():
    found = interruptions([ADMISSION, fact(STARTED, 4, 4, OTHER_STAY), DISCHARGE], day(0), None)
    assert found == (Interruption(STAY, day(3), day(6)), Interruption(OTHER_STAY, day(4), None))


@st.composite
def hospital_facts(draw: st.DrawFn) -> list[HospitalFact]:
    kinds = st.sampled_from([STARTED, ENDED, START_CANCELLED, END_CANCELLED])
    one = st.builds(
        lambda kind, stated, instant, stay: fact(kind, stated, instant if kind in (STARTED, ENDED) else None, stay),
        kinds,
        st.integers(-5, 10),
        st.integers(-5, 10),
        st.sampled_from([STAY, OTHER_STAY]),
    )
    return draw(st.lists(one, max_size=7))


@given(hospital_facts(), st.randoms(use_true_random=False))
def test_an_episode_ends_in_the_same_suspensions_whatever_the_order_and_duplication(facts, random):
    told = [*facts, *facts[: len(facts) // 2]]
    random.shuffle(told)
    known: set[HospitalFact] = set()
    episode = an_admitted_episode()
    for one in told:
        known.add(one)
        episode.follow_hospital(interruptions(known, day(0), None), day(11))
    at_once = an_admitted_episode()
    at_once.follow_hospital(interruptions(facts, day(0), None), day(11))
    assert episode.suspensions == at_once.suspensions
    assert episode.id == EPISODE


def test_facts_that_change_nothing_are_followed_by_nothing():
    episode = an_admitted_episode()
    target = interruptions([ADMISSION, DISCHARGE], day(0), None)
    episode.follow_hospital(target, day(7))
    assert happened(episode) == ["EpisodeSuspended", "EpisodeResumed"]
    episode.follow_hospital(target, day(8))
    assert happened(episode) == []
