"""A reader of iCalendar text that forgives nothing: RFC 5545's grammar for what a calendar feed may hold.

It is written from the RFC and shares no code with the library that writes feeds.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

NAME = re.compile(r"[A-Za-z0-9-]+")
PARAMETER = re.compile(
    r";(?P<name>[A-Za-z0-9-]+)=(?P<value>[^\x00-\x08\x0a-\x1f\x7f\";:,]*|\"[^\x00-\x08\x0a-\x1f\x7f\"]*\")"
)
TEXT = re.compile(r"(?:[^\x00-\x08\x0a-\x1f\x7f\\;,]|\\[\\;,nN])*")
UTC = re.compile(r"\d{8}T([01]\d|2[0-3])[0-5]\d([0-5]\d|60)Z")
INTEGER = re.compile(r"[+-]?\d+")
DURATION = re.compile(r"[+-]?P(\d+W|\d+D(T(\d+H)?(\d+M)?(\d+S)?)?|T(\d+H)?(\d+M)?(\d+S)?)")

TYPES = {
    "VCALENDAR": {
        "VERSION": re.compile(r"2\.0"), "PRODID": TEXT, "CALSCALE": re.compile("GREGORIAN"), "NAME": TEXT,
        "X-WR-CALNAME": TEXT, "REFRESH-INTERVAL": DURATION, "X-PUBLISHED-TTL": DURATION,
    },
    "VEVENT": {
        "UID": TEXT, "DTSTAMP": UTC, "LAST-MODIFIED": UTC, "DTSTART": UTC, "DTEND": UTC, "SEQUENCE": INTEGER,
        "SUMMARY": TEXT, "LOCATION": TEXT, "DESCRIPTION": TEXT, "CLASS": re.compile("PUBLIC|PRIVATE|CONFIDENTIAL"),
        "STATUS": re.compile("TENTATIVE|CONFIRMED|CANCELLED"), "TRANSP": re.compile("OPAQUE|TRANSPARENT"),
    },
}  # fmt: skip
"""Component → property → what its value may be. Each occurs once at most (§3.6.1; §3.7; RFC 7986 §4)."""

NEEDED = {"VCALENDAR": {"VERSION", "PRODID"}, "VEVENT": {"UID", "DTSTAMP", "DTSTART"}}
VALUE_NEEDED = {"REFRESH-INTERVAL": "DURATION"}
"""Properties without a default type (RFC 7986 §5.7)."""

INSIDE = {"VCALENDAR": {None}, "VEVENT": {"VCALENDAR"}}


@dataclass
class Component:
    name: str
    values: dict[str, str] = field(default_factory=dict)
    inside: list["Component"] = field(default_factory=list)


class NotStrict(AssertionError):
    """The text breaks the grammar."""


def read(body: bytes) -> Component:
    """The calendar. Raises ``NotStrict``."""
    stack: list[Component] = []
    whole: Component | None = None
    for line in _lines(body):
        name, parameters, value = _parts(line)
        if whole is not None:
            raise NotStrict(f"after the end: {line}")
        if name == "BEGIN":
            above = stack[-1].name if stack else None
            if value not in INSIDE or above not in INSIDE[value]:
                raise NotStrict(f"{value} inside {above}")
            stack.append(Component(value))
            if len(stack) > 1:
                stack[-2].inside.append(stack[-1])
        elif not stack:
            raise NotStrict(f"outside of a component: {line}")
        elif name == "END":
            if value != stack[-1].name or not NEEDED[value] <= set(stack[-1].values):
                raise NotStrict(f"the end of {stack[-1].name}: {line}")
            whole = stack.pop() if len(stack) == 1 else (stack.pop(), None)[1]
        else:
            _property(stack[-1], name, parameters, value)
    if whole is None:
        raise NotStrict("the calendar does not end")
    repeated = [uid for uid, times in Counter(one.values["UID"] for one in whole.inside).items() if times > 1]
    if repeated:
        raise NotStrict(f"several events of one UID: {repeated}")
    return whole


def _lines(body: bytes) -> list[str]:
    """Unfolded (§3.1): lines end with CRLF and have at most 75 octets, and no character is cut in two."""
    if not body.endswith(b"\r\n") or b"\n" in body.replace(b"\r\n", b"") or b"\r" in body.replace(b"\r\n", b""):
        raise NotStrict("lines end with CRLF, each of them")
    physical = body[:-2].split(b"\r\n")
    for line in physical:
        if not line or len(line) > 75:
            raise NotStrict(f"a line of {len(line)} octets")
    unfolded: list[str] = []
    for text in (line.decode("utf-8") for line in physical):
        if text[0] in " \t":
            unfolded[-1] += text[1:]
        else:
            unfolded.append(text)
    return unfolded


def _parts(line: str) -> tuple[str, dict[str, str], str]:
    name = NAME.match(line)
    if name is None:
        raise NotStrict(f"no name: {line}")
    parameters, at = {}, name.end()
    while (parameter := PARAMETER.match(line, at)) is not None:
        parameters[parameter["name"].upper()], at = parameter["value"].strip('"'), parameter.end()
    if line[at : at + 1] != ":":
        raise NotStrict(f"no value: {line}")
    return name[0].upper(), parameters, line[at + 1 :]


def _property(component: Component, name: str, parameters: dict[str, str], value: str) -> None:
    form = TYPES[component.name].get(name)
    if form is None or name in component.values:
        raise NotStrict(f"{name} is no property of {component.name}, or is there twice")
    if form.fullmatch(value) is None:
        raise NotStrict(f"{name} cannot be {value!r}")
    if parameters != ({"VALUE": VALUE_NEEDED[name]} if name in VALUE_NEEDED else {}):
        raise NotStrict(f"{name} has the parameters {parameters}")
    if form is TEXT:
        value = re.sub(r"\\(.)", lambda escaped: "\n" if escaped[1] in "nN" else escaped[1], value)
    component.values[name] = value
