"""Why attendance refuses a command. Each error is named after the rule that was broken; none holds personal data.

AttendanceRefused
├── about the booking      NotBooked, BookingFreed
├── about the visit        AlreadyCheckedIn, NotCheckedIn, CheckInOutsideSession, CheckOutBeforeCheckIn, AheadOfTime
├── about the kiosk        CodeNotValid, KioskLocked
├── about the correction   CorrectionUnclear
├── about absence steps    StepNotReached
└── about the numbers      RuleMissing
"""


class AttendanceRefused(Exception):
    """A rule of attendance forbids the command; ``detail`` says which and what to do instead."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def code(self) -> str:
        """The broken rule's name, stable for programs."""
        return type(self).__name__


class NotBooked(AttendanceRefused):
    """Only who has a booking is checked in: a walk-in is booked first, so that seats and conflicts are checked."""


class BookingFreed(AttendanceRefused):
    """The booking was given back; the seat may be another's by now."""


class AlreadyCheckedIn(AttendanceRefused):
    """Who is in cannot come in again before leaving."""


class NotCheckedIn(AttendanceRefused):
    """Who is not in cannot leave."""


class CheckInOutsideSession(AttendanceRefused):
    """A check-in belongs to the session's local day, before the session ends."""


class CheckOutBeforeCheckIn(AttendanceRefused):
    """One leaves after one came."""


class AheadOfTime(AttendanceRefused):
    """What is recorded has happened: no time lies in the future."""


class CodeNotValid(AttendanceRefused):
    """A code opens the kiosk of the session for which its holder has a booking, around its time."""


class KioskLocked(AttendanceRefused):
    """Codes are not to be guessed: after a few wrong ones the kiosk takes none for a while."""


class CorrectionUnclear(AttendanceRefused):
    """A correction gives either both times or a status that needs none."""


class StepNotReached(AttendanceRefused):
    """Only a step that an absence policy asks for now is taken."""


class RuleMissing(AttendanceRefused):
    """No rule pack in force gives a number that is needed."""
