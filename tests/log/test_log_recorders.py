"""The library's own recorder test cases, on both recorders.

The library's aggregate recorders report no positions while its application recorders do; ours always report them, so
the first test case sees them through an adapter that drops them, and nothing else.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import AggregateRecorder, NotSupportedError, StoredEvent
from eventsourcing.tests import persistence as library_cases

from events.log.database import Database
from events.log.recorder import Recorder
from events.log.recorder_postgres import PostgresRecorder
from events.log.recorder_sqlite import SQLiteRecorder


class WithoutPositions(AggregateRecorder):
    def __init__(self, recorder: Recorder):
        self._recorder = recorder

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        self._recorder.insert_events(stored_events, **kwargs)

    def select_events(self, originator_id: UUID | str, **kwargs: Any) -> Sequence[StoredEvent]:
        return self._recorder.select_events(originator_id, **kwargs)


class OnSQLite:
    @pytest.fixture(autouse=True)
    def _open(self, data_dir: Path) -> Iterator[None]:
        self.database = Database.open(f"sqlite:///{data_dir / 'library.sqlite'}", "library")
        self.database.migrate()
        yield
        self.database.close()

    def create_recorder(self) -> Recorder:
        return SQLiteRecorder(self.database)


class OnPostgres:
    @pytest.fixture(autouse=True)
    def _open(self, postgres_url: str) -> Iterator[None]:
        self.database = Database.open(postgres_url, "library")
        self.database.migrate()
        yield
        self.database.close()

    def create_recorder(self) -> Recorder:
        return PostgresRecorder(self.database)


class TestSQLiteAggregateRecorder(OnSQLite, library_cases.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return WithoutPositions(super().create_recorder())


class TestSQLiteApplicationRecorder(OnSQLite, library_cases.ApplicationRecorderTestCase[Recorder]):
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = True


class TestSQLitePositionsOfOneAppend(OnSQLite, library_cases.NonInterleavingNotificationIDsBaseCase):
    pass


@pytest.mark.processes
class TestPostgresAggregateRecorder(OnPostgres, library_cases.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return WithoutPositions(super().create_recorder())


@pytest.mark.processes
class TestPostgresApplicationRecorder(OnPostgres, library_cases.ApplicationRecorderTestCase[Recorder]):
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = False  # an append that fails uses its positions up


@pytest.mark.processes
class TestPostgresPositionsOfOneAppend(OnPostgres, library_cases.NonInterleavingNotificationIDsBaseCase):
    pass


def test_a_subscription_is_refused_with_the_way_out(data_dir: Path) -> None:
    database = Database.open(f"sqlite:///{data_dir / 'library.sqlite'}", "library")
    with pytest.raises(NotSupportedError, match=r"EventLog\.read"):
        SQLiteRecorder(database).subscribe()
    database.close()
