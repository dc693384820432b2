"""psycopg's cursor without pipelines, in which PostgreSQL's time-outs do not count."""

from collections.abc import Iterable
from typing import Any, Self

import psycopg
from psycopg.rows import TupleRow


class PlainCursor(psycopg.Cursor[TupleRow]):
    """Executes for many rows by executing for each, and waits for each answer.

    psycopg's own does it in a pipeline: one ``Sync`` for all, and a ``Flush`` after it. Before the ``Sync`` has come
    the server counts neither as idle nor as busy. The timer of ``idle_in_transaction_session_timeout`` that it starts
    then is stopped by whatever comes next, and that is the ``Flush``. So a process that froze there would keep its
    locks for ever (seen with psycopg 3.3 on PostgreSQL 15). Where there may be many rows let one statement take them.
    """

    _rows_of_all: int | None = None

    def execute(self, *statement: Any, **how: Any) -> Self:
        """As psycopg's."""
        self._rows_of_all = None
        return super().execute(*statement, **how)

    def executemany(self, query: Any, params_seq: Iterable[Any], *, returning: bool = False) -> None:
        """Gives no rows: ``returning`` is refused."""
        if returning:
            raise psycopg.NotSupportedError("rows are returned by a statement of their own")
        rows = 0
        for params in params_seq:
            self.execute(query, params, prepare=True)
            rows += self.rowcount
        self._rows_of_all = rows

    @property
    def rowcount(self) -> int:
        """Rows of the last execution, or of all of ``executemany`` together."""
        return super().rowcount if self._rows_of_all is None else self._rows_of_all
