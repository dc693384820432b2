"""The manifests as kustomize builds them: valid, complete in themselves, and locked down."""

import re
import shutil
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from services.cli.composition import SERVICES, definition
from services.platform.settings import load
from services.platform.web import routes
from tests.packaging.kustomize import build, pods
from tests.packaging.packaging_secrets import make

ROOT = Path(__file__).parents[2]
VERSION = "1.34"
GENERATED_BY_OVERLAYS = {"daybook-service", "daybook-owner"}
KINDS = {
    "Deployment", "StatefulSet", "Job", "Service", "PodDisruptionBudget", "NetworkPolicy", "ConfigMap", "Secret",
    "Namespace",
}  # fmt: skip


@pytest.fixture(scope="module")
def development(tmp_path_factory):
    copy = tmp_path_factory.mktemp("kustomize") / "k8s"
    shutil.copytree(ROOT / "k8s", copy, ignore=shutil.ignore_patterns(".secrets"))
    make(copy / "overlays" / "development" / ".secrets")
    return build(copy / "overlays" / "development")


@pytest.fixture(scope="module")
def base():
    return build(ROOT / "k8s" / "base")


@pytest.fixture(params=["base", "development"])
def manifests(request):
    return request.getfixturevalue(request.param)


def named(manifests, kind):
    return {manifest["metadata"]["name"]: manifest for manifest in manifests if manifest["kind"] == kind}


def containers(manifests):
    for workload, template in pods(manifests):
        for container in template["spec"]["containers"]:
            yield workload["metadata"]["name"], template["spec"], container


def test_every_manifest_fits_the_schema_of_kubernetes(manifests):
    for manifest in manifests:
        kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_the_schema_refuses_a_broken_manifest(base):
    broken = yaml.safe_load(yaml.safe_dump(named(base, "Deployment")["enrollment"]))
    broken["spec"]["replicas"] = "two"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, VERSION, strict=True)


def test_only_kinds_that_these_tests_look_into_are_used(manifests):
    assert {manifest["kind"] for manifest in manifests} <= KINDS


def test_names_are_unique_and_in_one_namespace(manifests):
    keys = [(manifest["kind"], manifest["metadata"]["name"]) for manifest in manifests]
    assert len(keys) == len(set(keys))
    assert {m["metadata"]["namespace"] for m in manifests if m["kind"] != "Namespace"} == {"daybook"}


def test_each_service_has_a_deployment_and_an_address_of_its_own(manifests):
    names = {service.replace("_", "-") for service in SERVICES}
    assert set(named(manifests, "Deployment")) == names
    assert names <= set(named(manifests, "Service"))
    assert names == set(named(manifests, "PodDisruptionBudget"))
    served = {tuple(container["args"]) for name, _, container in containers(manifests) if name in names}
    assert served == {("serve", service) for service in SERVICES}


def test_selectors_choose_the_pods_they_are_meant_for(manifests):
    labels = {workload["metadata"]["name"]: template["metadata"]["labels"] for workload, template in pods(manifests)}
    for kind in ("Deployment", "StatefulSet", "PodDisruptionBudget", "Service"):
        for name, manifest in named(manifests, kind).items():
            selector = manifest["spec"]["selector"]
            wanted = selector.get("matchLabels", selector)
            chosen = {pod for pod, own in labels.items() if wanted.items() <= own.items()}
            assert chosen == {name}, (kind, name)


def test_ports_that_services_and_probes_name_are_the_containers(manifests):
    ports = {
        name: {p["name"]: p["containerPort"] for p in c["ports"]}
        for name, _, c in containers(manifests)
        if "ports" in c
    }
    for name, service in named(manifests, "Service").items():
        for port in service["spec"]["ports"]:
            assert ports[name][port["targetPort"]] == port["port"]
    for name, _, container in containers(manifests):
        for probe in (value for field, value in container.items() if field.endswith("Probe") and "httpGet" in value):
            assert probe["httpGet"]["port"] in ports[name]


def test_secrets_config_maps_and_volumes_that_are_named_exist(development):
    for name, spec, container in containers(development):
        volumes = {volume["name"]: volume for volume in spec.get("volumes", ())}
        claims = {
            claim["metadata"]["name"]
            for claim in named(development, "StatefulSet")
            .get(name, {"spec": {}})["spec"]
            .get("volumeClaimTemplates", ())
        }
        for mount in container["volumeMounts"]:
            assert mount["name"] in volumes.keys() | claims, (name, mount)
        for source in container.get("envFrom", ()):
            assert source["configMapRef"]["name"] in named(development, "ConfigMap")
        for volume in volumes.values():
            if "secret" in volume:
                assert volume["secret"]["secretName"] in named(development, "Secret")
            if "configMap" in volume:
                assert volume["configMap"]["name"] in named(development, "ConfigMap")


def test_base_leaves_exactly_the_secrets_to_the_overlay(base):
    wanted = {v["secret"]["secretName"] for _, t in pods(base) for v in t["spec"]["volumes"] if "secret" in v}
    assert wanted == GENERATED_BY_OVERLAYS
    assert named(base, "Secret") == {}


def test_secret_files_that_the_environment_names_are_mounted(development):
    for name, spec, container in containers(development):
        folders = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        for variable in container.get("env", ()):
            if not variable["name"].endswith("_FILE"):
                continue
            path = Path(variable["value"])
            secret = volumes[folders[str(path.parent)]]["secret"]["secretName"]
            assert path.name in named(development, "Secret")[secret]["data"], (name, path)


def test_the_environment_consists_of_settings_that_exist(development):
    for name, _, container in containers(development):
        if name in ("postgres", "rabbitmq"):
            continue
        given = {v["name"]: v["value"] for v in container.get("env", ()) if not v["name"].endswith("_FILE")}
        for source in container.get("envFrom", ()):
            given |= named(development, "ConfigMap")[source["configMapRef"]["name"]]["data"]
        load(given)


def test_services_are_told_where_the_others_answer(development):
    [config] = [m for n, m in named(development, "ConfigMap").items() if n.startswith("daybook-")]
    addresses = load(config["data"]).services
    assert set(addresses) == set(SERVICES)
    for service, url in addresses.items():
        host, port = re.fullmatch(r"http://([a-z-]+):(\d+)", url).groups()
        assert host == service.replace("_", "-")
        assert int(port) in {p["port"] for p in named(development, "Service")[host]["spec"]["ports"]}


def test_probes_ask_what_the_service_serves(base):
    for service in SERVICES:
        container = next(c for n, _, c in containers(base) if n == service.replace("_", "-"))
        paths = {container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness")}
        assert paths == {f"/{service}/health/live"}
        assert container["readinessProbe"]["httpGet"]["path"] == f"/{service}/health/ready"
        assert all(route.url.startswith(f"/{service}/") for route in routes(definition(service).shell))


def test_images_are_pinned(manifests):
    for name, _, container in containers(manifests):
        assert re.fullmatch(r"[a-z]+:\d+\.\d+[\w.-]*", container["image"]), name


def test_nothing_runs_with_rights_that_it_does_not_need(manifests):
    for name, spec, container in containers(manifests):
        pod, own = spec["securityContext"], container["securityContext"]
        assert pod["runAsNonRoot"] is True, name
        assert pod["runAsUser"] > 0, name
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert own["allowPrivilegeEscalation"] is False, name
        assert own["readOnlyRootFilesystem"] is True, name
        assert own["capabilities"] == {"drop": ["ALL"]}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["enableServiceLinks"] is False, name
        assert not (spec.keys() & {"hostNetwork", "hostPID", "hostIPC"}), name
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), name
        assert "memory" in container["resources"]["limits"], name
        assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}, name


def test_grace_is_longer_than_the_services_take_to_stop(development):
    for workload, template in pods(development):
        if workload["kind"] == "Deployment":
            [config] = [m for n, m in named(development, "ConfigMap").items() if n.startswith("daybook-")]
            assert template["spec"]["terminationGracePeriodSeconds"] > load(config["data"]).stop_seconds


def test_no_password_stands_in_a_manifest():
    for path in (ROOT / "k8s").rglob("*"):
        if path.is_file() and ".secrets" not in path.parts:
            assert not re.search(
                r"(?i)(password|token|secret)[\"']?\s*[:=]\s*[\"']?[A-Za-z0-9+/]{8,}\s*$", path.read_text(), re.M
            ), path


def test_no_private_key_goes_to_a_service(development):
    for name, manifest in named(development, "Secret").items():
        if not name.startswith("daybook-servers-"):
            assert "token_private_key" not in manifest["data"]
    [service] = [m for n, m in named(development, "Secret").items() if n.startswith("daybook-service-")]
    assert not {"owner_database_url", "owner_password"} & service["data"].keys()


def test_all_traffic_is_denied_unless_it_is_allowed(manifests):
    policies = named(manifests, "NetworkPolicy")
    assert policies["deny-all"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    labels = {workload["metadata"]["name"]: template["metadata"]["labels"] for workload, template in pods(manifests)}

    def allowed(pod, direction):
        """Ports that the policies of this pod let through."""
        found = set()
        for policy in policies.values():
            spec = policy["spec"]
            if not _chooses(spec["podSelector"], labels[pod]):
                continue
            for rule in spec.get(direction, ()):
                found |= {(port["port"], port["protocol"]) for port in rule["ports"]}
        return found

    for service in (name.replace("_", "-") for name in SERVICES):
        mllp = {(2575, "TCP")} if service == "interop" else set()
        assert allowed(service, "ingress") == {(8000, "TCP")} | mllp
        servers = {(5432, "TCP"), (5671, "TCP"), (5672, "TCP")}
        assert allowed(service, "egress") == servers | {(53, "UDP"), (53, "TCP"), (8000, "TCP")} | mllp
    assert allowed("migrate", "ingress") == set()
    assert allowed("migrate", "egress") == {(53, "UDP"), (53, "TCP"), (5432, "TCP")}
    for server, port in (("postgres", 5432), ("rabbitmq", 5672)):
        if server in labels:
            assert allowed(server, "ingress") == {(port, "TCP")}
            assert allowed(server, "egress") == set()


def _chooses(selector, labels):
    if not (selector.get("matchLabels", {}).items() <= labels.items()):
        return False
    return all(labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ()))


def test_the_overlay_scales_each_service_by_itself(base, development):
    assert {m["spec"]["replicas"] for m in named(base, "Deployment").values()} == {2}
    assert {m["spec"]["replicas"] for m in named(development, "Deployment").values()} == {1}
