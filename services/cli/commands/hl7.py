"""Hospital messages in files.

`read` reads every message offline and stores nothing: one JSON object a line, whatever the input, saying how Daybook
would answer it (AA, AE, AR) and why.
"""

import argparse
import sys
from pathlib import Path

from events.contract.canonical import dumps
from services.cli.output import machine, progress
from services.cli.wrong_use import WrongUse
from services.interop.mapping import MappingError, Mappings, load_mappings
from services.interop.reading import Summary, read_files


def add(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(title="actions", metavar="ACTION", required=True)
    read = actions.add_parser("read", help="read every message in the files, offline, without storing")
    read.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="ER7 messages, with or without MLLP framing, or one FHIR bundle",
    )
    read.add_argument("--mappings", type=Path, metavar="DIR", help="read as these hospitals' mapping files say")
    read.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="end with the summary as JSON")


def run(arguments: argparse.Namespace) -> int:
    summary = Summary()
    for answer in read_files(arguments.files, _mappings(arguments.mappings), summary):
        sys.stdout.write(dumps(answer).decode() + "\n")
    if arguments.json:
        machine(summary.to_data())
    progress.print(f"{summary.messages} messages, {summary.read} read, {summary.rejected} would be refused")
    return 0


def _mappings(folder: Path | None) -> Mappings | None:
    if folder is None:
        return None
    try:
        return load_mappings([folder])
    except MappingError as bad:
        raise WrongUse(str(bad), "mend the mapping file; services/interop/README.md explains its keys") from None
