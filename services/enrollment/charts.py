"""What enrollment answers about people: who they are, and everything that is known of one."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from events.contract.places import NUMBERS, PERSONS
from events.follow.reading import Snapshot
from events.follow.view import View
from events.log.errors import NotFound
from services.enrollment.answering import READS_CLINICAL, Answering, Row, all_ids
from services.enrollment.domain.instruments import ADMISSION, INSTRUMENTS, Number
from services.enrollment.domain.participant import Participant
from services.enrollment.projections import DueList, Episodes, Intake, Offers, Scores, WhoIsWho
from services.enrollment.projections.due_list import DUE
from services.enrollment.projections.episodes import (
    ADMITTED,
    DISCHARGE_REVIEW,
    DISCHARGED,
    EPISODE,
    LEFT_WAITLIST,
    SUSPENSION,
    TRANSFER,
)
from services.enrollment.projections.intake import ASSESSMENT, REFERRAL
from services.enrollment.projections.offers import OFFER
from services.enrollment.projections.scores import SCORE
from services.enrollment.projections.who_is_who import ALIAS, PERSON
from services.enrollment.standards import reliable_change
from services.platform.packs import Packs
from services.platform.tokens import Role
from services.platform.web import Query

SUSPENDED = "suspended"
NAME = ("family", "given")
CHART: Mapping[View, tuple[str, ...]] = {
    PERSON: (),
    REFERRAL: ("referred_at",),
    ASSESSMENT: ("assessed_at",),
    EPISODE: ("opened_at", "ordinal"),
    SUSPENSION: ("suspended_at",),
    OFFER: ("offered_at", "ordinal"),
    SCORE: ("scored_at", "ordinal"),
    DUE: ("due_at",),
}
"""What a chart shows of a participant, in which order."""
READS_PERSON = frozenset({Role.COORDINATOR, Role.THERAPIST, Role.PRESCRIBER, Role.FRONT_DESK, Role.AUDITOR})
"""May read birth date, sex, contacts and hospital numbers; other staff only the name."""


class Charts(Answering):
    """Questions about people."""

    def participants(self, request: Query) -> dict[str, Any]:
        """All persons by the id under which they go on, with their last episode; optionally of one track or status."""
        snapshot = self._at(request, WhoIsWho.name, Episodes.name)
        aliases = {row["participant_id"]: row["surviving_id"] for row in snapshot.many(ALIAS)}
        latest: dict[str, Row] = {}
        for episode in snapshot.many(EPISODE, order_by=[EPISODE.c.opened_at, EPISODE.c.ordinal]):
            latest[aliases.get(episode["participant_id"], episode["participant_id"])] = episode
        suspended = {row["episode_id"] for row in snapshot.many(SUSPENSION, SUSPENSION.c.resumed_at.is_(None))}
        found = []
        for row in snapshot.many(PERSON):
            if row["participant_id"] in aliases:
                continue
            last = latest.get(row["participant_id"])
            status = _status(last, suspended) if last else None
            if request.params.get("status") in (None, status) and _of_track(last, request.params.get("track_id")):
                found.append(
                    {
                        "participant_id": row["participant_id"],
                        "name": self._person(row, NAME),
                        "status": status,
                        "episode_id": last["episode_id"] if last else None,
                        "track_id": last["track_id"] if last else None,
                        "erased": row["erased"],
                    }
                )
        return {"position": snapshot.position, "participants": found}

    def participant(self, request: Query) -> dict[str, Any]:
        """Everything enrollment knows of one person, under whichever of their ids it is asked. Raises ``NotFound``."""
        snapshot = self._at(request, WhoIsWho.name, Intake.name, Episodes.name, Offers.name, Scores.name, DueList.name)
        asked = str(request["participant_id"])
        ids = all_ids(snapshot, asked)
        person_id = ids[0]
        known = snapshot.about("participant_id", ids, CHART)
        persons = sorted(known[PERSON], key=lambda row: ids.index(row["participant_id"]))
        if not persons:
            raise NotFound(Participant, UUID(asked))
        reads_person = bool(READS_PERSON & request.roles)
        clinical = bool(READS_CLINICAL & request.roles)
        return {
            "position": snapshot.position,
            "participant_id": person_id,
            "aliases": ids[1:],
            "erased": any(row["erased"] for row in persons),
            "person": self._person(persons[0], None if reads_person else NAME),
            "identifiers": self._identifiers(persons) if reads_person else [],
            "possible_duplicates": _duplicates(snapshot, ids, persons),
            "referrals": self._opened(known[REFERRAL], clinical, "reason"),
            "assessments": self._opened(known[ASSESSMENT], clinical, "rationale"),
            "episodes": self._episodes(snapshot, known[EPISODE], known[SUSPENSION], clinical),
            "offers": known[OFFER],
            "scores": self._opened(_changes(self._packs, known[SCORE]), clinical, "answers"),
            "due": known[DUE],
        }

    def _person(self, row: Row, only: Iterable[str] | None) -> dict[str, Any] | None:
        """None where nothing is known or the keys are destroyed."""
        sealed, subject = row["person"], str(row["participant_id"])
        person = self._vault.open(sealed, subject=subject, context=PERSONS) if sealed else None
        if not person:
            return None
        return {name: value for name, value in person.items() if only is None or name in only}

    def _identifiers(self, persons: list[Row]) -> list[dict[str, Any]]:
        found = {one["lookup"]: one for row in persons for one in row["identifiers"]}
        return [
            {
                "authority": one["authority"],
                "number": (self._vault.open(one["number"], context=NUMBERS) or None) if one["number"] else None,
            }
            for one in found.values()
        ]

    def _episodes(
        self, snapshot: Snapshot, episodes: list[Row], suspensions: list[Row], clinical: bool
    ) -> list[dict[str, Any]]:
        interrupted: dict[str, list[Row]] = {}
        for row in suspensions:
            interrupted.setdefault(row["episode_id"], []).append(row)
        suspended = {row["episode_id"] for rows in interrupted.values() for row in rows if row["resumed_at"] is None}
        opened = self._opened(episodes, clinical, "override_reason", "discharge_override", "plan_after")
        transfers = _by_episode(snapshot, TRANSFER, opened)
        reviews = _by_episode(snapshot, DISCHARGE_REVIEW, opened)
        return [
            {
                **row,
                "status": _status(row, suspended),
                "suspensions": interrupted.get(row["episode_id"], []),
                "transfers": transfers.get(row["episode_id"], []),
                "discharge_reviews": self._opened(reviews.get(row["episode_id"], []), clinical, "note"),
            }
            for row in opened
        ]


def _by_episode(snapshot: Snapshot, view: View, episodes: list[dict[str, Any]]) -> dict[str, list[Row]]:
    """The view's rows of these episodes, in order, by episode."""
    found: dict[str, list[Row]] = {}
    these = view.c.episode_id.in_([row["episode_id"] for row in episodes])
    for row in snapshot.many(view, these, order_by=view.c.ordinal):
        found.setdefault(row["episode_id"], []).append(row)
    return found


def _status(episode: Row, suspended: set[str]) -> str:
    status: str = episode["status"]
    return SUSPENDED if status == ADMITTED and episode["episode_id"] in suspended else status


def _of_track(episode: Row | None, track_id: UUID | None) -> bool:
    """Whether it is the track asked for, in an episode that is not over."""
    if track_id is None:
        return True
    over = (DISCHARGED, LEFT_WAITLIST)
    return episode is not None and episode["track_id"] == str(track_id) and episode["status"] not in over


def _duplicates(snapshot: Snapshot, ids: list[str], persons: list[Row]) -> list[str]:
    """Other ids with the same name and birth date, or with a number that a hospital gave to both."""
    lookups = sorted({row["name_lookup"] for row in persons if row["name_lookup"]})
    named = snapshot.many(PERSON, PERSON.c.name_lookup.in_(lookups)) if lookups else []
    found = {row["participant_id"] for row in named} | {one for row in persons for one in row["suspected"]}
    return sorted(found - set(ids))


def _changes(packs: Packs, scores: list[Row]) -> list[Row]:
    """Each score with its change since the first one at admission of the same episode and instrument: of the leading
    scale beside the score, and of every scale."""
    first: dict[tuple[str, str], dict[str, Number]] = {}
    found: list[Row] = []
    for row in scores:
        key = (row["episode_id"], row["instrument"])
        scales = [_since(packs, row, one, first.get(key, {})) for one in row["scales"]]
        found.append({**row, **{name: scales[0][name] for name in ("change", "points")}, "scales": scales})
        if row["occasion"] == ADMISSION:
            first.setdefault(key, {one["scale"]: one["score"] for one in row["scales"]})
    return found


def _since(packs: Packs, row: Row, scored: Row, first: Mapping[str, Number]) -> Row:
    scale, baseline = INSTRUMENTS[row["instrument"]].scale(scored["scale"]), first.get(scored["scale"])
    if baseline is None:
        return {**scored, "change": None, "points": None}
    change = scale.change_by(reliable_change(packs, row, scored), baseline, scored["score"])
    return {**scored, "change": change, "points": scale.points(baseline, scored["score"])}
