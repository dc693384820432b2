"""How much waits behind messages that stand still: read from the views, for people who have to decide."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from events.follow.reading import Snapshot
from services.interop.projections.outbound import NOTICE
from services.interop.projections.standing import STANDING


def behind_messages(seen: Snapshot, messages: Iterable[str]) -> Mapping[str, int]:
    """How many messages stand behind each of these about the same people; 0 behind one that stands in no line."""
    own = seen.many(STANDING, STANDING.c.message_id.in_(list(messages)))
    whom = sorted({row["who"] for row in own})
    lines: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in seen.many(STANDING, STANDING.c.who.in_(whom)) if whom else ():
        lines[row["who"]].append(row)
    behind: defaultdict[str, set[str]] = defaultdict(set)
    for row in own:
        later = (one["message_id"] for one in lines[row["who"]] if one["arrival"] > row["arrival"])
        behind[row["message_id"]].update(later)
    return Counter({message: len(others) for message, others in behind.items()})


def behind_notices(seen: Snapshot, notices: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    """How many outbound messages wait behind each parked one of these; 0 behind the others."""
    parked = [row for row in notices if row["state"] == "parked"]
    people = sorted({row["participant_id"] for row in parked})
    unsent = NOTICE.c.participant_id.in_(people), NOTICE.c.state.in_(("due", "ready"))
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in seen.many(NOTICE, *unsent) if people else ():
        places[row["participant_id"], row["hospital"]].append(row["place"])
    return Counter(
        {
            row["notice_id"]: sum(place > row["place"] for place in places[row["participant_id"], row["hospital"]])
            for row in parked
        }
    )
