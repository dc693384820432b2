"""The summary of the demo, for a program director."""

from typing import Any

from services.cli.output import people, table

PROOFS = {
    "rebuild_identical": "every view rebuilt from its log is the same, row by row",
    "as_of_identical": "answers given on the way are given again, asked as of then",
    "ledger_verified": "the ledgers hold; a copy with one changed byte does not",
}


def proved(answer: dict[str, Any]) -> bool:
    """Whether every proof held."""
    return all(answer[name] for name in PROOFS) and not answer["personal_data_found"]


def show(answer: dict[str, Any], told: dict[str, int], refused: dict[str, int]) -> None:
    """Prints the tables."""
    share = 100 * answer["compliant_weeks"] / answer["treatment_weeks"] if answer["treatment_weeks"] else 0.0
    table(
        "The program after three weeks",
        ("what", "how many"),
        [
            ("participants referred", answer["participants"]),
            ("in treatment", answer["admitted"]),
            ("on a waitlist", answer["waitlisted"]),
            ("discharged", answer["discharged"]),
            ("sessions", answer["sessions"]),
            ("bookings", answer["bookings"]),
            ("attendance records", answer["attendance_records"]),
            ("treatment weeks judged", answer["treatment_weeks"]),
            (f"of these compliant ({share:.0f} %)", answer["compliant_weeks"]),
            ("medication reviews completed", answer["reviews_completed"]),
            ("medication reviews to do", answer["reviews_due"]),
        ],
    )
    table(
        "What the hospital sent, and what became of it",
        ("messages", "how many"),
        [
            ("received", answer["hl7_received"]),
            ("accepted", answer["hl7_accepted"]),
            ("  applied", answer["hl7_applied"]),
            ("  waiting for an identity", answer["hl7_waiting"]),
            ("  kept, of no consequence here", answer["hl7_unsupported"]),
            ("duplicates, answered as the first time", answer["hl7_duplicate"]),
            ("parked for a person to decide", answer["hl7_parked"]),
        ],
    )
    table("What the hospital was told", ("message", "how many"), sorted(told.items()))
    services = answer["events"]
    rows = [(name, services[name], answer["received"][name]) for name in services]
    table("The logs", ("service", "own events", "received"), rows)
    if refused:
        table("Commands that a rule refused", ("rule", "times"), sorted(refused.items()))
    for name, text in PROOFS.items():
        people.print(f"[{'green' if answer[name] else 'red'}]{'proved' if answer[name] else 'FAILED'}[/] {text}")
    leaks = answer["personal_data_found"]
    verdict = "[green]proved[/]" if not leaks else "[red]FAILED[/]"
    people.print(f"{verdict} no name, birth date or number of a participant stands in any file")
    people.print(f"{answer['seconds']} s, {sum(services.values())} events decided")
