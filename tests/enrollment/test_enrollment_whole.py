"""All of a program's care in one log: rebuilt to the same rows, unread after erasure; places hold in a rush."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

from enrollment_states import day
from enrollment_world import PACKS, World

from events.follow.rebuild import rebuild
from services.enrollment.domain import (
    authorization_commands,
    commands,
    consent_commands,
    errors,
    people_commands,
    plan_of_care_commands,
)
from services.enrollment.domain.coverage import AuthorizationTold
from services.enrollment.wiring import define

PRESCRIBER = frozenset({"prescriber"})
OPERATOR = frozenset({"operator"})
SECRETS = ("Sleeps seven hours", "cries at night", "AUTH-4711")


def authorization(**changes: Any) -> AuthorizationTold:
    told = {"number": "AUTH-4711", "payer": "acme_health", "units": 4, "unit": "day", "days_per_week": 3}
    dates = {"from_date": date(2026, 3, 2), "through_date": date(2026, 3, 15)}
    return AuthorizationTold(**{**told, **dates, "level_of_care": None, "status": "active", **changes})


def a_whole_story(world: World) -> tuple[UUID, UUID]:
    """Who was merged and separated again, and an episode with a plan, payers, consents, an offer and a transfer."""
    offering, other = world.a_track(limit=1, packs=(*PACKS, "waitlist_offers")), world.a_track(limit=1)
    participant, alias = world.a_participant("MRN-1"), world.a_participant("MRN-2")
    holder = UUID(world.admit(alias, offering)["episode_id"])
    episode = UUID(world.admit(participant, offering)["episode_id"])
    world.do(commands.DischargeParticipant(holder, "administrative", override_reason="moved away"))
    world.do(commands.AcceptOffer(episode))
    sleep, _ = world.plan(episode)["goal_ids"]
    world.do(plan_of_care_commands.MeetGoal(episode, UUID(sleep)))
    world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)
    world.do(plan_of_care_commands.ReviewPlanOfCare(episode, "continued", note="cries at night"))
    world.do(authorization_commands.RecordAuthorization(episode, authorization()))
    world.do(consent_commands.GiveConsent(participant, "hospital", ("attendance",), "treatment", date(2026, 3, 8)))
    world.do(people_commands.MergeParticipants(participant, alias))
    for number in range(3):
        verdict = authorization_commands.CountBillableDay(participant, episode, date(2026, 3, 2 + number), True, 1)
        world.do(verdict)
    world.do(people_commands.UnmergeParticipants(participant, alias))
    world.do(commands.TransferParticipant(episode, other, "step_down"))
    world.clock.set(day(200))
    world.drain()
    return participant, episode


def test_every_projection_and_deadline_is_rebuilt_to_the_same_rows(world):
    a_whole_story(world)
    assert len([row for row in world.rows()["due"] if row["escalated_to"]]) > 0
    for projection in (*define().projections, *define().deadlines):
        assert rebuild(world.database, world.log, projection()).identical, projection.name


def test_after_erasure_nothing_that_was_written_about_their_care_is_read(world):
    participant, episode = a_whole_story(world)
    answers = [
        lambda: world.ask("plan_of_care", episode_id=episode),
        lambda: world.ask("authorizations", episode_id=episode),
        lambda: world.chart(participant),
    ]
    before = " ".join(str(answer()) for answer in answers)
    assert all(secret in before for secret in SECRETS)
    world.do(people_commands.EraseParticipant(participant, "request"), OPERATOR)
    after = " ".join(str(answer()) for answer in answers)
    assert not any(secret in after for secret in SECRETS)


def test_places_hold_though_many_change_tracks_and_leave_at_once(world):
    tracks = [world.a_track(limit=3), world.a_track(limit=3)]
    episodes = [UUID(world.admit(world.a_participant(), tracks[number % 2])["episode_id"]) for number in range(10)]

    def act(number: int) -> None:
        episode = episodes[number % 10]
        try:
            if number % 3:
                world.do(commands.TransferParticipant(episode, tracks[(number + 1) % 2], "transfer"))
            else:
                world.do(commands.DischargeParticipant(episode, "administrative"))
        except errors.EnrollmentRefused:
            pass  # by then it had left, still waited, or was in that track

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, range(20)))
    censuses = [world.ask("track", track_id=track) for track in tracks]
    holders = [one["episode_id"] for census in censuses for one in census["places"]]
    assert len(holders) == len(set(holders))
    for track, census in zip(tracks, censuses, strict=True):
        assert census["admitted"] <= 3
        assert census["admitted"] == 3 or census["waiting"] == 0
        there = world.ask("participants", track_id=track)["participants"]
        admitted = {one["episode_id"] for one in there if one["status"] == "admitted"}
        assert admitted == {one["episode_id"] for one in census["places"]}
