"""Halts a partition in a running service's SQLite log, as its inbox would."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.patience import PATIENCE_SECONDS


def halt(log: Path, source: str, generation: int, partition: int, reason: str) -> None:
    """Nothing more is taken from this partition of ``source``."""
    with closing(sqlite3.connect(log, timeout=PATIENCE_SECONDS)) as connection, connection:
        connection.execute(
            "INSERT INTO inbox_checkpoint (source, generation, partition, sequence, halted) VALUES (?, ?, ?, 2, ?)",
            (source, generation, partition, reason),
        )
