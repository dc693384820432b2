"""The ledger's follower: seals records in position order, as they are stored. The ledger's end is its checkpoint."""

from events.follow.checkpoint import LostLease
from events.log import ledger
from events.log.database import Database
from events.log.errors import LedgerForked
from events.log.log import EventLog


class Sealing:
    """Seals a log. Two sealers cannot fork it: each record has one predecessor, and the database refuses a second."""

    name = "ledger"
    batch = 500

    def __init__(self, database: Database, log: EventLog):
        self._database = database
        self._log = log
        self._position: int | None = None

    @property
    def position(self) -> int:
        """The last position sealed."""
        return self._position or 0

    def step(self) -> int:
        """Seals one batch; how many records. Raises ``LostLease`` when another copy has sealed in between."""
        if self._position is None:
            with self._database.read() as connection:
                self._position = ledger.tail(connection).position
        records = self._log.records(self._position, self.batch)
        if not records:
            return 0
        try:
            with self._database.begin(derived=True) as tx:
                sealed = ledger.seal(tx, self._log.identity, self._position, records)
        except LedgerForked:
            self._position = None
            raise LostLease(self.name) from None
        self._position = sealed
        return len(records)
