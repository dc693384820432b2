"""What went wrong outside the command line's own checks, as a fact and a way out; never a stack trace."""

import logging
import traceback

from events.log.errors import DaybookError
from services.cli.client import Refusal
from services.cli.wrong_use import WrongUse
from services.platform.settings import BadSetting

NO_TABLES = ("42P01", "42703", "3F000")
"""PostgreSQL's states for a table, a column or a schema that is not there."""

logger = logging.getLogger(__name__)

HINT = "\nhint: "
"""Between fact and way out in the messages of the layers below."""


def told(error: Exception) -> tuple[str, str]:
    """The fact and the way out, for ``error:`` and ``hint:``."""
    if isinstance(error, WrongUse | BadSetting):
        return error.fact, error.way_out
    if isinstance(error, Refusal):
        return _refused(error)
    fact, _, way_out = str(error).partition(HINT)
    if isinstance(error, DaybookError):
        return fact, way_out or "docs/operations.md says what the services need"
    return _of_servers(error) or _unexpected(error)


def _refused(refusal: Refusal) -> tuple[str, str]:
    problem = refusal.problem
    fact = f"{problem.get('title', 'refused')}: {problem.get('detail', '')}".rstrip(": ")
    return fact, str(problem.get("hint") or "daybook COMMAND --help shows what it takes")


def _of_servers(error: Exception) -> tuple[str, str] | None:
    from sqlalchemy.exc import SQLAlchemyError

    from services.platform.listener import PortTaken

    if isinstance(error, PortTaken):
        return str(error).partition(HINT)[0], "choose another port with --port"
    if isinstance(error, SQLAlchemyError):
        return _of_database(error)
    if isinstance(error, ConnectionError | TimeoutError):
        return f"no answer: {error.strerror or type(error).__name__}", "check that the server runs and can be reached"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}", "check the path and your rights to it"
    return None


def _of_database(error: Exception) -> tuple[str, str] | None:
    from sqlalchemy.exc import ArgumentError, DBAPIError
    from sqlalchemy.exc import TimeoutError as PoolTimeout

    if isinstance(error, ArgumentError):
        return "the database's URL cannot be read", "write postgresql://USER:PASSWORD@HOST:5432/DATABASE"
    if isinstance(error, PoolTimeout):
        return "the database is too busy to answer", "try again in a while"
    if not isinstance(error, DBAPIError):
        return None
    reason = str(error.orig).strip().splitlines()[0]
    if getattr(error.orig, "sqlstate", None) in NO_TABLES:
        return "the database has not the tables of this version", "run `daybook migrate` as the tables' owner first"
    if error.connection_invalidated or "connect" in reason:
        return (
            f"the database does not let us in: {reason}",
            "check the URL, and that PostgreSQL runs and can be reached",
        )
    return f"the database refused: {reason}", "check that its role may do this; `daybook migrate` runs as the owner"


def _unexpected(error: Exception) -> tuple[str, str]:
    logger.debug("%s", "".join(traceback.format_exception(error)))
    where = traceback.extract_tb(error.__traceback__)[-1]
    fact = f"this should not have happened: {type(error).__name__} in {where.name}, line {where.lineno}"
    return fact, "please report it with the command that you gave, its options and this line"
