"""Column types whose values come back from any database exactly as they went in: the same bytes for ever."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Date, DateTime, Dialect, Double, Float, Integer, String, Uuid
from sqlalchemy.types import TypeDecorator, TypeEngine

from events.contract.canonical import dumps, loads

Normal = Callable[[Any], Any]


def instant(value: datetime | str) -> datetime:
    """A datetime or ISO 8601 text as UTC. Raises ``ValueError`` without a time zone."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return moment.astimezone(UTC)


def text(value: object) -> str:
    """Text as it is; ids and enumeration members as their text."""
    if type(value) is str or (isinstance(value, str) and not isinstance(value, Enum)):
        if "\x00" in value:
            raise ValueError("text holds a NUL character, which no database column takes")
        return value
    if isinstance(value, Enum):
        return text(value.value)
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"a text column takes no {type(value).__name__}")


def whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"an integer column takes no {type(value).__name__}")
    if not -(2**63) <= value < 2**63:
        raise ValueError("the integer does not fit 64 bits")
    return value


def truth(value: object) -> bool:
    if type(value) is not bool:
        raise TypeError(f"a boolean column takes no {type(value).__name__}")
    return value


def number(value: object) -> float:
    if type(value) not in (int, float):
        raise TypeError(f"a number column takes no {type(value).__name__}")
    return float(value)  # type: ignore[arg-type]  # just checked


def day(value: date | str) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, datetime):
        raise TypeError("a date column takes no datetime: say in which time zone the day is meant")
    return value


def plain(value: object) -> Any:
    """Any JSON value, as it will read back."""
    return loads(dumps(value))


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC; fixed-width ISO text on SQLite, so that it sorts there too."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return DateTime(timezone=True) if dialect.name == "postgresql" else String()

    def process_bind_param(self, value: datetime | str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        moment = instant(value)
        return moment if dialect.name == "postgresql" else moment.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else instant(value)


class Json(TypeDecorator[Any]):
    """Any JSON value as canonical text, so that equal values are equal bytes."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else loads(value)


class Id(TypeDecorator[str]):
    """A UUID as its text, which is what events hold; takes UUIDs in conditions too."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: UUID | str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)


def settled(given: TypeEngine[Any]) -> tuple[TypeEngine[Any], Normal]:
    """The exact type to use for a declared column type, and how values are brought into its one form.

    Raises ``TypeError`` for types whose values differ between databases.
    """
    kinds: tuple[tuple[type[TypeEngine[Any]], TypeEngine[Any] | None, Normal], ...] = (
        (Instant, None, instant),
        (Json, None, plain),
        (Id, None, text),
        (Uuid, Id(), text),
        (JSON, Json(), plain),
        (DateTime, Instant(), instant),
        (Date, None, day),
        (Boolean, None, truth),
        (Integer, BigInteger(), whole),
        (Double, None, number),
        (Float, Double(), number),
        (String, None, text),
    )
    for kind, exact, normal in kinds:
        if isinstance(given, kind):
            return exact if exact is not None else given, normal
    raise TypeError(f"a view takes no column of type {given!r}: use text, integers, booleans, dates, instants or JSON")
