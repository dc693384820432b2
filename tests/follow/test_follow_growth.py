"""What is done for one more event is the same however much there was before: counted in instructions of SQLite."""

from pathlib import Path

import pytest
from follow_tally import Service
from sqlalchemy import create_engine
from test_follow_deadlines import followers

from tests.support.plans import listening, measured

FEW, MANY = 20, 400


def work_for_one_more(folder: Path, before: int) -> int:
    """After so many votes, of which each was reminded, and what reminds of it stands."""
    for name in ("tally", "keys"):
        (folder / name).mkdir(parents=True)
    service = Service(f"sqlite:///{folder}/tally/tally.db", f"sqlite:///{folder}/keys/keys.db")
    try:
        running = followers(service)
        for number in range(before):
            service.votes(f"a:{number:03}")
        service.clock.pass_(hours=2)
        running.drain()
        assert len(service.deeds()) == before
        with measured(service.database.engine) as work:
            service.votes("b:bob")
            running.drain()
            service.clock.pass_(hours=2)
            running.drain()
        assert len(service.deeds()) == before + 1
        return work.steps
    finally:
        service.close()


@pytest.fixture(scope="module")
def after_few(tmp_path_factory: pytest.TempPathFactory) -> int:
    return work_for_one_more(tmp_path_factory.mktemp("few"), FEW)


def test_receiving_following_and_firing_one_more_is_the_same_work_after_many(after_few: int, tmp_path: Path) -> None:
    """A command, its log, a projection, the ledger, and a deadline that fires; twenty times as many are there."""
    assert work_for_one_more(tmp_path, MANY) < 1.5 * after_few


def test_a_table_that_is_read_whole_is_seen_in_a_plan_whatever_is_made_of_it(tmp_path: Path) -> None:
    """SQLite makes itself an index for a join that has none, and reads the whole table for it."""
    engine = create_engine(f"sqlite:///{tmp_path}/plans.db")
    with listening() as asked, engine.begin() as connection:
        for table in ("told", "heard"):
            connection.exec_driver_sql(f"CREATE TABLE {table} (position INTEGER PRIMARY KEY, key TEXT)")
        connection.exec_driver_sql("SELECT * FROM told LEFT JOIN heard ON heard.key = told.key WHERE told.position > 7")
    engine.dispose()
    (_, told), (_, heard) = asked.steps()
    assert (told.table, told.found_by) == ("told", "rowid>?")
    assert ("heard" in heard.table, heard.found_by) == (True, "")
