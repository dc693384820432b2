"""Ids that follow from what they name. Participant ids are not among them: those are random."""

from uuid import UUID, uuid5

NAMESPACE = UUID("5b7d5f60-9c43-5f0e-8a57-3f1f4f0c9d21")


def message_id(sender: str, control_id: str) -> UUID:
    """The first message that a sender sent under a control id."""
    return uuid5(NAMESPACE, f"message/{len(sender)}/{sender}/{control_id}")


def reused_id(first: UUID, sha256: str) -> UUID:
    """Another message, with other bytes, under a control id in use."""
    return uuid5(first, sha256)


def unreadable_id(sha256: str) -> UUID:
    """A message without a readable header: its bytes are all it can be known by."""
    return uuid5(NAMESPACE, f"unreadable/{sha256}")


def identity_id(lookup: str) -> UUID:
    """One hospital number, by the keyed hash of authority and number."""
    return uuid5(NAMESPACE, f"identity/{lookup}")


def line_id(who: str) -> UUID:
    """The line of messages about a participant, or about a hospital number under which nobody is known."""
    return uuid5(NAMESPACE, f"line/{who}")


def stay_id(hospital: str, visit: str) -> UUID:
    """One inpatient stay; ``visit`` is the keyed hash of what the hospital calls it."""
    return uuid5(NAMESPACE, f"stay/{hospital}/{visit}")


def referral_id(message: UUID) -> UUID:
    return uuid5(message, "referral")


def observation_id(message: UUID, number: int) -> UUID:
    return uuid5(message, f"observation/{number}")


def notice_id(hospital: str, what: str) -> UUID:
    """One outbound message: the receiver, and what it is about."""
    return uuid5(NAMESPACE, f"notice/{hospital}/{what}")
