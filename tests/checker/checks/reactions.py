"""What one service must do because another told something: hospital stays suspend, what never was is compensated,
safety triggers ask at once, reviews find their prescriber.

Source: domain.md, "Across services": each a reaction to published events, exactly once, in every order of arrival.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from tests.checker.case import Case
from tests.checker.checks.reviews import REVIEW, Due, reviews
from tests.checker.episodes import Episode, aliases, root
from tests.checker.finding import Finding
from tests.checker.reading import Event, instant
from tests.checker.timetable import Booking

MEDICATION = "medication_management"


def hospital_stays(case: Case) -> Finding:
    """A hospital stay of somebody in the program suspends the episode under the stay's id, from beginning to end; one
    that never was is no suspension. Of contradicting statements the one that the hospital stated last holds."""
    finding = Finding("hospital stays", "stays")
    known = aliases(case.told)
    of: dict[str, list[Episode]] = defaultdict(list)
    for episode in case.episodes.values():
        of[root(episode.participant_id, known)].append(episode)
    told: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in case.told.of(*(f"interop.hospitalization_{kind}" for kind in _STAY)):
        told[root(event.data["participant_id"], known), event.data["hospitalization_id"]].append(event)
    for (person, stay_id), events in told.items():
        since, until = _holding(events, "started"), _holding(events, "ended")
        for episode in of[person]:
            expected = _within(episode, since, until)
            suspension = episode.suspensions.get(stay_id)
            stands = (suspension.since, suspension.until) if suspension and not suspension.cancelled else None
            if expected is None and suspension is None:
                continue
            finding.judged += 1
            finding.compare(f"stay {stay_id}, episode {episode.id}", expected, stands, [*events, *episode.events])
    return finding


def freed_for_a_reason(case: Case) -> Finding:
    """A seat is freed as suspended, discharged, transferred or cancelled by the program only where that was told."""
    finding = Finding("seats freed for a reason", "cancellations")
    cancelled = {event.data["session_id"] for event in case.told.of("scheduling.session_cancelled")}
    for event in case.told.of("scheduling.booking_cancelled"):
        episode, reason = case.episodes.get(event.data["episode_id"]), event.data["reason"]
        if episode is None:
            continue
        starts_at = instant(event.data["starts_at"])
        true = {
            "suspended": any(since <= starts_at for since in _suspended_since(episode)),
            "discharged": starts_at >= episode.left_at,
            "transferred": any(starts_at >= stay.since for stay in episode.stays[1:]),
            "cancelled_by_program": event.data["session_id"] in cancelled,
        }.get(reason)
        if true is None:
            continue
        finding.judged += 1
        if not true:
            finding.differs(f"booking {event.data['booking_id']}", f"not {reason}", reason, [*episode.events, event])
    return finding


def compensated(case: Case) -> Finding:
    """What was freed for a suspension that never was is booked again, naming the old booking: unless its session had
    begun or was cancelled, its seat was gone, or the participant was elsewhere or left; then a coordinator is asked."""
    finding = Finding("suspensions that never were", "bookings freed")
    restored = {event.data.get("restores_booking_id") for event in case.told.of("scheduling.booking_made")}
    for event in case.told.of("enrollment.suspension_cancelled"):
        episode = case.episodes.get(event.data["episode_id"])
        for booking in case.bookings_of.get(event.data["episode_id"], ()) if episode else ():
            if episode is None or not _is_to_restore(case, booking, event, episode):
                continue
            finding.judged += 1
            if booking.id not in restored and not _is_taken(case, booking):
                from_ = [one for one in (booking.event, booking.freed, event) if one is not None]
                finding.differs(f"booking {booking.id}", "booked again", "still free", from_)
    return finding


def safety_triggers(case: Case) -> Finding:
    """A safety trigger of somebody in the program finds a prescriber's review open that is urgent and due in time.

    Source: program practice, urgent review within 24 h of a safety trigger."""
    finding = Finding("safety triggers", "triggers")
    of: dict[str, list[Due]] = defaultdict(list)
    for review in reviews(case).values():
        if review.kind == REVIEW:
            of[review.episode_id] += review.due
    for event in case.told.of("enrollment.instrument_scored"):
        episode, scored_at = case.episodes.get(event.data["episode_id"]), instant(event.data["scored_at"])
        if episode is None or not event.data["safety_trigger"] or scored_at >= episode.left_at:
            continue
        finding.judged += 1
        since = max(scored_at, episode.admitted_at)
        hours = episode.rules_at(since, case.packs).value("medication.urgent_review_hours")
        latest = since + timedelta(hours=hours)
        after = [due for due in of[episode.id] if due.until is None or due.until >= event.at]
        if not any(due.event.data["urgent"] and due.at <= latest for due in after):
            from_ = [event, *(due.event for due in of[episode.id])]
            finding.differs(f"safety trigger at {since}, episode {episode.id}", "an urgent review", "none", from_)
    return finding


def prescribers_found(case: Case) -> Finding:
    """A prescriber's review that is open finds a prescriber's session before it is due, or a coordinator is asked."""
    finding = Finding("prescribers for reviews", "reviews")
    asked = {event.data["review_id"] for event in case.told.of("scheduling.prescriber_requested")}
    for review in reviews(case).values():
        if review.kind != REVIEW or not review.due:
            continue
        finding.judged += 1
        due = review.due[0]
        seats = [one for one in case.bookings_of.get(review.episode_id, ()) if _sees_to(case, one, due)]
        if review.id not in asked and not seats:
            told = "neither a seat nor a request"
            finding.differs(f"review {review.id}", f"a prescriber's session before {due.at}", told, [due.event])
    return finding


_STAY = ("started", "ended", "start_cancelled", "end_cancelled")


def _holding(events: list[Event], what: str) -> datetime | None:
    """The instant that was stated last; None where its cancellation was stated no earlier."""
    kinds = {f"interop.hospitalization_{kind}.v1" for kind in (what, f"{what.removesuffix('ed')}_cancelled")}
    about = [event for event in events if event.type in kinds]
    if not about:
        return None
    last = max(about, key=lambda event: (_stated(event), "cancelled" in event.type))
    return None if "cancelled" in last.type else instant(last.data[f"{what}_at"])


def _stated(event: Event) -> datetime:
    return instant(event.data["stated_at"]) if event.data.get("stated_at") else event.at


def _within(
    episode: Episode, since: datetime | None, until: datetime | None
) -> tuple[datetime, datetime | None] | None:
    """The part of a stay that falls between admission and discharge."""
    if since is None or since >= episode.left_at or (until is not None and until <= episode.admitted_at):
        return None
    ended = None if until is None or until >= episode.left_at else until
    return max(since, episode.admitted_at), ended


def _suspended_since(episode: Episode) -> list[datetime]:
    """Every beginning that was told, also of suspensions that never were; and ends that were taken back."""
    return [instant(event.data["suspended_at"]) for event in episode.events if "suspended_at" in event.data]


def _is_to_restore(case: Case, booking: Booking, cancelled: Event, episode: Episode) -> bool:
    """Freed for this suspension, of a session that is still to come and of an episode that goes on."""
    session, freed = case.timetable.sessions[booking.session_id], booking.freed
    if freed is None or freed.data["reason"] != "suspended" or session.cancelled:
        return False
    starts_at = session.starts_at
    told = [event for event in episode.events if "suspended_at" in event.data]
    mine = [one for one in told if one.data["suspension_id"] == cancelled.data["suspension_id"]]
    others = [one for one in told if one.data["suspension_id"] != cancelled.data["suspension_id"]]
    return (
        any(instant(one.data["suspended_at"]) <= starts_at for one in mine)
        and not any(instant(one.data["suspended_at"]) <= starts_at for one in others)
        and starts_at > max(cancelled.at, freed.at)
        and starts_at < episode.left_at
        and session.track_id == episode.stay_on(session.day).track_id
    )


def _is_taken(case: Case, booking: Booking) -> bool:
    """Whether the seat was gone, or the participant was elsewhere, as far as the end shows."""
    session, table = case.timetable.sessions[booking.session_id], case.timetable
    if len(table.live[session.id]) >= session.seats:
        return True
    theirs = table.held[booking.participant_id].values()
    return any(one.starts_at < session.ends_at and session.starts_at < one.ends_at for one in theirs)


def _sees_to(case: Case, booking: Booking, due: Due) -> bool:
    session = case.timetable.sessions[booking.session_id]
    if session.component != MEDICATION or booking.starts_at > due.at:
        return False
    return booking.freed is None or booking.freed.at >= due.since
