"""How the command line speaks: tables and progress for people, one JSON object on the last line for machines."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from events.contract.canonical import dumps

WIDE = 160
"""Columns of a table that goes into a file or a pipe, where nobody knows the terminal's width."""

people = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
"""Standard output: the answer."""

progress = Console(stderr=True, highlight=False, soft_wrap=True)
"""Standard error: progress and logs; paths and commands are not broken, so that they can be copied."""


def machine(answer: Mapping[str, Any]) -> None:
    """Prints the one JSON object of ``--json``; call it last."""
    sys.stdout.write(dumps(answer).decode() + "\n")
    sys.stdout.flush()


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a table; numbers stand to the right."""
    drawn = Table(header_style="bold")
    drawn_rows = [list(row) for row in rows]
    for index, column in enumerate(columns):
        numeric = bool(drawn_rows) and all(isinstance(row[index], int | float) for row in drawn_rows)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in drawn_rows:
        drawn.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    people.print(title, style="italic", markup=False)  # a table's own title would be broken at the table's width
    people.print(drawn)
