"""What came of a simulated program, as tables."""

from typing import Any

from services.cli.output import people, table

COUNTED = {
    "participants": "participants referred",
    "admitted": "in treatment",
    "waitlisted": "on a waitlist",
    "discharged": "discharged",
    "sessions": "sessions",
    "bookings": "bookings",
    "attendance_records": "attendance records",
    "treatment_weeks": "treatment weeks judged",
    "compliant_weeks": "of these compliant",
    "reviews_completed": "medication reviews completed",
    "reviews_due": "medication reviews to do",
    "hl7_received": "messages of the hospital",
    "hl7_applied": "of these applied",
    "hl7_duplicate": "of these sent twice",
}


def show(answer: dict[str, Any]) -> None:
    """Prints the tables."""
    rows = [(text, answer[name]) for name, text in COUNTED.items()]
    table(f"The program after {answer['weeks']} weeks", ("what", "how many"), rows)
    table("What was done", ("what", "times"), answer["done"].items())
    if answer["refused"]:
        table("Commands that a rule refused", ("rule", "times"), answer["refused"].items())
    events = answer["events"]
    logs = [(name, events[name], answer["received"][name]) for name in events]
    table("The logs", ("service", "own events", "received"), logs)
    people.print(f"{answer['seconds']} s, {sum(events.values())} events decided")
