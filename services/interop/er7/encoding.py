"""Encoding characters and escape sequences (HL7 v2.9, chapter 2.5.4 and 2.7)."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache


@dataclass(frozen=True)
class Encoding:
    """The delimiters a message declares in MSH-1 and MSH-2; ``truncation`` is the optional fifth character of MSH-2."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""

    @property
    def msh_2(self) -> str:
        """MSH-2 as it is written."""
        return self.component + self.repetition + self.escape + self.subcomponent + self.truncation

    @cached_property
    def letters(self) -> dict[str, str]:
        """Which letter stands for which delimiter in an escape sequence."""
        letters = {
            "F": self.field,
            "S": self.component,
            "T": self.subcomponent,
            "R": self.repetition,
            "E": self.escape,
        }
        if self.truncation:
            letters["P"] = self.truncation
        return letters

    @cached_property
    def sequences(self) -> re.Pattern[str]:
        """Finds escape sequences."""
        mark = re.escape(self.escape)
        return re.compile(f"{mark}([^{mark}\r\n]{{0,512}}){mark}")

    @cached_property
    def special(self) -> re.Pattern[str]:
        """Finds what has to be escaped."""
        return re.compile("[" + re.escape("\r\n" + "".join(self.letters.values())) + "]")


@lru_cache(maxsize=64)
def encoding_of(field: str, msh_2: str) -> Encoding:
    """From MSH-1 and MSH-2 as sent; characters that MSH-2 leaves out keep their usual value. Senders declare the same
    in every message, so what is worked out from it is kept."""
    given = msh_2[:5]
    usual = "^~\\&"
    four = given[:4] + usual[len(given[:4]) :]
    return Encoding(field, four[0], four[1], four[2], four[3], given[4:])


DEFAULT = Encoding()

_BREAKS = {".br": "\n", ".sp": "\n", ".ce": "\n"}
_HIGHLIGHTS = frozenset(("H", "N"))


def unescape(text: str, encoding: Encoding = DEFAULT, charset: str = "utf-8") -> str:
    r"""The text meant by ``text``: ``\F\ \S\ \T\ \R\ \E\ \P\ \Xhh\ \.br\`` are replaced and ``\H\ \N\`` dropped. A
    sequence that is none of these stays as it was sent, so nothing is lost."""
    if encoding.escape not in text:
        return text
    letters = encoding.letters

    def replace(match: re.Match[str]) -> str:
        body = match.group(1)
        if body in letters:
            return letters[body]
        if body in _HIGHLIGHTS:
            return ""
        if body[:1] == "X":
            return _hexadecimal(body[1:], charset) or match.group(0)
        return _BREAKS.get(body[:3], match.group(0))

    return encoding.sequences.sub(replace, text)


def _hexadecimal(digits: str, charset: str) -> str | None:
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        return None
    try:
        return octets.decode(charset)
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def escape(text: str, encoding: Encoding = DEFAULT) -> str:
    r"""``text`` so that a reader gives it back: delimiters as letters, line ends as ``\X0D\`` and ``\X0A\``."""
    if not encoding.special.search(text):
        return text
    names = {character: letter for letter, character in encoding.letters.items()}
    mark = encoding.escape

    def replace(match: re.Match[str]) -> str:
        character = match.group(0)
        name = names.get(character) or f"X{ord(character):02X}"
        return f"{mark}{name}{mark}"

    return encoding.special.sub(replace, text)
