"""Which controlled substances a participant takes, by all sources."""

from collections.abc import Iterable

from services.medication_review.domain.formulary import Formulary
from services.medication_review.domain.medications import Medication
from services.medication_review.domain.pdmp import Controlled
from services.medication_review.domain.same_medication import same_medications


def controlled_substances(medications: Iterable[Medication], formulary: Formulary) -> tuple[Controlled, ...]:
    """One per ingredient that is scheduled and taken; since the first of the words by which it is. What is not
    recognised is none."""
    found: dict[str, Controlled] = {}
    for one in same_medications(medications, formulary):
        for ingredient in one.ingredients:
            if one.active and ingredient.schedule is not None:
                since = min(word.reported_at for word in one.active)
                known = found.get(ingredient.name)
                if known is None or since < known.since:
                    found[ingredient.name] = Controlled(ingredient.name, ingredient.schedule, since)
    return tuple(sorted(found.values(), key=lambda one: one.name))
