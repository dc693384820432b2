"""Why scheduling refuses a command. Each error is named after the rule that was broken; none holds personal data.

SchedulingRefused
├── about the plan        InvalidRecurrenceRule, FirstDateOffRule, HorizonTooLong, UnknownTimeZone, TrackUnknown,
│                         TimeZoneDiffersFromTrack, SeatsOutOfRange, DurationOutOfRange
├── about who and where   FacilitatorNotQualified, FacilitatorNeeded, UnknownQualification, RoomNeeded, RoomTooSmall,
│                         RoomModalityDiffers
├── already there         FacilitatorAlreadyRegistered, RoomAlreadyOpened, SeriesAlreadyPlanned
├── taken at that time    FacilitatorAlreadyBooked, RoomAlreadyBooked, ParticipantAlreadyBooked
├── not available then    ParticipantNotAvailable, FacilitatorNotAvailable, RoomNotAvailable, AvailabilityMalformed,
│                         ConflictUnknown
├── closed on that day    ClosedThen, AlreadyClosed, ClosureMalformed
├── about the session     SessionIsFull, SessionCancelled, SessionHasPassed, SessionHasStarted, SeatsAlreadyTaken,
│                         FacilitatorDoesNotLead, FacilitatorLeadsAlready, NoSubstituteWanted
├── about its bookings    ParticipantElsewhere, ParticipantNotThere, OverrideNotAllowed
├── about the series      SeriesCannotFollow, SeriesHasEnded
├── about make-ups        NothingMissed, MadeUpAlready
├── about waiting         SeatIsFree, BookedAlready, WaitsAlready, NotWaiting, OthersWait
├── about the participant ParticipantNotPlaceable, PlacementUnclear, BookingUnknown, LossUnknown
├── about calendar feeds  CalendarNotOpen
└── about the curriculum  TopicRepeated, PrerequisiteComesLater, EditionAlreadyAdopted, CurriculumNotAdopted,
                          TopicUnknown, TopicsBelongToPsychoeducation
"""


class SchedulingRefused(Exception):
    """A rule of scheduling forbids the command; ``detail`` says which and what to do instead, ``hint`` what there is
    instead where that is known."""

    def __init__(self, detail: str, hint: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint

    @property
    def code(self) -> str:
        """The broken rule's name, stable for programs."""
        return type(self).__name__


class InvalidRecurrenceRule(SchedulingRefused):
    """The text is no RFC 5545 rule that a series of sessions can follow."""


class FirstDateOffRule(SchedulingRefused):
    """The first date is not an occurrence of the rule (RFC 5545 §3.8.5.3 calls the result undefined)."""


class HorizonTooLong(SchedulingRefused):
    """One command schedules at most a year and a bit."""


class UnknownTimeZone(SchedulingRefused):
    """The name is not in the IANA time zone database."""


class TrackUnknown(SchedulingRefused):
    """Enrollment has not told of this track yet, so its time zone is unknown."""


class TimeZoneDiffersFromTrack(SchedulingRefused):
    """A series runs in its track's local time."""


class SeatsOutOfRange(SchedulingRefused):
    """Seats do not suit the component, or the minimum is above the maximum."""


class DurationOutOfRange(SchedulingRefused):
    """A session lasts at least five minutes and at most a day."""


class FacilitatorNotQualified(SchedulingRefused):
    """The component has to be led by someone else."""


class FacilitatorNeeded(SchedulingRefused):
    """Every session is led by somebody."""


class UnknownQualification(SchedulingRefused):
    """The qualification is none of those the rules speak of."""


class RoomNeeded(SchedulingRefused):
    """A session in person takes place in a room."""


class RoomTooSmall(SchedulingRefused):
    """The room has fewer seats than the series."""


class RoomModalityDiffers(SchedulingRefused):
    """The room is for the other modality."""


class FacilitatorAlreadyRegistered(SchedulingRefused):
    """The id belongs to a facilitator already."""


class RoomAlreadyOpened(SchedulingRefused):
    """A room of this code exists."""


class SeriesHasEnded(SchedulingRefused):
    """Nothing of the series is planned from that day on."""


class SeriesAlreadyPlanned(SchedulingRefused):
    """The id belongs to a series already."""


class FacilitatorAlreadyBooked(SchedulingRefused):
    """The facilitator leads another session at that time."""


class RoomAlreadyBooked(SchedulingRefused):
    """Another session takes place in the room at that time."""


class ParticipantAlreadyBooked(SchedulingRefused):
    """The participant is booked elsewhere, or here, at that time."""


class ParticipantNotAvailable(SchedulingRefused):
    """The participant has work, school or somebody to care for then, or is away."""


class FacilitatorNotAvailable(SchedulingRefused):
    """The facilitator does not work then, or is on leave."""


class RoomNotAvailable(SchedulingRefused):
    """The room cannot be used then."""


class AvailabilityMalformed(SchedulingRefused):
    """What was stated of availability says no time."""


class ConflictUnknown(SchedulingRefused):
    """Nothing of the kind lies outside of what was stated."""


class ClosedThen(SchedulingRefused):
    """The track, or the whole program, is closed on that day."""


class AlreadyClosed(SchedulingRefused):
    """The id belongs to a closure already."""


class ClosureMalformed(SchedulingRefused):
    """The days are none, or too many at once."""


class SessionIsFull(SchedulingRefused):
    """All seats are taken."""


class SessionCancelled(SchedulingRefused):
    """The program cancelled the session."""


class SessionHasPassed(SchedulingRefused):
    """The session is over."""


class SessionHasStarted(SchedulingRefused):
    """The session has begun: what came of it is attendance's to say."""


class SeatsAlreadyTaken(SchedulingRefused):
    """More seats are taken than the session would have."""


class FacilitatorDoesNotLead(SchedulingRefused):
    """Only who leads a session can be substituted."""


class FacilitatorLeadsAlready(SchedulingRefused):
    """The substitute leads the session already."""


class ParticipantElsewhere(SchedulingRefused):
    """Bookings of a session to be moved whose participants are elsewhere at the new time; they are named by id."""


class ParticipantNotThere(SchedulingRefused):
    """Bookings of a session to be moved whose participants have no open placement at the new time."""


class SeriesCannotFollow(SchedulingRefused):
    """Sessions of the series cannot be changed with it; each is named with the reason."""


class NothingMissed(SchedulingRefused):
    """The booking that is to be made up was not missed and not cancelled."""


class MadeUpAlready(SchedulingRefused):
    """There is one make-up for each booking missed."""


class SeatIsFree(SchedulingRefused):
    """Nobody waits for what can be had."""


class BookedAlready(SchedulingRefused):
    """The participant has the seat that they would wait for."""


class WaitsAlready(SchedulingRefused):
    """The participant is on the waitlist."""


class NotWaiting(SchedulingRefused):
    """The participant is not on the waitlist."""


class OthersWait(SchedulingRefused):
    """The free seats belong to those who wait for them and can have them."""


class OverrideNotAllowed(SchedulingRefused):
    """The rule may be set aside, but not in this role."""


class ParticipantNotPlaceable(SchedulingRefused):
    """The participant has no open placement at that time: not admitted, suspended or discharged."""


class PlacementUnclear(SchedulingRefused):
    """Several placements are open at that time: say which episode is meant."""


class BookingUnknown(SchedulingRefused):
    """The session has no such booking that still holds."""


class LossUnknown(SchedulingRefused):
    """The placement has lost no such booking, or that has been seen to."""


class CalendarNotOpen(SchedulingRefused):
    """The address opens no calendar: it never did, is of another calendar, has expired or was revoked."""


class NoSubstituteWanted(SchedulingRefused):
    """The facilitator is qualified for the session, so there is nothing to settle."""


class TopicRepeated(SchedulingRefused):
    """A topic stands once in a curriculum."""


class PrerequisiteComesLater(SchedulingRefused):
    """What a topic requires stands before it in the curriculum."""


class EditionAlreadyAdopted(SchedulingRefused):
    """An edition of a curriculum never changes."""


class CurriculumNotAdopted(SchedulingRefused):
    """The track has no curriculum."""


class TopicUnknown(SchedulingRefused):
    """The track's curriculum has no such topic."""


class TopicsBelongToPsychoeducation(SchedulingRefused):
    """Only sessions of psychoeducation teach topics of the curriculum."""
