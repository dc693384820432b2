"""Whole rows in their stored form, by a function written for the one view: a loop over its columns takes twice as long,
and a projection shapes a row with nearly every event."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from events.follow.values import Normal

Shape = Callable[[Mapping[str, Any]], dict[str, Any]]


def shape(view: str, normal: Mapping[str, Normal], required: Collection[str]) -> Shape:
    """A function that makes a whole row of given values; columns left out are null.

    It raises ``ValueError`` for an unknown column or a missing value, ``TypeError`` for a value of another kind.
    """

    def check(values: Mapping[str, Any]) -> None:
        unknown = set(values) - normal.keys()
        if unknown:
            raise ValueError(f"view {view} has no column {sorted(unknown)}")

    def missing(name: str) -> None:
        raise ValueError(f"view {view}: {name} has no value")

    known: dict[str, Any] = {"check": check, "missing": missing, "names": frozenset(normal)}
    parts = []
    for number, (name, form) in enumerate(normal.items()):
        known[f"form{number}"] = form
        absent = f"missing({name!r})" if name in required else "None"
        parts.append(f"{name!r}: {absent} if (value := given({name!r})) is None else form{number}(value)")
    source = (
        "def row(values):\n"
        "    if not names.issuperset(values):\n"
        "        check(values)\n"
        "    given = values.get\n"
        f"    return {{{', '.join(parts)}}}\n"
    )
    exec(source, known)  # noqa: S102  # nothing in it but the names of declared columns, as literals
    made: Shape = known["row"]
    return made
