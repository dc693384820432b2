"""The rules of scheduling as named values. Their numbers come from the rule packs in force, never from code."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NamedRule:
    """A rule that is always there: what it says and where it comes from. Its number, if any, is in the packs."""

    name: str
    says: str
    source: str


_COMPONENTS = "domain.md: the five components and who leads them"
_PRACTICE = "program practice, to be verified by the program"
_CONFIDENTIAL = "42 CFR 2.13(a), (c): nobody is identified as a patient; 45 CFR 164.502(b): the minimum necessary"

LED_BY_THE_QUALIFIED = NamedRule(
    "led_by_the_qualified",
    "Everyone who leads a session holds one of the qualifications of its component.",
    _COMPONENTS,
)
SUBSTITUTE_IS_ASKED_FOR = NamedRule(
    "substitute_is_asked_for",
    "Of each session to come that is led by somebody who lost the qualification for it a coordinator is asked to find "
    "a substitute, until there is one, it is cancelled, the qualification is back, or it was seen to otherwise.",
    "domain.md: the five components and who leads them; program practice, to be verified by the program",
)
ONE_TO_ONE = NamedRule(
    "one_to_one",
    "Individual therapy has one seat.",
    _COMPONENTS,
)
SEATS_ARE_NEVER_EXCEEDED = NamedRule(
    "seats_are_never_exceeded",
    "A session has no more people than seats, however many ask at once.",
    "domain.md: what other systems lack (Cal.com #6622)",
)
FEWEST_WHO_HOLD_A_SESSION = NamedRule(
    "fewest_who_hold_a_session",
    "A session for which fewer have a seat than its least is named, so that it is filled or cancelled; it is not "
    "cancelled by itself.",
    "domain.md: minimum and maximum seats; program practice, to be verified by the program",
)
ONE_PLACE_AT_A_TIME = NamedRule(
    "one_place_at_a_time",
    "A participant under all their ids, a facilitator and a room are in one session at a time.",
    "domain.md: what other systems lack (OpenEMR #13552)",
)
LOCAL_TIME_ALL_YEAR = NamedRule(
    "local_time_all_year",
    "A series meets at its local time, whatever the clocks do; a time that does not occur takes the offset before the "
    "gap, one that occurs twice is its first occurrence.",
    "RFC 5545 §3.3.5, §3.3.10; domain.md: what other systems lack",
)
RECURRENCE_BY_THE_STANDARD = NamedRule(
    "recurrence_by_the_standard",
    "A recurrence rule has the parts and values that the standard allows, none that programs read in different ways.",
    "RFC 5545 §3.3.10",
)
PAST_SESSIONS_STAY = NamedRule(
    "past_sessions_stay",
    "What has begun is changed by nobody.",
    "domain.md: what other systems lack (OpenEMR #3661)",
)
THIS_AND_FOLLOWING = NamedRule(
    "this_and_following",
    "A series changed from a day on leaves the sessions before; what was changed in one session alone stays.",
    "domain.md: what other systems lack (OpenEMR #3661)",
)
SERIES_ENDS = NamedRule(
    "series_ends",
    "A series that ends on a day leaves the sessions before and what has begun; those to come that are planned for "
    "then are cancelled with their bookings, each on its own, and none is scheduled any more.",
    "domain.md: edit one, this and following, or all; cancel",
)
OVERRIDE_BY_ROLE_AND_REASON = NamedRule(
    "override_by_role_and_reason",
    "A rule that may be set aside is set aside by a coordinator, with a reason, and both are noted.",
    "domain.md: deliberate override with reason and role",
)
ONE_BOOKING_GIVEN_UP = NamedRule(
    "one_booking_given_up",
    "Giving up one booking touches no other, of the same participant or of anybody else.",
    "domain.md: what other systems lack (Cal.com #5340)",
)
ROSTER_CHANGE_IS_NO_ABSENCE = NamedRule(
    "roster_change_is_no_absence",
    "Who is taken off the roster of sessions to come because the plan changed has not missed them.",
    "domain.md: what other systems lack (rosters of existing future sessions); program practice, to be verified by the "
    "program",
)
PROMOTED_IN_TURN = NamedRule(
    "promoted_in_turn",
    "A seat that can be had goes to who waits for it: the higher priority first, then who has waited longer; who "
    "cannot come then is passed over and keeps the turn.",
    "domain.md: waitlist for a seat with automatic promotion",
)
BOOKED_WHEN_AVAILABLE = NamedRule(
    "booked_when_available",
    "Participants, facilitators and rooms are held only when they are available; exceptions of a day go before weekly "
    "times.",
    "domain.md: availability with one-off exceptions",
)
CLOSED_DAYS = NamedRule(
    "closed_days",
    "On days that the program closes nothing takes place: what is scheduled then is cancelled with its bookings, and "
    "nothing is scheduled on or moved to them.",
    "domain.md: closures and holidays",
)
REOPENING_GIVES_BACK = NamedRule(
    "reopening_gives_back",
    "A session that a closure had cancelled and that takes place after all gives back the seats taken then, where they "
    "still can be had; of each other one a coordinator is asked.",
    "domain.md: closures and holidays; program practice, to be verified by the program",
)
ONE_MAKE_UP_EACH = NamedRule(
    "one_make_up_each",
    "A booking that is over or was cancelled is made up by one other at a time.",
    "domain.md: make-up sessions",
)
SUSPENSION_FREES_SEATS = NamedRule(
    "suspension_frees_seats",
    "A suspension frees the bookings that it covers; of sessions that had begun when it was told attendance decides.",
    "domain.md: across services: suspended",
)
SUSPENSION_CANCELLED_GIVES_BACK = NamedRule(
    "suspension_cancelled_gives_back",
    "A suspension that never was gives back the seats that it freed, where they still can be had; of each other one a "
    "coordinator is asked.",
    "domain.md: across services: cancelled hospitalization (ADT A11)",
)
DISCHARGE_FREES_SEATS = NamedRule(
    "discharge_frees_seats",
    "A discharge frees the bookings from then on.",
    "domain.md: across services: discharged",
)
TRANSFER_FREES_SEATS = NamedRule(
    "transfer_frees_seats",
    "A transfer frees the bookings of the track left from then on.",
    "domain.md: step-up, step-down, transfer; program practice, to be verified by the program",
)
REVIEW_FINDS_A_PRESCRIBER = NamedRule(
    "review_finds_a_prescriber",
    "A review falling due has the earliest session with a prescriber before it is due, or a coordinator is asked.",
    "domain.md: across services: review due",
)
CURRICULUM_IN_ORDER = NamedRule(
    "curriculum_in_order",
    "A series teaches the topics of its track's curriculum in their order, and from the first again after the last.",
    "domain.md: psychoeducation as a curriculum",
)
PREREQUISITES_COME_FIRST = NamedRule(
    "prerequisites_come_first",
    "What a topic requires stands before it in the curriculum.",
    _PRACTICE,
)
TOPIC_ONCE_ATTENDED = NamedRule(
    "topic_once_attended",
    "A topic is completed by the first of its sessions of which enough was attended; a correction takes it back, "
    "unless another completed it too.",
    "domain.md: topics, who has completed which; program practice, to be verified by the program",
)
TOPICS_PER_EPISODE = NamedRule(
    "topics_per_episode",
    "Topics count in the episode in which they were attended: a transfer keeps them, a re-admission begins anew.",
    _PRACTICE,
)
ONE_EVENT_PER_SESSION = NamedRule(
    "one_event_per_session",
    "A session is one event of a calendar, under its own id, whatever becomes of it; its sequence only grows.",
    "RFC 5545 §3.8.4.7 (UID), §3.8.7.4 (SEQUENCE)",
)
CANCELLED_STAYS_IN_CALENDARS = NamedRule(
    "cancelled_stays_in_calendars",
    "What was cancelled or given up stays in a calendar as cancelled and takes no time.",
    "RFC 5545 §3.8.1.11 (STATUS), §3.8.2.7 (TRANSP)",
)
CALENDARS_SAY_NO_TREATMENT = NamedRule(
    "calendars_say_no_treatment",
    "A participant's calendar says when and where in neutral words: no component, title, topic, or other person.",
    _CONFIDENTIAL,
)
ADDRESS_OPENS_ONE_CALENDAR = NamedRule(
    "address_opens_one_calendar",
    "The address of a calendar opens that one, until it ends or is revoked.",
    _CONFIDENTIAL,
)
NAMED_RULES = (
    LED_BY_THE_QUALIFIED,
    SUBSTITUTE_IS_ASKED_FOR,
    ONE_TO_ONE,
    SEATS_ARE_NEVER_EXCEEDED,
    FEWEST_WHO_HOLD_A_SESSION,
    ONE_PLACE_AT_A_TIME,
    LOCAL_TIME_ALL_YEAR,
    RECURRENCE_BY_THE_STANDARD,
    PAST_SESSIONS_STAY,
    THIS_AND_FOLLOWING,
    SERIES_ENDS,
    OVERRIDE_BY_ROLE_AND_REASON,
    ONE_BOOKING_GIVEN_UP,
    ROSTER_CHANGE_IS_NO_ABSENCE,
    PROMOTED_IN_TURN,
    BOOKED_WHEN_AVAILABLE,
    CLOSED_DAYS,
    REOPENING_GIVES_BACK,
    ONE_MAKE_UP_EACH,
    SUSPENSION_FREES_SEATS,
    SUSPENSION_CANCELLED_GIVES_BACK,
    DISCHARGE_FREES_SEATS,
    TRANSFER_FREES_SEATS,
    REVIEW_FINDS_A_PRESCRIBER,
    CURRICULUM_IN_ORDER,
    PREREQUISITES_COME_FIRST,
    TOPIC_ONCE_ATTENDED,
    TOPICS_PER_EPISODE,
    ONE_EVENT_PER_SESSION,
    CANCELLED_STAYS_IN_CALENDARS,
    CALENDARS_SAY_NO_TREATMENT,
    ADDRESS_OPENS_ONE_CALENDAR,
)
"""All of them; docs/rules.md shows each with the code that applies it and the test that proves it."""
