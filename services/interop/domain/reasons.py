"""Why people act on hospital messages, as codes. What they add in words is sealed."""

from collections.abc import Mapping

DISCARD_REASONS: Mapping[str, str] = {
    "duplicate": "another message says the same",
    "replaced": "a corrected message came, or was sent, in its place",
    "done_by_hand": "what it says was entered, or told, by hand",
    "out_of_date": "it no longer matters",
    "not_for_us": "of another system, or about nobody in the program",
    "unusable": "a test, noise, or damaged",
    "other": "as the note says",
}
"""Why a parked message, in or out, is given up: code → what it stands for."""

READ_REASONS: Mapping[str, str] = {
    "mapping": "to correct the mapping or the sender",
    "inquiry": "a participant or a hospital asks",
    "audit": "to check what was done",
    "incident": "to find a fault, or what one has done",
}
"""Why somebody is shown the bytes of a message: code → what it stands for."""
