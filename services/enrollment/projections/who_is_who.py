"""Who is this person, and under which ids and hospital numbers are they known?"""

from sqlalchemy import Boolean, Column, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

PERSON = view(
    "person",
    Column("participant_id", Uuid),
    Column("person", String),
    Column("identifiers", Json, nullable=False),
    Column("name_lookup", String, nullable=False),
    Column("source", String, nullable=False),
    Column("suspected", Json, nullable=False),
    Column("erased", Boolean, nullable=False),
    key=("participant_id",),
    indexes=("name_lookup",),
)
"""``person`` is sealed. ``suspected``: ids that a hospital's numbers make look like the same person."""

ALIAS = view(
    "alias",
    Column("participant_id", Uuid),
    Column("surviving_id", Uuid, nullable=False),
    key=("participant_id",),
    indexes=("surviving_id",),
)
"""A retired id → the id under which the person goes on, at the end of all merges."""

LINK = view(
    "link",
    Column("retired_id", Uuid),
    Column("surviving_id", Uuid, nullable=False),
    key=("retired_id",),
    indexes=("surviving_id",),
)
"""A retired id → the id that it was merged into, one step of what ``alias`` tells at once."""


class WhoIsWho(Projection):
    name = "who_is_who"
    version = 2
    views = (PERSON, ALIAS, LINK)

    @handles("enrollment.participant.registered")
    def registered(self, event: Event, rows: Rows) -> None:
        rows.put(
            PERSON,
            {
                "participant_id": event.data["participant_id"],
                "person": event.data["person"],
                "identifiers": event.data["identifiers"],
                "name_lookup": event.data["name_lookup"],
                "source": event.data["source"],
                "suspected": [],
                "erased": False,
            },
        )

    @handles("enrollment.participant.person_updated")
    def person_updated(self, event: Event, rows: Rows) -> None:
        data = event.data
        changed = {name: data[name] for name in ("person", "identifiers", "name_lookup", "source")}
        rows.change(PERSON, data["participant_id"], **changed)

    @handles("enrollment.participant.identifiers_added")
    def identifiers_added(self, event: Event, rows: Rows) -> None:
        rows.change(PERSON, event.data["participant_id"], identifiers=event.data["identifiers"])

    @handles("enrollment.participant.duplicate_suspected")
    def duplicate_suspected(self, event: Event, rows: Rows) -> None:
        row = rows.get(PERSON, event.data["participant_id"])
        if row is not None:
            rows.put(PERSON, row | {"suspected": sorted({*row["suspected"], event.data["other_id"]})})

    @handles("enrollment.participant.erased")
    def erased(self, event: Event, rows: Rows) -> None:
        participant_id = event.data["participant_id"]
        rows.change(PERSON, participant_id, person=None, identifiers=[], name_lookup="", erased=True)

    @handles("enrollment.care_record.merged_into_survivor")
    def merged(self, event: Event, rows: Rows) -> None:
        retired_id, surviving_id = event.data["participant_id"], event.data["surviving_id"]
        rows.put(LINK, {"retired_id": retired_id, "surviving_id": surviving_id})
        above = rows.get(ALIAS, surviving_id)
        self._lead(rows, retired_id, above["surviving_id"] if above else surviving_id)

    @handles("enrollment.care_record.separated_from_survivor")
    def separated(self, event: Event, rows: Rows) -> None:
        participant_id = event.data["participant_id"]
        rows.delete(LINK, participant_id)
        rows.delete(ALIAS, participant_id)
        for row in rows.find(LINK, surviving_id=participant_id):
            self._lead(rows, row["retired_id"], participant_id)

    def _lead(self, rows: Rows, retired_id: str, surviving_id: str) -> None:
        """From this id and all that were merged into it to where the person goes on."""
        rows.put(ALIAS, {"participant_id": retired_id, "surviving_id": surviving_id})
        for row in rows.find(LINK, surviving_id=retired_id):
            self._lead(rows, row["retired_id"], surviving_id)
