"""Issues a signed token for a person or a program: who acts, and in which roles.

Use it as `Authorization: Bearer TOKEN`. The subject is an id, never a name: it stands in the log of every decision.
"""

import argparse
from datetime import UTC, datetime, timedelta

from services.cli.connection import settings_of
from services.cli.output import machine, people
from services.cli.wrong_use import WrongUse
from services.platform.keyring import token_issuer
from services.platform.tokens import Role


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument("--subject", required=True, metavar="ID", help="who acts")
    command.add_argument(
        "--role",
        action="append",
        required=True,
        choices=[role.value for role in Role],
        help="may be given several times",
    )
    command.add_argument("--hours", type=float, default=8, help="how long it is good for (8)")


def run(arguments: argparse.Namespace) -> int:
    issuer = token_issuer(settings_of(arguments))
    if issuer is None:
        raise WrongUse("this host has no key to issue tokens with", "set DAYBOOK_TOKEN_PRIVATE_KEY_FILE")
    if arguments.hours <= 0:
        raise WrongUse("a token lasts more than 0 hours", "give --hours a positive number")
    lifetime = timedelta(hours=arguments.hours)
    token = issuer.issue(arguments.subject, arguments.role, datetime.now(UTC), lifetime)
    if arguments.json:
        machine({"token": token, "subject": arguments.subject, "roles": sorted(arguments.role)})
    else:
        people.print(token, soft_wrap=True)
    return 0
