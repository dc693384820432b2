"""What attendance's decisions need besides its own aggregates: the rules, codes, and who is expected where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from events.log.vault import Vault
from services.attendance.domain.kiosk import CODE_DIGITS, Codes
from services.attendance.domain.looking_ahead import OffersOf
from services.attendance.domain.rulebook import RuleBook


@dataclass(frozen=True)
class Office:
    """Given to every decision."""

    book: RuleBook
    codes: Codes
    expected: Callable[[UUID], Sequence[UUID]]
    """Session → its bookings as far as the view knows; whether they stand, their records say."""
    offers: OffersOf
    """Sessions and their free seats as far as the view knows; whether a seat is had, scheduling says."""


class KeyedCodes:
    """Codes worked out from the master key, so that none lies on any disk, and none can be told from another."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def code(self, participant_id: UUID, local_date: date) -> str:
        digest = self._vault.lookup("kiosk", str(participant_id), local_date.isoformat())
        return f"{int(digest, 16) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"
