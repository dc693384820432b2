"""Payloads become commands, or are refused by field."""

from uuid import uuid4

import pytest
from enrollment_world import World
from marshmallow import ValidationError

from services.enrollment import people_schemas, plan_of_care_schemas, schemas
from services.enrollment.application import DECISIONS
from services.enrollment.domain import authorization_commands, commands, consent_commands, people_commands
from services.enrollment.service import EnrollmentService
from services.enrollment.wiring import ERRORS
from services.platform.problem import ProblemTable
from services.platform.web import CommandSchema, routes


def test_every_route_of_a_command_makes_a_command_that_is_decided():
    made = {
        route.schema.makes
        for route in routes(EnrollmentService)
        if route.kind == "command" and issubclass(route.schema, CommandSchema)
    }
    assert made <= set(DECISIONS)
    internal = {
        people_commands.ReceiveReferral,
        people_commands.ReceivePerson,
        commands.RecordHospitalFact,
        people_commands.FollowMerge,
        commands.NoteDueMissed,
        commands.EscalateDue,
        commands.ExpireOffer,
        consent_commands.ExpireConsent,
        authorization_commands.CountBillableDay,
        authorization_commands.ExpireAuthorization,
        commands.FollowAbsenceStep,
        people_commands.EraseParticipant,
    }
    assert set(DECISIONS) - made == internal


def test_only_a_prescriber_certifies_and_only_coordinators_admit():
    roles = {route.name: route.roles for route in routes(EnrollmentService)}
    assert roles["certify_plan"] == {"prescriber"}
    assert roles["admit_participant"] == {"coordinator"}
    assert roles["transfer_participant"] == roles["review_discharge"] == {"coordinator"}
    assert roles["unmerge_participants"] == roles["merge_participants"] == {"coordinator"}
    assert roles["write_plan_of_care"] == {"coordinator", "therapist", "prescriber"}
    assert roles["accept_offer"] == {"coordinator", "front_desk"}
    assert "peer_lead" not in roles["give_consent"] | roles["record_authorization"]
    assert "auditor" in roles["participant"]
    assert not any("auditor" in one for name, one in roles.items() if name not in questions())


def questions() -> set[str]:
    return {route.name for route in routes(EnrollmentService) if route.kind == "query"}


def test_a_registration_loads():
    command = people_schemas.RegisterParticipantSchema().load(
        {
            "person": {"family": "Okafor", "birth_date": "1990-04-01"},
            "identifiers": [{"authority": "GENERAL", "number": "1"}],
        }
    )
    assert command == people_commands.RegisterParticipant(
        {"family": "Okafor", "birth_date": "1990-04-01"}, (people_commands.HospitalNumber("GENERAL", "1"),)
    )


@pytest.mark.parametrize(
    ("schema", "payload", "field"),
    [
        (people_schemas.RegisterParticipantSchema, {"person": {}}, "person"),
        (schemas.OpenTrackSchema, {"name": "x", "time_zone": "UTC", "packs": [], "census_limit": 1}, "packs"),
        (schemas.SuspendEpisodeSchema, {"episode_id": str(uuid4()), "reason": "Free text!"}, "reason"),
        (schemas.DischargeParticipantSchema, {"episode_id": str(uuid4()), "reason": "gone"}, "reason"),
        (schemas.ResumeEpisodeSchema, {"episode_id": str(uuid4()), "since": "2026-03-02T09:00:00"}, "since"),
        (
            schemas.ScoreInstrumentSchema,
            {"episode_id": str(uuid4()), "instrument": "phq_9", "occasion": "x"},
            "occasion",
        ),
        (plan_of_care_schemas.CertifyPlanSchema, {"episode_id": str(uuid4()), "why": "x"}, "why"),
    ],
)
def test_a_payload_that_does_not_fit_names_its_field(schema, payload, field):
    with pytest.raises(ValidationError) as refused:
        schema().load(payload)
    assert list(refused.value.messages) == [field]


def test_answers_take_booleans_and_ratings(tmp_path):
    payload = {"participant_id": str(uuid4()), "kind": "mental_health", "age_group": "adult"}
    answers = {"needs_more_than_outpatient": False, "step_down": True}
    assert schemas.AssessLevelOfCareSchema().load({**payload, "answers": answers}).answers == {
        "needs_more_than_outpatient": 0,
        "step_down": 1,
    }


def test_a_command_is_carried_out_as_loaded(tmp_path):
    world = World(tmp_path)
    command = schemas.OpenTrackSchema().load(
        {"name": "Adult", "time_zone": "America/New_York", "packs": ["medicare_iop"], "census_limit": 2}
    )
    world.do(command)
    assert world.ask("tracks")["tracks"][0]["census_limit"] == 2
    world.close()


def test_a_broken_rule_is_told_by_name_and_detail():
    from services.enrollment.domain.errors import CensusLimitTooLow, EpisodeAlreadyOpen

    table = ProblemTable(ERRORS)
    refused = table.refusal(EpisodeAlreadyOpen("discharge it first"))
    assert (refused.status, refused.code, refused.detail) == (409, "EpisodeAlreadyOpen", "discharge it first")
    assert table.refusal(CensusLimitTooLow("x")).status == 422
