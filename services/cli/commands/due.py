"""What has to be done by when across all services, and by whom; what is overdue, and who was told of it.

The list is each service's own: assessments, plans, certifications, authorizations, consents and offers (enrollment),
prescribers and bookings to be found (scheduling), early warnings, absence steps, group notes and weeks (attendance),
reconciliations, reviews, PDMP checks and missed doses (medication review).
"""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from services.cli import due
from services.cli.connection import add_place, connected
from services.cli.moment import add_as_of, as_of, instant, words
from services.cli.output import machine, people, table
from services.cli.viewer import add_role, role_of
from services.platform.tokens import Role


def add(command: argparse.ArgumentParser) -> None:
    add_place(command)
    add_as_of(command)
    add_role(command)
    names = [role.value for role in Role]
    command.add_argument("--for", dest="whose", choices=names, metavar="ROLE", help=f"only theirs: {', '.join(names)}")
    command.add_argument("--overdue", action="store_true", help="only what is overdue")
    command.add_argument("--until", metavar="T", help="only what is due by then: an instant, 2026-03-10T12:00:00Z")


def run(arguments: argparse.Namespace) -> int:
    asked = as_of(arguments)
    until = instant(arguments.until, "--until") if arguments.until is not None else None
    with connected(arguments, views=True) as services:
        found = due.read(services.client(role_of(arguments)), asked, _at(asked))
    wanted = [
        item
        for item in found.items
        if (arguments.whose is None or item.is_for(arguments.whose))
        and (item.overdue or not arguments.overdue)
        and (until is None or item.due_at <= until)
    ]
    _show(wanted, words(asked))
    if arguments.json:
        machine({"due": [item.to_data() for item in wanted], "as_of": asked, "vector": found.vector})
    return 0


def _at(asked: str | None) -> datetime:
    """The instant at which overdue is judged: that of the answer, or now where the answer is named by positions."""
    return datetime.fromisoformat(asked) if asked is not None and "=" not in asked else datetime.now(UTC)


def _show(items: Sequence[due.DueItem], when: str) -> None:
    columns = ("due", "", "role", "what", "service", "participant", "told")
    rows = [
        (
            f"{item.due_at.astimezone(UTC):%Y-%m-%d %H:%MZ}",
            "overdue" if item.overdue else "",
            item.role,
            item.kind,
            item.service,
            item.participant_id,
            item.escalated_to,
        )
        for item in items
    ]
    table(f"Due, {when}", columns, rows)
    people.print(f"{len(items)} due, {sum(item.overdue for item in items)} overdue")
