"""The program report, from the views as they stood at one instant."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from events.follow.reading import Snapshot
from services.enrollment.domain.instruments import ADMISSION, DISCHARGE, INSTRUMENTS, Number
from services.enrollment.domain.outcomes import Course, diagnosis_group, outcome
from services.enrollment.projections.census import CENSUS
from services.enrollment.projections.episodes import DISCHARGED, EPISODE
from services.enrollment.projections.plans_of_care import PLAN
from services.enrollment.projections.scores import SCORE
from services.enrollment.standards import reliable_change
from services.platform.packs import Packs

Row = Mapping[str, Any]


def program_outcomes(snapshot: Snapshot, packs: Packs, track_id: object | None) -> list[dict[str, Any]]:
    """Discharged episodes by the track in which they ended, diagnosis group, instrument and scale; of one track where
    it is asked for."""
    conditions = [EPISODE.c.status == DISCHARGED]
    if track_id is not None:
        conditions.append(EPISODE.c.track_id == track_id)
    episodes = {row["episode_id"]: row for row in snapshot.many(EPISODE, *conditions)}
    names = {row["track_id"]: row["name"] for row in snapshot.many(CENSUS)}
    groups = {row["episode_id"]: _group(row) for row in snapshot.many(PLAN)}
    cells: dict[tuple[str, str, str], list[list[Row]]] = {}
    for (episode_id, instrument), scores in _measured(snapshot, episodes).items():
        key = (episodes[episode_id]["track_id"], groups.get(episode_id, diagnosis_group(())), instrument)
        cells.setdefault(key, []).append(scores)
    return [
        {
            "track_id": track,
            "track": names.get(track),
            "diagnosis_group": group,
            "instrument": instrument,
            "scale": scale.name,
            **asdict(
                outcome(scale, [_course(packs, scores, scale.name) for scores in cells[track, group, instrument]])
            ),
        }
        for track, group, instrument in sorted(cells)
        for scale in INSTRUMENTS[instrument].scales
    ]


def _group(plan: Row) -> str:
    return diagnosis_group([one["code"] for one in plan["diagnoses"]])


def _measured(snapshot: Snapshot, episodes: Iterable[str]) -> dict[tuple[str, str], list[Row]]:
    """The scores at admission and discharge by episode and instrument, in the order in which they were answered."""
    found: dict[tuple[str, str], list[Row]] = {}
    known = frozenset(episodes)
    at_ends = SCORE.c.occasion.in_((ADMISSION, DISCHARGE))
    for row in snapshot.many(SCORE, at_ends, order_by=[SCORE.c.scored_at, SCORE.c.ordinal]):
        if row["episode_id"] in known:
            found.setdefault((row["episode_id"], row["instrument"]), []).append(row)
    return found


def _course(packs: Packs, scores: Iterable[Row], scale: str) -> Course:
    first: Row | None = None
    last: Row | None = None
    points: Number | None = None
    for row in scores:
        scored = next((one for one in row["scales"] if one["scale"] == scale), None)
        if scored is None:
            continue
        if row["occasion"] == DISCHARGE:
            last, points = scored, reliable_change(packs, row, scored)
        elif first is None:
            first, points = scored, points if last else reliable_change(packs, row, scored)
    told = [(None, None) if one is None else (one["score"], one["case"]) for one in (first, last)]
    return Course(told[0][0], told[1][0], told[0][1], told[1][1], points)
