"""One process per folder of SQLite logs: a second one would freeze the first at every write lock."""

import fcntl
import os
from pathlib import Path
from threading import Lock
from typing import TextIO

from events.log.errors import FolderInUse

LOCK_NAME = ".daybook.lock"

_guard = Lock()
_held: dict[Path, tuple[TextIO, int]] = {}


def hold(folder: Path) -> None:
    """Claims the folder for this process; any number of databases of one process share the claim.

    Raises ``FolderInUse`` when another process holds it. The operating system frees it when the process ends, however
    it ends.
    """
    folder = folder.resolve()
    with _guard:
        if folder in _held:
            file, users = _held[folder]
            _held[folder] = (file, users + 1)
            return
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK_NAME).open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise FolderInUse(
                f"{folder} is in use by process {holder}\n"
                "hint: stop that process, or give this one another folder, or use PostgreSQL to share a log"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        _held[folder] = (file, 1)


def release(folder: Path) -> None:
    """Gives up one use of the claim; the last one frees the folder."""
    folder = folder.resolve()
    with _guard:
        file, users = _held[folder]
        if users > 1:
            _held[folder] = (file, users - 1)
            return
        del _held[folder]
        file.close()
