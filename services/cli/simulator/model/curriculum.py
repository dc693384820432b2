"""What psychoeducation teaches: the same topics on every track, in an order; a later edition adds one."""

from typing import Any

TOPICS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("what_treatment_is", "What treatment is", ()),
    ("sleep_hygiene", "Sleep hygiene", ()),
    ("naming_feelings", "Naming feelings", ()),
    ("medication_and_me", "Medication and me", ("what_treatment_is",)),
    ("riding_out_urges", "Riding out urges", ("naming_feelings",)),
    ("asking_for_help", "Asking for help", ()),
    ("relapse_signs", "Early signs of relapse", ("riding_out_urges",)),
    ("my_plan", "A plan for hard days", ("relapse_signs", "asking_for_help")),
)
"""Code, title, what it requires. The topics of psychoeducation that programs name in public; the order is plausible."""

ADDED = ("work_and_school", "Back to work and school", ())
"""By the second edition, before the last."""

SECOND_EDITION_AFTER_WEEKS = 8


def edition(week: int) -> tuple[str, list[dict[str, Any]]]:
    """The edition that holds in a week, and its topics as scheduling takes them."""
    topics, name = list(TOPICS), "2026.1"
    if week >= SECOND_EDITION_AFTER_WEEKS:
        topics.insert(-1, ADDED)
        name = "2026.2"
    return name, [{"code": code, "title": title, "requires": list(requires)} for code, title, requires in topics]
