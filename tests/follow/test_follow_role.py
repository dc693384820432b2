"""On PostgreSQL a service runs as a role that owns nothing of the log, and keeps its views all the same."""

from pathlib import Path

import pytest
from follow_tally import TALLY, Service, Tally

from events.follow import tables
from events.follow.projecting import ProjectionFollower
from events.follow.reading import Reader
from events.follow.rebuild import rebuild
from events.follow.rights import allow_views
from events.log.database import Database
from tests.conftest import PostgresRole


@pytest.mark.processes
def test_views_are_kept_and_rebuilt_by_the_services_role(
    postgres_url: str, postgres_role: PostgresRole, tmp_path: Path
) -> None:
    owner = Database.open(postgres_url, "tally")
    owner.migrate(service_role=postgres_role.name, extra=[tables.metadata])
    allow_views(owner, postgres_role.name)
    service = Service(postgres_role.url, f"sqlite:///{tmp_path}/keys.db", migrate=False)
    try:
        service.votes("a:ann", "a:bob")
        ProjectionFollower(Tally(), service.database, service.log).step()
        assert rebuild(service.database, service.log, Tally()).identical
        row = Reader(service.database, service.log).at(["tally"]).one(TALLY, "a")
        assert row is not None and row["votes"] == 3
        owner.migrate(service_role=postgres_role.name, extra=[tables.metadata])
    finally:
        service.close()
        owner.close()
