"""A local day of one person is billed once, whichever of their episodes it was attended in, and in whatever order
merges, admissions and attendance are told."""

from collections.abc import Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from attendance_told import admitted, booked, booking, merged, named
from attendance_world import LATER, MONDAY, NEW_YORK, PAYER, TRACK, Book, at, seat
from hypothesis import given
from hypothesis import strategies as st

from events.log.commands import Context, Unit
from services.attendance.decisions import carry_out
from services.attendance.desk import Desk
from services.attendance.domain import commands as c
from services.attendance.domain import told_commands
from services.attendance.domain.episode_facts import Placement
from services.attendance.domain.treatment_week import TreatmentWeek, treatment_week_id
from services.attendance.office import Office
from services.attendance.what_if import judged_by

WEDNESDAY = MONDAY + timedelta(days=2)
FRIDAY = MONDAY + timedelta(days=4)
ANN, EVE = named("ann"), named("eve")


class Decided:
    """Every command of attendance, decided in memory; Ann's and Eve's ids have an episode each."""

    def __init__(self) -> None:
        context = Context(uuid4(), LATER, "system", frozenset(), "test")
        self.unit = Unit(lambda cls, ids: {}, context)
        self.office = Office(Book(), SimpleNamespace(), lambda session: (), lambda track, monday: ((), 0))

    def do(self, *decided: object) -> "Decided":
        for command in decided:
            carry_out(Desk(self.unit, self.office), command)
        return self

    def week(self, who: UUID) -> TreatmentWeek:
        return self.unit.get(TreatmentWeek, treatment_week_id(episode(who), MONDAY))

    def bills(self, who: UUID) -> dict[date, str]:
        return {day: verdict.bills_as for day, verdict in self.week(who).days.items()}


def episode(who: UUID) -> UUID:
    return named(f"episode of {who}")


def admit(who: UUID, on: date) -> list[object]:
    placement = Placement(on, NEW_YORK, PAYER, TRACK)
    return [
        told_commands.AdmitToEpisode(episode(who), who, at(on, "06:00"), placement),
        told_commands.LearnEpisode(who, episode(who)),
    ]


def seats(who: UUID, on: date, until: str = "12:00") -> list[object]:
    """Booked, and there from nine o'clock."""
    id_ = named(f"{who} {on}")
    booked = told_commands.BookSeat(id_, who, episode(who), seat(on), restores=None, makes_up_for=None)
    return [booked, c.CheckIn(id_, at(on, "09:00")), c.CheckOut(id_, at(on, until))]


def stayed_until(who: UUID, on: date, until: str) -> c.CorrectAttendance:
    return c.CorrectAttendance(named(f"{who} {on}"), "wrong_entry", at(on, "09:00"), at(on, until))


MERGED = told_commands.MergeParticipants(ANN, EVE, 1)
SEPARATED = told_commands.SeparateParticipants(ANN, EVE, 2)
MERGED_AGAIN = told_commands.MergeParticipants(ANN, EVE, 3)


def both_attended(on: date = WEDNESDAY) -> Decided:
    """Ann was admitted first; each attended the same day in her own episode."""
    return Decided().do(*admit(ANN, MONDAY), *admit(EVE, WEDNESDAY), *seats(ANN, on), *seats(EVE, on))


@pytest.mark.rule("one_per_diem_a_day")
def test_the_day_of_the_episode_admitted_first_stands():
    """HCPCS H0015 and S9480: per diem; a person has one a day."""
    decided = both_attended()
    assert decided.bills(EVE) == {WEDNESDAY: "per_diem"}
    decided.do(MERGED)
    assert (decided.bills(ANN), decided.bills(EVE)) == ({WEDNESDAY: "per_diem"}, {WEDNESDAY: "nothing"})
    assert decided.week(EVE).days[WEDNESDAY].broken_rules == ("one_per_diem_a_day",)


def test_a_day_that_only_one_episode_bills_stands():
    decided = Decided().do(*admit(ANN, MONDAY), *admit(EVE, WEDNESDAY), MERGED)
    decided.do(*seats(ANN, WEDNESDAY), *seats(EVE, FRIDAY))
    assert (decided.bills(ANN), decided.bills(EVE)) == ({WEDNESDAY: "per_diem"}, {FRIDAY: "per_diem"})


def test_an_unmerge_gives_back_what_was_given_up():
    decided = both_attended().do(MERGED, SEPARATED)
    assert decided.bills(EVE) == {WEDNESDAY: "per_diem"}
    decided.do(*seats(ANN, FRIDAY), *seats(EVE, FRIDAY))
    assert decided.bills(EVE) == {WEDNESDAY: "per_diem", FRIDAY: "per_diem"}


def test_an_unmerge_told_before_its_merge():
    assert both_attended().do(SEPARATED, MERGED).bills(EVE) == {WEDNESDAY: "per_diem"}


def test_a_day_that_the_first_episode_does_not_bill_after_all_is_the_others():
    decided = both_attended().do(MERGED, stayed_until(ANN, WEDNESDAY, "10:00"))
    assert (decided.bills(ANN), decided.bills(EVE)) == ({WEDNESDAY: "nothing"}, {WEDNESDAY: "per_diem"})
    decided.do(stayed_until(ANN, WEDNESDAY, "12:00"))
    assert (decided.bills(ANN), decided.bills(EVE)) == ({WEDNESDAY: "per_diem"}, {WEDNESDAY: "nothing"})


def test_what_judges_a_day_again_says_nothing_new_of_it():
    decided = both_attended().do(MERGED)
    revision = decided.week(EVE).day_revisions[WEDNESDAY]
    decided.do(stayed_until(EVE, WEDNESDAY, "12:00"), stayed_until(ANN, WEDNESDAY, "12:00"))
    assert decided.week(EVE).day_revisions[WEDNESDAY] == revision


def test_three_ids_of_one_person_bill_a_day_once():
    lea = named("lea")
    decided = both_attended().do(*admit(lea, WEDNESDAY), *seats(lea, WEDNESDAY), MERGED)
    decided.do(told_commands.MergeParticipants(EVE, lea, 1))
    billed = [who for who in (ANN, EVE, lea) if decided.bills(who) == {WEDNESDAY: "per_diem"}]
    assert billed == [ANN]
    decided.do(SEPARATED)
    assert decided.bills(ANN) == {WEDNESDAY: "per_diem"}
    assert sorted((decided.bills(EVE)[WEDNESDAY], decided.bills(lea)[WEDNESDAY])) == ["nothing", "per_diem"]


def test_a_readmission_on_the_day_of_the_discharge():
    """One id, two episodes: the day belongs to both, and is billed in the first."""
    decided = Decided().do(*admit(ANN, MONDAY), *seats(ANN, MONDAY))
    decided.do(told_commands.CloseEpisode(episode(ANN), ANN, at(MONDAY, "13:00"), MONDAY, "completed"))
    again, evening = named("second episode"), named("evening")
    late = Placement(MONDAY, NEW_YORK, PAYER, TRACK)
    decided.do(
        told_commands.AdmitToEpisode(again, ANN, at(MONDAY, "16:00"), late), told_commands.LearnEpisode(ANN, again)
    )
    decided.do(
        told_commands.BookSeat(evening, ANN, again, seat(MONDAY, "17:00", "20:00"), restores=None, makes_up_for=None),
        c.CheckIn(evening, at(MONDAY, "17:00")),
        c.CheckOut(evening, at(MONDAY, "20:00")),
    )
    week = decided.unit.get(TreatmentWeek, treatment_week_id(again, MONDAY))
    assert decided.bills(ANN) == {MONDAY: "per_diem"}
    assert week.days[MONDAY].bills_as == "nothing"


def test_what_other_packs_would_make_of_a_day_is_shared_as_well():
    """Judged anew by the packs that judged it, nothing differs."""
    decided = both_attended().do(MERGED)
    eve = Desk(decided.unit, decided.office).episode(episode(EVE), EVE)
    assert judged_by(decided.unit, eve, decided.office).days == decided.week(EVE).days


STREAMS = {
    "enrollment tells of Ann": admit(ANN, MONDAY),
    "enrollment tells of Eve": [*admit(EVE, WEDNESDAY)],
    "identities": [MERGED, SEPARATED, MERGED_AGAIN],
    "identities, under the other key": [MERGED, SEPARATED, MERGED_AGAIN],
    "Ann comes": seats(ANN, WEDNESDAY),
    "Eve comes": seats(EVE, WEDNESDAY),
}


def shuffled(streams: Sequence[str]) -> list[object]:
    """One command after the other, each from the stream that is named next."""
    left = {name: list(commands) for name, commands in STREAMS.items()}
    return [left[name].pop(0) for name in streams]


@given(st.permutations([name for name, told in STREAMS.items() for _ in told]))
def test_no_order_of_arrival_changes_which_day_stands(streams):
    """Merged, separated and merged again: before, between and after both were admitted and came."""
    decided = Decided().do(*shuffled(streams))
    assert (decided.bills(ANN), decided.bills(EVE)) == ({WEDNESDAY: "per_diem"}, {WEDNESDAY: "nothing"})


def test_who_has_the_days_is_told_what_is_billed_no_longer(service):
    """With the next revision, so that the authorization's unit is had again; and the claim lines are ready."""
    service.told(admitted("ann"), admitted("eve", WEDNESDAY), booked("ann", WEDNESDAY), booked("eve", WEDNESDAY))
    service.now = at(WEDNESDAY, "12:00")
    for name in ("ann", "eve"):
        service.do(c.CheckIn(booking(name, WEDNESDAY), at(WEDNESDAY, "09:00")))
        service.do(c.CheckOut(booking(name, WEDNESDAY), at(WEDNESDAY, "12:00")))
    service.told(merged("ann", "eve", "ann"), merged("ann", "eve", "eve"))
    told = [one["data"] for one in service.feed() if one["type"] == "attendance.billable_day_determined.v1"]
    assert [(one["billable"], one["revision"]) for one in told if one["participant_id"] == str(EVE)] == [
        (True, 1),
        (False, 2),
    ]
    assert [one["billable"] for one in told if one["participant_id"] == str(ANN)] == [True]
    lines = service.ask("claim_lines", participant_id=ANN)
    assert (lines["ready"], [line["date"] for line in lines["lines"]]) == (True, [str(WEDNESDAY)])
