"""What happens across the services, each as a story: it acts, yields until when it waits, and looks.

A story yields an instant: it goes on when the program's clock is there and everything has reached everyone. Several
stories may be played at once on one site, each with people of its own in a program that they share.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from datetime import datetime, time, timedelta

import pytest
from e2e_program import BEGIN, MONDAY, Member, Program, at

from services.cli.client import Refusal

Story = Callable[[Program], Generator[datetime, None, None]]

TAKEN = {"AA", "CA"}
MONDAY_NIGHT = at(MONDAY, 21, 30)
TUESDAY, WEDNESDAY, FRIDAY = (MONDAY + timedelta(days=days) for days in (1, 2, 4))
STAY_BEGINS = at(MONDAY, 15)
STAY_ENDS = at(TUESDAY, 11)


def play(program: Program, stories: Sequence[Story]) -> dict[str, Exception | None]:
    """Plays the stories together in an opened program; each one's name and how it failed, if it did."""
    ended: dict[str, Exception | None] = {}
    waiting = [(BEGIN, number, story(program)) for number, story in enumerate(stories)]
    heapq.heapify(waiting)
    now = BEGIN
    while waiting:
        if waiting[0][0] > now:
            now = waiting[0][0]
            program.site.move_to(now)
        else:
            program.site.settle()
        due = [heapq.heappop(waiting) for _ in range(len(waiting)) if waiting[0][0] <= now]
        for _, number, story in due:
            name = stories[number].__name__
            try:
                heapq.heappush(waiting, (next(story), number, story))
            except StopIteration:
                ended[name] = None
            except Exception as failure:
                ended[name] = failure
            except AssertionError as failure:
                ended[name] = failure
    return ended


def a_hospitalization_suspends_and_its_end_resumes(program: Program) -> Generator[datetime, None, None]:
    member = program.admit(0)
    yield BEGIN
    assert program.medication(member)["state"] == "open"
    assert program.causes(member) == {"reconciliation": ["admission"]}
    program.book(member, "group")
    program.book(member, "skills")
    yield MONDAY_NIGHT
    booked = program.held(member)
    assert len(booked) == 18
    assert program.outcomes(member) == ["no_show", "no_show"]
    assert set(program.site.send(program.hospital.admission(member.person, "V1", STAY_BEGINS))) <= TAKEN
    yield MONDAY_NIGHT
    assert program.status(member) == "suspended"
    assert program.held(member) == booked[:2], "what has begun is past; all later seats are freed"
    assert {one["reason"] for one in program.bookings(member)[2:]} == {"suspended"}
    assert set(program.outcomes(member)) == {"excused"}
    assert program.medication(member)["state"] == "in_transition"
    roster = program.staff.get(f"/attendance/sessions/{booked[2]}/roster")["roster"]
    expected = [one for one in roster if one["participant_id"] == member.participant_id and one["state"] == "expected"]
    assert expected == []
    yield at(TUESDAY, 12)
    program.site.send(program.hospital.discharge(member.person, "V1", STAY_BEGINS, STAY_ENDS))
    yield at(TUESDAY, 12)
    assert program.status(member) == "admitted"
    assert program.medication(member)["state"] == "open"
    assert "transition" in program.causes(member)["reconciliation"]
    program.book(member, "group")
    yield at(TUESDAY, 12)
    assert len(program.held(member)) == 2 + 8, "they may be booked again, as soon as they are back"


def what_a_cancelled_hospitalization_set_off_is_compensated(program: Program) -> Generator[datetime, None, None]:
    untouched, cancelled, resumed, reversed_ = (program.admit(number) for number in (1, 2, 3, 4))
    yield BEGIN
    for member in (untouched, cancelled, resumed, reversed_):
        program.book(member, "group")
    yield MONDAY_NIGHT
    begun, ended, not_begun, not_ended = _stay(program, cancelled)
    program.site.send(begun)
    yield MONDAY_NIGHT
    assert program.status(cancelled) == "suspended"
    program.site.send(not_begun)

    begun, ended, not_begun, not_ended = _stay(program, resumed)
    program.site.send(begun, ended)
    yield MONDAY_NIGHT
    assert program.status(resumed) == "admitted"
    program.site.send(not_ended)
    yield MONDAY_NIGHT
    assert program.status(resumed) == "suspended"
    assert program.medication(resumed)["state"] == "in_transition"
    program.site.send(not_begun)

    begun, ended, not_begun, not_ended = _stay(program, reversed_)
    program.site.send(not_ended, not_begun, ended, begun)
    yield MONDAY_NIGHT
    for member in (cancelled, resumed, reversed_):
        assert state_of(program, member) == state_of(program, untouched)


def two_hospital_numbers_become_one_person_everywhere(program: Program) -> Generator[datetime, None, None]:
    member, twin = program.admit(5), program.register(6)
    yield BEGIN
    program.book(member, "group")
    dose = {"source": "self_report", "name": "sertraline", "code": "312940", "system": "rxnorm", "dose": "50 mg"}
    program.staff.post(f"/medication_review/participants/{twin.participant_id}/medications", dose)
    yield BEGIN
    program.site.send(program.hospital.merge(member.person, twin.person.number, BEGIN))
    yield BEGIN
    old = Member(twin.person, twin.participant_id, member.episode_id, "")
    enrolled = program.enrolled(old)
    assert enrolled["participant_id"] == member.participant_id
    assert enrolled["aliases"] == [twin.participant_id]
    assert {one["number"] for one in enrolled["identifiers"]} == {member.person.number, twin.person.number}
    assert program.held(old) == program.held(member) != []
    assert program.medication(old) == program.medication(member)
    medications = program.staff.get(f"/medication_review/participants/{member.participant_id}/medications")
    assert [one["name"] for one in medications["medications"]] == ["sertraline"]
    # What the hospital says of the number that is no more holds for the person that is left.
    program.site.send(program.hospital.admission(twin.person, "V6", BEGIN))
    yield MONDAY_NIGHT
    assert program.status(member) == "suspended"
    assert set(program.outcomes(old)) == set(program.outcomes(member)) == {"excused"}


def a_safety_trigger_finds_a_prescriber_in_a_day(program: Program) -> Generator[datetime, None, None]:
    member, calm = program.admit(7), program.admit(8)
    yield BEGIN
    assert program.score(calm, item_9=0)["safety_trigger"] is False
    assert program.score(member, item_9=1)["safety_trigger"] is True
    yield BEGIN
    (review,) = (one for one in program.medication(member)["reviews"] if one["kind"] == "review")
    assert review["urgent"] is True
    assert review["causes"] == ["safety_trigger"]
    assert datetime.fromisoformat(review["due_at"]) == BEGIN + timedelta(hours=24)
    (booked,) = program.bookings(member)
    assert booked["component"] == "medication_management"
    assert datetime.fromisoformat(booked["starts_at"]) == at(TUESDAY, 8)
    assert program.bookings(calm) == []
    assert set(program.causes(calm)) == {"reconciliation"}


def where_no_prescriber_is_free_a_coordinator_is_asked(program: Program) -> Generator[datetime, None, None]:
    member = program.admit(9)
    yield at(FRIDAY, 10)
    program.score(member, item_9=3)
    yield at(FRIDAY, 10)
    (review,) = (one for one in program.medication(member)["reviews"] if one["kind"] == "review")
    asked = program.staff.get("/scheduling/coordinator-requests")["requests"]
    (request,) = (one for one in asked if one["participant_id"] == member.participant_id)
    assert request["subject_id"] == review["review_id"]
    assert request["wanted_by"] == review["due_at"]
    assert program.bookings(member) == []
    # The prescriber sees them after all; nobody is asked any more.
    completion = f"/medication_review/episodes/{member.episode_id}/reviews/{review['review_id']}/completion"
    program.prescriber.post(completion, {"rationale": "seen by telephone"})
    yield at(FRIDAY, 10)
    asked = program.staff.get("/scheduling/coordinator-requests")["requests"]
    assert [one for one in asked if one["participant_id"] == member.participant_id] == []


def repeated_no_shows_ask_for_a_medication_review(program: Program) -> Generator[datetime, None, None]:
    member = program.admit(10)
    yield BEGIN
    program.book(member, "group")
    program.book(member, "skills")
    yield MONDAY_NIGHT
    assert set(program.causes(member)) == {"reconciliation"}, "two are not yet too many"
    yield at(WEDNESDAY, 21, 30)
    assert program.outcomes(member) == ["no_show"] * 4
    assert program.causes(member)["review"] == ["no_shows"]
    for missed in program.attendance(member)[:2]:
        program.staff.post(f"/attendance/bookings/{missed['booking_id']}/excuse", {"reason": "illness"})
    yield at(WEDNESDAY, 21, 30)
    assert program.outcomes(member)[:4] == ["excused", "excused", "no_show", "no_show"]
    assert "review" not in program.causes(member), "what asked for the review is gone, and so is the review"


def missed_doses_are_reviewed_before_the_next(program: Program) -> Generator[datetime, None, None]:
    member = program.admit(31)
    yield BEGIN
    episode = f"/medication_review/episodes/{member.episode_id}"
    order = {"medication": "methadone", "days": ["MO", "TU", "WE", "TH", "FR", "SA"], "take_home_days": ["SU"]}
    program.prescriber.post(f"{episode}/dose_orders", {**order, "dose": "30 mg"})
    program.staff.post(f"{episode}/doses", {"outcome": "observed"})
    yield BEGIN
    assert program.due(member) == {"reconciliation": "coordinator", "pdmp_check": "prescriber"}
    program.prescriber.post(f"{episode}/pdmp_checks", {"result": "consistent"})
    effect = {"severity": "severe", "description": "dizzy on the way home"}
    program.staff.post(f"{episode}/adverse_effects", effect)
    yield BEGIN
    (review,) = (one for one in program.medication(member)["reviews"] if one["kind"] == "review")
    assert (review["urgent"], review["causes"]) == (True, ["adverse_effect"])
    program.prescriber.post(f"{episode}/reviews/{review['review_id']}/completion", {"rationale": "less, and at noon"})
    yield at(FRIDAY, 9)
    assert program.causes(member)["review"] == ["missed_doses"]
    assert program.due(member)["missed_doses"] == "coordinator"
    with pytest.raises(Refusal) as refused:
        program.staff.post(f"{episode}/doses", {"outcome": "observed"})
    assert refused.value.kind == "ReviewBeforeDose"
    program.staff.post(f"{episode}/doses", {"outcome": "observed", "on": WEDNESDAY, "reason": "found on paper"})
    yield at(FRIDAY, 9)
    assert "review" not in program.causes(member), "two are not yet too many"
    program.staff.post(f"{episode}/doses", {"outcome": "observed"})


def a_discharge_frees_promotes_closes_and_is_told(program: Program) -> Generator[datetime, None, None]:
    small = Program(program.site, f"{program.name}-small", census=1, hospital=program.hospital)
    track = {"track_id": small.id("track"), "name": "Small track", "time_zone": "America/New_York"}
    small.staff.post("/enrollment/tracks", {**track, "packs": small.packs, "census_limit": 1})
    yield BEGIN
    small.plan("circle", "group_therapy", "therapist", "MO,WE", time(10), 90, 2, seats=1)
    leaving, patient, urgent = small.admit(0), small.admit(1, priority=3), small.admit(2, priority=1)
    assert [one.outcome for one in (leaving, patient, urgent)] == ["admitted", "waitlisted", "waitlisted"]
    yield BEGIN
    small.book(leaving, "circle")
    yield MONDAY_NIGHT
    small.score(leaving, item_9=0, occasion="discharge")
    plan = {"reason": "completed", "plan": "weekly outpatient therapy", "to_level_of_care": "outpatient"}
    small.staff.post(f"/enrollment/episodes/{leaving.episode_id}/discharge", plan)
    yield MONDAY_NIGHT
    assert small.status(leaving) == "discharged"
    assert len(small.held(leaving)) == 1, "only the session that is past"
    assert {one["reason"] for one in small.bookings(leaving)[1:]} == {"discharged"}
    assert small.medication(leaving) == {"state": "closed", "reviews": []}
    assert (small.status(urgent), small.status(patient)) == ("admitted", "waiting")
    assert small.causes(urgent) == {"reconciliation": ["admission"]}
    small.book(urgent, "circle")
    yield MONDAY_NIGHT
    assert len(small.held(urgent)) == 3, "the one seat of each session is theirs now"
    notices = small.staff.get("/interop/notices", limit=1000)["notices"]
    told = [one["message_type"] for one in notices if one["participant_id"] == leaving.participant_id]
    assert Counter(told) == {"ADT^A04": 1, "SIU^S12": 4, "SIU^S26": 1, "SIU^S15": 3, "ADT^A03": 1}


def a_calendar_program_follows_what_becomes_of_the_sessions(program: Program) -> Generator[datetime, None, None]:
    member = program.admit(21)
    yield BEGIN
    program.book(member, "group")
    address = program.staff.post("/scheduling/calendar-feeds", {"participant_id": member.participant_id})
    calendar, _, _ = address["path"].partition("?")
    yield BEGIN
    assert Counter(_statuses(program, calendar)) == {"CONFIRMED": 9}
    first = program.bookings(member)[0]
    seat = f"/scheduling/sessions/{first['session_id']}/bookings/{first['booking_id']}"
    program.staff.post(f"{seat}/cancellation", {})
    yield BEGIN
    assert Counter(_statuses(program, calendar)) == {"CONFIRMED": 8, "CANCELLED": 1}
    assert program.staff.get("/scheduling/calendar-feeds", whose_id=member.participant_id)["feeds"]


def a_seat_given_up_goes_to_who_waits_for_it(program: Program) -> Generator[datetime, None, None]:
    leaving, waiting = program.admit(11), program.admit(12)
    yield BEGIN
    series = program.plan("corner", "psychoeducation", "psychoeducator", "TH", time(10), 60, 2, seats=1)
    program.book(leaving, "corner")
    program.staff.post(f"/scheduling/series/{series}/waitlist", {"participant_id": waiting.participant_id})
    yield BEGIN
    first, second = program.bookings(leaving)
    # At first they cannot come.
    availability = f"/scheduling/participants/{waiting.participant_id}/availability"
    school = {"days": ["TH"], "starts_at": "08:00", "ends_at": "12:00", "reason": "school"}
    program.staff.call("PUT", availability, {"time_zone": "America/New_York", "weekly": [school]})
    (turn,) = program.staff.get(f"/scheduling/sessions/{first['session_id']}/waitlist")["waiting"]
    assert turn["participant_id"] == waiting.participant_id
    assert program.bookings(waiting) == []
    cancelled = f"/scheduling/sessions/{first['session_id']}/bookings/{first['booking_id']}/cancellation"
    program.staff.post(cancelled, {})
    yield MONDAY_NIGHT
    assert program.bookings(waiting) == []
    holiday = {"from": MONDAY + timedelta(days=3), "through": MONDAY + timedelta(days=3), "available": True}
    program.staff.call(
        "PUT", availability, {"time_zone": "America/New_York", "weekly": [school], "exceptions": [holiday]}
    )
    yield MONDAY_NIGHT
    (promoted,) = program.bookings(waiting)
    assert (promoted["session_id"], promoted["kind"]) == (first["session_id"], "promoted")
    (wait,) = program.staff.get(f"/scheduling/participants/{waiting.participant_id}/waits")["waits"]
    assert wait["state"] == "waiting", "for the week after"
    program.staff.post(f"/scheduling/series/{series}/waitlist/{waiting.episode_id}/withdrawal", {})
    yield at(MONDAY + timedelta(days=3), 12, 30)
    assert program.outcomes(waiting) == ["no_show"]
    assert program.held(leaving) == [second["session_id"]]


def a_curriculum_is_taught_and_attended(program: Program) -> Generator[datetime, None, None]:
    member = program.admit(22)
    track = program.id("track")
    topics = [{"code": code, "title": code.capitalize()} for code in ("sleep", "stress", "relapse")]
    program.staff.call("PUT", f"/scheduling/tracks/{track}/curriculum", {"edition": "2026", "topics": topics})
    planned = program.staff.post(f"/scheduling/series/{program.id('skills')}/topics", {})["planned"]
    assert [one["topic"] for one in planned[:4]] == ["sleep", "stress", "relapse", "sleep"]
    yield BEGIN
    program.book(member, "skills")
    yield MONDAY_NIGHT
    (missed,) = program.attendance(member)
    assert _topics(program, member) == ([], ["sleep", "stress", "relapse"])
    visit = {"checked_in_at": at(MONDAY, 16, 30), "checked_out_at": at(MONDAY, 17, 20)}
    program.staff.post(f"/attendance/bookings/{missed['booking_id']}/correction", {"reason": "entered_late", **visit})
    yield MONDAY_NIGHT
    assert _topics(program, member) == (["sleep"], ["stress", "relapse"])
    taught = program.staff.get(f"/scheduling/tracks/{track}/curriculum")["topics"][0]
    assert [one["participant_id"] for one in taught["completed_by"]] == [member.participant_id]
    visit["checked_out_at"] = at(MONDAY, 16, 50)
    program.staff.post(f"/attendance/bookings/{missed['booking_id']}/correction", {"reason": "left_early", **visit})
    yield MONDAY_NIGHT
    assert _topics(program, member) == ([], ["sleep", "stress", "relapse"])


def a_session_missed_is_made_up_in_another(program: Program) -> Generator[datetime, None, None]:
    small = Program(program.site, f"{program.name}-making-up", hospital=program.hospital).open_track()
    yield BEGIN
    small.plan("circle", "group_therapy", "therapist", "MO", time(15), 90, 1)
    small.plan("other", "group_therapy", "therapist", "WE", time(15), 90, 1)
    member = small.admit(0)
    yield BEGIN
    small.book(member, "circle")
    yield MONDAY_NIGHT
    (missed,) = small.attendance(member)
    assert missed["status"] == "no_show"
    (other,) = small.staff.get("/scheduling/sessions", series_id=small.id("other"))["sessions"]
    wanted = {"participant_id": member.participant_id, "makes_up_for": missed["booking_id"]}
    made = small.staff.post(f"/scheduling/sessions/{other['session_id']}/bookings", wanted)
    yield MONDAY_NIGHT
    shown = {one["booking_id"]: (one["kind"], one["makes_up_for"]) for one in small.bookings(member)}
    assert shown[made["booking_id"]] == ("make_up", missed["booking_id"])
    roster = small.staff.get(f"/attendance/sessions/{other['session_id']}/roster")["roster"]
    assert [one["makes_up_for"] for one in roster] == [missed["booking_id"]]


def a_closure_cancels_its_days_and_their_seats(program: Program) -> Generator[datetime, None, None]:
    small = Program(program.site, f"{program.name}-closing", hospital=program.hospital).open_track()
    yield BEGIN
    series = small.plan("circle", "group_therapy", "therapist", "WE", time(10), 90, 2)
    member = small.admit(0)
    yield BEGIN
    small.book(member, "circle")
    storm = {"from": WEDNESDAY, "through": WEDNESDAY, "reason": "storm", "track_id": small.id("track")}
    closure = small.staff.post("/scheduling/closures", storm)["closure_id"]
    yield BEGIN
    assert [(one["state"], one["reason"]) for one in small.bookings(member)] == [
        ("cancelled", "cancelled_by_program"),
        ("booked", None),
    ]
    small.staff.post(f"/scheduling/closures/{closure}/reopening", {})
    again = {"from": WEDNESDAY, "through": WEDNESDAY}
    assert len(small.staff.post(f"/scheduling/series/{series}/sessions", again)["scheduled"]) == 1
    yield BEGIN
    assert sorted(one["state"] for one in small.bookings(member)) == ["booked", "booked", "cancelled"]
    yield at(WEDNESDAY, 13)
    assert sorted(small.outcomes(member)) == ["cancelled_by_program", "no_show"]


STORIES: tuple[Story, ...] = (
    a_hospitalization_suspends_and_its_end_resumes,
    what_a_cancelled_hospitalization_set_off_is_compensated,
    two_hospital_numbers_become_one_person_everywhere,
    a_safety_trigger_finds_a_prescriber_in_a_day,
    where_no_prescriber_is_free_a_coordinator_is_asked,
    repeated_no_shows_ask_for_a_medication_review,
    missed_doses_are_reviewed_before_the_next,
    a_discharge_frees_promotes_closes_and_is_told,
    a_calendar_program_follows_what_becomes_of_the_sessions,
    a_seat_given_up_goes_to_who_waits_for_it,
    a_curriculum_is_taught_and_attended,
    a_closure_cancels_its_days_and_their_seats,
    a_session_missed_is_made_up_in_another,
)


def state_of(program: Program, member: Member) -> dict[str, object]:
    """What the services say of a participant, without what is theirs alone. Of seats that were freed and given back
    only the booking that stands is looked at: the one before is history."""
    stands = {one["booking_id"] for one in program.bookings(member) if one["state"] == "booked"}
    attended = program.attendance(member)
    assert {one["status"] for one in attended if one["booking_id"] not in stands} <= {"cancelled_by_program"}
    return {
        "status": program.status(member),
        "sessions": program.held(member),
        "outcomes": [(one["session_id"], one["status"]) for one in attended if one["booking_id"] in stands],
        "state": program.medication(member)["state"],
        "causes": program.causes(member),
    }


def _topics(program: Program, member: Member) -> tuple[list[str], list[str]]:
    """Completed, and missing although a session with a free seat offers it."""
    (episode,) = program.staff.get(f"/scheduling/participants/{member.participant_id}/topics")["episodes"]
    offered = [one["code"] for one in episode["missing"] if one["offered"]]
    return [one["topic"] for one in episode["completed"]], offered


def _statuses(program: Program, calendar: str) -> list[str]:
    lines: list[str] = program.staff.get(calendar)["body"].splitlines()
    return [line.partition(":")[2] for line in lines if line.startswith("STATUS:")]


def _stay(program: Program, member: Member) -> tuple[bytes, bytes, bytes, bytes]:
    """A01, A03, A11, A13 of one stay, each stated an hour after the one before."""
    hospital, person, visit = program.hospital, member.person, f"V{member.person.number}"
    return (
        hospital.admission(person, visit, STAY_BEGINS),
        hospital.discharge(person, visit, STAY_BEGINS, STAY_BEGINS + timedelta(hours=2)),
        hospital.cancel_admission(person, visit, STAY_BEGINS + timedelta(hours=4)),
        hospital.cancel_discharge(person, visit, STAY_BEGINS, STAY_BEGINS + timedelta(hours=3)),
    )
