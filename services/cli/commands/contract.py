"""Writes what Daybook promises to others: one AsyncAPI document of all events, one OpenAPI document per service.

They are made from the schemas that check what is really sent and taken. `docs/contract` holds those of this version.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from events.contract import asyncapi
from services.cli.composition import definitions
from services.cli.output import machine, people
from services.cli.wrong_use import WrongUse
from services.platform import openapi


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--out", type=Path, default=Path("contract"), metavar="DIR", help="where they go (contract); made if missing"
    )


def run(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.out
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise WrongUse(f"{folder} is a file", "name a folder with --out") from None
    names = []
    for name, content in documents():
        (folder / name).write_text(content, encoding="utf-8")
        people.print(str(folder / name))
        names.append(name)
    if arguments.json:
        machine({"folder": str(folder), "documents": names})
    return 0


def documents() -> Iterator[tuple[str, str]]:
    """File name and content of each document; the same whenever they are made."""
    yield "asyncapi.json", _text(asyncapi.document())
    for definition in definitions():
        yield f"openapi-{definition.name}.json", _text(openapi.document(definition))


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"
