"""Answers from enrollment's views. Sealed values are opened here, as they leave, for those whose role may read them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import or_

from events.contract.places import NUMBERS, PERSONS
from events.follow.reading import Reader, Snapshot
from events.follow.view import View
from events.log.errors import NotFound
from events.log.vault import Vault
from services.enrollment.domain.consent import REDISCLOSURE_NOTICE, ConsentHeld, matching
from services.enrollment.domain.instruments import ADMISSION, INSTRUMENTS, Number
from services.enrollment.domain.outcomes import EFFECT_SIZE, SMALL_CELL
from services.enrollment.domain.participant import Participant
from services.enrollment.domain.plan_of_care import PlanOfCare
from services.enrollment.domain.track import Track
from services.enrollment.places import SEALED
from services.enrollment.projections import (
    Census,
    Consents,
    Coverages,
    DueList,
    Episodes,
    Intake,
    Offers,
    PlansOfCare,
    Scores,
    WhoIsWho,
)
from services.enrollment.projections.census import CENSUS
from services.enrollment.projections.consents import CONSENT
from services.enrollment.projections.coverage import AUTHORIZATION, BILLABLE_DAY
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
from services.enrollment.projections.plans_of_care import CERTIFICATION, GOAL, PLAN, REVIEW
from services.enrollment.projections.scores import SCORE
from services.enrollment.projections.who_is_who import ALIAS, PERSON
from services.enrollment.reporting import program_outcomes
from services.enrollment.standards import reliable_change
from services.platform.packs import Packs
from services.platform.tokens import Role
from services.platform.web import Query

Row = Mapping[str, Any]

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
READS_CLINICAL = frozenset({Role.COORDINATOR, Role.THERAPIST, Role.PRESCRIBER, Role.AUDITOR})
"""May read reasons, rationales, answers and plans."""

READS_NUMBERS = frozenset({Role.COORDINATOR, Role.FRONT_DESK, Role.AUDITOR})
"""May read the numbers of authorizations."""


class Queries:
    """Each method is one question; ``request`` carries its parameters and as of when it is asked."""

    def __init__(self, reader: Reader, vault: Vault, packs: Packs) -> None:
        self._reader = reader
        self._vault = vault
        self._packs = packs

    def participants(self, request: Query) -> dict[str, Any]:
        """All persons by the id under which they go on, with their last episode; optionally of one track or status."""
        snapshot = self._at(request, WhoIsWho, Episodes)
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
        snapshot = self._at(request, WhoIsWho, Intake, Episodes, Offers, Scores, DueList)
        asked = str(request["participant_id"])
        ids = _ids(snapshot, asked)
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

    def plan_of_care(self, request: Query) -> dict[str, Any]:
        """An episode's plan of care with its goals, reviews and certifications. Raises ``NotFound``."""
        snapshot = self._at(request, PlansOfCare)
        plan = snapshot.one(PLAN, request["episode_id"])
        if plan is None:
            raise NotFound(PlanOfCare, request["episode_id"])
        clinical = bool(READS_CLINICAL & request.roles)

        def of_episode(view: View) -> list[Row]:
            same = view.c.episode_id == request["episode_id"]
            return snapshot.many(view, same, order_by=view.c.ordinal)

        return {
            "position": snapshot.position,
            **plan,
            "goals": self._opened(of_episode(GOAL), clinical, "text", whose=plan["participant_id"]),
            "reviews": self._opened(of_episode(REVIEW), clinical, "note", whose=plan["participant_id"]),
            "certifications": of_episode(CERTIFICATION),
        }

    def consents(self, request: Query) -> dict[str, Any]:
        """What a person consented to, also what does not hold any more, under whichever of their ids it is asked."""
        snapshot = self._at(request, WhoIsWho, Consents)
        ids = _ids(snapshot, str(request["participant_id"]))
        return {"position": snapshot.position, "consents": _of(snapshot, CONSENT, ids, "given_at")}

    def disclosure(self, request: Query) -> dict[str, Any]:
        """Whether a consent of the person allows to tell this recipient this for this purpose at an instant; where one
        does, ``redisclosure_notice`` is what has to go with it (the rule ``redisclosure_notice``)."""
        snapshot = self._at(request, WhoIsWho, Consents)
        ids = _ids(snapshot, str(request["participant_id"]))
        held = [_consent(row) for row in _of(snapshot, CONSENT, ids, "given_at")]
        asked = (request["recipient"], request["scope"], request["purpose"], request["at"])
        consent_id = matching(held, *asked)
        return {
            "position": snapshot.position,
            "allowed": consent_id is not None,
            "consent_id": consent_id,
            "redisclosure_notice": None if consent_id is None else REDISCLOSURE_NOTICE,
        }

    def authorizations(self, request: Query) -> dict[str, Any]:
        """What payers authorized for an episode, which billable day is covered by what, and which by nothing."""
        snapshot = self._at(request, Coverages)
        same = AUTHORIZATION.c.episode_id == request["episode_id"]
        authorizations = snapshot.many(AUTHORIZATION, same, order_by=[AUTHORIZATION.c.from_date])
        days = snapshot.many(
            BILLABLE_DAY,
            BILLABLE_DAY.c.episode_id == request["episode_id"],
            BILLABLE_DAY.c.billable,
            order_by=BILLABLE_DAY.c.date,
        )
        return {
            "position": snapshot.position,
            "episode_id": request["episode_id"],
            "authorizations": self._opened(authorizations, bool(READS_NUMBERS & request.roles), "number"),
            "days": [{name: row[name] for name in ("date", "authorization_id", "revision")} for row in days],
            "uncovered": [row["date"] for row in days if row["authorization_id"] is None],
        }

    def tracks(self, request: Query) -> dict[str, Any]:
        """Every track with its census, without names."""
        snapshot = self._at(request, Census)
        return {"position": snapshot.position, "tracks": snapshot.many(CENSUS, order_by=CENSUS.c.name)}

    def track(self, request: Query) -> dict[str, Any]:
        """One track: who holds a place, who waits in which order, what was offered to whom. Raises ``NotFound``."""
        snapshot = self._at(request, Census, Offers)
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
        snapshot = self._at(request, Episodes, Scores, PlansOfCare, Census)
        return {
            "position": snapshot.position,
            "effect_size_method": EFFECT_SIZE,
            "small_cell_below": SMALL_CELL,
            "outcomes": program_outcomes(snapshot, self._packs, request.params.get("track_id")),
        }

    def due(self, request: Query) -> dict[str, Any]:
        """What has to be done, by due date; optionally up to an instant, only what is overdue, or what a role
        has to do or was told of because another did not."""
        snapshot = self._at(request, DueList)
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

    def _at(self, request: Query, *projections: type[Any]) -> Snapshot:
        names = [projection.name for projection in projections]
        return self._reader.at(names, as_of=request.as_of, after=request.after)

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

    def _opened(self, rows: Iterable[Row], allowed: bool, *names: str, whose: object = None) -> list[dict[str, Any]]:
        """The rows with these sealed columns opened, or without them for those who may not read them."""
        if not allowed:
            return [{name: value for name, value in row.items() if name not in names} for row in rows]
        return [
            {**row, **{name: self._value(row[name], name, row.get("participant_id", whose)) for name in names}}
            for row in rows
        ]

    def _value(self, sealed: str | None, name: str, whose: object) -> Any:
        return (self._vault.open(sealed, subject=str(whose), context=SEALED[name]) or None) if sealed else None

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


def _ids(snapshot: Snapshot, participant_id: str) -> list[str]:
    """All ids of a person, the one under which they go on first."""
    found = snapshot.many(ALIAS, or_(ALIAS.c.participant_id == participant_id, ALIAS.c.surviving_id == participant_id))
    survivor = next((row["surviving_id"] for row in found if row["participant_id"] == participant_id), None)
    if survivor is not None:
        found = snapshot.many(ALIAS, ALIAS.c.surviving_id == survivor)
    return [survivor or participant_id, *(row["participant_id"] for row in found)]


def _consent(row: Row) -> ConsentHeld:
    terms = (row["recipient"], tuple(row["scope"]), row["purpose"])
    return ConsentHeld(UUID(row["consent_id"]), *terms, row["given_at"], row["expires_at"], row["revoked_at"])


def _of(snapshot: Snapshot, view: View, ids: list[str], order: str) -> list[Row]:
    return snapshot.about("participant_id", ids, {view: (order,)})[view]


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
