"""What the owner of a PostgreSQL database lets the service's role do, so that it can keep views of its own."""

from sqlalchemy import text

from events.log import postgres
from events.log.database import Database


def allow_views(database: Database, service_role: str) -> None:
    """Lets the role make, rebuild and swap tables of its own beside the log. The owner's job, after ``migrate``;
    safe to run again.

    The log's own tables stay the owner's: nothing about them changes. On SQLite there are no roles and nothing to do.
    """
    if database.dialect != "postgresql":
        return
    with database.begin() as tx:
        postgres.one_migration(tx, database.service)
        quote = tx.dialect.identifier_preparer.quote
        tx.execute(text(f"GRANT USAGE, CREATE ON SCHEMA {quote(database.service)} TO {quote(service_role)}"))
