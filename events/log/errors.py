"""What can go wrong in a log, in one tree.

::

    DaybookError
    ├── NotFound                 the aggregate does not exist in this log
    ├── Conflict                 others kept changing the same aggregates; try the command again
    ├── CommandIdReused          this command id was answered for another payload
    ├── OutcomeUnknown           the database did not answer; repeating the same command id settles it
    ├── Busy                     the log's write lock or a connection was not free in time
    ├── NotYetKnown              the position or instant lies in the future of this log
    ├── NotSettledYet            appends that may belong to the instant asked for are still under way: ask again
    ├── ContradictingSource      a known number of a source carries another event id: halt and look
    ├── UnregisteredType         an event class or type name is not in the closed registry
    ├── BadRegistration          a class that cannot be registered: no TOPIC of its own, a duplicate, a module path
    ├── UnreadableEvent          stored bytes that do not fit the class that they name
    ├── PersonalDataUnavailable  the key of sealed data is destroyed where the value is indispensable
    ├── BadSeal                  sealed text that is malformed, tampered with or of another master key
    ├── LedgerForked             another sealer has already sealed after this record
    └── UnsafeDatabase           the database would break a promise of the log: it is refused at start
        └── FolderInUse          another process has this folder open
"""

from uuid import UUID


class DaybookError(Exception):
    """Base of all errors of the log. Messages hold no personal data."""


class NotFound(DaybookError):
    """The aggregate does not exist in this log."""

    def __init__(self, kind: type, id_: UUID):
        super().__init__(f"no {kind.__name__} {id_}")
        self.kind = kind
        self.id = id_


class Conflict(DaybookError):
    """Others kept changing the same aggregates while this command decided. Nothing was stored."""


class CommandIdReused(DaybookError):
    """The command id was answered before, for another payload. Nothing was stored."""

    def __init__(self, command_id: UUID):
        super().__init__(f"command id {command_id} was used for another payload; make a new id for a new command")
        self.command_id = command_id


class OutcomeUnknown(DaybookError):
    """The database stopped answering: the command may or may not be stored. Repeat it with the same command id."""


class Busy(DaybookError):
    """The write lock of the log was not free in time. Nothing was stored; try again."""


class NotYetKnown(DaybookError, ValueError):
    """The position or instant asked for lies in the future of this log: any answer could still change."""


class NotSettledYet(DaybookError):
    """Appends that may be recorded by the instant asked for are not decided yet. Nothing is lost: ask again."""

    def __init__(self, seconds: float):
        super().__init__(f"appends that may be recorded by then did not end within {seconds:g} s: ask again")


class ContradictingSource(DaybookError):
    """A source's number is known here with another event id. Positions were used twice: the source lost its
    generation."""


class UnregisteredType(DaybookError, LookupError):
    """The closed registry does not know this type. Nothing is ever imported to find it."""


class BadRegistration(DaybookError, TypeError):
    """The class cannot be registered; the message says why."""


class UnreadableEvent(DaybookError, ValueError):
    """Stored bytes do not fit the class they name; the message names type, stream, version and field, never a value."""


class PersonalDataUnavailable(DaybookError):
    """The value was sealed with a key that is destroyed."""


class BadSeal(DaybookError, ValueError):
    """The text is no seal, was changed, or belongs to another master key."""


class LedgerForked(DaybookError):
    """Another sealer has sealed a different successor of this record. Roll back and start from the ledger's tail."""


class UnsafeDatabase(DaybookError):
    """The database would break a promise of the log; the message says which and the way out."""


class FolderInUse(UnsafeDatabase):
    """Another process has this folder of SQLite logs open."""
