"""Where does each episode of care stand, and when was it interrupted?"""

from sqlalchemy import Column, Date, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant, Json
from events.follow.view import view
from events.log.event import Event

DECIDED, WAITING, LEFT_WAITLIST, ADMITTED, DISCHARGED = "decided", "waiting", "left_waitlist", "admitted", "discharged"
TRANSFERRED, WITHDRAWN = "transferred", "withdrawn"

EPISODE = view(
    "episode",
    Column("episode_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("track_id", Uuid, nullable=False),
    Column("level_of_care", String, nullable=False),
    Column("age_group", String, nullable=False),
    Column("components", Json, nullable=False),
    Column("packs", Json, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("referral_id", Uuid),
    Column("assessment_id", Uuid),
    Column("override_reason", String),
    Column("override_role", String),
    Column("decided_by", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("priority", Integer),
    Column("waiting_since", Instant),
    Column("admitted_at", Instant),
    Column("admitted_on", Date),
    Column("discharged_at", Instant),
    Column("discharge_reason", String),
    Column("discharge_override", String),
    Column("plan_after", String),
    Column("to_level_of_care", String),
    Column("last_scores", Json),
    key=("episode_id",),
    indexes=("participant_id", ("track_id", "status")),
)
"""``ordinal``: first, second … episode of the participant id. ``override_reason``,
``discharge_override`` and ``plan_after`` are sealed."""

SUSPENSION = view(
    "suspension",
    Column("episode_id", Uuid),
    Column("suspension_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("reason", String, nullable=False),
    Column("suspended_at", Instant, nullable=False),
    Column("resumed_at", Instant),
    key=("episode_id", "suspension_id"),
    indexes=("participant_id", "resumed_at"),
)


TRANSFER = view(
    "transfer",
    Column("episode_id", Uuid),
    Column("ordinal", Integer),
    Column("kind", String, nullable=False),
    Column("track_id", Uuid, nullable=False),
    Column("reason", String, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("outcome", String, nullable=False),
    Column("effective_at", Instant),
    key=("episode_id", "ordinal"),
)
"""``outcome``: waiting (for a place), transferred or withdrawn."""

DISCHARGE_REVIEW = view(
    "discharge_review",
    Column("episode_id", Uuid),
    Column("ordinal", Integer),
    Column("participant_id", Uuid, nullable=False),
    Column("outcome", String, nullable=False),
    Column("note", String),
    Column("reviewed_by", String, nullable=False),
    Column("reviewed_at", Instant, nullable=False),
    key=("episode_id", "ordinal"),
)
"""What came of the reviews that absences asked for. ``note`` is sealed."""


class Episodes(Projection):
    name = "episodes"
    version = 4
    views = (EPISODE, SUSPENSION, TRANSFER, DISCHARGE_REVIEW)

    @handles("enrollment.episode.opened")
    def opened(self, event: Event, rows: Rows) -> None:
        decided = {name: value for name, value in event.data.items() if name != "plan"}
        ordinal = 1 + len(rows.find(EPISODE, participant_id=event.data["participant_id"]))
        opened = {"episode_id": event.stream, "ordinal": ordinal, "status": DECIDED}
        rows.put(EPISODE, {**opened, **decided, **event.data["plan"]})

    @handles("enrollment.episode.participant_waitlisted")
    def waitlisted(self, event: Event, rows: Rows) -> None:
        data = event.data
        turn = {name: data[name] for name in ("priority", "waiting_since")}
        rows.change(EPISODE, event.stream, status=WAITING, **turn)

    @handles("enrollment.episode.waitlist_left")
    def left_waitlist(self, event: Event, rows: Rows) -> None:
        rows.change(EPISODE, event.stream, status=LEFT_WAITLIST, discharge_reason=event.data["reason"])

    @handles("enrollment.episode.participant_admitted")
    def admitted(self, event: Event, rows: Rows) -> None:
        rows.change(
            EPISODE,
            event.stream,
            status=ADMITTED,
            admitted_at=event.data["admitted_at"],
            admitted_on=event.data["admitted_on"],
        )

    @handles("enrollment.episode.transfer_asked")
    def transfer_asked(self, event: Event, rows: Rows) -> None:
        data = event.data
        asked = {name: data[name] for name in ("kind", "reason", "asked_at")}
        ordinal = 1 + len(rows.find(TRANSFER, episode_id=event.stream))
        place = {"episode_id": event.stream, "ordinal": ordinal, "track_id": data["plan"]["track_id"]}
        rows.put(TRANSFER, {**asked, **place, "outcome": WAITING})

    @handles("enrollment.episode.transfer_withdrawn")
    def transfer_withdrawn(self, event: Event, rows: Rows) -> None:
        self._last_transfer(event, rows, outcome=WITHDRAWN)

    @handles("enrollment.episode.participant_transferred")
    def transferred(self, event: Event, rows: Rows) -> None:
        data = event.data
        self._last_transfer(event, rows, outcome=TRANSFERRED, effective_at=data["effective_at"])
        moved = ("track_id", "level_of_care", "age_group", "time_zone", "packs", "components")
        rows.change(EPISODE, event.stream, **{name: data[name] for name in moved})

    @staticmethod
    def _last_transfer(event: Event, rows: Rows, **changed: str) -> None:
        last = rows.find(TRANSFER, episode_id=event.stream)[-1]
        rows.put(TRANSFER, last | changed)

    @handles("enrollment.follow_up.discharge_reviewed")
    def discharge_reviewed(self, event: Event, rows: Rows) -> None:
        ordinal = 1 + len(rows.find(DISCHARGE_REVIEW, episode_id=event.data["episode_id"]))
        rows.put(DISCHARGE_REVIEW, {**event.data, "ordinal": ordinal})

    @handles("enrollment.episode.participant_discharged")
    def discharged(self, event: Event, rows: Rows) -> None:
        data = event.data
        told = {name: data[name] for name in ("discharged_at", "plan_after", "to_level_of_care", "last_scores")}
        why = {"discharge_reason": data["reason"], "discharge_override": data.get("override_reason")}
        rows.change(EPISODE, event.stream, status=DISCHARGED, **why, **told)

    @handles("enrollment.episode.suspended")
    def suspended(self, event: Event, rows: Rows) -> None:
        data = event.data
        before = rows.get(SUSPENSION, event.stream, data["suspension_id"])
        rows.put(
            SUSPENSION,
            {"episode_id": event.stream, **data, "resumed_at": before["resumed_at"] if before else None},
        )

    @handles("enrollment.episode.resumed")
    def resumed(self, event: Event, rows: Rows) -> None:
        data = event.data
        rows.change(SUSPENSION, event.stream, data["suspension_id"], resumed_at=data["resumed_at"])

    @handles("enrollment.episode.resumption_cancelled")
    def resumption_cancelled(self, event: Event, rows: Rows) -> None:
        rows.change(SUSPENSION, event.stream, event.data["suspension_id"], resumed_at=None)

    @handles("enrollment.episode.suspension_cancelled")
    def suspension_cancelled(self, event: Event, rows: Rows) -> None:
        rows.delete(SUSPENSION, event.stream, event.data["suspension_id"])
