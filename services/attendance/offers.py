"""Sessions that might be attended in addition, and their free seats, as far as the view knows."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

from events.follow.reading import Snapshot
from services.attendance.domain.early_warning import Offer
from services.attendance.projections.session_roster import ROSTER, SESSIONS


def offers_in(snapshot: Snapshot, track_id: UUID, monday: date) -> list[Offer]:
    """The week's sessions of a track that were not cancelled."""
    of_week = SESSIONS.c.local_date.between(monday, monday + timedelta(days=6))
    sessions = snapshot.many(SESSIONS, SESSIONS.c.track_id == track_id, SESSIONS.c.state == "scheduled", of_week)
    ids = [session["session_id"] for session in sessions]
    taken = Counter(
        entry["session_id"]
        for entry in snapshot.many(ROSTER, ROSTER.c.session_id.in_(ids), ROSTER.c.state != "given_back")
    )
    return [
        Offer(
            UUID(str(session["session_id"])),
            session["component"],
            session["modality"],
            session["local_date"],
            session["starts_at"],
            session["ends_at"],
            session["seats"] - taken[session["session_id"]],
        )
        for session in sessions
    ]
