"""What of the medications taken in an episode interacts, told and acknowledged."""

from collections.abc import Iterable
from datetime import datetime

from events.log.commands import Unit
from services.medication_review.domain.case import MedicationCase
from services.medication_review.domain.errors import InteractionNotFlagged
from services.medication_review.domain.interaction_watch import InteractionWatch
from services.medication_review.domain.interactions import Flag, flags
from services.medication_review.domain.medications import Medication
from services.medication_review.domain.same_medication import same_medications
from services.medication_review.table_files import Tables


def open_flags(
    unit: Unit, case: MedicationCase, listed: Iterable[Medication], tables: Tables, at: datetime
) -> tuple[Flag, ...]:
    """Tells what interacts now and clears what does not, while the episode is under way. The flags that no prescriber
    acknowledged. ``listed``: all that the person's lists say."""
    taken = same_medications(listed, tables.formulary) if case.facts.open else []
    holding = flags(taken, tables.interactions, at.date())
    watch = unit.find(InteractionWatch, InteractionWatch.create_id(case.id))
    if watch is None and not holding:
        return ()
    watch = watch or unit.add(InteractionWatch.begin(case.participant_id, case.id, at))
    watch.weigh(holding, at)
    return watch.open_flags(holding)


def watch_of(unit: Unit, case: MedicationCase) -> InteractionWatch:
    """The flags of an episode. Raises ``InteractionNotFlagged`` where it never had one."""
    watch = unit.find(InteractionWatch, InteractionWatch.create_id(case.id))
    if watch is None:
        raise InteractionNotFlagged("no interaction was ever flagged in this episode; read the list again")
    return watch
