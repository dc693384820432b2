"""The plan of care: written, certified, reviewed; what falls due and who is told when it is not done."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from enrollment_states import day
from enrollment_world import SERVICES, World

from events.log.errors import NotFound
from services.enrollment.domain import commands, errors, plan_of_care_commands
from services.enrollment.domain.follow_up import CERTIFICATION, INSTRUMENT, PLAN_REVIEW, REVIEW_INSTRUMENT
from services.enrollment.domain.planned_care import GoalAsked, PlannedService

PRESCRIBER = frozenset({"prescriber"})


@pytest.fixture
def episode(world: World) -> UUID:
    return UUID(world.admit(world.a_participant(), world.a_track())["episode_id"])


def plan(world: World, episode_id: UUID, **more: Any) -> Any:
    return world.ask("plan_of_care", episode_id=episode_id, **more)


def due(world: World, **params: Any) -> dict[str, Any]:
    return {one["kind"]: one for one in world.ask("due", **params)["due"]}


def test_a_plan_of_care_names_diagnosis_services_and_goals(world, episode):
    """42 CFR 424.24(d): diagnosis, type, amount, frequency and duration of services, and goals."""
    for missing in ({"diagnoses": ()}, {"services": ()}, {"goals": ()}):
        with pytest.raises(errors.PlanOfCareIncomplete):
            world.plan(episode, **missing)
    with pytest.raises(NotFound):
        plan(world, episode)
    world.plan(episode)
    written = plan(world, episode)
    assert written["services"] == [
        {"component": "group_therapy", "type": "cbt_group", "amount": 180, "frequency": 3, "duration": 12}
    ]
    assert [(one["code"], one["text"], one["status"]) for one in written["goals"]] == [
        ("sleep", "Sleeps seven hours", "open"),
        ("work", "Back at work", "open"),
    ]


def test_what_a_goal_says_is_for_clinicians(world, episode):
    world.plan(episode)
    assert "text" not in plan(world, episode, roles=frozenset({"front_desk"}))["goals"][0]


def test_a_rewritten_plan_keeps_where_its_goals_stand(world, episode):
    sleep, work = world.plan(episode)["goal_ids"]
    world.do(plan_of_care_commands.MeetGoal(episode, UUID(sleep)))
    rewritten = world.plan(
        episode,
        goals=(
            GoalAsked("sleep", "Sleeps seven hours", UUID(sleep)),
            GoalAsked("work", "Half days at work", UUID(work)),
            GoalAsked("family", "Dinner at home"),
        ),
    )
    assert rewritten["plan_version"] == 2
    assert [(one["code"], one["status"]) for one in plan(world, episode)["goals"]] == [
        ("sleep", "met"),
        ("work", "revised"),
        ("family", "open"),
    ]
    world.plan(episode, goals=(GoalAsked("family", "Dinner at home"),))
    assert [one["code"] for one in plan(world, episode)["goals"]] == ["family"]


def test_a_goal_that_was_met_is_neither_met_nor_revised_again(world, episode):
    sleep, _ = world.plan(episode)["goal_ids"]
    world.do(plan_of_care_commands.MeetGoal(episode, UUID(sleep)))
    with pytest.raises(errors.GoalAlreadyMet):
        world.do(plan_of_care_commands.MeetGoal(episode, UUID(sleep)))
    with pytest.raises(errors.GoalAlreadyMet):
        world.plan(episode, goals=(GoalAsked("sleep", "Sleeps eight hours", UUID(sleep)),))
    with pytest.raises(errors.GoalUnknown):
        world.do(plan_of_care_commands.MeetGoal(episode, uuid4()))


def test_a_certification_is_on_a_plan_of_care_of_the_episode(world, episode):
    """CMS-1786-FC; 42 CFR 424.24(d): certified by a physician with a plan of care."""
    with pytest.raises(errors.PlanOfCareMissing):
        world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)
    world.plan(episode)
    world.plan(episode)
    with pytest.raises(errors.PlanOfCareChanged):
        world.do(plan_of_care_commands.CertifyPlan(episode, plan_version=1), PRESCRIBER)
    assert world.do(plan_of_care_commands.CertifyPlan(episode, plan_version=2), PRESCRIBER).body["plan_version"] == 2
    assert [one["plan_version"] for one in plan(world, episode)["certifications"]] == [2]


@pytest.mark.rule("certified_by_a_physician")
@pytest.mark.rule("certification.credentials")
def test_for_medicare_a_physician_certifies(world, episode):
    """42 CFR 424.24(b), (d). Other prescribers certify where no pack asks for a physician."""
    world.plan(episode)
    with pytest.raises(errors.NotForThisCredential, match=r"medicare_iop@2024-01-01 asks for physician"):
        world.do(plan_of_care_commands.CertifyPlan(episode, credential="nurse_practitioner"), PRESCRIBER)
    world.do(plan_of_care_commands.CertifyPlan(episode, credential="physician"), PRESCRIBER)
    world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)
    assert [one["credential"] for one in plan(world, episode)["certifications"]] == ["physician", None]
    elsewhere = UUID(world.admit(world.a_participant(), world.a_track(packs=("program_default",)))["episode_id"])
    world.plan(elsewhere)
    world.do(plan_of_care_commands.CertifyPlan(elsewhere, credential="nurse_practitioner"), PRESCRIBER)


@pytest.mark.rule("week.minimum_hours")
@pytest.mark.rule("week.counted_components")
def test_at_least_nine_hours_a_week_are_certified_as_needed(world, episode):
    """CMS-1786-FC: at least nine hours a week; support groups do not count (payer manuals)."""
    world.plan(episode, services=(PlannedService("group_therapy", "cbt_group", 179, 3, 12),))
    with pytest.raises(errors.PlanBelowWeeklyHours, match="medicare_iop"):
        world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)
    world.plan(episode, services=(PlannedService("support_group", "peers", 600, 3, 12),))
    with pytest.raises(errors.PlanBelowWeeklyHours):
        world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)
    world.plan(episode, services=SERVICES)
    world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)


@pytest.mark.rule("certification.days")
def test_a_recertification_falls_due_sixty_days_after_the_last(world, episode):
    """42 CFR 424.24(d)(3)(ii): no less frequently than every 60 days; a late one counts from when it was made."""
    world.plan(episode)
    for certified_on in (30, 80):
        world.clock.set(day(certified_on))
        world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)
        assert due(world)[CERTIFICATION]["due_at"] == day(certified_on + 60)
    assert len(plan(world, episode)["certifications"]) == 2


@pytest.mark.rule("certified_upon_admission")
@pytest.mark.rule("certification.first_days")
def test_the_first_certification_is_due_upon_admission(world, episode):
    """42 CFR 424.24(d)(1); Medicare Benefit Policy Manual chapter 6: a physician certifies upon admission."""
    first = due(world)[CERTIFICATION]
    assert (first["due_at"], first["rule"]) == (day(1), "certification.first_days of medicare_iop@2024-01-01")
    world.clock.set(day(10))
    world.do(commands.TransferParticipant(episode, world.a_track(), "transfer"))
    assert due(world)[CERTIFICATION]["due_at"] == day(1), "a transfer asks for nothing later than before"
    world.plan(episode)
    world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)
    world.do(commands.TransferParticipant(episode, world.a_track(), "transfer"))
    assert due(world)[CERTIFICATION]["due_at"] == day(70), "what was certified is not certified anew in another track"


@pytest.mark.rule("certified_upon_admission")
def test_who_comes_to_a_payer_that_asks_for_a_certification_has_none_yet(world):
    """42 CFR 424.24(d)(1): it is the first one there, upon the transfer."""
    elsewhere = world.a_track(packs=("program_default",))
    moved = UUID(world.admit(world.a_participant(), elsewhere)["episode_id"])
    assert CERTIFICATION not in due(world)
    world.clock.set(day(10))
    world.do(commands.TransferParticipant(moved, world.a_track(), "transfer"))
    assert due(world)[CERTIFICATION]["due_at"] == day(11)


@pytest.mark.rule("plan_review.days")
def test_a_review_of_the_plan_falls_due_as_the_packs_say(world, episode):
    """State rules: every 30, 60 or 90 days."""
    assert due(world)[PLAN_REVIEW]["due_at"] == day(90)
    with pytest.raises(errors.PlanOfCareMissing):
        world.do(plan_of_care_commands.ReviewPlanOfCare(episode, "continued"))
    world.plan(episode)
    world.clock.set(day(40))
    world.do(plan_of_care_commands.ReviewPlanOfCare(episode, "continued", note="sleeps better"))
    assert due(world)[PLAN_REVIEW]["due_at"] == day(130)
    (review,) = plan(world, episode)["reviews"]
    assert (review["plan_version"], review["outcome"], review["note"]) == (1, "continued", "sleeps better")


@pytest.mark.rule("plan_review.days")
def test_the_strictest_pack_in_force_says_when_a_review_falls_due(world):
    """State rules: every 30, 60 or 90 days; the strictest of several packs holds."""
    track = world.a_track(packs=("plan_review_30", "program_default"))
    world.admit(world.a_participant(), track)
    assert (due(world)[PLAN_REVIEW]["due_at"], due(world)[PLAN_REVIEW]["rule"]) == (
        day(30),
        "plan_review.days of plan_review_30@2020-01-01",
    )
    sources = world.ask("due")["sources"]
    assert sources["plan_review.days of plan_review_30@2020-01-01"].startswith("State rules")


def test_a_role_sees_what_it_has_to_do(world, episode):
    assert set(due(world, role="prescriber")) == {CERTIFICATION}
    assert set(due(world, role="therapist")) == {INSTRUMENT, PLAN_REVIEW, REVIEW_INSTRUMENT}
    assert due(world, role="coordinator") == {}


@pytest.mark.rule("escalation.days")
@pytest.mark.rule("escalation.from_prescriber")
def test_an_overdue_certification_is_told_to_the_next_role_once(world, episode):
    """Program practice: told to a coordinator after three days."""
    world.clock.set(day(1))
    assert due(world, overdue=True)[CERTIFICATION]["escalated_to"] is None
    world.clock.set(day(4))
    assert due(world, role="coordinator")[CERTIFICATION]["escalated_to"] == "coordinator"
    world.plan(episode)
    world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)
    assert CERTIFICATION not in due(world, role="coordinator")
    assert due(world)[CERTIFICATION]["escalated_to"] is None


@pytest.mark.rule("escalation.from_therapist")
def test_an_overdue_review_of_the_plan_is_told_to_a_coordinator(world, episode):
    """Program practice: what a therapist left undone is told to a coordinator."""
    world.clock.set(day(93))
    assert due(world, role="coordinator")[PLAN_REVIEW]["escalated_to"] == "coordinator"


def test_nothing_is_escalated_that_was_done_in_time(world, episode):
    world.plan(episode)
    world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)
    world.clock.set(day(59))
    world.do(plan_of_care_commands.CertifyPlan(episode), PRESCRIBER)
    world.clock.set(day(70))
    assert CERTIFICATION not in due(world, overdue=True)
    assert CERTIFICATION not in due(world, role="coordinator")


def test_diagnoses_stay_but_no_words_are_stored_in_plain_text(world, episode, tmp_path):
    world.plan(episode)
    world.do(plan_of_care_commands.ReviewPlanOfCare(episode, "continued", note="cries at night"))
    world.rows()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"F33.1" in stored
    for secret in (b"Sleeps seven", b"cries at night"):
        assert secret not in stored
