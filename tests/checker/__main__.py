"""``python -m tests.checker FILE… [--packs DIR] [--json]``: what was published against what must have followed."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.checker.case import Case
from tests.checker.checks import CHECKS
from tests.checker.finding import Difference, Finding
from tests.checker.packs import SHIPPED, Packs
from tests.checker.reading import Told, WrongInput, read

SHOWN = 20
"""Differences of one rule that are shown to people; ``--json`` has all."""
PLACES = 6
"""Events of one difference that are shown to people."""


def check(told: Told, packs: Packs) -> list[Finding]:
    """Every check, in order."""
    case = Case(told, packs)
    return [one(case) for one in CHECKS]


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing differs; 1: something does; 2: wrong input."""
    parser = argparse.ArgumentParser(prog="python -m tests.checker", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="published events, one CloudEvent a line")
    parser.add_argument("--packs", action="append", type=Path, default=[], metavar="DIR", help="further rule packs")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    given = parser.parse_args(arguments)
    try:
        findings = check(read(given.files), Packs(SHIPPED, *given.packs))
    except WrongInput as wrong:
        print(f"error: {wrong}\nhint: {wrong.hint}", file=sys.stderr)
        return 2
    differs = any(finding.differences for finding in findings)
    print(json.dumps([asdict(one) for one in findings]) if given.json else _table(findings))
    return int(differs)


def _table(findings: Sequence[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{finding.rule}: {finding.judged} {finding.unit} judged, {len(finding.differences)} differ")
        lines += [_row(one) for one in finding.differences[:SHOWN]]
        if len(finding.differences) > SHOWN:
            lines.append(f"  … and {len(finding.differences) - SHOWN} more (--json has all)")
    return "\n".join(lines)


def _row(one: Difference) -> str:
    places = " ".join(one.events[-PLACES:])
    return f"  {one.subject}\n    expected {one.expected}\n    told     {one.told}\n    from     {places}"


if __name__ == "__main__":
    raise SystemExit(main())
