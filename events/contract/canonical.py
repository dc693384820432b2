"""JSON as bytes, one way: equal values are equal bytes, wherever Daybook hashes, stores or sends them."""

from collections.abc import Mapping, Set
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def _plain(value: object) -> object:
    """What orjson does not know. UUID, date, datetime, Enum, tuple and dataclass are native to it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def dumps(value: object) -> bytes:
    """Canonical JSON: UTF-8, keys sorted, no white space, instants in UTC with ``Z``. Raises ``TypeError``."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


def loads(data: bytes | bytearray | memoryview | str) -> Any:
    """The value of JSON text. Raises ``ValueError`` where it is none."""
    return orjson.loads(data)
