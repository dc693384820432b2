"""Runs a whole program on sample hospital traffic, embedded and under a simulated clock, then proves what came of it.

Four services and the hospital gateway start in this process. Referrals, admissions, three weeks of bookings, check-ins,
no-shows, corrections, hospital stays and medication reviews go in through the public interfaces: HTTP with signed
tokens, FHIR bundles, HL7 over MLLP. Then every projection is rebuilt and compared, answers given on the way are asked
for again as of then, and the ledgers are verified. Exit status 1 where a proof fails.
"""

import argparse
from pathlib import Path

from services.cli.new_folder import new_folder
from services.cli.output import machine
from services.cli.wrong_use import WrongUse


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--hospital-feed",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="take these HL7 messages in as well",
    )
    command.add_argument(
        "--referral",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a FHIR bundle that becomes a referral",
    )
    command.add_argument("--reason", metavar="TEXT", help="why the --referral files refer, where they do not say")
    command.add_argument("--keep", type=Path, metavar="DIR", help="keep the data in this new folder")
    command.add_argument("--seed", type=int, default=1, metavar="N", help="another program by another number (1)")


def run(arguments: argparse.Namespace) -> int:
    from services.cli.demo.play import Play

    for path in (*arguments.hospital_feed, *arguments.referral):
        if not path.is_file():
            raise WrongUse(f"{path} is no file", "name a file of HL7 messages or of one FHIR bundle")
    with new_folder(arguments.keep, "demo") as folder:
        play = Play(folder, arguments.seed, arguments.hospital_feed, arguments.referral, arguments.reason)
        outcome = play.run()
    if arguments.json:
        machine(outcome.answer)
    return 0 if outcome.proved else 1
