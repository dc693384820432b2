"""What enrollment answers about plans of care, consents and authorizations."""

from typing import Any
from uuid import UUID

from events.follow.reading import Snapshot
from events.follow.view import View
from events.log.errors import NotFound
from services.enrollment.answering import READS_CLINICAL, Answering, Row, all_ids
from services.enrollment.domain.consent import REDISCLOSURE_NOTICE, ConsentHeld, matching
from services.enrollment.domain.plan_of_care import PlanOfCare
from services.enrollment.projections import Consents, Coverages, PlansOfCare, WhoIsWho
from services.enrollment.projections.consents import CONSENT
from services.enrollment.projections.coverage import AUTHORIZATION, BILLABLE_DAY
from services.enrollment.projections.plans_of_care import CERTIFICATION, GOAL, PLAN, REVIEW
from services.platform.tokens import Role
from services.platform.web import Query

READS_NUMBERS = frozenset({Role.COORDINATOR, Role.FRONT_DESK, Role.AUDITOR})
"""May read the numbers of authorizations."""


class Papers(Answering):
    """Questions about what was written and signed."""

    def plan_of_care(self, request: Query) -> dict[str, Any]:
        """An episode's plan of care with its goals, reviews and certifications. Raises ``NotFound``."""
        snapshot = self._at(request, PlansOfCare.name)
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
        snapshot = self._at(request, WhoIsWho.name, Consents.name)
        ids = all_ids(snapshot, str(request["participant_id"]))
        return {"position": snapshot.position, "consents": _of(snapshot, CONSENT, ids, "given_at")}

    def disclosure(self, request: Query) -> dict[str, Any]:
        """Whether a consent of the person allows to tell this recipient this for this purpose at an instant; where one
        does, ``redisclosure_notice`` is what has to go with it (the rule ``redisclosure_notice``)."""
        snapshot = self._at(request, WhoIsWho.name, Consents.name)
        ids = all_ids(snapshot, str(request["participant_id"]))
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
        snapshot = self._at(request, Coverages.name)
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


def _consent(row: Row) -> ConsentHeld:
    terms = (row["recipient"], tuple(row["scope"]), row["purpose"])
    return ConsentHeld(UUID(row["consent_id"]), *terms, row["given_at"], row["expires_at"], row["revoked_at"])


def _of(snapshot: Snapshot, view: View, ids: list[str], order: str) -> list[Row]:
    return snapshot.about("participant_id", ids, {view: (order,)})[view]
