"""Problem details (RFC 9457): what a caller is told when a request is refused. No stack trace, no personal data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eventsourcing.persistence import InterfaceError as LogInterfaceError
from eventsourcing.persistence import OperationalError as LogOperationalError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from events.follow.checkpoint import LostLease
from events.follow.parking import NotParked
from events.follow.reading import NotThereYet, ViewNotBuilt
from events.follow.rebuild import RebuildFailed
from events.log.errors import (
    Busy,
    CommandIdReused,
    Conflict,
    DaybookError,
    NotFound,
    NotSettledYet,
    NotYetKnown,
    OutcomeUnknown,
    PersonalDataUnavailable,
)
from events.transport.oversight import NotHalted

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:daybook:problem:"


@dataclass(frozen=True)
class Problem:
    """A row of a service's error table: how one kind of exception is told.

    ``type`` is a URI, or a short code that becomes ``urn:daybook:problem:CODE``; empty takes the exception's ``code``.
    ``detail`` comes from the exception's ``detail``; ``hint`` is the way out, where there is a general one.
    """

    status: int
    type: str = ""
    title: str = ""
    hint: str | None = None


class Refused(Exception):
    """A request refused before or instead of a decision, ready to be sent. ``extra`` are further members, such as
    ``errors``: a list of ``{"field", "reason"}``."""

    def __init__(self, status: int, code: str, title: str, detail: str, hint: str | None = None, **extra: Any) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.hint = hint
        self.extra = extra
        self.headers: dict[str, str] = {}

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The JSON members of the problem."""
        members: dict[str, Any] = {
            "type": _uri(self.code),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "correlation_id": correlation_id,
            **self.extra,
        }
        if self.hint:
            members["hint"] = self.hint
        return members


def _uri(type_: str) -> str:
    return type_ if ":" in type_ else TYPE_PREFIX + type_


SHARED: Mapping[type[Exception], Problem] = {
    NotFound: Problem(404, "not_found", "There is no such thing"),
    Conflict: Problem(409, "conflict", "Others changed the same things at the same time", "send the command again"),
    CommandIdReused: Problem(
        422, "command_id_reused", "This command id belongs to another command", "make a new id for a new command"
    ),
    OutcomeUnknown: Problem(
        503, "outcome_unknown", "The database did not answer", "send the same command with the same command id again"
    ),
    Busy: Problem(503, "busy", "The service is busy", "send the same command again in a moment"),
    PersonalDataUnavailable: Problem(410, "erased", "The personal data was erased"),
    **dict.fromkeys(
        (OperationalError, InterfaceError, PoolTimeout, LogOperationalError, LogInterfaceError),
        Problem(503, "unavailable", "The database does not answer", "send the same command or query again"),
    ),
    NotYetKnown: Problem(400, "not_yet_known", "That moment is not known yet", "leave as_of away for the present"),
    NotSettledYet: Problem(503, "not_settled_yet", "That moment is not settled yet", "ask again in a moment"),
    NotThereYet: Problem(503, "not_there_yet", "The view is not there yet", "ask again in a moment"),
    ViewNotBuilt: Problem(503, "view_not_built", "The view is not built yet", "ask again in a moment"),
    NotParked: Problem(404, "not_parked", "Nothing is parked under this id"),
    NotHalted: Problem(404, "not_halted", "This partition is not halted"),
    LostLease: Problem(409, "taken_over", "Another copy does this now", "look at the status, then ask again"),
    RebuildFailed: Problem(409, "rebuild_failed", "The projection cannot be built from the log"),
}
"""Errors of the log and of reading it, told in the same way by every service."""


@dataclass(frozen=True)
class ProblemTable:
    """The error table of one service on top of the shared one; the nearest base class of an exception decides."""

    own: Mapping[type[Exception], Problem] = field(default_factory=dict)

    def refusal(self, error: Exception) -> Refused | None:
        """How this error is told, or None where it is in no table: then it is a fault of ours."""
        if isinstance(error, Refused):
            return error
        for cls in type(error).__mro__:
            problem = self.own.get(cls) or SHARED.get(cls)
            if problem is not None:
                return _told(error, problem)
        return None


def _told(error: Exception, problem: Problem) -> Refused:
    code = problem.type or getattr(error, "code", None) or type(error).__name__
    # Messages of the log's errors hold no personal data by contract; of others only a written detail is passed on.
    detail = getattr(error, "detail", None) or (str(error) if isinstance(error, DaybookError) else problem.title)
    title = problem.title or "The command was refused"
    refused = Refused(problem.status, str(code), title, str(detail), getattr(error, "hint", None) or problem.hint)
    if problem.type and ":" in problem.type:
        refused.extra["type"] = problem.type
    return refused


def stopping() -> Refused:
    """The process is going down."""
    refused = Refused(503, "stopping", "The service is stopping", "this copy is stopping", "send the request again")
    refused.headers["Retry-After"] = "1"
    return refused


def internal(correlation_id: str) -> Refused:
    """The generic problem of an unexpected fault: the log tells more under this correlation id, the answer does not."""
    return Refused(
        500,
        "internal",
        "Something went wrong on our side",
        f"The fault is in the service's log under correlation id {correlation_id}.",
        "send the same command with the same command id again; tell the operator the correlation id if it persists",
    )
