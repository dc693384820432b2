"""What psychoeducation teaches: a curriculum per track, and its topics in the sessions of a series."""

from datetime import date, time
from typing import Any
from uuid import UUID

import pytest
from scheduling_world import TRACK, World, day, named, session_on

from services.scheduling.domain import commands as c
from services.scheduling.domain import errors
from services.scheduling.domain.curriculum import Topic
from services.scheduling.domain.curriculum_commands import AdoptCurriculum, PlanTopics

SLEEP = Topic("sleep", "Sleep")
STRESS = Topic("stress", "Coping with stress")
RELAPSE = Topic("relapse", "Relapse prevention", ("sleep", "stress"))
CLASS = named("class")
MONDAYS = (2, 9, 16, 23)


def adopt(world: World, *topics: Topic, edition: str = "2026") -> None:
    world.do(AdoptCurriculum(TRACK, edition, topics))


@pytest.fixture
def a_class() -> World:
    """Psychoeducation on four Mondays, on a track with three topics."""
    world = World()
    world.series("class", world.facilitator("e", "psychoeducator"), component="psychoeducation", seats=9)
    world.sessions(CLASS)
    adopt(world, SLEEP, STRESS, RELAPSE)
    return world


def taught(world: World) -> list[str | None]:
    return [world.session(session_on(CLASS, n)).topic_code for n in MONDAYS]


def plan(world: World, from_date: date | None = None, first: str | None = None) -> Any:
    return world.do(PlanTopics(CLASS, from_date, first))


@pytest.mark.rule("curriculum_in_order")
def test_a_series_teaches_the_topics_in_their_order_and_then_from_the_first_again(a_class: World) -> None:
    """Program components table: psychoeducation as a curriculum with topics."""
    answer = plan(a_class)
    assert taught(a_class) == ["sleep", "stress", "relapse", "sleep"]
    assert [entry["topic"] for entry in answer["planned"]] == ["sleep", "stress", "relapse", "sleep"]
    assert a_class.session(session_on(CLASS, 16)).topic == "Relapse prevention"


def test_a_series_begins_with_any_topic_and_on_any_day(a_class: World) -> None:
    plan(a_class, date(2026, 3, 9), "stress")
    assert taught(a_class) == [None, "stress", "relapse", "sleep"]


def test_past_sessions_keep_their_topics_and_cancelled_ones_take_none(a_class: World) -> None:
    plan(a_class)
    a_class.now = day(4)
    a_class.do(c.CancelSession(session_on(CLASS, 16), "holiday"))
    plan(a_class, first="relapse")
    assert taught(a_class) == ["sleep", "relapse", "relapse", "sleep"]


def test_the_order_is_that_of_the_days_on_which_sessions_take_place(a_class: World) -> None:
    a_class.do(c.MoveSession(session_on(CLASS, 2), date(2026, 3, 17), time(9)))
    plan(a_class)
    assert taught(a_class) == ["relapse", "sleep", "stress", "sleep"]


def test_planning_the_same_again_changes_nothing(a_class: World) -> None:
    plan(a_class)
    since = len(a_class.log)
    plan(a_class)
    assert a_class.log[since:] == []


def test_one_session_gets_a_topic_by_code_or_in_free_text(a_class: World) -> None:
    session = session_on(CLASS, 9)
    a_class.do(c.AlterSession(session, topic_code="relapse"))
    a_class.do(c.AlterSession(session, seats=8))
    assert (a_class.session(session).topic, a_class.session(session).topic_code) == ("Relapse prevention", "relapse")
    a_class.do(c.AlterSession(session, topic="A visit to the garden"))
    assert (a_class.session(session).topic, a_class.session(session).topic_code) == ("A visit to the garden", None)


@pytest.mark.rule("prerequisites_come_first")
@pytest.mark.parametrize(
    ("topics", "refusal"),
    [
        ((SLEEP, SLEEP), errors.TopicRepeated),
        ((SLEEP, RELAPSE, STRESS), errors.PrerequisiteComesLater),
        ((Topic("sleep", "Sleep", ("sleep",)),), errors.PrerequisiteComesLater),
        ((Topic("sleep", "Sleep", ("unheard_of",)),), errors.PrerequisiteComesLater),
    ],
)
def test_what_a_topic_requires_comes_before_it(topics: tuple[Topic, ...], refusal: type[Exception]) -> None:
    """Program practice, to be verified by the program."""
    with pytest.raises(refusal):
        adopt(World(), *topics)


def test_an_edition_never_changes_and_may_be_adopted_again(a_class: World) -> None:
    plan(a_class)
    with pytest.raises(errors.EditionAlreadyAdopted):
        adopt(a_class, STRESS)
    adopt(a_class, STRESS, edition="2027")
    with pytest.raises(errors.TopicUnknown):
        a_class.do(c.AlterSession(session_on(CLASS, 9), topic_code="sleep"))
    assert taught(a_class) == ["sleep", "stress", "relapse", "sleep"], "sessions keep the topics that they have"
    adopt(a_class, SLEEP, STRESS, RELAPSE)
    a_class.do(c.AlterSession(session_on(CLASS, 9), topic_code="sleep"))


def test_only_psychoeducation_has_topics_of_a_curriculum(a_class: World) -> None:
    """Program components table: psychoeducation as a curriculum with topics."""
    group: UUID = a_class.series("group", a_class.facilitator("t", "therapist"))
    (session, *_) = a_class.sessions(group)
    for command in (PlanTopics(group, None, None), c.AlterSession(session, topic_code="sleep")):
        with pytest.raises(errors.TopicsBelongToPsychoeducation):
            a_class.do(command)


def test_a_track_without_a_curriculum_has_no_topics() -> None:
    world = World()
    world.series("class", world.facilitator("e", "psychoeducator"), component="psychoeducation")
    (session, *_) = world.sessions(CLASS)
    for command in (PlanTopics(CLASS, None, None), c.AlterSession(session, topic_code="sleep")):
        with pytest.raises(errors.CurriculumNotAdopted):
            world.do(command)
