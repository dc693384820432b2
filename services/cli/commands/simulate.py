"""Simulates a program of any size by seed: hospital traffic and what a program does, on embedded services.

--participants people are referred in all, within --weeks weeks: some before the first week, so that the program runs
by then. They are admitted or wait, attend or do not, are measured, reviewed, hospitalized, discharged. All of it goes
in through the public interfaces, under a simulated clock. The same numbers and the same seed give the same hospital
traffic and the same program.

--to loads services that run already, whose clock is real: tracks, staff, timetable, and those who are there from the
beginning, assessed, admitted or waitlisted, booked for the weeks to come. Tokens are issued by the key of --data.
"""

import argparse
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from services.cli.connection import Connection, settings_of
from services.cli.new_folder import new_folder
from services.cli.output import machine, progress, table
from services.cli.simulator.loading import load, next_monday
from services.cli.simulator.model.program import Program
from services.cli.simulator.people import MOST_PEOPLE
from services.cli.wrong_use import WrongUse
from services.platform import keyring

if TYPE_CHECKING:
    from services.cli.simulator.run import Run

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LOADED = ("participants", "admitted", "waitlisted", "sessions", "bookings")

FIRST_MONDAY = date(2026, 3, 2)
INTERRUPTED = 130
"""Exit status after Ctrl-C."""


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument("--participants", type=int, default=48, metavar="N", help="people who are referred (48)")
    command.add_argument("--weeks", type=int, default=3, metavar="W", help="weeks that the program runs (3)")
    command.add_argument("--seed", type=int, default=1, metavar="S", help="another program by another number (1)")
    command.add_argument("--keep", type=Path, metavar="DIR", help="keep the services' data in this new folder")
    command.add_argument(
        "--published", type=Path, metavar="FILE", help="write all published events, one CloudEvent (JSON) a line"
    )
    command.add_argument(
        "--traffic", type=Path, metavar="FILE", help="only write the hospital's HL7 messages; no service is started"
    )
    command.add_argument(
        "--to", metavar="URL", help="load running services with the program as it stands before its first week"
    )
    command.add_argument("--mllp", metavar="HOST:PORT", help="with --to: where they take hospital messages")
    command.add_argument(
        "--elsewhere", action="store_true", help="with --to: the services may be on another host than this one"
    )


def run(arguments: argparse.Namespace) -> int:
    _check(arguments)
    first_day = FIRST_MONDAY if arguments.to is None else next_monday()
    program = Program(arguments.participants, arguments.weeks, arguments.seed, first_day)
    if arguments.traffic is not None:
        answer = _write_traffic(program, arguments.traffic)
    elif arguments.to is not None:
        answer = _load(program, arguments)
    else:
        answer = _play(program, arguments)
    if arguments.json:
        machine(answer)
    return INTERRUPTED if answer["weeks"] != program.weeks else 0


def _check(arguments: argparse.Namespace) -> None:
    if not 1 <= arguments.participants <= MOST_PEOPLE:
        raise WrongUse(f"--participants {arguments.participants}", f"name a number from 1 to {MOST_PEOPLE}")
    if arguments.weeks < 1:
        raise WrongUse(f"--weeks {arguments.weeks}", "name at least one week")
    elsewhere = [name for name in ("traffic", "to") if getattr(arguments, name) is not None]
    if elsewhere and (len(elsewhere) > 1 or arguments.keep is not None or arguments.published is not None):
        raise WrongUse(f"--{elsewhere[0]} starts no services", "leave out the options about embedded services, or it")
    if arguments.to is not None:
        _check_place(arguments)
    for path in filter(None, (arguments.published, arguments.traffic)):
        if not path.parent.is_dir():
            raise WrongUse(f"there is no folder {path.parent}", "make it, or name another file")


def _check_place(arguments: argparse.Namespace) -> None:
    """Sample data belong into a test system: services of another host are filled only where that is meant."""
    parts = urlsplit(arguments.to)
    if parts.scheme != "http" or not parts.hostname:
        raise WrongUse(f"--to {arguments.to} is no http URL", "write it as http://127.0.0.1:8000")
    if parts.hostname not in LOOPBACK and not arguments.elsewhere:
        raise WrongUse(
            f"{parts.hostname} is another host: sample data cannot be taken out of a program again",
            "add --elsewhere if it is a test system",
        )


def _load(program: Program, arguments: argparse.Namespace) -> dict[str, object]:
    from services.cli.demo.receiver import HospitalSender

    place = Connection(arguments.to.rstrip("/"), keyring.load(settings_of(arguments)))
    sender = HospitalSender(*_address(arguments.mllp)) if arguments.mllp else None
    try:
        answer = load(program, place.client, sender)
    finally:
        if sender is not None:
            sender.close()
    table(f"Loaded: {arguments.to}", ("what", "how many"), [(name, answer[name]) for name in LOADED])
    return answer


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise WrongUse(f"--mllp {text} is no host and port", "write it as 127.0.0.1:2575")
    return host, int(port)


def _write_traffic(program: Program, path: Path) -> dict[str, object]:
    counted = Counter(_type(sent.content) for sent in program.traffic)
    path.write_bytes(b"".join(sent.content for sent in program.traffic))
    table(f"What the hospital sends: {path}", ("message", "how many"), sorted(counted.items()))
    return {
        "participants": program.participants,
        "weeks": program.weeks,
        "seed": program.seed,
        "messages": len(program.traffic),
        "types": dict(sorted(counted.items())),
    }


def _type(content: bytes) -> str:
    return content.split(b"|", 9)[8].decode().rpartition("^")[0]


def _play(program: Program, arguments: argparse.Namespace) -> dict[str, object]:
    from services.cli.simulator.report import show
    from services.cli.simulator.run import Run

    with new_folder(arguments.keep, "simulate") as folder:
        run = Run(program, folder, arguments.published, progress.print)
        answer = run.run()
    show(answer)
    if run.interrupted:
        _tell_interrupted(run, arguments.keep)
    return answer


def _tell_interrupted(run: "Run", keep: Path | None) -> None:
    progress.print(f"interrupted after week {run.weeks_done} of {run.program.weeks}; what was done until then is whole")
    if keep is not None:
        progress.print(f"it is kept: `./daybook participants --data {keep}` shows it")
    progress.print("it is not continued: the same command starts anew (--keep in a new folder), and does the same")
