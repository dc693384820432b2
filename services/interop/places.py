"""Where the gateway's own sealed values were sealed; a seal made for another place is not opened as one of these."""

from events.contract.places import UNNAMED

RAW = "interop.message.raw"
CONTENT = "interop.notice.content"
NOTE = "interop.note"

RAWS = frozenset({UNNAMED, RAW})
"""A hospital's message as it came."""

CONTENTS = frozenset({UNNAMED, CONTENT})
"""A message to a hospital, as it is sent."""

NOTES = frozenset({NOTE})
"""What somebody wrote who gave up a message."""
