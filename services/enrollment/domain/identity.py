"""Ids that follow from what they name, so that the same thing never gets two. Participant ids are random."""

from uuid import UUID, uuid5

NAMESPACE = UUID("0d6cdd0a-54ce-4a4b-9a43-7d8f4c2b9f10")


def claim_id(lookup: str) -> UUID:
    """The claim on one hospital number, by the keyed hash of authority and number."""
    return uuid5(NAMESPACE, f"identifier/{lookup}")


def care_record_id(participant_id: UUID) -> UUID:
    """What holds across all episodes of one participant."""
    return uuid5(participant_id, "care_record")


def follow_up_id(episode_id: UUID) -> UUID:
    """What was measured in an episode, and what is due in it."""
    return uuid5(episode_id, "follow_up")


def plan_of_care_id(episode_id: UUID) -> UUID:
    """The plan of care of an episode."""
    return uuid5(episode_id, "plan_of_care")


def coverage_id(episode_id: UUID) -> UUID:
    """What payers authorized for an episode, and the days that consume it."""
    return uuid5(episode_id, "coverage")


def of_command(command_id: UUID, kind: str) -> UUID:
    """The id of what a command creates where its sender named none: as random as the command's, retries alike."""
    return uuid5(command_id, kind)
