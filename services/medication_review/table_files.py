"""The shipped tables of medication review: read once, validated, with errors that name file, key and reason."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.medication_review.domain.formulary import Formulary, Ingredient, fold
from services.medication_review.domain.interactions import SEVERITIES, Interaction, InteractionTable
from services.platform.strict_yaml import UnreadableYaml, read_yaml

SHIPPED = Path(__file__).parent / "tables"

SCHEDULES = ("II", "III", "IV", "V")
"""Of controlled substances that have a medical use (21 USC 812)."""


class TableError(Exception):
    """A table of medications or interactions is unusable."""


class _Table(Schema):
    class Meta:
        unknown = RAISE


class _Day(fields.Field[date]):
    """A date as YAML has it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if type(value) is not date:
            raise ValidationError("is no date such as 2026-11-01")
        return value


def _text() -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1))


def _texts(**with_: Any) -> fields.List[Any]:
    return fields.List(_text(), **with_)


class _Class(_Table):
    title = _text()
    duplicate = fields.Boolean(load_default=False)


class _Ingredient(_Table):
    code = fields.String(required=True, validate=validate.Regexp(r"\d+\Z", error="is no RxNorm code: digits only"))
    codes = _texts(load_default=list)
    schedule = fields.String(load_default=None, validate=validate.OneOf(SCHEDULES))
    classes = _texts(load_default=list)
    names = _texts(load_default=list)


class _Washout(_Table):
    days = fields.Dict(_text(), fields.Integer(strict=True, validate=validate.Range(1, 365)), required=True)
    source = _text()


class _Interaction(_Table):
    severity = fields.String(required=True, validate=validate.OneOf(SEVERITIES))
    one = _texts(required=True, validate=validate.Length(min=1))
    other = _texts(required=True, validate=validate.Length(min=1))
    says = _text()
    source = _text()
    from_ = _Day(required=True, data_key="from", attribute="from")
    to = _Day(load_default=None)
    washout = fields.Nested(_Washout, load_default=None)


class _Interactions(_Table):
    edition = _Day(required=True)
    source = _text()
    verify = fields.Boolean(required=True)
    interactions = fields.Dict(
        fields.String(validate=validate.Regexp(r"[a-z][a-z0-9_]*\Z", error="is no key such as lithium_nsaid")),
        fields.Nested(_Interaction),
        required=True,
    )


class _Medications(_Table):
    edition = _Day(required=True)
    source = _text()
    verify = fields.Boolean(required=True)
    forms = _texts(required=True)
    salts = _texts(required=True)
    routes = fields.Dict(_text(), _texts(), required=True)
    frequencies = fields.Dict(_text(), _texts(), required=True)
    classes = fields.Dict(_text(), fields.Nested(_Class), required=True)
    ingredients = fields.Dict(_text(), fields.Nested(_Ingredient), required=True)
    combinations = fields.Dict(_text(), _texts(validate=validate.Length(min=2)), required=True)


@dataclass(frozen=True)
class Tables:
    """What is known about medications: what they are, and which interact."""

    formulary: Formulary
    interactions: InteractionTable


@cache
def shipped() -> Tables:
    """The tables shipped with this release. Raises ``TableError``."""
    formulary = read_formulary(SHIPPED / "medications.yaml")
    return Tables(formulary, read_interactions(SHIPPED / "interactions.yaml", formulary))


def read_formulary(path: Path) -> Formulary:
    """One table of medications. Raises ``TableError``."""
    said = load_table(path, _Medications())
    known = {name: _ingredient(path, name, one, said["classes"]) for name, one in said["ingredients"].items()}
    return Formulary(
        edition=said["edition"],
        source=said["source"],
        verify=said["verify"],
        ingredients=tuple(known.values()),
        by_name=_once(path, _names(path, known, said)),
        by_code=_once(path, _codes(known, said["ingredients"])),
        forms=frozenset(map(fold, said["forms"])),
        salts=frozenset(map(fold, said["salts"])),
        routes=_once(path, _written("routes", said["routes"])),
        frequencies=_once(path, _written("frequencies", said["frequencies"])),
        classes={name: one["title"] for name, one in said["classes"].items()},
        doubled=frozenset(name for name, one in said["classes"].items() if one["duplicate"]),
    )


def read_interactions(path: Path, formulary: Formulary) -> InteractionTable:
    """One table of interactions of the formulary's ingredients and classes. Raises ``TableError``."""
    said = load_table(path, _Interactions())
    lines = []
    for key, line in said["interactions"].items():
        until = line["to"]
        if until is not None and until < line["from"]:
            raise TableError(f"{path}: interactions.{key}.to: is before from")
        sides = [_side(path, f"interactions.{key}.{side}", line[side], formulary) for side in ("one", "other")]
        washout = _washout(path, f"interactions.{key}.washout.days", line, sides[0] | sides[1], formulary)
        facts = (line["says"], line["source"], line["from"], until, washout)
        lines.append(Interaction(key, line["severity"], sides[0], sides[1], *facts))
    return InteractionTable(said["edition"], said["source"], said["verify"], tuple(lines))


def _washout(
    path: Path, where: str, line: Mapping[str, Any], pair: frozenset[str], formulary: Formulary
) -> dict[str, int]:
    """Code → days, for the ingredients of the pair; what is said of an ingredient goes before what is said of its
    class."""
    said = line["washout"]["days"] if line["washout"] else {}
    found: dict[str, int] = {}
    by_name = {one.name for one in formulary.ingredients}
    for name, days in sorted(said.items(), key=lambda one: one[0] in by_name):
        codes = _side(path, where, [name], formulary) & pair
        if not codes:
            raise TableError(f"{path}: {where}: {name} is on neither side of the pair")
        found |= dict.fromkeys(codes, days)
    return found


def _side(path: Path, where: str, names: Iterable[str], formulary: Formulary) -> frozenset[str]:
    """The codes of the ingredients that are named, by themselves or by class."""
    codes: set[str] = set()
    for name in names:
        meant = {one.code for one in formulary.ingredients if name == one.name or name in one.classes}
        if not meant:
            raise TableError(f"{path}: {where}: {name} is neither an ingredient nor a class with one")
        codes |= meant
    return frozenset(codes)


def load_table(path: Path, schema: Schema) -> Mapping[str, Any]:
    """A table's content by its schema. Raises ``TableError``."""
    try:
        content = read_yaml(path)
    except UnreadableYaml as error:
        raise TableError(f"{path}: {error}") from None
    if not isinstance(content, dict):
        raise TableError(f"{path}: the file: is not a mapping")
    try:
        loaded: Mapping[str, Any] = schema.load(content)
    except ValidationError as error:
        key, reason = _first(error.messages)
        raise TableError(f"{path}: {key}: {reason}") from None
    return loaded


def _first(messages: Any) -> tuple[str, str]:
    """The first of marshmallow's messages: its key with dots, and the reason."""
    keys: list[str] = []
    while isinstance(messages, dict):
        key, messages = next(iter(messages.items()))
        if key not in ("key", "value"):
            keys.append(str(key))
    return ".".join(keys), messages[0] if isinstance(messages, list) else str(messages)


def _ingredient(path: Path, name: str, one: Mapping[str, Any], classes: Mapping[str, Any]) -> Ingredient:
    for class_ in one["classes"]:
        if class_ not in classes:
            raise TableError(f"{path}: ingredients.{name}.classes: {class_} is none of the classes of this file")
    return Ingredient(name, one["code"], frozenset(one["classes"]), one["schedule"])


Said = tuple[str, str, Any]
"""Where in the file, what is written there, what it means."""


def _names(path: Path, known: Mapping[str, Ingredient], said: Mapping[str, Any]) -> Iterator[Said]:
    for name, one in said["ingredients"].items():
        for written in (name, *one["names"]):
            yield f"ingredients.{name}", fold(written), (known[name],)
    for name, parts in said["combinations"].items():
        for part in parts:
            if part not in known:
                raise TableError(f"{path}: combinations.{name}: {part} is none of the ingredients of this file")
        yield f"combinations.{name}", fold(name), tuple(sorted(known[part] for part in parts))


def _codes(known: Mapping[str, Ingredient], ingredients: Mapping[str, Any]) -> Iterator[Said]:
    for name, one in ingredients.items():
        for code in (one["code"], *one["codes"]):
            yield f"ingredients.{name}", code, (known[name],)


def _written(where: str, ways: Mapping[str, Iterable[str]]) -> Iterator[Said]:
    for meant, written in ways.items():
        for one in (meant, *written):
            yield f"{where}.{meant}", fold(one), meant


def _once(path: Path, said: Iterable[Said]) -> dict[str, Any]:
    """Each written form has one meaning."""
    found: dict[str, Any] = {}
    for where, written, meant in said:
        if written in found:
            raise TableError(f"{path}: {where}: {written} stands twice; it can mean one thing only")
        found[written] = meant
    return found
