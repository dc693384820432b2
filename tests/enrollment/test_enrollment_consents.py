"""Consents to disclosure: who tells whom what for which purpose until when; revoked at any time."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from enrollment_states import day
from enrollment_world import World
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.domain import consent_commands, errors, people_commands
from services.enrollment.domain.consent import ConsentHeld, matching

SUNDAY = date(2026, 3, 8)


@pytest.fixture
def participant(world: World) -> UUID:
    return world.a_participant()


def consent(world: World, participant: UUID, **changes: Any) -> UUID:
    terms = {
        "recipient": "riverside_hospital",
        "scope": ("attendance", "medications"),
        "purpose": "care_coordination",
        "expires_on": SUNDAY,
        **changes,
    }
    return UUID(str(world.do(consent_commands.GiveConsent(participant, **terms)).body["consent_id"]))


def allowed(world: World, participant: UUID, at: datetime, **changes: str) -> bool:
    asked = {"recipient": "riverside_hospital", "scope": "attendance", "purpose": "care_coordination", **changes}
    return bool(world.ask("disclosure", participant_id=participant, at=at, **asked)["allowed"])


@pytest.mark.rule("consent_allows")
def test_a_disclosure_is_allowed_to_whom_of_what_and_for_what_the_consent_names(world, participant):
    """42 CFR 2.31(a): who discloses, to whom, what kind of information, and for what purpose."""
    consent(world, participant)
    assert allowed(world, participant, day(1))
    assert allowed(world, participant, day(1), scope="medications")
    assert not allowed(world, participant, day(1), scope="diagnoses")
    assert not allowed(world, participant, day(1), recipient="county_court")
    assert not allowed(world, participant, day(1), purpose="legal")
    assert not allowed(world, world.a_participant(), day(1))


@pytest.mark.rule("consent_allows")
def test_a_consent_holds_from_its_signature_through_its_last_day(world, participant):
    """42 CFR 2.31(a)(7): the date on which it expires. Whose day it is: the track's."""
    world.admit(participant, world.a_track())
    consent(world, participant)
    assert not allowed(world, participant, day(-0.1))
    assert allowed(world, participant, datetime.fromisoformat("2026-03-08T23:59:59-04:00"))
    assert not allowed(world, participant, datetime.fromisoformat("2026-03-09T00:00:00-04:00"))


@pytest.mark.rule("consent_allows")
def test_before_an_episode_the_last_day_ends_by_the_programs_clock(world, participant):
    """42 CFR 2.31(a)(7). Consents are mostly given at intake, when no track says yet whose day it is; clocks change."""
    consent(world, participant, expires_on=date(2026, 3, 7))
    assert allowed(world, participant, datetime.fromisoformat("2026-03-07T23:59:59-05:00"))
    assert not allowed(world, participant, datetime.fromisoformat("2026-03-08T00:00:00-05:00"))
    consent(world, participant)  # through the Sunday of 23 hours
    assert allowed(world, participant, datetime.fromisoformat("2026-03-08T23:59:59-04:00"))
    assert not allowed(world, participant, datetime.fromisoformat("2026-03-09T00:00:00-04:00"))


@pytest.mark.rule("redisclosure_notice")
def test_what_may_be_disclosed_goes_with_the_notice_of_part_2(world, participant):
    """42 CFR 2.32(a)(2): each disclosure made with consent is accompanied by the statement."""
    consent(world, participant)
    asked = {"participant_id": participant, "recipient": "riverside_hospital", "scope": "attendance", "at": day(1)}
    told = world.ask("disclosure", purpose="care_coordination", **asked)
    assert told["redisclosure_notice"] == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    assert world.ask("disclosure", purpose="legal", **asked)["redisclosure_notice"] is None


def test_an_expiry_is_noted_when_its_time_has_come(world, participant):
    consent(world, participant)
    world.clock.set(day(6.5))
    assert [one["status"] for one in world.ask("consents", participant_id=participant)["consents"]] == ["given"]
    world.clock.set(day(6.6))
    assert [one["status"] for one in world.ask("consents", participant_id=participant)["consents"]] == ["expired"]
    assert [one["expires_on"] for one in world.told("consent_expired")] == ["2026-03-08"]


@pytest.mark.rule("consent_allows")
def test_a_consent_is_revoked_at_any_time_and_what_was_allowed_before_stays_so(world, participant):
    """42 CFR 2.31(a)(6): the right to revoke, except to the extent that the program has acted in reliance on it."""
    id_ = consent(world, participant)
    world.clock.set(day(3))
    world.do(consent_commands.RevokeConsent(id_))
    assert allowed(world, participant, day(2))
    assert not allowed(world, participant, day(3))
    world.clock.set(day(8))
    assert world.told("consent_expired") == []
    with pytest.raises(errors.ConsentRevoked):
        world.do(consent_commands.RevokeConsent(id_))


def test_only_a_consent_for_treatment_payment_or_operations_goes_without_an_expiry(world, participant):
    """42 CFR 2.31(a)(7), as amended in 2024."""
    with pytest.raises(errors.ConsentNeedsExpiry):
        consent(world, participant, expires_on=None)
    consent(world, participant, expires_on=None, purpose="treatment")
    assert allowed(world, participant, day(3000), purpose="treatment")


def test_a_consent_is_recorded_once_it_is_signed_and_before_it_is_over(world, participant):
    with pytest.raises(errors.ConsentInFuture):
        consent(world, participant, signed_at=day(1))
    with pytest.raises(errors.ConsentExpired):
        consent(world, participant, expires_on=date(2026, 3, 1))
    consent(world, participant, signed_at=day(-3))
    assert allowed(world, participant, day(-2))


def test_a_consent_is_told_by_codes_only(world, participant):
    id_ = consent(world, participant)
    world.do(consent_commands.RevokeConsent(id_))
    given_, revoked = world.told("consent_given")[0], world.told("consent_revoked")[0]
    assert set(given_) == {"type", "participant_id", "consent_id", "recipient", "scope", "purpose", "expires_on",
                           "given_at"}  # fmt: skip
    assert (given_["scope"], revoked["revoked_at"]) == (["attendance", "medications"], "2026-03-02T14:00:00Z")


def test_after_a_merge_a_consent_holds_under_every_id_of_the_person(world, participant):
    other = world.a_participant()
    consent(world, other)
    world.do(people_commands.MergeParticipants(participant, other))
    assert allowed(world, participant, day(1))
    assert allowed(world, other, day(1))


MOMENTS = st.integers(0, 5)


@given(st.lists(st.tuples(MOMENTS, st.none() | MOMENTS, st.none() | MOMENTS), max_size=6), MOMENTS)
def test_some_consent_matches_exactly_when_one_holds(spans: list[tuple[int, int | None, int | None]], at: int) -> None:
    held = [
        ConsentHeld(
            UUID(int=number + 1), "r", ("s",), "p", day(since), *(end if end is None else day(end) for end in ends)
        )
        for number, (since, *ends) in enumerate(spans)
    ]
    expected = any(since <= at and all(end is None or at < end for end in ends) for since, *ends in spans)
    assert (matching(held, "r", "s", "p", day(at)) is not None) == expected
