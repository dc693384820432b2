"""Which topics are completed: by the sessions attended, in whatever order attendance tells of them."""

import tempfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scheduling_service import Service, Told
from scheduling_tellings import TRACK_OPENED, admitted, discharged, merged, opened, unmerged
from scheduling_world import MONDAY, NOW, RULES, TRACK, ZONE, day, named, session_on

from services.platform.web import Query
from services.scheduling.domain import commands as c
from services.scheduling.domain.curriculum import Topic
from services.scheduling.domain.curriculum_commands import AdoptCurriculum, PlanTopics
from services.scheduling.domain.episode_topics import TopicShare
from services.scheduling.domain.identity import session_id

CLASS = named("class")
TOPICS = (Topic("sleep", "Sleep"), Topic("stress", "Coping with stress"), Topic("relapse", "Relapse", ("stress",)))
LEARNED: Told = (
    TRACK_OPENED[0],
    {**TRACK_OPENED[1], "packs": ["medicare_iop", "program_default"]},
    TRACK_OPENED[2],
)


def a_class(folder: Path) -> Service:
    """An hour of psychoeducation on six Mondays: sleep, stress, relapse, and again."""
    made = opened(folder)
    made.do(c.RegisterFacilitator(named("e"), "Edith Vale", ("psychoeducator",)))
    made.do(
        c.PlanSeries(
            series_id=CLASS, track_id=TRACK, component="psychoeducation", title="class", rule="FREQ=WEEKLY",
            first_date=MONDAY, starts_at=time(18), minutes=60, time_zone=ZONE, seats_min=1,
            seats=1, facilitators=(named("e"),), room=None, modality="telehealth",
        )
    )  # fmt: skip
    made.do(c.ScheduleSessions(CLASS, MONDAY + timedelta(days=41)))
    made.do(AdoptCurriculum(TRACK, "2026", TOPICS))
    made.do(PlanTopics(CLASS, MONDAY, None))
    return made


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = a_class(tmp_path)
    made.told(LEARNED, admitted("ann"))
    made.settle()
    yield made
    made.close()


def came(
    name: str, n: int, minutes: int = 60, status: str = "present", *, corrected: bool = False, **more: Any
) -> Told:
    """What came of the seat that a participant had in the class of that Monday in March."""
    facts = {
        "participant_id": named(name),
        "episode_id": named(f"{name}'s episode"),
        "booking_id": named(f"{name}'s booking {n}"),
        "session_id": session_on(CLASS, n),
        "component": "psychoeducation",
        "modality": "telehealth",
        "local_date": day(n).date(),
        "starts_at": day(n, 23),
        "status": status,
        "minutes": minutes,
    }
    if corrected:
        return ("attendance.attendance_corrected", {**facts, "reason": "entered_late", **more}, day(n + 1))
    return ("attendance.attendance_recorded", facts | more, day(n))


def topics(service: Service, name: str = "ann", at: datetime = NOW) -> list[dict[str, Any]]:
    """Of each episode."""
    service.settle()
    answer = service.application.learning.topics(Query({"participant_id": named(name), "at": at}))
    return list(answer["episodes"])


def completed(service: Service, name: str = "ann") -> dict[str, UUID]:
    """Of the first episode: topic → session."""
    (episode, *_) = topics(service, name)
    return {one["topic"]: UUID(str(one["session_id"])) for one in episode["completed"]}


def by(**monday: int) -> dict[str, UUID]:
    return {topic: session_on(CLASS, n) for topic, n in monday.items()}


@pytest.mark.rule("curriculum.minimum_percent")
@pytest.mark.parametrize(
    ("status", "minutes", "completes"),
    [
        ("present", 60, True),
        ("late", 45, True),
        ("left_early", 45, True),
        ("left_early", 44, False),
        ("no_show", 0, False),
        ("no_show", 60, False),
        ("excused", 60, False),
        ("cancelled_by_program", 60, False),
    ],
)
def test_a_topic_is_completed_by_who_attended_three_quarters_of_its_session(
    service: Service, status: str, minutes: int, completes: bool
) -> None:
    """Program practice, to be verified: at least 75 % of the session's minutes."""
    service.told(came("ann", 2, minutes, status))
    assert completed(service) == (by(sleep=2) if completes else {})


def test_the_share_is_that_of_the_packs_in_force_and_none_where_they_are_silent() -> None:
    assert RULES.topic_share(["program_default"], MONDAY).percent == 75
    silent = RULES.topic_share(["medicare_iop"], MONDAY)
    assert (silent.percent, silent.completes("present", 1, 60)) == (0, True)
    assert not TopicShare(Decimal("33.4"), "a test").completes("present", 20, 60)
    assert TopicShare(Decimal("33.3"), "a test").completes("present", 20, 60)


def test_a_correction_takes_a_completion_back_and_another_gives_it_again(service: Service) -> None:
    service.told(came("ann", 2))
    assert completed(service) == by(sleep=2)
    service.told(came("ann", 2, 20, "left_early", corrected=True))
    assert completed(service) == {}
    service.told(came("ann", 2, 50, corrected=True))
    assert completed(service) == by(sleep=2)
    told = [event for event in service.feed() if event["type"].startswith("scheduling.topic_")]
    assert [(event["type"].split("_")[-1], event["data"]["revision"]) for event in told] == [
        ("completed.v1", 1),
        ("reversed.v1", 2),
        ("completed.v1", 3),
    ]
    assert {event["subject"] for event in told} == {str(named("ann"))}
    assert told[0]["data"]["completed_at"] == "2026-03-03T00:00:00Z"


@pytest.mark.rule("topic_once_attended")
def test_of_several_sessions_of_a_topic_the_first_attended_counts_and_the_next_where_it_does_not(
    service: Service,
) -> None:
    """Domain.md: topics, who has completed which; program practice, to be verified by the program."""
    service.told(came("ann", 23))
    assert completed(service) == by(sleep=23)
    service.told(came("ann", 2))
    assert completed(service) == by(sleep=2)
    service.told(came("ann", 2, 0, "no_show", corrected=True))
    assert completed(service) == by(sleep=23)


def test_sessions_without_a_topic_of_the_curriculum_complete_nothing(service: Service) -> None:
    service.do(c.AlterSession(session_on(CLASS, 9), topic="A visit to the garden"))
    service.told(came("ann", 9), came("ann", 2, component="group_therapy"))
    assert completed(service) == {}


def test_what_is_attended_before_its_track_is_told_is_judged_then(tmp_path: Path) -> None:
    service = a_class(tmp_path)
    service.told(admitted("ann"), came("ann", 2), came("ann", 9, 30))
    assert completed(service) == {}
    service.told(LEARNED)
    assert completed(service) == by(sleep=2), "30 of 60 minutes are too few"
    service.close()


def test_what_is_missing_names_the_next_sessions_with_a_free_seat(service: Service) -> None:
    service.told(came("ann", 2), admitted("ben"))
    service.settle()
    service.do(c.BookSession(session_on(CLASS, 9), named("ben")))
    (episode,) = topics(service)
    assert (episode["edition"], episode["track_id"]) == ("2026", str(TRACK))
    missing = {one["code"]: one for one in episode["missing"]}
    offered = {code: [one["session_id"] for one in topic["offered"]] for code, topic in missing.items()}
    ids = {code: [str(one) for one in found] for code, found in offered.items()}
    assert ids == {
        "stress": [str(session_on(CLASS, 30))],  # the one on the 9th is full
        "relapse": [str(session_on(CLASS, 16)), str(session_id(CLASS, date(2026, 4, 6)))],
    }
    assert {code: topic["ready"] for code, topic in missing.items()} == {"stress": True, "relapse": False}
    (later,) = topics(service, at=day(20))
    assert [len(topic["offered"]) for topic in later["missing"]] == [1, 1]


def test_the_curriculum_says_who_has_completed_which_topic(service: Service) -> None:
    service.told(came("ann", 2), admitted("ben"), came("ben", 2), came("ben", 9))
    service.settle()
    found = service.application.learning.curriculum(Query({"track_id": TRACK}))
    done = {topic["code"]: {str(one["participant_id"]) for one in topic["completed_by"]} for topic in found["topics"]}
    assert done == {"sleep": {str(named("ann")), str(named("ben"))}, "stress": {str(named("ben"))}, "relapse": set()}
    service.told(discharged("ben", day(10)))
    service.settle()
    found = service.application.learning.curriculum(Query({"track_id": TRACK}))
    assert [len(topic["completed_by"]) for topic in found["topics"]] == [1, 0, 0], "of those who are in the program"


@pytest.mark.rule("topics_per_episode")
def test_a_readmission_begins_anew_and_is_told_what_was_completed_before(service: Service) -> None:
    """Program practice, to be verified by the program."""
    again = ("enrollment.participant_admitted", {**admitted("ann")[1], "episode_id": named("again")}, day(20))
    again[1]["admitted_at"] = day(20)
    service.told(came("ann", 2), discharged("ann", day(10)), again)
    first, second = topics(service)
    assert ([one["topic"] for one in first["completed"]], second["completed"]) == (["sleep"], [])
    assert first["closed_at"] is not None
    assert {one["code"]: one["completed_before"] for one in second["missing"]} == {
        "sleep": True,
        "stress": False,
        "relapse": False,
    }


@pytest.mark.rule("topics_per_episode")
def test_a_transfer_keeps_what_was_completed_and_asks_for_what_the_new_track_teaches(service: Service) -> None:
    """Program practice, to be verified by the program."""
    other = named("evening track")
    service.do(AdoptCurriculum(other, "2026", (Topic("sleep", "Sleep"), Topic("anger", "Anger"))))
    facts = {
        "participant_id": named("ann"), "episode_id": named("ann's episode"), "kind": "transfer",
        "from_track_id": TRACK, "track_id": other, "level_of_care": "mental_health_iop", "age_group": "adult",
        "time_zone": ZONE, "packs": ["program_default"], "components": ["psychoeducation"], "effective_at": day(5),
    }  # fmt: skip
    service.told(came("ann", 2), ("enrollment.participant_transferred", facts, day(4)))
    (episode,) = topics(service, at=day(6))
    assert (episode["track_id"], [one["topic"] for one in episode["completed"]]) == (str(other), ["sleep"])
    assert [one["code"] for one in episode["missing"]] == ["anger"]
    (before,) = topics(service, at=day(4))
    assert before["track_id"] == str(TRACK)


def test_two_ids_of_one_person_are_asked_about_together_until_they_are_told_apart(service: Service) -> None:
    service.told(came("ann", 2), admitted("anna"), came("anna", 9), merged("ann", "ann", "anna"))
    both = topics(service, "anna")
    assert sorted(one["topic"] for episode in both for one in episode["completed"]) == ["sleep", "stress"]
    service.told(unmerged("ann", "ann", "anna"))
    assert completed(service, "anna") == by(stress=9)
    assert len(topics(service, "ann")) == 1


STREAMS: tuple[tuple[Told, ...], ...] = (
    (LEARNED,),
    (admitted("ann"), merged("ann", "ann", "anna")),
    (admitted("anna"), merged("anna", "ann", "anna")),
    (came("ann", 2), came("ann", 23), came("ann", 2, 10, "left_early", corrected=True), came("ann", 9, 0, "no_show")),
    (came("anna", 9), came("anna", 30, 50), came("anna", 9, 0, "no_show", corrected=True), came("anna", 16, 44)),
)
"""What several sources tell under several keys. Within one stream the order is promised, between them it is not."""

ONE_BY_ONE = [n for n, stream in enumerate(STREAMS) for _ in stream]


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    order=st.permutations(ONE_BY_ONE),
    cuts=st.sets(st.integers(0, len(ONE_BY_ONE) - 1)),
    again=st.integers(0, len(ONE_BY_ONE) - 1),
)
def test_in_whatever_order_it_is_told_the_same_topics_are_completed(
    order: list[int], cuts: set[int], again: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        service = a_class(Path(folder))
        streams = [iter(stream) for stream in STREAMS]
        received = []
        for place, stream in enumerate(order):
            received += service.told(next(streams[stream]))
            if place in cuts:
                service.settle()
            if place == again:
                service.received(received)
        found = [
            {one["topic"]: UUID(str(one["session_id"])) for one in episode["completed"]} for episode in topics(service)
        ]
        assert sorted(found, key=str) == sorted([by(sleep=23), by(stress=30)], key=str)
        service.close()
