"""What is worked out from enrollment's log, one question per file."""

from services.enrollment.projections.census import Census
from services.enrollment.projections.consents import ConsentExpiry, Consents
from services.enrollment.projections.coverage import AuthorizationExpiry, Coverages
from services.enrollment.projections.due_list import DueDates, DueList
from services.enrollment.projections.episodes import Episodes
from services.enrollment.projections.intake import Intake
from services.enrollment.projections.offers import OfferExpiry, Offers
from services.enrollment.projections.plans_of_care import PlansOfCare
from services.enrollment.projections.scores import Scores
from services.enrollment.projections.who_is_who import WhoIsWho

PROJECTIONS = (WhoIsWho, Intake, Episodes, PlansOfCare, Scores, Census, Offers, Coverages, Consents, DueList)
DEADLINES = (DueDates, OfferExpiry, AuthorizationExpiry, ConsentExpiry)

__all__ = [
    "DEADLINES",
    "PROJECTIONS",
    "AuthorizationExpiry",
    "Census",
    "ConsentExpiry",
    "Consents",
    "Coverages",
    "DueDates",
    "DueList",
    "Episodes",
    "Intake",
    "OfferExpiry",
    "Offers",
    "PlansOfCare",
    "Scores",
    "WhoIsWho",
]
