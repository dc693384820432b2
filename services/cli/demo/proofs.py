"""What the demo proves of what it has just done."""

import re
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from events.log.database import Database
from events.log.ledger import Verification, verify
from services.cli.client import Client
from services.platform.service import Service


def rebuilt_identical(client: Client, services: Iterable[str]) -> dict[str, bool]:
    """Rebuilds every projection of every service from its log and compares every row."""
    return {name: bool(client.post(f"/{name}/rebuild", {})["identical"]) for name in services}


def ledgers(services: Iterable[Service]) -> dict[str, Verification]:
    """Checks every service's chain over the bytes as they are stored."""
    return {service.name: verify(service.database) for service in services}


def tampered_fails(service: Service, folder: Path) -> Verification:
    """Changes one byte of one event in a copy of a log, and checks the copy."""
    copies = folder / "tampered"
    copies.mkdir()
    copy = copies / f"{service.name}.sqlite"
    with sqlite3.connect(copy) as target, service.database.read() as source:
        driver = source.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.backup(target)
        for (trigger,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            target.execute(f'DROP TRIGGER "{trigger}"')
        middle = target.execute("SELECT max(position) / 2 FROM log").fetchone()[0]
        state = bytearray(target.execute("SELECT state FROM log WHERE position = ?", (middle,)).fetchone()[0])
        state[len(state) // 2] ^= 1
        target.execute("UPDATE log SET state = ? WHERE position = ?", (bytes(state), middle))
        target.commit()
    target.close()
    database = Database.open(f"sqlite:///{copy}", service.name)
    try:
        return verify(database)
    finally:
        database.close()
        shutil.rmtree(copies)


def found_in_files(folder: Path, secrets: Iterable[str]) -> list[tuple[Path, str]]:
    """Which of the texts stand in which file, in any case.

    Ciphertext and ids are long runs of letters and digits in which short words and numbers turn up by chance: a word
    counts where at least one of its ends is no middle of such a run, a bare number where both are."""
    wanted = {text.lower().encode() for text in secrets}
    words = {text: _word(text) for text in wanted if not re.search(rb"[0-9]", text)}
    numbered = _by_shape(wanted - words.keys())
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes().lower()
            # Looking for the bare word first is much the faster.
            hits = {text for text, word in words.items() if text in content and word.search(content)}
            for pattern, texts in numbered:
                hits |= {
                    match[1] for match in pattern.finditer(content) if match[1] in texts and _alone(match, content)
                }
            found += [(path, text.decode()) for text in sorted(hits)]
    return found


def _word(text: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(text) + rb"(?![a-z0-9+/_=-])|(?<![a-z0-9+/_-])" + re.escape(text))


def _by_shape(texts: Iterable[bytes]) -> list[tuple[re.Pattern[bytes], set[bytes]]]:
    """Numbers of one shape are looked for in one go: a pattern that finds all of that shape, and which are meant."""
    shapes: dict[bytes, set[bytes]] = {}
    for text in texts:
        shapes.setdefault(re.sub(rb"[0-9]", b"0", text), set()).add(text)
    # Looking ahead, so that matches may overlap.
    return [
        (re.compile(b"(?=(" + re.escape(shape).replace(b"0", b"[0-9]") + b"))"), group)
        for shape, group in shapes.items()
    ]


def _alone(match: re.Match[bytes], content: bytes) -> bool:
    """Whether a bare number is not a part of a longer run; what has other signs in it is telling anywhere."""
    start, end = match.span(1)
    bare = match[1].isdigit()
    return not bare or not (content[start - 1 : start].isalnum() or content[end : end + 1].isalnum())
