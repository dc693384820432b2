"""The claims on a track's places."""

from uuid import UUID

import pytest
from enrollment_states import EPISODE, PARTICIPANT, TRACK, a_track, day, happened

from services.enrollment.domain.errors import AlreadyHoldsPlace, CensusLimitTooLow, UnknownTimeZone
from services.enrollment.domain.track import Track


def episode(number: int) -> UUID:
    return UUID(int=number)


def a_full_track():
    track = a_track(limit=2)
    for number in (1, 2):
        assert track.take_place(episode(number), PARTICIPANT, day(0))
    track.collect_events()
    return track


def test_never_more_are_admitted_than_the_census_limit():
    track = a_full_track()
    assert not track.take_place(EPISODE, PARTICIPANT, day(1))
    assert happened(track) == []


def test_nobody_takes_a_place_past_those_who_wait():
    track = a_full_track()
    track.join_waitlist(episode(3), PARTICIPANT, 1, day(1))
    track.leave(episode(1), day(2))
    assert not track.take_place(EPISODE, PARTICIPANT, day(2))


def test_an_episode_holds_one_place_or_one_turn():
    track = a_full_track()
    with pytest.raises(AlreadyHoldsPlace):
        track.take_place(episode(1), PARTICIPANT, day(1))
    track.join_waitlist(episode(3), PARTICIPANT, 1, day(1))
    with pytest.raises(AlreadyHoldsPlace):
        track.join_waitlist(episode(3), PARTICIPANT, 2, day(2))


def test_a_freed_place_goes_to_the_lowest_priority_then_to_who_waits_longest():
    track = a_full_track()
    track.join_waitlist(episode(3), PARTICIPANT, 2, day(1))
    track.join_waitlist(episode(4), PARTICIPANT, 1, day(3))
    track.join_waitlist(episode(5), PARTICIPANT, 1, day(2))
    order = []
    for leaving in (1, 2, 5):
        track.leave(episode(leaving), day(4))
        next_one = track.next_in_turn()
        track.promote(next_one, PARTICIPANT, day(4))
        order.append(next_one)
    assert order == [episode(5), episode(4), episode(3)]
    assert track.next_in_turn() is None


def test_a_place_is_given_once():
    track = a_full_track()
    track.join_waitlist(episode(3), PARTICIPANT, 1, day(1))
    track.join_waitlist(episode(4), PARTICIPANT, 1, day(2))
    assert track.next_in_turn() is None
    track.leave(episode(1), day(3))
    track.promote(episode(3), PARTICIPANT, day(3))
    assert track.next_in_turn() is None
    assert set(track.places) == {episode(2), episode(3)}


def test_a_lower_limit_takes_nobodys_place():
    track = a_full_track()
    track.change_limit(1, day(1))
    assert len(track.places) == 2
    track.leave(episode(1), day(2))
    assert not track.take_place(EPISODE, PARTICIPANT, day(2))


def test_a_track_has_room_and_a_known_time_zone():
    with pytest.raises(CensusLimitTooLow):
        a_track(limit=0)
    for zone in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(UnknownTimeZone):
            Track.open(TRACK, name="x", time_zone=zone, packs=(), census_limit=1, at=day(0))
