"""One participant across all services, now or as of then: the same instant for all of them.

An answer ends with its vector, the position of each service; `--as-of VECTOR` gives the same answer for ever. What is
shown is what the role of --role may see.
"""

import argparse
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.cli import chart
from services.cli.client import Refusal
from services.cli.connection import add_place, connected
from services.cli.moment import add_as_of, as_of, words
from services.cli.output import machine, people, table
from services.cli.viewer import add_role, name_of, role_of
from services.cli.wrong_use import WrongUse

NOT_FOUND = 404


def add(command: argparse.ArgumentParser) -> None:
    add_place(command)
    command.add_argument("participant", metavar="PARTICIPANT", help="an id, as `participants` lists it")
    add_as_of(command)
    add_role(command)


def run(arguments: argparse.Namespace) -> int:
    asked, participant = as_of(arguments), _id(arguments.participant)
    with connected(arguments, views=True) as services:
        try:
            found = chart.read(services.client(role_of(arguments)), participant, asked)
        except Refusal as refusal:
            if refusal.status != NOT_FOUND:
                raise
            fact = f"there is no participant {participant} {words(asked)}".removesuffix(" now")
            raise WrongUse(fact, "`participants` lists them; with --as-of, those of then") from None
    _show(found)
    if arguments.json:
        machine(found.to_data())
    return 0


def _id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise WrongUse(f"{text!r} is no participant's id", "`participants` lists the ids") from None


def _show(found: chart.Chart) -> None:
    enrollment = found.answers["enrollment"]
    person = enrollment["person"] or {}
    name = name_of(person, enrollment["erased"])
    born = f", born {person['birth_date']}" if person.get("birth_date") else ""
    people.print(f"{name}{born} · {found.participant_id} · {words(found.as_of)}", style="bold", markup=False)
    for alias in enrollment["aliases"]:
        people.print(f"merged with {alias}")
    _episodes(enrollment)
    _sessions(found)
    weeks = found.answers["weeks"]["weeks"]
    _table_of("Treatment weeks", weeks, "week_start", "minutes", "days", "compliant", "broken_rules", "packs")
    medications = found.answers["medications"]
    columns = ("name", "dose", "frequency", "route", "status", "source", "decision")
    _table_of("Medications", medications["medications"], *columns)
    if medications["discrepancies"]:
        people.print(f"{len(medications['discrepancies'])} discrepancies between the sources")
    _interactions(medications["interactions"])
    reviews = found.answers["reviews"]["reviews"]
    _table_of("Medication reviews", reviews, "kind", "state", "causes", "due_at", "overdue", "completed_at")
    people.print(f"vector: {found.vector}", soft_wrap=True)


def _episodes(enrollment: Mapping[str, Any]) -> None:
    _table_of("Referrals", enrollment["referrals"], "referred_at", "source", "urgency", "reason")
    assessed = ("assessed_at", "kind", "level_of_care", "supports_admission", "not_met")
    _table_of("Assessments", enrollment["assessments"], *assessed)
    held = ("episode_id", "status", "level_of_care", "admitted_on", "discharged_at", "discharge_reason")
    _table_of("Episodes of care", enrollment["episodes"], *held)
    _table_of("Scores", enrollment["scores"], "scored_at", "instrument", "occasion", "score", "band", "change")
    _table_of("Due", enrollment["due"], "kind", "due_at", "overdue")


def _sessions(found: chart.Chart) -> None:
    """Bookings, each with what came of it."""
    outcomes = {row["booking_id"]: row for row in found.answers["attendance"]["attendance"]}
    rows = []
    for booking in found.answers["bookings"]["bookings"]:
        outcome = outcomes.get(booking["booking_id"], {})
        local = datetime.fromisoformat(booking["starts_at"]).astimezone(ZoneInfo(booking["time_zone"]))
        rows.append(
            (
                f"{local:%a %Y-%m-%d %H:%M}",
                booking["component"],
                booking["title"],
                booking["state"],
                outcome.get("status"),
                outcome.get("minutes"),
            )
        )
    if rows:
        table("Sessions", ("local time", "component", "title", "booking", "attendance", "minutes"), rows)


def _interactions(flagged: list[Mapping[str, Any]]) -> None:
    """Medications that should not be taken together without thought, and who knows of it."""
    rows: list[Mapping[str, Any]] = [
        {
            "medications": [one["name"] or one["code"] for one in flag["ingredients"]],
            "severity": flag["severity"],
            "says": flag["says"],
            "acknowledged": flag["acknowledged"] and flag["acknowledged"]["reason"],
        }
        for flag in flagged
    ]
    _table_of("Interactions", rows, "medications", "severity", "says", "acknowledged")


def _table_of(title: str, rows: list[Mapping[str, Any]], *columns: str) -> None:
    if rows:
        table(title, [name.replace("_", " ") for name in columns], [[_text(row[n]) for n in columns] for row in rows])


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return value
