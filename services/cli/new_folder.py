"""Where a command that plays a program through keeps its data."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.cli.wrong_use import WrongUse


@contextmanager
def new_folder(keep: Path | None, command: str) -> Iterator[Path]:
    """``keep``, made where it is missing; without it one that is gone afterwards. Raises ``WrongUse`` where it holds
    something already."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix=f"daybook-{command}-") as folder:
            yield Path(folder)
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise WrongUse(f"{keep} is not empty", "name a new folder for --keep, or remove this one")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep
