"""Golden files of published events. `python -m tests.contract.golden` writes those that are missing, never over one
that exists: a published type that changes incompatibly needs a new version, not a new golden file."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields

from events.contract import samples
from events.contract.canonical import dumps, loads
from events.contract.registry import PublishedType, all_published

FOLDER = Path(__file__).parent / "golden"


def path(entry: PublishedType) -> Path:
    return FOLDER / f"{entry.type}.json"


def breaks(schema: Schema, frozen: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """What makes a schema incompatible with data that was published under it before."""
    for name in sorted(set(frozen) - set(schema.fields)):
        yield f"{where}{name} was removed or renamed"
    for name, field in schema.fields.items():
        if name not in frozen:
            if field.required:
                yield f"{where}{name} is new and required"
            continue
        nested = field.inner if isinstance(field, fields.List) else field
        if isinstance(nested, fields.Nested):
            for part in frozen[name] if isinstance(field, fields.List) else [frozen[name]]:
                yield from breaks(nested.schema, part, f"{where}{name}.")
    if not where:
        yield from _changed_kinds(schema, frozen)


def _changed_kinds(schema: Schema, frozen: Mapping[str, Any]) -> Iterator[str]:
    try:
        loaded = schema.load(dict(frozen))
    except ValidationError as error:
        yield from (f"{name} no longer takes what was published" for name in sorted(map(str, error.messages_dict)))
        return
    again = loads(dumps(loaded))
    yield from (
        f"{name} changed its kind" for name, value in frozen.items() if name in schema.fields and again[name] != value
    )


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for entry in all_published():
        if not path(entry).exists():
            path(entry).write_bytes(samples.event(entry).to_bytes() + b"\n")
            print(f"wrote {path(entry).name}")


if __name__ == "__main__":
    main()
