"""Groups: counts against the packs' limits, and the note that is due; each test cites its source."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from attendance_told import NOW, admitted, booked, booking, days, named, scheduled
from attendance_world import MONDAY, World, at, seat

from services.attendance.domain import commands as c
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.domain.errors import AheadOfTime
from services.attendance.domain.group_note import GroupNote
from services.attendance.domain.groups import GroupRules
from services.attendance.rulebook import PackRules
from services.attendance.wiring import define
from services.platform.packs import Packs
from tests.support.whole_service import WholeService, opened

SESSION = named(f"session {MONDAY}")
CALIFORNIA = ("california_narcotic_program", "group_90853")


@pytest.fixture
def service() -> Iterator[WholeService]:
    with opened(define, NOW) as running:
        running.told(scheduled(MONDAY))
        yield running


def attended(service: WholeService, *names: str, packs: tuple[str, ...] = CALIFORNIA) -> None:
    for name in names:
        service.told(admitted(name, packs=packs), booked(name, MONDAY))
    service.now = max(service.now, at(MONDAY, "12:00"))
    times = {"checked_in_at": at(MONDAY, "09:00"), "checked_out_at": at(MONDAY, "12:00")}
    for name in names:
        service.do(c.CorrectAttendance(booking(name, MONDAY), "entered_late", **times), "therapist")
    service.settle()


def group(service: WholeService) -> dict:
    service.settle()
    return service.ask("roster", session_id=SESSION)["group"]


def due(service: WholeService, role: str | None = None) -> list[str]:
    service.settle()
    return [item["kind"] for item in service.ask("attendance_due", role=role)["due"]]


@pytest.mark.rule("group.minimum")
@pytest.mark.rule("group.maximum")
@pytest.mark.rule("group_size")
def test_group_size():
    """L33632: at most 12; California Code of Regulations, Title 9, §10345: 2 to 12."""
    rules = PackRules(Packs.load()).group(JudgedBy(CALIFORNIA), MONDAY)
    assert (rules.minimum, rules.maximum, rules.note_within) == (2, 12, timedelta(days=14))
    assert rules.broken_by(1) == ["california_narcotic_program@2020-01-01:group_size"]
    assert rules.broken_by(2) == rules.broken_by(12) == []
    assert len(rules.broken_by(13)) == 1


def test_nothing_is_said_about_groups_where_no_pack_does():
    assert PackRules(Packs.load()).group(JudgedBy(("medicare_iop",)), MONDAY) == GroupRules(None, None, None, {})


def test_the_roster_counts_who_attended_and_names_the_limit_that_is_broken(service):
    attended(service, "ada")
    found = group(service)
    assert (found["count"], found["broken_rules"]) == (1, ["california_narcotic_program@2020-01-01:group_size"])
    attended(service, "ben")
    assert (group(service)["count"], group(service)["broken_rules"]) == (2, [])


@pytest.mark.rule("group_note")
@pytest.mark.rule("group.note_days")
def test_group_note(service):
    """California Code of Regulations, Title 9, §10345: a note within 14 days."""
    attended(service, "ada", "ben")
    assert due(service, "therapist") == ["group_note"]
    assert group(service)["note_due_at"].startswith(str(MONDAY + timedelta(days=14)))
    service.do(c.WriteGroupNote(SESSION, 2), "therapist")
    assert due(service, "therapist") == []
    assert (group(service)["documented"], group(service)["agrees"]) == (2, True)


def test_a_note_that_documents_another_count_is_shown_to_disagree(service):
    attended(service, "ada", "ben")
    service.do(c.WriteGroupNote(SESSION, 3), "therapist")
    assert group(service)["agrees"] is False


def test_a_note_is_due_no_more_when_nobody_attended_after_all(service):
    attended(service, "ada")
    service.do(c.CorrectAttendance(booking("ada", MONDAY), "wrong_entry", status="excused"), "therapist")
    assert due(service, "therapist") == []


def test_a_note_is_not_written_ahead(service):
    with pytest.raises(AheadOfTime):
        service.do(c.WriteGroupNote(SESSION, 3, at(MONDAY, "23:00")), "therapist")


def test_only_groups_whose_packs_ask_have_a_note_due():
    world = World().admitted()
    world.came(world.booked(seat(MONDAY)), "09:00", "12:00")
    assert world.notes == {}
    world.book.group_rules = GroupRules(None, None, timedelta(days=14), {})
    world.came(world.booked(seat(MONDAY, "13:00", "14:00", component="psychoeducation")), "13:00", "14:00")
    assert world.notes == {}
    world.came(world.booked(seat(MONDAY, "15:00", "16:00")), "15:00", "16:00")
    assert [list(note.asked.values()) for note in world.notes.values()] == [[at(MONDAY, "16:00") + timedelta(days=14)]]


def test_a_note_is_asked_for_once_per_booking():
    note = GroupNote.begin(SESSION, NOW)
    for _ in range(2):
        note.ask(UUID(int=1), at(MONDAY, "12:00"), NOW)
    assert [type(event).__name__ for event in note.pending_events] == ["Created", "NoteAsked"]


def test_the_due_list_is_by_role_and_empties_as_things_are_done(service):
    three = days(0, 2, 4)
    service.told(admitted("cyd"), *[booked("cyd", day) for day in three])
    service.pass_time(at(three[1], "23:00"))
    assert sorted(due(service)) == ["coordinator", "coordinator", "early_warning", "outreach"]
    assert due(service, "therapist") == ["outreach"]
    service.do(c.TakeStep(named("cyd's episode"), "three_unexcused", "outreach"), "therapist")
    assert due(service, "therapist") == []
    service.pass_time(at(days(7)[0], "06:00"))
    assert "week_to_judge" in due(service, "coordinator") and "early_warning" not in due(service, "coordinator")
    service.pass_time(at(days(9)[0], "06:00"))
    assert "week_to_judge" not in due(service, "coordinator")


def test_a_make_up_attended_is_shown_beside_the_absence_it_makes_up_for(service):
    tuesday = days(1)[0]
    make_up = booked("ada", tuesday, kind="make_up", makes_up_for=booking("ada", MONDAY))
    service.told(admitted("ada"), booked("ada", MONDAY), make_up)
    service.pass_time(at(MONDAY, "23:00"))
    (missed,) = service.ask("participant_attendance", participant_id=named("ada"))["attendance"]
    assert (missed["status"], missed["made_up_by"]) == ("no_show", None)
    service.now = at(tuesday, "12:00")
    times = {"checked_in_at": at(tuesday, "09:00"), "checked_out_at": at(tuesday, "12:00")}
    service.do(c.CorrectAttendance(booking("ada", tuesday), "entered_late", **times), "therapist")
    service.settle()
    missed, _ = service.ask("participant_attendance", participant_id=named("ada"))["attendance"]
    assert missed["made_up_by"]["booking_id"] == str(booking("ada", tuesday))
    assert missed["made_up_by"]["minutes"] == 180
