"""The kiosk at a group's door: a participant enters their own short code and is in, or out.

The code is worked out from a key and from whose booking it is (see ``Codes``), so it is stored nowhere.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import ClassVar, Protocol
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.attendance.domain.errors import CodeNotValid, KioskLocked
from services.attendance.domain.record import AttendanceRecord
from services.attendance.domain.rules import NamedRule
from services.attendance.domain.seat import Seat

CODE_DIGITS = 6
"""One guess in a million for each person expected."""

OPENS_BEFORE = timedelta(minutes=60)
CLOSES_AFTER = timedelta(minutes=60)
WRONG_CODES = 5
LOCKED_FOR = timedelta(minutes=10)

CODE_AROUND_SESSION = NamedRule(
    "code_around_session",
    "A code opens the session's kiosk from an hour before its start to an hour after its end, and no other.",
    "program practice; NIST SP 800-63B section 5.1.3: short secrets are short-lived",
)
WRONG_CODES_LOCK = NamedRule(
    "wrong_codes_lock",
    "Five wrong codes within ten minutes lock the session's kiosk until they are ten minutes old.",
    "NIST SP 800-63B section 5.2.2: failed attempts are limited",
)
NAMED_RULES = (CODE_AROUND_SESSION, WRONG_CODES_LOCK)

_KIOSKS = UUID("b3f5f6a2-8f0a-5a55-9d5c-6a1f0f3d7c21")


class Codes(Protocol):
    """Where codes come from."""

    def code(self, participant_id: UUID, local_date: date) -> str:
        """The participant's code on that day: ``CODE_DIGITS`` digits, the same whenever it is asked for."""


def kiosk_id(session_id: UUID) -> UUID:
    """The same session has the same kiosk, whoever asks."""
    return uuid5(_KIOSKS, str(session_id))


def opens_at(seat: Seat) -> datetime:
    return seat.starts_at - OPENS_BEFORE


def closes_at(seat: Seat) -> datetime:
    return seat.ends_at + CLOSES_AFTER


class Kiosk(Aggregate):
    """Guesses made at the kiosk of one session."""

    TOPIC = "attendance.kiosk"

    class Created(Aggregate.Created):
        """The first wrong code brings it into being."""

        TOPIC = "attendance.kiosk.guessed_at"
        KEY: ClassVar[str] = "originator_id"
        session_id: UUID

    class CodeRefused(Aggregate.Event):
        TOPIC = "attendance.kiosk.code_refused"
        KEY: ClassVar[str] = "originator_id"
        refused_at: datetime

    @event(Created)
    def __init__(self, session_id: UUID) -> None:
        self.session_id = session_id
        self.refused: tuple[datetime, ...] = ()

    @classmethod
    def of(cls, session_id: UUID, at: datetime) -> "Kiosk":
        return cls._create(cls.Created, id=kiosk_id(session_id), timestamp=at, session_id=session_id)

    def check_open(self, at: datetime) -> None:
        """Raises ``KioskLocked`` by the rule ``wrong_codes_lock``."""
        if sum(1 for refused in self.refused if at - refused < LOCKED_FOR) >= WRONG_CODES:
            raise KioskLocked("too many wrong codes; wait ten minutes, or ask the front desk to enter it")

    def refuse(self, at: datetime) -> None:
        """A wrong code was entered."""
        self.trigger_event(self.CodeRefused, timestamp=at, refused_at=at)

    @event(CodeRefused)
    def _code_refused(self, refused_at: datetime) -> None:
        recent = (one for one in self.refused if refused_at - one < LOCKED_FOR)
        self.refused = (*recent, refused_at)


def whose_code(code: str, expected: Iterable[AttendanceRecord], codes: Codes, at: datetime) -> AttendanceRecord:
    """The record that the code opens now, by the rule ``code_around_session``. Raises ``CodeNotValid`` for nobody's
    code, one out of its time, and one that two people happen to share: none of them is told from the others."""
    found = [
        record
        for record in expected
        if opens_at(record.seat) <= at < closes_at(record.seat)
        and codes.code(record.participant_id, record.seat.local_date) == code
    ]
    if len(found) != 1:
        raise CodeNotValid("this code is not valid here now; try again, or ask the front desk to enter it")
    return found[0]
