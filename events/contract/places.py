"""Where sealed values that are told were sealed. A seal names its place, and whoever opens it says which they take: so
that a value moved to another field opens nowhere."""

UNNAMED = ""
"""Seals of hospitals' data did not name a place at first; they open for ever."""

PERSON = "interop.person"
NUMBER = "interop.number"
REASON = "interop.reason"

PERSONS = frozenset(
    {UNNAMED, PERSON, "enrollment.participant.registered.person", "enrollment.participant.person_updated.person"}
)
"""Name, birth date, sex and contacts: as the gateway read them, or as enrollment recorded them."""

NUMBERS = frozenset({UNNAMED, NUMBER, "enrollment.identifier"})
"""A hospital's number of somebody."""

REASONS = frozenset({UNNAMED, REASON})
"""Why somebody is referred, in the referrer's words."""
