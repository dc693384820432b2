"""Reference pages that need all services: commands, published events, contract. ``python -m services.cli.pages docs``.

A test compares the pages with what this makes, so that no command, option or event can be forgotten.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from events.contract import asyncapi
from events.contract.registry import PublishedType, all_published
from services.cli.__main__ import COMMANDS, parser
from services.cli.commands.contract import documents
from services.cli.composition import SERVICES, definitions

_MADE = "This page is made by `python -m services.cli.pages docs`; do not edit it by hand."

OF_EVERY_COMMAND = ("help", "json", "data")

KEYS: Mapping[str, tuple[str, ...]] = {
    "demo": tuple(
        "participants admitted waitlisted discharged sessions bookings attendance_records treatment_weeks"
        " compliant_weeks reviews_completed reviews_due hl7_received hl7_accepted hl7_duplicate hl7_parked hl7_applied"
        " hl7_waiting hl7_unsupported events received rebuild_identical as_of_identical ledger_verified seconds".split()
    ),
    "simulate": tuple(
        "participants weeks seed admitted waitlisted discharged sessions bookings attendance_records treatment_weeks"
        " compliant_weeks reviews_completed reviews_due hl7_received hl7_accepted hl7_duplicate hl7_parked hl7_applied"
        " hl7_waiting hl7_unsupported events received done refused published seconds messages types".split()
    ),
    "migrate": ("migrated",),
    "ready": ("service", "ready"),
    "secrets": ("folder", "secrets"),
    "token": ("token", "subject", "roles"),
    "status": ("services", "hospitals"),
    "parked": ("parked",),
    "rebuild": ("events", "seconds", "identical", "projections"),
    "restored": ("generations",),
    "participants": ("participants", "as_of", "vector"),
    "due": ("due", "as_of", "vector"),
    "chart": tuple(
        "participant_id as_of vector enrollment bookings attendance weeks sources medications discrepancies"
        " interactions cases reviews".split()
    ),
    "what-if": ("changed", "weeks", "billable_days", "absence_steps", "due_dates", "looked_at", "unused"),
    "hl7": ("messages", "read", "rejected"),
    "contract": ("folder", "documents"),
}
"""Command → keys of the JSON object that ``--json`` ends with. Keys are added, never renamed."""


def pages() -> dict[str, str]:
    """File name → content."""
    contract = {f"contract/{name}": content for name, content in documents()}
    return {"cli.md": _commands(), "events.md": _events(), **contract}


def _commands() -> str:
    lines = [
        "# The command line",
        "",
        _MADE,
        "",
        "`./daybook COMMAND`. The first use makes `.venv` from the locked dependencies. Data live in `.daybook/`",
        "unless `--data DIR` or `DAYBOOK_DATA` says otherwise; further settings: [settings.md](settings.md). With",
        "`--json` the last line of standard output is one JSON object; progress and logs go to standard error. Exit",
        'status: 0 done, 1 the answer is "no", 2 wrong use or input, with an `error:` and a `hint:` line.',
        "",
        "| command | does |",
        "|---|---|",
        *(f"| [`{name}`](#{name}) | {says} |" for name, says in COMMANDS.items()),
        "| `test` | sets up what the tests need (PostgreSQL, RabbitMQ) and runs them; takes pytest's arguments |",
    ]
    for name in COMMANDS:
        lines += ["", f"## {name}", "", *_of_parser(name, _parser_of(name))]
        if name in KEYS:
            lines += ["", f"JSON: {', '.join(f'`{key}`' for key in KEYS[name])}."]
    return "\n".join(lines) + "\n"


def _parser_of(name: str) -> argparse.ArgumentParser:
    return choices(parser(name))[name]


def choices(of: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The subcommands of a parser."""
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _of_parser(name: str, of: argparse.ArgumentParser) -> Iterator[str]:
    if of.description:
        yield of.description.strip()
        yield ""
    options = [action for action in of._actions if action.dest not in OF_EVERY_COMMAND and not _is_menu(action)]
    if options:
        yield "| argument | what |"
        yield "|---|---|"
        yield from (f"| {_written(action)} | {_what(action)} |" for action in options)
    for action_name, sub in choices(of).items():
        yield from ("", f"### {name} {action_name}", "", *_of_parser(name, sub))


def _is_menu(action: argparse.Action) -> bool:
    return isinstance(action, argparse._SubParsersAction)


def _written(action: argparse.Action) -> str:
    metavar = str(action.metavar or action.dest.upper())
    if not action.option_strings:
        optional = action.nargs in ("?", "*")
        return f"`[{metavar}]`" if optional else f"`{metavar}`{' …' if action.nargs == '+' else ''}"
    words = action.option_strings[-1] + ("" if action.nargs == 0 else f" {metavar}")
    return f"`{words}`" + (" (has to be given)" if action.required else "")


def _what(action: argparse.Action) -> str:
    choices = f"one of {', '.join(f'`{choice}`' for choice in action.choices)}" if action.choices else ""
    return "; ".join(filter(None, (action.help, choices))).replace("|", "\\|")


def _events() -> str:
    consumers = {
        entry.type: [definition.name for definition in definitions() if entry.type in definition.consumes]
        for entry in all_published()
    }
    schemas: Mapping[str, Any] = asyncapi.document()["components"]["schemas"]
    lines = [
        "# Published events",
        "",
        _MADE,
        "",
        "CloudEvents 1.0 in JSON, in order within (source, key) and nothing more. A type once published stays; what is",
        "not an added optional field is a new version. The whole contract, with envelope, channels and schemas, is",
        "[contract/asyncapi.json](contract/asyncapi.json).",
    ]
    for service in SERVICES:
        lines += ["", f"## {service}"]
        for entry in all_published():
            if entry.service == service:
                lines += ["", *_of_event(entry, schemas[entry.type], consumers[entry.type])]
    return "\n".join(lines) + "\n"


def _of_event(entry: PublishedType, schema: Mapping[str, Any], consumers: list[str]) -> Iterator[str]:
    yield f"### {entry.type}"
    yield ""
    if entry.schema.__doc__ and entry.schema.__doc__ != entry.schema.__base__.__doc__:
        yield " ".join(entry.schema.__doc__.split())
        yield ""
    yield f"Key: `{entry.key}`. Stored by: {', '.join(consumers) or 'no service here; for integrations'}."
    yield ""
    yield "| field | type | what |"
    yield "|---|---|---|"
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        optional = "" if name in required else ", optional"
        yield f"| `{name}` | {_type(field)}{optional} | {field.get('description', '')} |"


def _type(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(f"`{one}`" for one in field["enum"] if one is not None)
    kind = field.get("type", "object")
    kinds = [one for one in ([kind] if isinstance(kind, str) else kind) if one != "null"]
    if kinds == ["array"]:
        return f"list of {_type(field['items'])}"
    return str(field.get("format", " or ".join(kinds)))


def main(folder: Path) -> None:
    """Writes all pages."""
    for name, content in pages().items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
