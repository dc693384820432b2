"""What other rule packs would have changed: weeks, billable days, absence steps and due dates, read off the logs.

--packs names a file, or a folder of files: packs of the same names are replaced by them, others are added. Nothing is
written, and what was decided stands. Exit status 0 whether anything would change or not.
"""

import argparse
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from services.cli.composition import definitions
from services.cli.connection import add_place, connected
from services.cli.output import machine, people, progress, table
from services.cli.wrong_use import WrongUse
from services.platform.pack_files import PackError, read_texts, text_of
from services.platform.tokens import Role

KINDS = ("weeks", "billable_days", "absence_steps", "due_dates")
SHOWN = 40
"""Rows of a table for people; --json has all of them."""

Found = dict[str, list[Mapping[str, Any]]]


def add(command: argparse.ArgumentParser) -> None:
    add_place(command)
    command.add_argument("--packs", type=Path, required=True, metavar="FILE|DIR", help="the rule packs to suppose")
    command.add_argument("--from", dest="since", type=_day, metavar="DAY", help="the first day to look at (2026-03-01)")
    command.add_argument("--through", type=_day, metavar="DAY", help="the last day to look at")


def run(arguments: argparse.Namespace) -> int:
    body = {"packs": _texts(arguments.packs), "from_date": arguments.since, "through": arguments.through}
    if arguments.since and arguments.through and arguments.through < arguments.since:
        raise WrongUse("--through is before --from", "name the first day and the last one")
    judging = [definition.name for definition in definitions() if definition.what_if is not None]
    found: Found = {kind: [] for kind in KINDS}
    looked_at, unused = dict.fromkeys(KINDS, 0), None
    with connected(arguments) as services:
        client = services.client(Role.AUDITOR, timeout=None)
        for service in judging:
            progress.print(f"{service}: judging anew …")
            answer = client.post(f"/{service}/what-if", body)
            for kind, differences in answer["differences"].items():
                found[kind] += [{**one, "service": service} for one in differences]
                looked_at[kind] += answer["looked_at"].get(kind, 0)
            named = set(answer["unused"])
            unused = named if unused is None else unused & named
    _show(found, looked_at, sorted(unused or ()))
    if arguments.json:
        changed = sum(map(len, found.values()))
        machine({"changed": changed, **found, "looked_at": looked_at, "unused": sorted(unused or ())})
    return 0


def _texts(path: Path) -> dict[str, str]:
    """File name → text, each a pack that can be read. Raises ``WrongUse``."""
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise WrongUse(f"{path} has no rule packs", "a rule pack is a file NAME.yaml; docs/rule-packs.md")
    try:
        texts = {file: text_of(file) for file in files}
        read_texts(texts)
    except PackError as error:
        raise WrongUse(str(error), "docs/rule-packs.md says what packs look like") from None
    return {str(file): text for file, text in texts.items()}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-03-01") from None


def _show(found: Found, looked_at: Mapping[str, int], unused: list[str]) -> None:
    for kind in KINDS:
        differences = found[kind]
        title = f"{kind.replace('_', ' ')}: {len(differences)} of {looked_at[kind]} would be different"
        if differences:
            rows = [(one["on"], one["participant_id"], *_cells(one)) for one in differences[:SHOWN]]
            table(title, ("day", "participant", "what", "was", "would be"), rows)
        else:
            people.print(title, markup=False)
        if len(differences) > SHOWN:
            people.print(f"… and {len(differences) - SHOWN} more; --json has all of them")
    for pack in unused:
        people.print(f"nobody is judged by {pack}: name it in a track's packs for it to hold", markup=False)


def _cells(one: Mapping[str, Any]) -> tuple[str, str, str]:
    before, after = one["was"] or {}, one["would_be"] or {}
    differing = [name for name in {**before, **after} if name != "decided_by" and before.get(name) != after.get(name)]
    return one["what"] or "", "\n".join(_said(before, differing)), "\n".join(_said(after, differing))


def _said(verdict: Mapping[str, Any], names: list[str]) -> Iterator[str]:
    if not verdict:
        yield "nothing"
    for name in names if verdict else ():
        value = verdict.get(name)
        yield f"{name}: {', '.join(map(str, value)) or 'none'}" if isinstance(value, list) else f"{name}: {value}"
