"""The calendars of participants, facilitators and rooms: who may read them, and what they say."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from events.follow.reading import Reader, Snapshot
from events.log.vault import Vault
from services.platform.web import Query, Raw
from services.platform.who_is_who import WhoIsWho, all_ids
from services.scheduling.domain.calendar_feed import FACILITATOR, PARTICIPANT, ROOM
from services.scheduling.domain.errors import CalendarNotOpen
from services.scheduling.domain.identity import room_id
from services.scheduling.icalendars import MEDIA_TYPE, Entry, written
from services.scheduling.projections.calendar_entries import CALENDAR_SESSIONS, ENTRIES, CalendarEntries
from services.scheduling.projections.calendar_feeds import FEEDS, CalendarFeeds

NEUTRAL_WORDS: Mapping[str, str] = {
    "individual_therapy": "Appointment",
    "group_therapy": "Group meeting",
    "medication_management": "Appointment",
    "psychoeducation": "Class",
    "support_group": "Meeting",
}
"""What a participant's calendar calls a session: others see it on a telephone, and it says nothing of treatment."""

ONLINE = "Online"


class Calendars:
    """Reads them. ``head``: the log's last position; ``clock()``: now."""

    def __init__(self, reader: Reader, vault: Vault, head: Callable[[], int], clock: Callable[[], datetime]) -> None:
        self._reader = reader
        self._vault = vault
        self._head = head
        self._clock = clock

    def secret(self, feed_id: UUID) -> str:
        """What opens the feed: its id and 256 bits that follow from it by the vault's key and can only be made with it.
        So a repeated command has the same answer, and neither log nor views hold what opens a calendar."""
        told = urlsafe_b64encode(self._vault.fingerprint(b"calendar feed " + feed_id.bytes))
        return feed_id.hex + told.decode().rstrip("=")

    def participants(self, request: Query) -> Raw:
        """A participant's, under all their ids. Raises ``CalendarNotOpen``."""
        snapshot = self._at(request, PARTICIPANT, request["participant_id"])
        ids = all_ids(snapshot, request["participant_id"])
        return self._calendar(request, snapshot, PARTICIPANT, ids, "Appointments")

    def facilitators(self, request: Query) -> Raw:
        """What a facilitator leads. Raises ``CalendarNotOpen``."""
        whose = request["facilitator_id"]
        snapshot = self._at(request, FACILITATOR, whose)
        return self._calendar(request, snapshot, FACILITATOR, [str(whose)], "Sessions")

    def rooms(self, request: Query) -> Raw:
        """What takes place in a room. Raises ``CalendarNotOpen``."""
        whose = room_id(request["code"])
        snapshot = self._at(request, ROOM, whose)
        return self._calendar(request, snapshot, ROOM, [str(whose)], f"Room {request['code']}")

    def feeds(self, request: Query) -> Mapping[str, Any]:
        """The addresses there are, the newest first; never what opens them."""
        snapshot = self._reader.at([CalendarFeeds.name], as_of=request.as_of, after=request.after)
        wanted = [FEEDS.c[name] == request[name] for name in ("about", "whose_id") if request[name]]
        found = snapshot.many(FEEDS, *wanted, order_by=FEEDS.c.opened_at.desc())
        return {"position": snapshot.position, "feeds": found}

    def _at(self, request: Query, about: str, whose: UUID) -> Snapshot:
        names = (CalendarEntries.name, CalendarFeeds.name, WhoIsWho.name)
        if request.capability is None:  # a token was checked
            return self._reader.at(names, as_of=request.as_of, after=request.after)
        # As far as the log goes, so that a revocation holds from the moment it was answered.
        snapshot = self._reader.at(names, after=self._head())
        if not self._opens(snapshot, request.capability, about, whose):
            raise CalendarNotOpen("the address opens no calendar, or does no longer; ask the program for a new one")
        return snapshot

    def _opens(self, snapshot: Snapshot, secret: str, about: str, whose: UUID) -> bool:
        """Whether the secret is that of a feed of this calendar that goes on. By the rule
        ``address_opens_one_calendar``."""
        try:
            feed_id = UUID(hex=secret[:32])
        except ValueError:
            return False
        if not compare_digest(self.secret(feed_id).encode(), secret.encode()):
            return False
        feed = snapshot.one(FEEDS, feed_id)
        return (
            feed is not None
            and (feed["about"], UUID(str(feed["whose_id"]))) == (about, whose)
            and feed["revoked_at"] is None
            and self._clock() < feed["expires_at"]
        )

    def _calendar(self, request: Query, snapshot: Snapshot, about: str, ids: list[str], name: str) -> Raw:
        entries = self._entries(request, snapshot, about, ids)
        body = written(name, entries)
        etag = hashlib.sha256(body).hexdigest()[:32]
        headers = {"ETag": f'"{etag}"', "Cache-Control": "private, no-cache"}
        return Raw(body, MEDIA_TYPE, snapshot.position, headers)

    def _entries(self, request: Query, snapshot: Snapshot, about: str, ids: list[str]) -> list[Entry]:
        """One per session, under however many ids and however often it was booked.
        By the rule ``one_event_per_session``."""
        today = datetime.combine(self._clock().date(), time(), self._clock().tzinfo)
        conditions = (
            ENTRIES.c.about == about,
            ENTRIES.c.whose_id.in_(ids),
            ENTRIES.c.starts_at >= today - timedelta(days=request["back"]),
            ENTRIES.c.starts_at < today + timedelta(days=request["ahead"] + 1),
        )
        standing: dict[str, list[Mapping[str, Any]]] = {}
        for entry in snapshot.many(ENTRIES, *conditions):
            standing.setdefault(str(entry["session_id"]), []).append(entry)
        sessions = snapshot.many(CALENDAR_SESSIONS, CALENDAR_SESSIONS.c.session_id.in_(list(standing)))
        return [_entry(session, standing[str(session["session_id"])], about) for session in sessions]


def _entry(session: Mapping[str, Any], standing: list[Mapping[str, Any]], about: str) -> Entry:
    """A participant's says when, where and no more; staff read what it is and its topic.
    By the rule ``calendars_say_no_treatment``."""
    cancelled = session["cancelled"] or not any(entry["there"] for entry in standing)
    own = about == PARTICIPANT
    return Entry(
        uid=str(session["session_id"]),
        sequence=session["sequence"] + sum(entry["changes"] for entry in standing) + session["cancelled"],
        changed_at=max(session["changed_at"], *(entry["changed_at"] for entry in standing)),
        starts_at=session["starts_at"],
        ends_at=session["ends_at"],
        summary=NEUTRAL_WORDS[session["component"]] if own else session["title"],
        location=session["room"] if session["modality"] == "in_person" else ONLINE,
        description=None if own else session["topic"],
        cancelled=cancelled,
    )
