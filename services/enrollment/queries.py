"""Answers from enrollment's views: about people (``charts``), what was signed (``papers``), and the program."""

from typing import Any

from sqlalchemy import or_

from events.log.errors import NotFound
from services.enrollment.charts import Charts
from services.enrollment.domain.outcomes import EFFECT_SIZE, SMALL_CELL
from services.enrollment.domain.track import Track
from services.enrollment.papers import Papers
from services.enrollment.projections import Census, DueList, Episodes, Offers, PlansOfCare, Scores
from services.enrollment.projections.census import CENSUS
from services.enrollment.projections.due_list import DUE
from services.enrollment.projections.offers import OFFER
from services.enrollment.reporting import program_outcomes
from services.platform.web import Query


class Queries(Charts, Papers):
    """Each method is one question; ``request`` carries its parameters and as of when it is asked."""

    def tracks(self, request: Query) -> dict[str, Any]:
        """Every track with its census, without names."""
        snapshot = self._at(request, Census.name)
        return {"position": snapshot.position, "tracks": snapshot.many(CENSUS, order_by=CENSUS.c.name)}

    def track(self, request: Query) -> dict[str, Any]:
        """One track: who holds a place, who waits in which order, what was offered to whom. Raises ``NotFound``."""
        snapshot = self._at(request, Census.name, Offers.name)
        row = snapshot.one(CENSUS, request["track_id"])
        if row is None:
            raise NotFound(Track, request["track_id"])
        offers = snapshot.many(OFFER, OFFER.c.track_id == request["track_id"], order_by=OFFER.c.ordinal)
        return {"position": snapshot.position, **row, "offers": offers}

    def outcomes(self, request: Query) -> dict[str, Any]:
        """Admission to discharge by track, diagnosis group, instrument and scale; optionally of one track.

        ``effect_size_method`` names the effect size's formula and source. No cell is suppressed: ``small_cell`` marks
        those of fewer than ``small_cell_below`` episodes, which may point to persons and stay inside the program.
        """
        snapshot = self._at(request, Episodes.name, Scores.name, PlansOfCare.name, Census.name)
        return {
            "position": snapshot.position,
            "effect_size_method": EFFECT_SIZE,
            "small_cell_below": SMALL_CELL,
            "outcomes": program_outcomes(snapshot, self._packs, request.params.get("track_id")),
        }

    def due(self, request: Query) -> dict[str, Any]:
        """What has to be done, by due date; optionally up to an instant, only what is overdue, or what a role
        has to do or was told of because another did not."""
        snapshot = self._at(request, DueList.name)
        conditions = []
        if (until := request.params.get("until")) is not None:
            conditions.append(DUE.c.due_at <= until)
        if request.params.get("overdue"):
            conditions.append(DUE.c.overdue)
        if (role := request.params.get("role")) is not None:
            conditions.append(or_(DUE.c.role == role, DUE.c.escalated_to == role))
        due = snapshot.many(DUE, *conditions, order_by=DUE.c.due_at)
        sources = self._packs.sources(row["rule"] for row in due)
        return {"position": snapshot.position, "due": due, "sources": sources}
