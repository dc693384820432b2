"""What shell, reactions and deadlines call: commands are decided and appended, queries answered from views."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

from events.follow.reading import Reader
from events.log.commands import Answer, Context
from events.log.log import EventLog
from services.attendance.claims import Claims
from services.attendance.coming_and_going import REFUSED
from services.attendance.decisions import carry_out
from services.attendance.desk import Desk
from services.attendance.domain.early_warning import Offer
from services.attendance.domain.errors import CodeNotValid
from services.attendance.domain.kiosk import Codes
from services.attendance.domain.rulebook import RuleBook
from services.attendance.due import Due
from services.attendance.offers import offers_in
from services.attendance.office import Office
from services.attendance.projections.session_roster import ROSTER, SessionRoster
from services.attendance.queries import Queries
from services.attendance.weeks_under_way import WeeksUnderWay


class Application(Queries, Claims, WeeksUnderWay, Due):
    """Attendance's commands and queries."""

    def __init__(
        self, log: EventLog, reader: Reader, book: RuleBook, codes: Codes, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(reader, book, codes, clock)
        self._log = log
        self._office = Office(book, codes, self._expected, self._offers)

    def handle(self, command: object, context: Context) -> Answer:
        """Carries out any command of attendance, once per command id. Raises the refusal of the rule broken."""
        answer = self._log.execute(command, context, lambda unit: carry_out(Desk(unit, self._office), command))
        if (why := answer.body.get(REFUSED)) is not None:
            raise CodeNotValid(why)
        return answer

    def _expected(self, session_id: UUID) -> list[UUID]:
        """The bookings of a session that were not given back, as the roster shows them."""
        roster = self._reader.at([SessionRoster.name])
        entries = roster.many(ROSTER, ROSTER.c.session_id == session_id, ROSTER.c.state != "given_back")
        return [UUID(entry["booking_id"]) for entry in entries]

    def _offers(self, track_id: UUID, monday: date) -> tuple[Sequence[Offer], int]:
        roster = self._reader.at([SessionRoster.name])
        return offers_in(roster, track_id, monday), roster.position
