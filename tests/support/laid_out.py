"""Empty logs whose tables exist already: they are made once in a process, as making them is half of a short test.

What a service finds is what another copy of it leaves that made its tables and ended before it took up work.
"""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from events.follow import checkpoint, projecting
from events.log.database import Database
from services.platform.definition import ServiceDefinition
from services.platform.service import TABLES


def lay_out(file: Path, definition: ServiceDefinition) -> None:
    """Puts an empty log for this service where it will open it, unless something is there."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_empty(definition.name, (*definition.projections, *definition.deadlines)))


@lru_cache(maxsize=64)
def _empty(service: str, projections: tuple[Any, ...]) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "log.sqlite"
        database = Database.open(f"sqlite:///{file}", service)
        database.migrate(extra=TABLES)
        with database.begin() as tx:
            for one in projections:
                checkpoint.add(tx, one.name, version=one.version)
                projecting.create(tx, {view: view.physical() for view in one.views}, 1)
        database.close()
        return file.read_bytes()
