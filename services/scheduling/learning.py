"""What is asked about curricula."""

from collections.abc import Mapping
from typing import Any

from events.follow.reading import Reader, Snapshot
from events.log.errors import NotFound
from services.platform.web import Query
from services.scheduling.domain.curriculum import Curriculum
from services.scheduling.projections.curriculum import CURRICULA, CurriculumOfTrack


class Learning:
    """Answers it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def curriculum(self, request: Query) -> Mapping[str, Any]:
        """A track's topics in order. Raises ``NotFound`` where it has no curriculum."""
        snapshot = self._at(request, CurriculumOfTrack.name)
        curriculum = snapshot.one(CURRICULA, request["track_id"])
        if curriculum is None:
            raise NotFound(Curriculum, request["track_id"])
        return {"position": snapshot.position, **curriculum}

    def _at(self, request: Query, *projections: str) -> Snapshot:
        return self._reader.at(projections, as_of=request.as_of, after=request.after)
