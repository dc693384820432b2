"""The simulated program by seed: the same again for the same seed, and of the shape that its parameters say."""

import math
from datetime import date, time, timedelta
from statistics import mean

import pytest

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.closings import HOLIDAY, REPAIR, WEATHER, closings, is_holiday
from services.cli.simulator.model.curriculum import edition
from services.cli.simulator.model.drawing import draw, weeks_until
from services.cli.simulator.model.duties import Weekly, away, duties, leave, repair
from services.cli.simulator.model.incidents import CANCELLED, MOVED, SUBSTITUTED, incident
from services.cli.simulator.model.lives import OPENING_DAY
from services.cli.simulator.model.program import Program
from services.cli.simulator.model.scores import answers, share_left
from services.cli.simulator.model.size import size_of
from services.cli.simulator.model.timetable import KINDS, local_day, together
from services.cli.simulator.model.traffic import instant
from services.cli.simulator.model.visits import Absence, Visit, chance_of_absence, visit, weather
from services.cli.simulator.people import MOST_PEOPLE, SINGLE_NAMES, people
from services.enrollment.domain.instruments import INSTRUMENTS
from services.interop.reading import Summary, read_files

MONDAY = date(2026, 3, 2)
MANY = 4000


def program(participants=MANY, weeks=52, seed=1):
    return Program(participants, weeks, seed, MONDAY)


@pytest.fixture(scope="module")
def large():
    return program()


def test_the_same_seed_gives_the_same_lives_and_the_same_traffic():
    one, again = program(60, 8, 7), program(60, 8, 7)
    assert one.lives == again.lives
    assert one.traffic == again.traffic


def test_another_seed_gives_another_program():
    assert program(60, 8, 1).traffic != program(60, 8, 2).traffic


def test_more_participants_do_not_change_what_somebody_does_in_a_session():
    asked = (1, 5, 0.1, MONDAY, 180, "group")
    assert visit(*asked) == visit(*asked)


@pytest.mark.parametrize(("participants", "weeks"), [(1, 1), (12, 3), (48, 3), (300, 52), (3000, 10)])
def test_a_program_of_any_size_has_places_for_most_but_not_for_all(participants, weeks):
    size = size_of(participants, weeks)
    assert 1 <= size.opening <= participants
    assert 1 <= size.places <= max(1, size.opening)
    assert all(1 <= seats <= p.GROUP_SEATS for track in size.tracks for seats in track.groups)
    assert all(track.places >= 1 for track in size.tracks)


def test_everybody_is_referred_once_at_the_beginning_or_on_a_weekday(large):
    assert [life.number for life in large.lives] == list(range(MANY))
    later = [life.referred for life in large.lives if life.referred != OPENING_DAY]
    assert len(later) == MANY - large.size.opening
    assert all(0 <= day < 52 * 7 and day % 7 < 5 for day in later)
    by_quarter = [sum(day // 91 == quarter for day in later) / len(later) for quarter in range(4)]
    assert by_quarter == pytest.approx([0.25] * 4, abs=0.04)


def test_names_and_numbers_are_all_different_at_any_size():
    for count in (SINGLE_NAMES, 5000):
        persons = people(draw(1, "people"), count)
        assert len({(one.given, one.family) for one in persons}) == len({one.number for one in persons}) == count
    with pytest.raises(ValueError, match="at most"):
        people(draw(1), MOST_PEOPLE + 1)


def test_ways_of_referral_have_their_shares(large):
    for way, share in p.WAYS_OF_REFERRAL.items():
        assert mean(life.way == way for life in large.lives) == pytest.approx(share, abs=0.03)


def test_a_weekly_hazard_is_met_by_so_many_in_the_first_week():
    assert mean(weeks_until(draw(1, number), 0.2) < 1 for number in range(MANY)) == pytest.approx(0.2, abs=0.03)
    assert weeks_until(draw(1), 0.0) == math.inf


def test_about_a_fifth_drop_out_within_a_course_of_ten_weeks(large):
    """Swift and Greenberg 2012: 20 %; most of them early."""
    early = mean(life.drops_out < p.EARLY_WEEKS for life in large.lives)
    later = mean(p.EARLY_WEEKS <= life.drops_out < 10 for life in large.lives)
    assert early + later == pytest.approx(0.22, abs=0.04)
    assert early > later


def test_the_length_of_stay_is_that_of_the_track(large):
    for number, kind in enumerate(KINDS):
        stays = [life.stay_weeks for life in large.lives if life.track == number and life.referred >= 0]
        assert mean(stays) == pytest.approx(kind.stay_weeks, rel=0.08)


def test_more_is_missed_on_mondays_and_fridays_and_in_bad_weeks():
    monday, wednesday = MONDAY, MONDAY + timedelta(days=2)
    assert chance_of_absence(0.1, monday, 1.0) > chance_of_absence(0.1, wednesday, 1.0)
    assert chance_of_absence(0.1, monday, 2.0) == pytest.approx(2 * chance_of_absence(0.1, monday, 1.0))
    assert chance_of_absence(0.5, monday, 9.0) == p.HIGHEST_ABSENCE


def test_weather_differs_by_week_and_is_that_of_an_ordinary_week_on_the_whole():
    factors = [weather(1, MONDAY + timedelta(weeks=week)) for week in range(1000)]
    assert mean(map(math.log, factors)) == pytest.approx(0, abs=0.03)
    assert max(factors) > 1.6
    assert min(factors) < 0.6


def visits(own=0.1, weeks=60):
    days = [MONDAY + timedelta(days=7 * week + weekday) for week in range(weeks) for weekday in range(5)]
    return [(day, number, visit(1, number, own, day, 180, "group")) for day in days for number in range(40)]


def test_absences_lateness_and_their_later_excuses_have_their_rates():
    found = [one for _, _, one in visits()]
    absences = [one for one in found if isinstance(one, Absence)]
    came = [one for one in found if isinstance(one, Visit)]
    expected = 0.1 * mean(p.WEEKDAY_FACTORS[:5])
    assert len(absences) / len(found) == pytest.approx(expected * math.exp(p.WEATHER_SPREAD**2 / 2), rel=0.15)
    assert mean(bool(one.called_off) for one in absences) == pytest.approx(p.CALLS_OFF, abs=0.05)
    without_notice = [one for one in absences if not one.called_off]
    assert mean(one.excused is not None for one in without_notice) == pytest.approx(p.EXCUSED_LATER, abs=0.05)
    assert mean(one.late >= p.LATE_MINUTES[0] for one in came) == pytest.approx(p.LATE, abs=0.02)


def test_who_comes_is_there_for_some_time_and_steps_out_within_it():
    for minutes in (25, 50, 60, 180):
        for number in range(2000):
            does = visit(1, number, 0.0, MONDAY, minutes, "session")
            assert isinstance(does, Visit)
            assert does.late < minutes - does.early
            if does.out is not None:
                assert does.late < does.out[0] < does.out[1] < minutes - does.early


@pytest.mark.parametrize("instrument", ["phq_9", "gad_7", "bam_iop", "ede_q"])
def test_answers_can_be_scored_by_the_instrument(instrument):
    told = INSTRUMENTS[instrument]
    for number in range(300):
        given = answers(1, number, "worsens", instrument, number % 20)
        assert len(given) == told.items
        for item, answer in enumerate(given, 1):
            most = 28 if item in told.counted else told.item_maximum
            assert 0 <= answer <= most


def test_most_improve_and_some_worsen(large):
    last = {course: [] for course in p.COURSES}
    for life in large.lives[:1500]:
        first, then = (sum(answers(1, life.number, life.course, "phq_9", weeks)) for weeks in (0, 10))
        last[life.course].append(then - first)
    assert mean(last["improves"]) < -5
    assert -2.5 < mean(last["unchanged"]) < 1.5
    assert mean(last["worsens"]) > 1
    shares = {course: len(found) / 1500 for course, found in last.items()}
    assert shares == pytest.approx(p.COURSES, abs=0.04)


def test_symptoms_change_fastest_at_first():
    left = [share_left(1, 3, "improves", weeks) for weeks in (0, 4, 8)]
    assert left[0] == 1
    assert left[0] - left[1] > left[1] - left[2] > 0


def test_some_are_asked_for_at_once_because_of_item_9(large):
    triggers = [answers(1, life.number, life.course, "phq_9", 0)[8] > 0 for life in large.lives[:1500]]
    assert 0.05 < mean(triggers) < 0.3


def test_few_sessions_are_cancelled_moved_or_led_by_somebody_else():
    days = [MONDAY + timedelta(days=number) for number in range(6000)]
    found = [incident(1, "T1A", "Group", day) for day in days]
    for what, share in (
        (CANCELLED, p.SESSION_CANCELLED),
        (SUBSTITUTED, p.SESSION_SUBSTITUTED),
        (MOVED, p.SESSION_MOVED),
    ):
        assert mean(one == what for one in found) == pytest.approx(share, rel=0.4)


def test_skills_have_fewer_seats_than_a_group_has_members():
    for seats in (1, 3, 4, 12):
        skills = next(one for one in together(KINDS[0], seats) if one.component == "psychoeducation")
        assert skills.seats == (seats if seats < 4 else seats - p.SKILLS_SEATS_SHORT)


def test_hospital_messages_come_in_order_with_control_ids_that_count(large):
    times = [sent.at for sent in large.traffic]
    assert times == sorted(times)
    assert times[-1] < instant(MONDAY, 52 * 7)
    ids = [sent.content.split(b"|")[9] for sent in large.traffic]
    assert len(ids) - len(set(ids)) == pytest.approx(len(ids) * p.SENT_TWICE, rel=0.5)


def test_a_stay_in_hospital_ends_or_was_a_mistake(large):
    kinds = [sent.content.split(b"|", 9)[8] for sent in large.traffic]
    begun, ended = kinds.count(b"ADT^A01^ADT_A01"), kinds.count(b"ADT^A03^ADT_A03")
    cancelled, again = kinds.count(b"ADT^A11^ADT_A09"), kinds.count(b"ADT^A13^ADT_A01")
    assert min(begun, ended, cancelled, again) > 20
    assert begun == pytest.approx(ended + cancelled - again, rel=0.03)


def test_every_message_can_be_read(tmp_path):
    sent = program(60, 8).traffic
    file = tmp_path / "traffic.hl7"
    file.write_bytes(b"".join(one.content for one in sent))
    summary = Summary()
    assert all(not answer["errors"] for answer in read_files([file], None, summary))
    assert (summary.messages, summary.rejected) == (len(sent), 0)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16), date(2026, 5, 25), date(2026, 6, 19), date(2026, 7, 3),
        date(2026, 9, 7), date(2026, 10, 12), date(2026, 11, 11), date(2026, 11, 26), date(2026, 12, 25),
    ],
)  # fmt: skip
def test_legal_public_holidays_are_kept_on_the_nearest_weekday(day):
    """5 U.S.C. 6103: the fourth of July 2026 is a Saturday."""
    assert is_holiday(day)
    assert sum(is_holiday(date(2026, 1, 1) + timedelta(days=number)) for number in range(365)) == 11


def test_a_new_year_on_a_saturday_is_kept_in_the_old_year():
    assert is_holiday(date(2027, 12, 31))
    assert not is_holiday(date(2026, 12, 31))


def test_closings_are_told_before_the_day_and_taken_back_before_it():
    found = closings(1, MONDAY, 520, 4)
    assert [one.told for one in found] == sorted(one.told for one in found)
    assert {one.reason for one in found} == {HOLIDAY, WEATHER, REPAIR}
    assert all(one.told < one.first for one in found)
    lifted = [one for one in found if one.lifted is not None]
    assert lifted
    assert all(one.told < one.lifted < one.first for one in lifted)


def test_winters_close_more_often_than_summers():
    found = [MONDAY + timedelta(days=one.first) for one in closings(1, MONDAY, 520, 4) if one.reason == WEATHER]
    assert sum(day.month in (12, 1, 2, 3) for day in found) > 1.3 * sum(day.month in (5, 6, 7, 8) for day in found)


def test_who_has_duties_says_so_for_one_of_the_days_between_the_groups():
    stated = [duties(1, number, KINDS[number % 4].begins) for number in range(1000)]
    assert mean(bool(one) for one in stated) == pytest.approx(p.HAS_DUTIES, abs=0.05)
    assert all(one.day in ("TU", "TH") and one.starts_at < one.ends_at for weekly in stated for one in weekly)


def test_an_hour_bars_what_overlaps_it_on_its_day_only():
    work = Weekly("TU", time(10), time(12), "work")
    assert work.bars("TU", time(9, 30), 31)
    assert not work.bars("TU", time(9, 30), 30)
    assert not work.bars("TU", time(12), 60)
    assert not work.bars("TH", time(10), 60)


@pytest.mark.parametrize("starts_at", ["2026-02-02T14:00:00+00:00", "2026-02-03T01:45:00+00:00"])
def test_a_session_of_the_evening_is_of_its_local_day(starts_at):
    assert local_day(starts_at) == date(2026, 2, 2)


def test_days_away_leave_and_repairs_are_said_ahead_at_their_rates():
    evenings = [MONDAY + timedelta(days=7 * week + day) for week in range(800) for day in range(5)]
    for said, rate in (
        ([away(1, 3, day) for day in evenings], p.AWAY),
        ([leave(1, "T1A", "Therapist A", day) for day in evenings], p.LEAVE),
        ([repair(1, "T1A-group", day) for day in evenings], p.ROOM_REPAIRED),
    ):
        told = [(one, day) for one, day in zip(said, evenings, strict=True) if one is not None]
        assert len(told) / 800 == pytest.approx(rate, rel=0.6)
        assert all(day < one.first <= one.last for one, day in told)


def test_wrong_merges_are_of_two_known_people_and_noticed_on_a_weekday_after(large):
    merges = large.wrong_merges
    assert len(merges) == pytest.approx(MANY * p.MERGED_BY_MISTAKE, rel=0.4)
    involved = [number for one in merges for number in (one.survivor, one.retired)]
    assert len(involved) == len(set(involved))
    for one in merges:
        assert max(large.lives[one.survivor].referred, large.lives[one.retired].referred) < one.merged
        assert one.merged < one.noticed
        assert one.noticed % 7 < 5


def test_a_curriculum_teaches_what_a_topic_requires_before_it():
    for week in (0, 20):
        before: set[str] = set()
        for topic in edition(week)[1]:
            assert set(topic["requires"]) <= before
            before.add(topic["code"])
    assert edition(0)[0] != edition(20)[0]


def test_kiosk_calls_and_what_is_found_out_later_have_their_rates():
    came = [one for _, _, one in visits() if isinstance(one, Visit)]
    in_time = [one for one in came if one.out is None and one.late <= 0 and one.early <= 0]
    assert mean(one.by_call for one in in_time) == pytest.approx(p.COMES_BY_CALL, rel=0.3)
    assert mean(one.left_unseen is not None for one in in_time) == pytest.approx(p.LEFT_UNSEEN, rel=0.4)
    assert all(one in in_time and not one.by_call for one in came if one.kiosk)
    assert any(one.kiosk for one in came)
    broken = [one for one in came if one.breaks is not None]
    assert len(broken) / len(in_time) == pytest.approx(p.CALL_BREAKS, rel=0.3)
    assert all(5 <= one.breaks[0] < 180 for one in broken)
