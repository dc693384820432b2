"""What is known beside an episode's own facts, and asks for reviews in it."""

from dataclasses import dataclass, field

from services.medication_review.domain.doses import MissedRun
from services.medication_review.domain.episode_facts import OrderChange
from services.medication_review.domain.interactions import Flag
from services.medication_review.domain.pdmp import PdmpStanding


@dataclass(frozen=True)
class Evidence:
    """``orders``: the hospital's changes; ``pdmp``: checks that were not made, or showed what should not be;
    ``missed``: observed doses that were missed one after the other; ``flags``: interactions that no prescriber
    acknowledged."""

    orders: tuple[OrderChange, ...] = ()
    pdmp: PdmpStanding = field(default_factory=PdmpStanding)
    missed: tuple[MissedRun, ...] = ()
    flags: tuple[Flag, ...] = ()
