"""How SQLite finds what each statement asks for, and how much work that is.

It plans without counting rows, so a plan over a few rows is the plan over millions; PostgreSQL's depends on how many
there are.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

_VALUE = re.compile(r"'(?:[^']|'')*'|\b\d+\b")
_STEP = re.compile(
    r"(?P<way>SCAN|SEARCH) (?P<table>\w+)(?: USING (?:(?:\w+ )*INDEX \w+|INTEGER PRIMARY KEY))?"
    r"(?: \((?P<found_by>.*)\))?(?: [A-Z]+-JOIN)?"
)
_NO_TABLE = re.compile(r"SCAN CONSTANT ROW|(?:SCAN|SEARCH) (?:\w+ VIRTUAL TABLE INDEX .*|\(subquery-\d+\))")
"""What is given with the statement, or what the steps named beside it have found."""


@dataclass(frozen=True)
class Step:
    """One table of a plan. ``found_by``: the conditions that an index answers; empty where all rows are read."""

    table: str
    found_by: str
    statement: str


@dataclass
class Asked:
    """One statement of each form that was put to a database, by the database's file."""

    statements: dict[Path, dict[str, str]] = field(default_factory=dict)

    def steps(self) -> Iterator[tuple[str, Step]]:
        """Service and each step of each plan. Tables and files that are gone by now are left out."""
        for file, statements in self.statements.items():
            if not file.is_file():  # where the tables of an empty log are made, before they are laid out
                continue
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
                for form, statement in statements.items():
                    for step in _plan(connection, form, statement):
                        yield file.stem, step


def _plan(connection: sqlite3.Connection, form: str, statement: str) -> Iterator[Step]:
    try:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return
        raise
    for *_, detail in rows:
        if not detail.startswith(("SCAN ", "SEARCH ")) or _NO_TABLE.fullmatch(detail):
            continue
        found = _STEP.fullmatch(detail)
        if found is None or " AUTOMATIC " in detail:  # for an index of its own it reads all rows
            yield Step(detail, "", form)
        else:
            yield Step(found["table"], found["found_by"] or "", form)


@contextmanager
def listening() -> Iterator[Asked]:
    """What is asked of the SQLite databases that are opened meanwhile."""
    asked = Asked()

    def connected(connection: Any, _record: object) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        ((_, _, file),) = connection.execute("PRAGMA database_list").fetchall()[:1]
        statements = asked.statements.setdefault(Path(file), {})

        def note(statement: str) -> None:
            if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                statements.setdefault(" ".join(_VALUE.sub("?", statement).split()), statement)

        connection.set_trace_callback(note)

    event.listen(Engine, "connect", connected)
    try:
        yield asked
    finally:
        event.remove(Engine, "connect", connected)


@dataclass
class Work:
    """``steps``: instructions of SQLite's machine, which are the same each time that the same is done."""

    steps: int = 0


@contextmanager
def measured(engine: Engine) -> Iterator[Work]:
    """The work that is done through an engine meanwhile."""
    work = Work()
    seen: list[sqlite3.Connection] = []

    def step() -> int:
        work.steps += 1
        return 0

    def taken(connection: Any, *_: object) -> None:
        connection.set_progress_handler(step, 1)
        seen.append(connection)

    event.listen(engine, "checkout", taken)
    try:
        yield work
    finally:
        event.remove(engine, "checkout", taken)
        for connection in seen:
            connection.set_progress_handler(None, 1)
