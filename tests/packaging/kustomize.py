"""Builds a kustomization as far as this project uses kustomize, and refuses what it does not know.

Fields: resources, namespace, labels (with includeTemplates), configMapGenerator, secretGenerator, images, replicas.
"""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]

KNOWN = {
    "apiVersion", "kind", "namespace", "labels", "resources", "configMapGenerator", "secretGenerator", "images",
    "replicas",
}  # fmt: skip
UNNAMESPACED = {"Namespace"}


def build(folder: Path) -> list[Manifest]:
    """All manifests, as `kubectl kustomize FOLDER` gives them."""
    plan = yaml.safe_load((folder / "kustomization.yaml").read_text())
    unknown = set(plan) - KNOWN
    if unknown:
        raise ValueError(f"{folder}: this resolver does not know {sorted(unknown)}")
    manifests = [manifest for name in plan["resources"] for manifest in _resource(folder / name)]
    renamed: dict[tuple[str, str], str] = {}
    for kind, field in (("ConfigMap", "configMapGenerator"), ("Secret", "secretGenerator")):
        for generator in plan.get(field, ()):
            made = _generated(folder, kind, generator)
            renamed[kind, generator["name"]] = made["metadata"]["name"]
            manifests.append(made)
    for manifest in manifests:
        _refer(manifest, renamed)
        _label(manifest, plan.get("labels", ()))
        _image(manifest, plan.get("images", ()))
        if "namespace" in plan and manifest["kind"] not in UNNAMESPACED:
            manifest["metadata"]["namespace"] = plan["namespace"]
    _scale(manifests, plan.get("replicas", ()))
    return manifests


def pods(manifests: list[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Each workload with its pod template."""
    for manifest in manifests:
        if "template" in manifest.get("spec", {}):
            yield manifest, manifest["spec"]["template"]


def _resource(path: Path) -> list[Manifest]:
    if path.is_dir():
        return build(path)
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def _generated(folder: Path, kind: str, generator: dict[str, Any]) -> Manifest:
    data = dict(literal.split("=", 1) for literal in generator.get("literals", ()))
    for source in generator.get("files", ()):
        name, _, path = source.rpartition("=")
        data[name or Path(path).name] = (folder / path).read_text()
    if kind == "Secret":
        data = {name: base64.b64encode(value.encode()).decode() for name, value in data.items()}
    suffix = hashlib.sha256(yaml.safe_dump(data).encode()).hexdigest()[:10]
    made: Manifest = {"apiVersion": "v1", "kind": kind, "metadata": {"name": f"{generator['name']}-{suffix}"}}
    return made | {"data": data} | ({"type": "Opaque"} if kind == "Secret" else {})


def _refer(manifest: Manifest, renamed: dict[tuple[str, str], str]) -> None:
    for _, template in pods([manifest]):
        for volume in template["spec"].get("volumes", ()):
            for field, name, kind in (("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret")):
                if field in volume:
                    volume[field][name] = renamed.get((kind, volume[field][name]), volume[field][name])
        for container in template["spec"]["containers"]:
            for source in container.get("envFrom", ()):
                reference = source["configMapRef"]
                reference["name"] = renamed.get(("ConfigMap", reference["name"]), reference["name"])


def _label(manifest: Manifest, labels: list[dict[str, Any]]) -> None:
    for label in labels:
        manifest["metadata"].setdefault("labels", {}).update(label["pairs"])
        if label.get("includeTemplates"):
            for _, template in pods([manifest]):
                template["metadata"]["labels"].update(label["pairs"])


def _image(manifest: Manifest, images: list[dict[str, str]]) -> None:
    for _, template in pods([manifest]):
        for container in template["spec"]["containers"]:
            for image in images:
                if container["image"] == image["name"]:
                    container["image"] = f"{image.get('newName', image['name'])}:{image['newTag']}"


def _scale(manifests: list[Manifest], replicas: list[dict[str, Any]]) -> None:
    for one in replicas:
        [found] = [m for m in manifests if m["metadata"]["name"] == one["name"] and "replicas" in m.get("spec", {})]
        found["spec"]["replicas"] = one["count"]
