"""Who holds a place in each track, and who waits for one? One row per track, so that the past is one row away too."""

from typing import Any

from sqlalchemy import Column, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

CENSUS = view(
    "census",
    Column("track_id", Uuid),
    Column("name", String, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("packs", Json, nullable=False),
    Column("census_limit", Integer, nullable=False),
    Column("admitted", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("places", Json, nullable=False),
    Column("waitlist", Json, nullable=False),
    key=("track_id",),
)
"""``places``: by time taken; ``waitlist``: in the order in which places are given."""


class Census(Projection):
    name = "census"
    views = (CENSUS,)

    @handles("enrollment.track.opened")
    def opened(self, event: Event, rows: Rows) -> None:
        empty = {"admitted": 0, "waiting": 0, "places": [], "waitlist": []}
        rows.put(CENSUS, {"track_id": event.stream, **event.data, **empty})

    @handles("enrollment.track.census_limit_changed")
    def limit_changed(self, event: Event, rows: Rows) -> None:
        rows.change(CENSUS, event.stream, census_limit=event.data["census_limit"])

    @handles("enrollment.track.place_taken")
    def place_taken(self, event: Event, rows: Rows) -> None:
        places = [*self._row(event, rows)["places"], event.data]
        places.sort(key=lambda one: (one["taken_at"], one["episode_id"]))
        rows.change(CENSUS, event.stream, places=places, admitted=len(places))

    @handles("enrollment.track.place_freed")
    def place_freed(self, event: Event, rows: Rows) -> None:
        places = self._without(event, self._row(event, rows)["places"])
        rows.change(CENSUS, event.stream, places=places, admitted=len(places))

    @handles("enrollment.track.waitlist_joined")
    def waitlist_joined(self, event: Event, rows: Rows) -> None:
        waitlist = [*self._row(event, rows)["waitlist"], event.data]
        waitlist.sort(key=lambda one: (one["priority"], one["waiting_since"], one["episode_id"]))
        rows.change(CENSUS, event.stream, waitlist=waitlist, waiting=len(waitlist))

    @handles("enrollment.track.waitlist_left")
    def waitlist_left(self, event: Event, rows: Rows) -> None:
        waitlist = self._without(event, self._row(event, rows)["waitlist"])
        rows.change(CENSUS, event.stream, waitlist=waitlist, waiting=len(waitlist))

    @staticmethod
    def _row(event: Event, rows: Rows) -> dict[str, Any]:
        row = rows.get(CENSUS, event.stream)
        if row is None:
            raise KeyError("the track was never opened")
        return row

    @staticmethod
    def _without(event: Event, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in entries if one["episode_id"] != event.data["episode_id"]]
