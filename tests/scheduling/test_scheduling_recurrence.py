"""Series meet by the local clock (RFC 5545), whatever daylight saving does."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.domain.errors import FirstDateOffRule, InvalidRecurrenceRule, UnknownTimeZone
from services.scheduling.domain.recurrence import Recurrence, instant

ZONES = ("America/New_York", "America/Los_Angeles", "Europe/Berlin", "Australia/Sydney", "America/Phoenix", "UTC")
FAR = date(2040, 1, 1)


def weekly(first: date, at: time = time(18), zone: str = "America/New_York", rule: str = "FREQ=WEEKLY") -> Recurrence:
    return Recurrence(rule, first, at, 90, zone)


@pytest.mark.rule("local_time_all_year")
@given(
    first=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    hour=st.integers(4, 22),
    zone=st.sampled_from(ZONES),
    interval=st.integers(1, 3),
)
def test_a_weekly_series_keeps_its_local_time_all_year(first: date, hour: int, zone: str, interval: int) -> None:
    """RFC 5545 §3.3.5, §3.3.10; domain.md: what other systems lack."""
    series = weekly(first, time(hour), zone, f"FREQ=WEEKLY;INTERVAL={interval}")
    meetings = list(series.between(first, first + timedelta(days=370)))
    local = [meeting.starts_at.astimezone(ZoneInfo(zone)) for meeting in meetings]
    assert {start.time() for start in local} == {time(hour)}
    assert [start.date() for start in local] == [meeting.local_date for meeting in meetings]
    assert {b - a for a, b in pairwise(local)} == {timedelta(days=7 * interval)}
    assert all(meeting.ends_at - meeting.starts_at == timedelta(minutes=90) for meeting in meetings)
    assert len(meetings) == 370 // (7 * interval) + 1


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("America/New_York", date(2026, 3, 2), date(2026, 3, 9)),
        ("America/New_York", date(2026, 10, 26), date(2026, 11, 2)),
        ("Europe/Berlin", date(2026, 3, 23), date(2026, 3, 30)),
        ("Europe/Berlin", date(2026, 10, 19), date(2026, 10, 26)),
    ],
)
def test_18_00_stays_18_00_across_both_changes_though_the_instants_shift(zone: str, before: date, after: date) -> None:
    first, second = weekly(before, zone=zone).between(before, after)
    assert [first.local_date, second.local_date] == [before, after]
    assert abs((second.starts_at - first.starts_at) - timedelta(days=7)) == timedelta(hours=1)
    for meeting in (first, second):
        assert meeting.starts_at.astimezone(ZoneInfo(zone)).time() == time(18)


@pytest.mark.rule("local_time_all_year")
def test_a_local_time_that_does_not_occur_takes_the_offset_before_the_gap() -> None:
    """RFC 5545 §3.3.5, §3.3.10; domain.md: what other systems lack."""
    assert instant(datetime.combine(date(2026, 3, 8), time(2, 30)), "America/New_York") == datetime(
        2026, 3, 8, 7, 30, tzinfo=UTC
    )


@pytest.mark.rule("local_time_all_year")
def test_a_local_time_that_occurs_twice_is_its_first_occurrence() -> None:
    """RFC 5545 §3.3.5, §3.3.10; domain.md: what other systems lack."""
    assert instant(datetime.combine(date(2026, 11, 1), time(1, 30)), "America/New_York") == datetime(
        2026, 11, 1, 5, 30, tzinfo=UTC
    )


def test_a_day_that_a_zone_skips_has_no_meeting_of_its_own() -> None:
    daily = Recurrence("FREQ=DAILY", date(2011, 12, 28), time(18), 60, "Pacific/Apia")
    days = [meeting.local_date for meeting in daily.between(date(2011, 12, 28), date(2012, 1, 1))]
    assert days == [date(2011, 12, 28), date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]


@given(count=st.integers(1, 40), from_week=st.integers(0, 45))
def test_count_counts_from_the_first_date_wherever_one_looks_from(count: int, from_week: int) -> None:
    first = date(2026, 1, 5)
    series = weekly(first, rule=f"FREQ=WEEKLY;COUNT={count}")
    assert len(list(series.between(first, FAR))) == count
    later = list(series.between(first + timedelta(weeks=from_week), FAR))
    assert len(later) == max(0, count - from_week)


@pytest.mark.parametrize(
    ("until", "meetings"),
    [
        ("20260316", 3),  # a date means the whole local day
        ("20260316T180000", 3),
        ("20260316T175959", 2),
        ("20260316T220000Z", 3),  # 18:00 daylight time is 22:00 UTC
        ("20260316T215959Z", 2),
    ],
)
def test_until_is_included_and_is_read_in_local_time(until: str, meetings: int) -> None:
    first = date(2026, 3, 2)
    assert len(list(weekly(first, rule=f"FREQ=WEEKLY;UNTIL={until}").between(first, FAR))) == meetings


def test_several_days_a_week_come_in_order() -> None:
    series = weekly(date(2026, 3, 2), rule="RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR")
    days = [meeting.local_date.day for meeting in series.between(date(2026, 3, 4), date(2026, 3, 11))]
    assert days == [4, 6, 9, 11]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=HOURLY",
        "FREQ=WEEKLY;BYHOUR=9,15",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=-1",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20260401",
        "FREQ=WEEKLY;UNTIL=tomorrow",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=WEEKLY\nEXDATE:20260309T180000",
        "FREQ=WEEKLY;WKST=3X",
    ],
)
def test_a_rule_that_is_no_series_of_daily_sessions_is_refused(rule: str) -> None:
    with pytest.raises(InvalidRecurrenceRule):
        weekly(date(2026, 3, 2), rule=rule).check()


@pytest.mark.parametrize(
    "rule", ["FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"]
)
def test_a_first_date_off_the_rule_is_refused(rule: str) -> None:
    with pytest.raises(FirstDateOffRule):
        weekly(date(2026, 3, 2), rule=rule).check()


def test_a_name_that_is_no_time_zone_is_refused() -> None:
    for zone in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(UnknownTimeZone):
            weekly(date(2026, 3, 2), zone=zone).check()


@pytest.mark.rule("recurrence_by_the_standard")
@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("FREQ=WEEKLY;BYDAY=-1FR", "'-1FR' counts the weekdays of a month or a year"),
        ("FREQ=DAILY;BYDAY=1MO", "'1MO' counts the weekdays of a month or a year"),
        ("FREQ=YEARLY;BYWEEKNO=10;BYDAY=1MO", "'1MO' counts the weekdays of a month or a year"),
        ("FREQ=MONTHLY;BYDAY=0MO", "'0MO' is no value of BYDAY"),
        ("FREQ=YEARLY;BYDAY=54MO", "'54MO' is no value of BYDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "'0' is no value of BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=2,32", "'32' is no value of BYMONTHDAY"),
        ("FREQ=YEARLY;BYMONTH=-3", "'-3' is no value of BYMONTH"),
        ("FREQ=YEARLY;BYMONTH=3,", "'' is no value of BYMONTH"),
        ("FREQ=MONTHLY;BYDAY=MO;BYWEEKNO=10", "BYWEEKNO goes with YEARLY only"),
        ("FREQ=DAILY;BYYEARDAY=61", "BYYEARDAY goes with YEARLY only"),
        ("FREQ=WEEKLY;BYMONTHDAY=2", "BYMONTHDAY goes with DAILY or MONTHLY or YEARLY only"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS chooses from the days of another part"),
    ],
)
def test_what_programs_read_in_different_ways_is_refused_and_says_why(rule: str, says: str) -> None:
    """RFC 5545 §3.3.10. The library behind it reads the last Friday of a week as every Friday, the month's day 0 as
    every day."""
    with pytest.raises(InvalidRecurrenceRule) as refused:
        weekly(date(2026, 3, 2), rule=rule).check()
    assert says in refused.value.detail


@pytest.mark.rule("recurrence_by_the_standard")
@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [
        ("FREQ=MONTHLY;BYDAY=-1FR", date(2026, 3, 27), date(2026, 4, 24)),
        ("FREQ=MONTHLY;BYDAY=+2TU,4TU", date(2026, 3, 10), date(2026, 3, 24)),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", date(2026, 3, 31), date(2026, 4, 30)),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 3, 31), date(2026, 4, 30)),
        ("FREQ=YEARLY;BYWEEKNO=10,12;BYDAY=MO", date(2026, 3, 2), date(2026, 3, 16)),
        ("FREQ=YEARLY;BYYEARDAY=61,-1", date(2026, 3, 2), date(2026, 12, 31)),
        ("FREQ=YEARLY;BYMONTH=3,6;BYDAY=1MO", date(2026, 3, 2), date(2026, 6, 1)),
    ],
)
def test_what_the_standard_allows_is_read_as_it_says(rule: str, first: date, second: date) -> None:
    """RFC 5545 §3.3.10."""
    series = weekly(first, rule=rule)
    series.check()
    days = [meeting.local_date for meeting in series.between(first, FAR)]
    assert days[:2] == [first, second]
