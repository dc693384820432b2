"""Reference pages say what the program does, all of it; commands in the documents can be typed as they stand."""

import argparse
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.contract.registry import all_published
from services.cli import pages
from services.cli.__main__ import COMMANDS
from services.cli.composition import definitions
from tests.cli.cli_process import ROOT, Up, admitted, daybook

DOCS = ROOT / "docs"

TYPED = ("./daybook", "docker", "kubectl", "python", "DAYBOOK_", "psql", "pg_")
"""A fenced block with a line that begins so holds commands."""

NOT_RUN = {
    "./daybook demo": "tests/e2e runs the demo",
    "./daybook test": "it is what runs these tests",
    "./daybook bench": "tests of the benchmarks run them",
}
"""In documents that do not mark their blocks: command → who runs it instead."""

SERVING = ("up", "serve")


@pytest.fixture(scope="module")
def made():
    return pages.pages()


def test_every_page_is_as_the_program_makes_it(made):
    for name, content in made.items():
        assert (DOCS / name).read_text() == content, f"run `python -m services.cli.pages docs`: {name} is out of date"


def test_no_other_contract_document_is_left_over(made):
    assert {f"contract/{path.name}" for path in (DOCS / "contract").iterdir()} <= set(made)


def test_every_command_and_option_is_on_the_page(made):
    page = made["cli.md"]
    for name in COMMANDS:
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert section, name
        for action in _options(pages.choices(pages.parser(name))[name]):
            assert action.help or action.choices, f"{name}: {action.dest} has no help"
            assert (action.option_strings or [str(action.metavar or action.dest.upper())])[-1] in section


def _options(parser):
    """Of a command and its subcommands, without those that every command has."""
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction) and action.dest not in pages.OF_EVERY_COMMAND:
            yield action
    for sub in pages.choices(parser).values():
        yield from _options(sub)


def test_every_published_event_is_on_the_page_with_its_key_and_consumers(made):
    page = made["events.md"]
    for entry in all_published():
        section = page.partition(f"\n### {entry.type}\n")[2].partition("\n### ")[0]
        assert f"Key: `{entry.key}`" in section, entry.type
        for definition in definitions():
            if entry.type in definition.consumes:
                assert definition.name in section.partition("Stored by: ")[2].partition(".")[0]
        assert all(f"| `{field}` |" in section for field in entry.schema().fields)


def test_the_help_of_each_command_explains_it_and_says_how_to_go_on():
    said = daybook("--help")
    assert (said.status, all(name in said.out for name in COMMANDS)) == (0, True)
    assert "COMMAND --help" in said.out
    for name in ("chart", "hl7"):
        said = daybook(name, "--help")
        assert (said.status, "usage: daybook" in said.out) == (0, True)


def blocks(text):
    """(mark, lines) of each fenced block that holds commands."""
    for found in re.finditer(r"^( *)```([^\n]*)\n(.*?)^ *```$", text, re.M | re.S):
        lines = [line.strip() for line in found[3].splitlines() if line.strip()]
        typed = any(line.startswith(TYPED) for line in lines)
        if typed and (found[2].strip() in ("", "sh") or found[2].startswith("sh ")):
            yield found[2], lines


def documents():
    return [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted(DOCS.glob("*.md")),
        *sorted(ROOT.glob("services/*/README.md")),
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder in which the documents' commands find what they name: data of a kept demo, a message, a mapping."""
    folder = tmp_path_factory.mktemp("typed")
    running = Up(folder / "first-look")
    known = admitted(running.client("coordinator", "therapist"), {"family": "Quillfeather"})
    assert running.stop() == 0
    message = "MSH|^~\\&|SIM|H|RAPP|RFAC|20200101||ADT^A01|17|T|2.3\rPID|1||1^^^H^MR||Roe^Jane\rPV1|1|I\r"
    for name in ("sample.hl7", "FILE"):
        (folder / name).write_text(message)
    (folder / "hospitals").mkdir()
    example = (ROOT / "services/interop/mappings/riverside.yaml").read_text()
    (folder / "hospitals" / "ours.yaml").write_text(example)
    return folder, known["participant_id"]


@pytest.mark.processes
@pytest.mark.parametrize("document", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in documents()])
def test_commands_in_documents_run_as_they_stand(document, place):
    folder, participant = place
    for mark, lines in blocks(document.read_text()):
        if "not-run:" in mark:
            assert len(mark.partition("not-run:")[2].strip()) > 10, f"{document.name}: say why {lines[0]} is not run"
            continue
        for line in lines:
            typed = line.partition(" #")[0].strip()
            if any(typed.startswith(command) for command in NOT_RUN):
                continue
            words = [participant if word == "PARTICIPANT" else word for word in shlex.split(typed)]
            assert words[0] == "./daybook", f"{document.name}: mark `{line}` with `not-run: WHY`, or make it run"
            _run(words[1:], folder)


def _run(words, folder):
    if words[0] in SERVING:
        data = folder / words[words.index("--data") + 1] if "--data" in words else folder / ".daybook"
        given = [word for word in words[1:] if word != "--data" and folder / word != data]
        running = Up(data, *_without_ports(given))
        assert running.stop() == 0
        return
    now = datetime.now(UTC).isoformat()
    told = [now if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+Z", word) else word for word in words]
    said = daybook(*told, cwd=folder)
    assert said.status == 0, (words, said.err)


def _without_ports(words):
    """Other ports than those that are written down, which may be taken here."""
    kept, skip = [], False
    for word in words:
        if not skip and word not in ("--port", "--mllp-port"):
            kept.append(word)
        skip = word in ("--port", "--mllp-port")
    return kept


def test_a_block_that_cannot_run_is_found_out():
    [(mark, lines)] = blocks("text\n\n```sh\n./daybook fly\n```\n")
    assert (mark, lines) == ("sh", ["./daybook fly"])
    assert daybook(*shlex.split(lines[0])[1:]).status == 2


def test_links_between_documents_lead_somewhere():
    for path in documents():
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text()):
            if "://" not in target:
                assert (Path(path).parent / target).exists(), f"{path.name}: {target}"
