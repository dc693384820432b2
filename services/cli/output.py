"""How the command line speaks: tables and progress for people, one JSON object on the last line for machines."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from events.contract.canonical import dumps

people = Console(highlight=False)
"""Standard output: the answer."""

progress = Console(stderr=True, highlight=False)
"""Standard error: progress and logs."""


def machine(answer: Mapping[str, Any]) -> None:
    """Prints the one JSON object of ``--json``; call it last."""
    sys.stdout.write(dumps(answer).decode() + "\n")
    sys.stdout.flush()


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a table; numbers stand to the right."""
    drawn = Table(title=title, title_justify="left", header_style="bold")
    drawn_rows = [list(row) for row in rows]
    for index, column in enumerate(columns):
        numeric = bool(drawn_rows) and all(isinstance(row[index], int | float) for row in drawn_rows)
        drawn.add_column(column, justify="right" if numeric else "left")
    for row in drawn_rows:
        drawn.add_row(*("" if cell is None else str(cell) for cell in row))
    people.print(drawn)
