"""Prescribers' decisions are refused to everybody else, and everything to tokens that are old or forged."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from e2e_house import Client, House
from e2e_program import Member, Program
from e2e_town import Town

from services.cli.client import Client as HttpClient
from services.cli.client import Refusal
from services.cli.composition import definitions
from services.platform.rpc import RpcClient, RpcProblem
from services.platform.tokens import Role, TokenIssuer, new_key
from services.platform.web import routes
from tests.support.patience import PATIENCE_SECONDS

OTHERS = [role for role in Role if role is not Role.PRESCRIBER]


def _decisions(program: Program, member: Member) -> dict[str, dict[str, object]]:
    """What a prescriber alone decides: path → body."""
    (review,) = (one for one in program.medication(member)["reviews"] if one["kind"] == "review")
    return {
        f"/enrollment/episodes/{member.episode_id}/certification": {},
        f"/medication_review/episodes/{member.episode_id}/reviews/{review['review_id']}/completion": {
            "rationale": "seen"
        },
        f"/medication_review/episodes/{member.episode_id}/dose_orders": {"medication": "methadone", "days": ["MO"]},
    }


def _with_review(program: Program, number: int) -> Member:
    member = program.member(number)
    program.score(member, item_9=1)
    program.site.settle()
    return member


def test_prescribers_decisions_are_refused_to_every_other_role(house: House) -> None:
    program = Program(house).open_track()
    member = _with_review(program, 0)
    for path, body in _decisions(program, member).items():
        for role in OTHERS:
            with pytest.raises(Refusal) as refused:
                house.client(role).post(path, body)
            assert (refused.value.status, refused.value.kind) == (403, "forbidden")
        program.prescriber.post(path, body)
    house.settle()
    assert "review" not in program.causes(member)


def _expired(issuer: TokenIssuer) -> str:
    return issuer.issue("somebody", [Role.PRESCRIBER], datetime.now(UTC) - timedelta(hours=9))


def _forged(issuer: TokenIssuer) -> str:
    return TokenIssuer.from_pem(new_key()).issue("somebody", [Role.PRESCRIBER], datetime.now(UTC))


def _promoted(issuer: TokenIssuer) -> str:
    """The claims of a prescriber's token under the signature of a therapist's."""
    prescriber, therapist = (
        issuer.issue("somebody", [role], datetime.now(UTC)).split(".") for role in (Role.PRESCRIBER, Role.THERAPIST)
    )
    return ".".join((*prescriber[:2], therapist[2]))


BAD_TOKENS = pytest.mark.parametrize("bad", [_expired, _forged, _promoted])


@BAD_TOKENS
def test_expired_and_forged_tokens_are_refused(house: House, bad: Callable[[TokenIssuer], str]) -> None:
    issuer = house.keyring.issuer
    assert issuer is not None
    with pytest.raises(Refusal) as refused:
        Client(house, bad(issuer)).get("/enrollment/tracks")
    assert (refused.value.status, refused.value.kind) == (401, "unauthorized")


@pytest.mark.processes
def test_over_http_and_rpc(town: Town) -> None:
    program = Program(town, "roles").open_track()
    member = _with_review(program, 0)
    for path, body in _decisions(program, member).items():
        with pytest.raises(Refusal) as refused:
            town.client("therapist", "coordinator").post(path, body)
        assert (refused.value.status, refused.value.kind) == (403, "forbidden")
        assert refused.value.problem["type"] == "urn:daybook:problem:forbidden"
        for bad in (_expired, _forged, _promoted):
            with pytest.raises(Refusal) as refused:
                HttpClient(town.urls[path.split("/")[1]], bad(town.issuer)).post(path, body)
            assert refused.value.status == 401

    episode = {"episode_id": member.episode_id}
    assert _by_rpc(town, town.issuer.issue("somebody", ["therapist"], datetime.now(UTC)), episode) == 403
    for bad in (_expired, _forged, _promoted):
        assert _by_rpc(town, bad(town.issuer), episode) == 401
    assert _by_rpc(town, town.issuer.issue("somebody", ["prescriber"], datetime.now(UTC)), episode) is None
    for path, body in _decisions(program, member).items():
        town.client("prescriber").post(path, body)


@pytest.mark.processes
def test_every_command_is_taken_over_rpc_and_says_what_is_missing(town: Town) -> None:
    client = RpcClient(town.servers.broker, town.issuer.issue("somebody", list(Role), datetime.now(UTC)))
    try:
        for service in definitions():
            for route in routes(service.shell):
                if route.kind == "command" and route.schema is not None:
                    with pytest.raises(RpcProblem) as refused:
                        client.command(
                            service.name, route.name, {"nonsense": 1}, command_id=uuid4(), timeout=PATIENCE_SECONDS
                        )
                    named = {error["field"] for error in refused.value.problem["errors"]}
                    assert (refused.value.status, "nonsense" in named) == (422, True), (service.name, route.name)
    finally:
        client.close()


def _by_rpc(town: Town, token: str, payload: dict[str, str]) -> int | None:
    """The status of the problem with which a certification is refused; None where it is carried out."""
    client = RpcClient(town.servers.broker, token)
    try:
        client.command("enrollment", "certify_plan", payload, command_id=uuid4(), timeout=PATIENCE_SECONDS)
    except RpcProblem as problem:
        return problem.status
    finally:
        client.close()
    return None
