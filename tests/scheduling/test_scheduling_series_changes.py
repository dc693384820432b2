"""This and following, or all to come: which sessions of a series follow a change, which stay, and what is refused."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest
from scheduling_world import MONDAY, TRACK, ZONE, World, day, named, session_on

from services.scheduling.domain import commands as c
from services.scheduling.domain import errors, told_commands

WEEKS = (2, 9, 16, 23)


@pytest.fixture
def group(world: World) -> UUID:
    """A group on Mondays at 18:00 in A1, led by t, with Ann in each of its first four sessions."""
    group = world.series("group", world.facilitator("t", "therapist"), room=world.room("A1"), modality="in_person")
    world.sessions(group)
    world.admitted("ann")
    world.do(c.BookSeries(group, named("ann"), MONDAY, MONDAY + timedelta(days=27)))
    world.facilitator("u", "therapist")
    return group


def on(n: int) -> date:
    return date(2026, 3, n)


def starts(world: World, group: UUID) -> list[int]:
    """The hours, in UTC, at which the four sessions begin."""
    return [world.session(session_on(group, n)).starts_at.hour for n in WEEKS]


def taken_at_17(world: World, n: int) -> None:
    """Somebody else is in A1 on that Monday at 17:00."""
    leader = world.facilitator(f"leader on {n}", "therapist")
    plan = {"room": "A1", "modality": "in_person", "first_date": on(n), "starts_at": time(17), "minutes": 60}
    world.do(c.ScheduleSessions(world.series(f"on {n}", leader, **plan), on(n)))


@pytest.mark.rule("this_and_following")
def test_this_and_following_leaves_the_sessions_before(world: World, group: UUID) -> None:
    """Domain.md: what other systems lack (OpenEMR #3661)."""
    answer = world.do(c.ChangeSeries(group, on(16), starts_at=time(19)))
    assert [entry["local_date"] for entry in answer["changed"]] == [on(16), on(23)]
    assert starts(world, group) == [23, 22, 23, 23]  # clocks change on 8 March
    assert [told.starts_at for told in world.happened("BookingChanged")] == [day(16, 23), day(23, 23)]
    assert world.seats_held("ann") == [session_on(group, n) for n in WEEKS]


def test_all_to_come_leaves_what_has_begun(world: World, group: UUID) -> None:
    world.now = day(9, 22)
    answer = world.do(c.ChangeSeries(group, facilitators=(named("u"),)))
    assert (answer["from_date"], [entry["local_date"] for entry in answer["changed"]]) == (on(9), [on(16), on(23)])
    leaders = [world.session(session_on(group, n)).facilitators for n in WEEKS]
    assert leaders == [(named("t"),), (named("t"),), (named("u"),), (named("u"),)]
    world.now = day(24)
    assert world.do(c.ChangeSeries(group, on(2), seats=5))["from_date"] == on(24)
    assert [world.session(session_on(group, n)).seats for n in WEEKS] == [2, 2, 2, 2]


def test_sessions_scheduled_later_follow_the_plan_of_their_day(world: World, group: UUID) -> None:
    world.room("B2")
    changes = {"starts_at": time(19), "minutes": 60, "room": "B2", "seats": 3, "facilitators": (named("u"),)}
    world.do(c.ChangeSeries(group, on(23), **changes))
    world.sessions(group, weeks=6)
    later = world.session(session_on(group, 30))
    assert (later.starts_at, later.ends_at) == (day(30, 23), day(31, 0))
    assert (later.room, later.seats, later.facilitators) == ("B2", 3, (named("u"),))
    assert world.sessions(
        world.series("in A1", named("t"), room="A1", modality="in_person", first_date=on(30)), weeks=5
    )


def test_the_last_change_holds_for_whatever_follows_it(world: World, group: UUID) -> None:
    world.do(c.ChangeSeries(group, on(23), starts_at=time(20)))
    world.do(c.ChangeSeries(group, on(9), starts_at=time(17)))
    assert starts(world, group) == [23, 21, 21, 21]


@pytest.mark.rule("this_and_following")
def test_what_was_changed_in_one_session_alone_stays(world: World, group: UUID) -> None:
    """Domain.md: what other systems lack (OpenEMR #3661)."""
    world.do(c.MoveSession(session_on(group, 9), on(10), time(12)))
    world.do(c.SubstituteFacilitator(session_on(group, 16), named("t"), named("u")))
    world.do(c.AlterSession(session_on(group, 23), modality="telehealth", seats=4))
    world.room("B2")
    world.facilitator("v", "therapist")
    world.do(c.ChangeSeries(group, starts_at=time(19), room="B2", seats=3, facilitators=(named("v"),)))
    of = {n: world.session(session_on(group, n)) for n in WEEKS}
    assert (of[9].starts_at, of[9].room, of[9].seats) == (day(10, 16), "B2", 3)
    assert (of[16].facilitators, of[16].starts_at) == ((named("u"),), day(16, 23))
    assert (of[23].modality, of[23].room, of[23].seats) == ("telehealth", None, 4)
    assert (of[23].facilitators, of[23].starts_at) == ((named("v"),), day(23, 23))


def test_all_or_nothing_names_every_session_that_cannot_follow(world: World, group: UUID) -> None:
    taken_at_17(world, 9)
    taken_at_17(world, 23)
    before = len(world.log)
    with pytest.raises(errors.SeriesCannotFollow) as refusal:
        world.do(c.ChangeSeries(group, starts_at=time(17)))
    assert [text in refusal.value.detail for text in ("2026-03-09 RoomAlreadyBooked", "2026-03-23", "2026-03-16")] == [
        True,
        True,
        False,
    ]
    assert len(world.log) == before


def test_partial_changes_those_that_can_and_lists_the_others(world: World, group: UUID) -> None:
    taken_at_17(world, 9)
    answer = world.do(c.ChangeSeries(group, starts_at=time(17), allow_partial=True))
    assert [entry["local_date"] for entry in answer["changed"]] == [on(2), on(16), on(23)]
    assert [(entry["local_date"], entry["code"]) for entry in answer["refused"]] == [(on(9), "RoomAlreadyBooked")]
    assert starts(world, group) == [22, 22, 21, 21]


def test_a_participant_who_is_elsewhere_then_is_a_conflict(world: World, group: UUID) -> None:
    other = world.series("other", named("u"), first_date=on(9), starts_at=time(20))
    world.sessions(other, weeks=2)
    world.booked(session_on(other, 9), named("ann"))
    answer = world.do(c.ChangeSeries(group, starts_at=time(19), allow_partial=True))
    assert [(entry["local_date"], entry["code"]) for entry in answer["refused"]] == [(on(9), "ParticipantElsewhere")]


def test_a_time_and_a_room_change_together(world: World, group: UUID) -> None:
    taken_at_17(world, 9)
    world.room("B2")
    answer = world.do(c.ChangeSeries(group, starts_at=time(17), room="B2"))
    assert (len(answer["changed"]), answer["refused"]) == (4, [])
    assert len(world.happened("BookingChanged")) == 4


def test_a_change_that_changes_nothing_is_not_noted(world: World, group: UUID) -> None:
    before = len(world.log)
    assert world.do(c.ChangeSeries(group, starts_at=time(18), seats=2))["changed"] == []
    assert len(world.log) == before


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"minutes": 4}, errors.DurationOutOfRange),
        ({"seats": 0}, errors.SeatsOutOfRange),
        ({"seats": 13}, errors.RoomTooSmall),
        ({"room": "online"}, errors.RoomModalityDiffers),
        ({"facilitators": ()}, errors.FacilitatorNeeded),
        ({"facilitators": (named("peer"),)}, errors.FacilitatorNotQualified),
    ],
)
def test_a_changed_series_is_held_to_what_a_plan_is(
    world: World, group: UUID, changes: dict[str, object], refusal: type[errors.SchedulingRefused]
) -> None:
    world.room("online", modality="telehealth")
    world.facilitator("peer", "peer")
    before = len(world.log)
    with pytest.raises(refusal):
        world.do(c.ChangeSeries(group, **changes))
    assert len(world.log) == before


def test_a_series_shrinks_only_where_seats_are_free(world: World, group: UUID) -> None:
    world.admitted("ben")
    world.booked(session_on(group, 9), named("ben"))
    answer = world.do(c.ChangeSeries(group, seats=1, allow_partial=True))
    assert [(entry["local_date"], entry["code"]) for entry in answer["refused"]] == [(on(9), "SeatsAlreadyTaken")]


def test_a_changed_series_is_as_large_as_the_tracks_packs_allow(world: World) -> None:
    world.do(told_commands.LearnTrack(TRACK, "Adult", ZONE, ("group_90853",)))
    group = world.series("group", world.facilitator("t", "therapist"), seats=12)
    world.sessions(group)
    with pytest.raises(errors.SeatsOutOfRange, match="group_90853"):
        world.do(c.ChangeSeries(group, seats=13))
