"""Structured logs without personal data, and what ties one piece of work together across services.

A log line is one JSON object on standard error. Only the fields in ``FIELDS`` ever reach it: what is not listed is
dropped, so that a name or a payload cannot slip in. Messages of other libraries appear as their template, unfilled.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from events.contract.canonical import dumps

FIELDS = (
    "service",
    "role",
    "follower",
    "loop",
    "route",
    "method",
    "status",
    "code",
    "milliseconds",
    "command_id",
    "correlation_id",
    "traceparent",
    "position",
    "events",
    "seconds",
    "error",
    "places",
    "host",
    "port",
    "signal",
    "hospital",
    "hint",
    "reason",
)
"""Fields of a log line that are allowed; none of them can hold personal data."""

OURS = ("daybook", "services", "events")

_CORRELATION = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

_current: ContextVar[tuple[str | None, str | None]] = ContextVar("daybook_correlation", default=(None, None))


def correlation(given: str | None) -> str:
    """The caller's correlation id where it is acceptable, else a new one."""
    return given if given and _CORRELATION.fullmatch(given) else str(uuid4())


def trace(given: str | None) -> str | None:
    """The caller's W3C traceparent where it is well formed."""
    return given if given and _TRACEPARENT.fullmatch(given) else None


@contextmanager
def working_on(correlation_id: str, traceparent: str | None = None) -> Iterator[None]:
    """All log lines inside carry these."""
    token = _current.set((correlation_id, traceparent))
    try:
        yield
    finally:
        _current.reset(token)


def places(error: BaseException) -> list[str]:
    """Where an exception came from, innermost last: file, line and function, never a message or a value."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno}:{frame.name}" for frame in frames[-8:]]


class JsonLines(logging.Formatter):
    """One JSON object per record."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        # Another library's arguments may hold a payload: its template is enough to find the place.
        ours = record.name.partition(".")[0] in OURS
        line["message"] = record.getMessage() if ours else str(record.msg)
        for name in FIELDS:
            value = record.__dict__.get(name)
            if value is not None:
                line[name] = value
        correlation_id, traceparent = _current.get()
        if correlation_id is not None:
            line.setdefault("correlation_id", correlation_id)
        if traceparent is not None:
            line.setdefault("traceparent", traceparent)
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            line["places"] = places(record.exc_info[1])
        return dumps(line).decode()


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Sends all logs of this process to standard error as JSON lines. May be called again."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
