"""What every query of attendance needs."""

from collections.abc import Callable
from datetime import datetime

from events.follow.reading import Reader
from services.attendance.domain.kiosk import Codes
from services.attendance.domain.rulebook import RuleBook
from services.platform.answering import FromViews
from services.platform.web import Query


class Answering(FromViews):
    """Where answers come from: the views, the rules, the time, and the codes of kiosks."""

    def __init__(self, reader: Reader, book: RuleBook, codes: Codes, clock: Callable[[], datetime]) -> None:
        super().__init__(reader)
        self._book = book
        self._codes = codes
        self._clock = clock

    def _now(self, request: Query) -> datetime:
        """The time of the answer: the one asked for, else the instant that it is given as of, else the present."""
        asked: datetime | None = request["at"]
        return asked or (request.as_of if isinstance(request.as_of, datetime) else self._clock())
