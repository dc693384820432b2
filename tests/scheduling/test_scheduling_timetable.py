"""Planning series and scheduling their sessions: who may lead, where, and what is refused."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from scheduling_world import MONDAY, NOW, TRACK, ZONE, World, day, named, session_on

from events.log.errors import NotFound
from services.scheduling.domain import commands as c
from services.scheduling.domain import errors, told_commands
from services.scheduling.domain.qualifications import WHO_MAY_LEAD


@pytest.mark.rule("led_by_the_qualified")
@pytest.mark.parametrize(
    ("component", "qualification"),
    [
        ("individual_therapy", "therapist"),
        ("group_therapy", "therapist"),
        ("medication_management", "psychiatrist"),
        ("medication_management", "prescriber"),
        ("psychoeducation", "psychoeducator"),
        ("support_group", "peer"),
    ],
)
def test_each_component_is_led_by_those_qualified_for_it(world: World, component: str, qualification: str) -> None:
    """Domain.md: the five components and who leads them."""
    series = world.series("s", world.facilitator("f", qualification), component=component, seats=1)
    assert len(world.sessions(series, weeks=3)) == 3


@pytest.mark.rule("led_by_the_qualified")
@pytest.mark.parametrize(
    ("component", "qualification"),
    [
        ("individual_therapy", "peer"),
        ("group_therapy", "prescriber"),
        ("medication_management", "therapist"),
        ("psychoeducation", "peer"),
        ("support_group", "therapist"),
    ],
)
def test_nobody_else_leads_a_component(world: World, component: str, qualification: str) -> None:
    """Domain.md: the five components and who leads them."""
    leader = world.facilitator("f", qualification)
    with pytest.raises(errors.FacilitatorNotQualified):
        world.series("s", leader, component=component, seats=1)


def test_every_rule_on_who_may_lead_names_its_source() -> None:
    assert all(rule.source and rule.qualifications for rule in WHO_MAY_LEAD.values())
    assert len(WHO_MAY_LEAD) == 5


def test_everyone_who_leads_is_qualified(world: World) -> None:
    therapist, peer = world.facilitator("t", "therapist"), world.facilitator("p", "peer")
    with pytest.raises(errors.FacilitatorNotQualified):
        world.series("s", therapist, facilitators=(therapist, peer))


def test_a_qualification_lost_forbids_further_sessions(world: World) -> None:
    leader = world.facilitator("f", "therapist")
    series = world.series("s", leader)
    world.do(c.ChangeQualifications(leader, ("peer",)))
    with pytest.raises(errors.FacilitatorNotQualified):
        world.sessions(series)


def test_a_qualification_that_no_rule_speaks_of_is_refused(world: World) -> None:
    with pytest.raises(errors.UnknownQualification):
        world.facilitator("f", "astrologer")


def test_a_facilitator_nobody_registered_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.series("s", named("nobody"))
    with pytest.raises(errors.FacilitatorNeeded):
        world.series("s", named("nobody"), facilitators=())


@pytest.mark.rule("one_to_one")
def test_individual_therapy_is_one_to_one(world: World) -> None:
    """Domain.md: the five components and who leads them."""
    leader = world.facilitator("f", "therapist")
    with pytest.raises(errors.SeatsOutOfRange):
        world.series("s", leader, component="individual_therapy", seats=2)


@pytest.mark.rule("group.minimum")
@pytest.mark.rule("group.maximum")
@pytest.mark.parametrize("component", ["group_therapy", "psychoeducation", "support_group"])
@pytest.mark.parametrize(
    ("packs", "seats", "allowed"),
    [
        (("medicare_iop",), 40, True),
        (("medicare_iop", "group_90853"), 12, True),
        (("medicare_iop", "group_90853"), 13, False),
        (("california_narcotic_program",), 1, False),
        (("california_narcotic_program",), 2, True),
    ],
)
def test_a_therapy_group_is_as_large_as_the_tracks_packs_allow(
    world: World, component: str, packs: tuple[str, ...], seats: int, allowed: bool
) -> None:
    """L33632: at most 12; California Code of Regulations, Title 9, §10345: 2 to 12."""
    world.do(told_commands.LearnTrack(TRACK, "Adult", ZONE, packs))
    leader = world.facilitator("f", "therapist", "peer")
    if allowed or component != "group_therapy":
        assert world.series("s", leader, component=component, seats=seats) == named("s")
    else:
        with pytest.raises(errors.SeatsOutOfRange, match=packs[-1]):
            world.series("s", leader, component=component, seats=seats)


def test_a_group_planned_before_its_track_was_told_is_held_to_the_packs_of_each_day(world: World) -> None:
    series = world.series("s", world.facilitator("f", "therapist"), seats=13, first_date=date(2015, 9, 21))
    world.do(told_commands.LearnTrack(TRACK, "Adult", ZONE, ("group_90853",)))  # in force from 1 October 2015
    answer = world.do(c.ScheduleSessions(series, date(2015, 10, 5), allow_partial=True))
    assert [entry["local_date"].day for entry in answer["scheduled"]] == [21, 28]
    assert [(entry["local_date"].day, entry["code"]) for entry in answer["refused"]] == [(5, "SeatsOutOfRange")]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"seats_min": 3}, errors.SeatsOutOfRange),
        ({"seats_min": 0}, errors.SeatsOutOfRange),
        ({"minutes": 4}, errors.DurationOutOfRange),
        ({"minutes": 1441}, errors.DurationOutOfRange),
        ({"modality": "in_person"}, errors.RoomNeeded),
        ({"modality": "in_person", "room": "small"}, errors.RoomTooSmall),
        ({"room": "small", "seats": 1}, errors.RoomModalityDiffers),
        ({"rule": "FREQ=WEEKLY;BYDAY=TU"}, errors.FirstDateOffRule),
        ({"rule": "every Monday"}, errors.InvalidRecurrenceRule),
        ({"time_zone": "Nowhere"}, errors.UnknownTimeZone),
        ({"time_zone": None}, errors.TrackUnknown),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_name(
    world: World, changes: dict[str, object], refusal: type[errors.SchedulingRefused]
) -> None:
    leader = world.facilitator("f", "therapist")
    world.room("small", seats=1)
    with pytest.raises(refusal):
        world.series("s", leader, **changes)
    assert named("s") not in world.events


def test_a_series_runs_in_its_tracks_time_zone(world: World) -> None:
    world.do(told_commands.LearnTrack(TRACK, "Adult", "America/Chicago"))
    leader = world.facilitator("f", "therapist")
    with pytest.raises(errors.TimeZoneDiffersFromTrack):
        world.series("s", leader, time_zone=ZONE)
    series = world.series("s", leader, time_zone=None)
    world.sessions(series, weeks=1)
    assert world.session(session_on(series, 2)).starts_at == datetime(2026, 3, 3, 0, tzinfo=UTC)


def test_a_track_told_later_forbids_sessions_in_another_time_zone(world: World) -> None:
    series = world.series("s", world.facilitator("f", "therapist"))
    world.do(told_commands.LearnTrack(TRACK, "Adult", "America/Chicago"))
    with pytest.raises(errors.TimeZoneDiffersFromTrack):
        world.sessions(series)


def test_a_session_carries_the_facts_of_its_series_and_its_day(world: World) -> None:
    leader = world.facilitator("f", "therapist")
    series = world.series("s", leader, modality="in_person", room=world.room("A1"))
    (first, second) = world.sessions(series, weeks=2)
    session = world.session(second)
    assert first == session_on(series, 2)
    assert (session.local_date, session.starts_at) == (date(2026, 3, 9), datetime(2026, 3, 9, 22, tzinfo=UTC))
    assert (session.room, session.facilitators, session.seats) == ("A1", (leader,), 2)


def test_scheduling_the_same_days_again_changes_nothing(world: World) -> None:
    series = world.series("s", world.facilitator("f", "therapist"))
    world.sessions(series)
    before = len(world.log)
    again = world.do(c.ScheduleSessions(series, MONDAY + timedelta(weeks=4, days=-1), from_date=MONDAY))
    assert (again["scheduled"], again["refused"]) == ([], [])
    assert len(world.log) == before


def test_scheduling_goes_on_where_it_ended(world: World) -> None:
    series = world.series("s", world.facilitator("f", "therapist"))
    world.sessions(series, weeks=2)
    assert world.sessions(series, weeks=4) == [session_on(series, 16), session_on(series, 23)]


def test_one_command_schedules_a_limited_horizon(world: World) -> None:
    series = world.series("s", world.facilitator("f", "therapist"))
    with pytest.raises(errors.HorizonTooLong):
        world.sessions(series, weeks=60)


@pytest.mark.rule("one_place_at_a_time")
def test_a_facilitator_leads_one_session_at_a_time(world: World) -> None:
    """Domain.md: what other systems lack (OpenEMR #13552)."""
    leader = world.facilitator("f", "therapist")
    world.sessions(world.series("early", leader))
    late = world.series("late", leader, starts_at=time(19))
    with pytest.raises(errors.FacilitatorAlreadyBooked):
        world.sessions(late)
    assert session_on(late, 2) not in world.events


def test_sessions_that_only_touch_do_not_overlap(world: World) -> None:
    leader = world.facilitator("f", "therapist")
    world.sessions(world.series("early", leader))
    assert len(world.sessions(world.series("next", leader, starts_at=time(19, 30)))) == 4


@pytest.mark.rule("one_place_at_a_time")
def test_a_room_holds_one_session_at_a_time(world: World) -> None:
    """Domain.md: what other systems lack (OpenEMR #13552)."""
    room = world.room("A1")
    world.sessions(world.series("a", world.facilitator("f", "therapist"), modality="in_person", room=room))
    other = world.series("b", world.facilitator("g", "therapist"), modality="in_person", room="a1", starts_at=time(17))
    with pytest.raises(errors.RoomAlreadyBooked):
        world.sessions(other)


def test_an_overlap_across_midnight_is_an_overlap(world: World) -> None:
    leader = world.facilitator("f", "therapist")
    # New York is at UTC-5: 18:30 there is 23:30 UTC, so the session runs across midnight UTC.
    world.sessions(world.series("across", leader, starts_at=time(18, 30)), weeks=1)
    after = world.series("after", leader, starts_at=time(19, 30))
    with pytest.raises(errors.FacilitatorAlreadyBooked):
        world.sessions(after, weeks=1)
    # And by the local clock: 23:30 until 01:00 against 00:30 on the next local day.
    world.sessions(world.series("late", leader, starts_at=time(23, 30)), weeks=1)
    early = world.series("early", leader, starts_at=time(0, 30), first_date=MONDAY + timedelta(days=1))
    with pytest.raises(errors.FacilitatorAlreadyBooked):
        world.sessions(early, weeks=1)


def test_a_facilitator_of_programs_in_two_time_zones_is_in_one_place(world: World) -> None:
    leader = world.facilitator("f", "therapist")
    world.sessions(world.series("east", leader), weeks=1)
    west = world.series("west", leader, time_zone="America/Los_Angeles", starts_at=time(15))
    with pytest.raises(errors.FacilitatorAlreadyBooked):
        world.sessions(west, weeks=1)


def test_partial_scheduling_lists_what_was_refused_and_why(world: World) -> None:
    leader = world.facilitator("f", "therapist")
    world.sessions(world.series("busy", leader, rule="FREQ=WEEKLY;INTERVAL=2"))
    answer = world.do(c.ScheduleSessions(world.series("s", leader), MONDAY + timedelta(days=20), allow_partial=True))
    assert [entry["local_date"].day for entry in answer["scheduled"]] == [9]
    assert [(entry["local_date"].day, entry["code"]) for entry in answer["refused"]] == [
        (2, "FacilitatorAlreadyBooked"),
        (16, "FacilitatorAlreadyBooked"),
    ]


def test_a_cancelled_session_gives_facilitator_and_room_their_time_back(world: World) -> None:
    leader, room = world.facilitator("f", "therapist"), world.room("A1")
    (session,) = world.sessions(world.series("a", leader, modality="in_person", room=room), weeks=1)
    world.do(c.CancelSession(session, "facilitator_ill"))
    assert len(world.sessions(world.series("b", leader, modality="in_person", room=room), weeks=1)) == 1


def test_cancelling_a_session_cancels_each_booking_in_it_and_no_other(world: World) -> None:
    leader = world.facilitator("f", "therapist")
    first, second = world.sessions(world.series("a", leader), weeks=2)
    ann, ben = world.admitted("ann"), world.admitted("ben")
    gone = {world.booked(first, ann), world.booked(first, ben)}
    world.booked(second, ann)
    answer = world.do(c.CancelSession(first, "facilitator_ill"))
    cancelled = world.happened("BookingCancelled")
    assert answer["bookings_cancelled"] == 2
    assert {event.booking_id for event in cancelled} == gone
    assert {event.reason for event in cancelled} == {"cancelled_by_program"}
    assert world.seats_held("ann") == [second]
    before = len(world.log)
    world.do(c.CancelSession(first, "again"))
    assert len(world.log) == before


def test_a_session_that_is_over_cannot_be_cancelled(world: World) -> None:
    (session,) = world.sessions(world.series("a", world.facilitator("f", "therapist")), weeks=1)
    world.now = day(4)
    with pytest.raises(errors.SessionHasPassed):
        world.do(c.CancelSession(session, "too late"))


def test_ids_are_taken_once(world: World) -> None:
    leader = world.facilitator("f", "therapist")
    world.series("s", leader)
    world.room("A1")
    with pytest.raises(errors.SeriesAlreadyPlanned):
        world.series("s", leader)
    with pytest.raises(errors.FacilitatorAlreadyRegistered):
        world.facilitator("f", "therapist")
    with pytest.raises(errors.RoomAlreadyOpened):
        world.room("a1")
    assert world.now == NOW
