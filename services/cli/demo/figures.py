"""What came of the demo, counted from the services' own answers and logs."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import case, func, select

from events.log.reading import RECEIVED
from events.log.schema import LOG
from services.cli.client import Client
from services.cli.demo.remembered import chart_paths
from services.platform.service import Service


def program(client: Client) -> dict[str, int]:
    """Participants, sessions, bookings, attendance, weeks and reviews."""
    listed = client.get("/enrollment/participants")["participants"]
    status = Counter(row["status"] for row in listed)
    counts: Counter[str] = Counter()
    for row in listed:
        paths = chart_paths(row["participant_id"])
        counts["bookings"] += len(client.get(paths["bookings"])["bookings"])
        attended = client.get(paths["attendance"])["attendance"]
        counts["attendance_records"] += sum(one["status"] is not None for one in attended)
        weeks = client.get(paths["weeks"])["weeks"]
        counts["treatment_weeks"] += len(weeks)
        counts["compliant_weeks"] += sum(bool(week["compliant"]) for week in weeks)
        reviews = client.get(paths["reviews"])["reviews"]
        counts["reviews_completed"] += sum(review["state"] == "completed" for review in reviews)
    return {
        "participants": len(listed),
        "admitted": status["admitted"] + status["suspended"],
        "waitlisted": status["waiting"],
        "discharged": status["discharged"],
        "sessions": len(client.get("/scheduling/sessions")["sessions"]),
        **{name: counts[name] for name in ("bookings", "attendance_records", "treatment_weeks", "compliant_weeks")},
        "reviews_completed": counts["reviews_completed"],
        "reviews_due": sum(item["review_id"] is not None for item in client.get("/medication_review/due")["due"]),
    }


def hospital(client: Client) -> dict[str, int]:
    """What became of the hospital's messages. received = accepted + duplicate + parked."""
    summary = client.get("/interop/summary")
    names = ("received", "accepted", "duplicate", "parked", "applied", "waiting", "unsupported")
    return {f"hl7_{name}": int(summary[name]) for name in names}


def logs(services: Mapping[str, Service]) -> dict[str, dict[str, int]]:
    """Per service: its own events, and those it received."""
    received = case((LOG.c.type.startswith(RECEIVED), 1), else_=0)
    counted: dict[str, dict[str, int]] = {"events": {}, "received": {}}
    for name, service in services.items():
        with service.database.read() as connection:
            total, from_others = connection.execute(select(func.count(), func.coalesce(func.sum(received), 0))).one()
        counted["events"][name], counted["received"][name] = total - from_others, from_others
    return counted


def outbound(client: Client) -> dict[str, Any]:
    """What hospitals were told."""
    summary = client.get("/interop/summary")
    return {name: summary[name] for name in ("sent", "acknowledged", "refused") if name in summary}
