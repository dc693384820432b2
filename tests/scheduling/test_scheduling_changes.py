"""One session moved, led by somebody else, held elsewhere or otherwise: what follows and what is refused."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest
from scheduling_world import MONDAY, TRACK, ZONE, World, day, named, session_on

from events.log.commands import Context, Unit
from events.log.errors import NotFound
from services.scheduling.decisions import decide
from services.scheduling.domain import commands as c
from services.scheduling.domain import errors, review_commands, told_commands

TUESDAY = date(2026, 3, 3)


@pytest.fixture
def group(world: World) -> UUID:
    """A group on Mondays at 18:00 in A1, led by t, with Ann in each of its first four sessions."""
    group = world.series("group", world.facilitator("t", "therapist"), room=world.room("A1"), modality="in_person")
    world.sessions(group)
    world.admitted("ann")
    world.do(c.BookSeries(group, named("ann"), MONDAY, MONDAY + timedelta(days=27)))
    return group


def elsewhere(world: World, name: str, *people: str, starts_at: time = time(18), **changes: object) -> UUID:
    """Another group on Tuesdays with these participants in its first session."""
    leader = world.facilitator(f"{name}'s leader", "therapist")
    series = world.series(name, leader, first_date=TUESDAY, starts_at=starts_at, **changes)
    (session, *_) = world.sessions(series, weeks=1)
    for person in people:
        world.booked(session, named(person))
    return session


def moved(world: World, session: UUID, **changes: object) -> dict[str, object]:
    to = {"local_date": TUESDAY, "starts_at": time(18)} | changes
    return dict(world.do(c.MoveSession(session, **to)))


def test_a_moved_session_takes_its_time_its_leader_its_room_and_its_bookings_along(world: World, group: UUID) -> None:
    first, second = session_on(group, 2), session_on(group, 9)
    answer = moved(world, first)
    assert (answer["local_date"], answer["starts_at"], answer["sequence"]) == (TUESDAY, day(3, 23), 1)
    assert world.session(second).sequence == 0
    (told,) = world.happened("BookingChanged")
    assert (told.session_id, told.starts_at, told.ends_at.minute) == (first, day(3, 23), 30)
    with pytest.raises(errors.RoomAlreadyBooked):
        elsewhere(world, "in the room", room="A1", modality="in_person")
    with pytest.raises(errors.ParticipantAlreadyBooked):
        world.booked(elsewhere(world, "with ann"), named("ann"))
    monday = world.series("on monday", named("t"), room="A1", modality="in_person")
    assert world.booked(world.sessions(monday, weeks=1)[0], named("ann"))


def test_a_session_moves_within_its_own_time_and_may_last_otherwise(world: World, group: UUID) -> None:
    first = session_on(group, 2)
    moved(world, first, local_date=MONDAY, starts_at=time(18, 30), minutes=120)
    session = world.session(first)
    assert session.ends_at - session.starts_at == timedelta(minutes=120)
    assert session.starts_at == day(2, 23) + timedelta(minutes=30)


def test_a_move_to_where_it_is_changes_nothing(world: World, group: UUID) -> None:
    before = len(world.log)
    assert moved(world, session_on(group, 2), local_date=MONDAY)["sequence"] == 0
    assert len(world.log) == before


@pytest.mark.parametrize(
    ("other", "refusal"),
    [({"facilitators": (named("t"),)}, errors.FacilitatorAlreadyBooked),
     ({"room": "A1", "modality": "in_person"}, errors.RoomAlreadyBooked)],
)  # fmt: skip
def test_nobody_and_nothing_is_in_two_places_after_a_move(
    world: World, group: UUID, other: dict[str, object], refusal: type[errors.SchedulingRefused]
) -> None:
    elsewhere(world, "other", **other)
    before = len(world.log)
    with pytest.raises(refusal):
        moved(world, session_on(group, 2))
    assert len(world.log) == before


def test_a_participant_who_is_elsewhere_then_is_named_by_booking(world: World, group: UUID) -> None:
    elsewhere(world, "other", "ann")
    (booking,) = world.session(session_on(group, 2)).taken
    with pytest.raises(errors.ParticipantElsewhere, match=str(booking)):
        moved(world, session_on(group, 2))


@pytest.mark.rule("override_by_role_and_reason")
def test_a_coordinator_overrides_with_a_reason_and_both_bookings_stand(world: World, group: UUID) -> None:
    """Domain.md: deliberate override with reason and role."""
    first, other = session_on(group, 2), elsewhere(world, "other", "ann")
    (booking,) = world.session(first).taken
    assert moved(world, first, override="both_needed")["overridden"] == [booking]
    (event,) = world.happened("SessionMoved")
    assert (event.override_reason, event.override_role, event.overridden) == ("both_needed", "coordinator", (booking,))
    world.do(c.CancelBooking(first, booking))
    assert world.seats_held("ann")[0] == other
    with pytest.raises(errors.ParticipantAlreadyBooked):
        world.booked(first, named("ann"))  # the other booking still claims that time


def test_an_override_that_was_not_needed_is_not_noted(world: World, group: UUID) -> None:
    assert moved(world, session_on(group, 2), override="both_needed")["overridden"] == []
    (event,) = world.happened("SessionMoved")
    assert (event.override_reason, event.override_role) == (None, None)


@pytest.mark.rule("override_by_role_and_reason")
def test_only_a_coordinator_overrides(world: World, group: UUID) -> None:
    """Domain.md: deliberate override with reason and role."""
    command = c.MoveSession(session_on(group, 2), TUESDAY, time(18), override="both_needed")
    unit = Unit(world._load, Context(named("x"), world.now, "someone", frozenset({"front_desk"}), "test"))
    with pytest.raises(errors.OverrideNotAllowed):
        decide(unit, command, None)


def test_two_ids_of_one_person_are_one_place_at_a_time_for_a_move(world: World, group: UUID) -> None:
    world.admitted("anna")
    elsewhere(world, "other", "anna")
    world.do(told_commands.MergeParticipants(named("ann"), named("anna"), world.now))
    with pytest.raises(errors.ParticipantElsewhere):
        moved(world, session_on(group, 2))


def test_bookings_that_an_override_let_overlap_survive_an_unmerge(world: World, group: UUID) -> None:
    world.admitted("anna")
    world.do(told_commands.MergeParticipants(named("anna"), named("ann"), world.now))
    world.do(c.BookSeries(elsewhere_series(world), named("ann"), TUESDAY, TUESDAY, named("ann's episode")))
    moved(world, session_on(group, 2), override="both_needed")
    world.do(told_commands.SeparateParticipants(named("anna"), named("ann"), world.now, 2))
    assert len(world.seats_held("ann")) == 5


def elsewhere_series(world: World) -> UUID:
    elsewhere(world, "other")
    return named("other")


def test_a_participant_discharged_by_then_is_named_too(world: World, group: UUID) -> None:
    world.do(told_commands.ClosePlacement(named("ann"), named("ann's episode"), day(3, 12), world.now))
    (booking,) = world.session(session_on(group, 2)).taken
    with pytest.raises(errors.ParticipantNotThere, match=str(booking)):
        moved(world, session_on(group, 2), override="both_needed")


def test_a_suspension_frees_a_booking_by_the_time_it_was_moved_to(world: World, group: UUID) -> None:
    moved(world, session_on(group, 2))
    world.do(
        told_commands.SuspendPlacement(
            named("ann"), named("ann's episode"), named("s"), day(3, 20), "hospitalized", world.now
        )
    )
    assert world.seats_held("ann") == []
    moved(world, session_on(group, 2), local_date=date(2026, 3, 4))
    world.do(told_commands.CancelSuspension(named("ann"), named("ann's episode"), named("s"), world.now))
    assert world.seats_held("ann")[0] == session_on(group, 2)
    assert world.happened("BookingMade")[-4].starts_at == day(4, 23)


@pytest.mark.rule("past_sessions_stay")
def test_past_sessions_stay_what_they_were(world: World, group: UUID) -> None:
    """Domain.md: what other systems lack (OpenEMR #3661)."""
    world.facilitator("u", "therapist")
    first = session_on(group, 2)
    for now, refusal in ((day(2, 23), errors.SessionHasStarted), (day(9, 12), errors.SessionHasPassed)):
        world.now = now
        for command in (
            c.MoveSession(first, date(2026, 3, 12), time(18)),
            c.SubstituteFacilitator(first, named("t"), named("u")),
            c.AlterSession(first, seats=3),
        ):
            with pytest.raises(refusal):
                world.do(command)
    with pytest.raises(errors.SessionHasPassed, match="new time"):
        moved(world, session_on(group, 16))
    world.do(c.CancelSession(session_on(group, 23), "holiday"))
    with pytest.raises(errors.SessionCancelled):
        moved(world, session_on(group, 23), local_date=date(2026, 3, 24))


def test_a_session_moved_across_a_clock_change_keeps_its_local_time(world: World, group: UUID) -> None:
    moved(world, session_on(group, 2), local_date=date(2026, 3, 10))  # clocks change on 8 March
    assert world.session(session_on(group, 2)).starts_at == day(10, 22)


@pytest.mark.parametrize("minutes", [4, 24 * 60 + 1])
def test_a_moved_session_lasts_between_five_minutes_and_a_day(world: World, group: UUID, minutes: int) -> None:
    with pytest.raises(errors.DurationOutOfRange):
        moved(world, session_on(group, 2), minutes=minutes)


def test_a_moved_prescribers_session_serves_reviews_by_its_new_time(world: World) -> None:
    clinic = world.series("clinic", world.facilitator("p", "prescriber"), component="medication_management")
    world.sessions(clinic)
    world.admitted("ann")
    review = review_commands.BookReview(named("ann"), named("ann's episode"), named("review"), world.now, day(8))
    world.do(review)
    assert world.seats_held("ann") == [session_on(clinic, 2)]
    moved(world, session_on(clinic, 2), local_date=date(2026, 3, 13))
    assert len(world.happened("PrescriberRequested")) == 1  # none before the review falls due
    moved(world, session_on(clinic, 9), local_date=date(2026, 3, 5))
    world.do(review_commands.TryRequestsAgain(session_on(clinic, 9)))
    assert world.seats_held("ann") == [session_on(clinic, 9)]


def test_a_substitute_leads_this_session_and_no_other(world: World, group: UUID) -> None:
    world.facilitator("u", "therapist")
    first = session_on(group, 2)
    answer = world.do(c.SubstituteFacilitator(first, named("t"), named("u")))
    assert (answer["facilitators"], answer["sequence"]) == ([named("u")], 1)
    assert world.session(session_on(group, 9)).facilitators == (named("t"),)
    assert world.happened("BookingChanged") == []
    assert world.sessions(world.series("by t", named("t")), weeks=1)
    with pytest.raises(errors.FacilitatorAlreadyBooked):
        world.sessions(world.series("by u", named("u")), weeks=1)


@pytest.mark.parametrize(
    ("leaving", "coming", "refusal"),
    [
        ("t", "peer", errors.FacilitatorNotQualified),
        ("t", "busy", errors.FacilitatorAlreadyBooked),
        ("t", "t", errors.FacilitatorLeadsAlready),
        ("busy", "t", errors.FacilitatorDoesNotLead),
        ("t", "nobody", NotFound),
    ],
)
def test_a_substitute_is_qualified_and_free(
    world: World, group: UUID, leaving: str, coming: str, refusal: type[Exception]
) -> None:
    world.facilitator("peer", "peer")
    world.sessions(world.series("busy's group", world.facilitator("busy", "therapist")), weeks=1)
    before = len(world.log)
    with pytest.raises(refusal):
        world.do(c.SubstituteFacilitator(session_on(group, 2), named(leaving), named(coming)))
    assert len(world.log) == before


def test_another_room_is_claimed_and_the_first_given_back(world: World, group: UUID) -> None:
    world.room("B2")
    first = session_on(group, 2)
    world.do(c.AlterSession(first, room="B2", topic="Sleep", seats=3))
    session = world.session(first)
    assert (session.room, session.topic, session.seats, session.sequence) == ("B2", "Sleep", 3, 1)
    assert [told.room for told in world.happened("BookingChanged")] == ["B2"]
    leader = world.facilitator("u", "therapist")
    assert world.sessions(world.series("in A1", leader, room="A1", modality="in_person"), weeks=1)
    with pytest.raises(errors.RoomAlreadyBooked):
        world.do(c.AlterSession(first, room="A1"))


def test_a_session_that_goes_online_leaves_its_room(world: World, group: UUID) -> None:
    first = session_on(group, 2)
    world.do(c.AlterSession(first, modality="telehealth"))
    assert (world.session(first).room, world.session(first).modality) == (None, "telehealth")
    with pytest.raises(errors.RoomNeeded):
        world.do(c.AlterSession(first, modality="in_person"))
    world.do(c.AlterSession(first, modality="in_person", room="A1"))
    assert [(told.modality, told.room) for told in world.happened("BookingChanged")] == [
        ("telehealth", None),
        ("in_person", "A1"),
    ]


def test_a_topic_or_seats_alone_leave_bookings_as_they_are(world: World, group: UUID) -> None:
    first = session_on(group, 2)
    world.do(c.AlterSession(first, topic="Sleep", seats=3))
    assert world.happened("BookingChanged") == []
    before = len(world.log)
    world.do(c.AlterSession(first, topic="Sleep", seats=3))
    assert len(world.log) == before


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"seats": 1}, errors.SeatsAlreadyTaken),
        ({"seats": 0}, errors.SeatsOutOfRange),
        ({"seats": 13}, errors.RoomTooSmall),
        ({"room": "online"}, errors.RoomModalityDiffers),
        ({"room": "taken"}, errors.RoomAlreadyBooked),
        ({"room": "nowhere"}, NotFound),
    ],
)
def test_a_change_is_held_to_what_a_plan_is(
    world: World, group: UUID, changes: dict[str, object], refusal: type[Exception]
) -> None:
    world.admitted("ben")
    world.booked(session_on(group, 2), named("ben"))
    world.room("online", modality="telehealth")
    leader = world.facilitator("u", "therapist")
    world.sessions(world.series("other", leader, room=world.room("taken"), modality="in_person"), weeks=1)
    before = len(world.log)
    with pytest.raises(refusal):
        world.do(c.AlterSession(session_on(group, 2), **changes))
    assert len(world.log) == before


def test_a_changed_group_is_as_large_as_the_tracks_packs_allow(world: World) -> None:
    world.do(told_commands.LearnTrack(TRACK, "Adult", ZONE, ("group_90853",)))
    group = world.series("group", world.facilitator("t", "therapist"), seats=12)
    world.sessions(group)
    with pytest.raises(errors.SeatsOutOfRange, match="group_90853"):
        world.do(c.AlterSession(session_on(group, 2), seats=13))


def test_one_more_seat_serves_a_review_that_waits(world: World) -> None:
    clinic = world.series("clinic", world.facilitator("p", "prescriber"), component="medication_management", seats=1)
    world.sessions(clinic, weeks=1)
    for name in ("ann", "ben"):
        world.admitted(name)
        world.do(
            review_commands.BookReview(named(name), named(f"{name}'s episode"), named(f"{name}'s"), world.now, day(8))
        )
    assert world.seats_held("ben") == []
    world.do(c.AlterSession(session_on(clinic, 2), seats=2))
    assert [event.session_id for event in world.happened("SlotFreed")] == [session_on(clinic, 2)]
    world.do(review_commands.TryRequestsAgain(session_on(clinic, 2)))
    assert world.seats_held("ben") == [session_on(clinic, 2)]
