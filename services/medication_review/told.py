"""What is done about what other services told: episodes, scores, absences, reports from hospitals, who is who."""

from services.medication_review.desk import Answered, Desk
from services.medication_review.domain import told_commands
from services.medication_review.domain.episode_facts import Track


def admit(desk: Desk, command: told_commands.AdmitToEpisode) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.admit(command.admitted_at, command.time_zone, command.packs, desk.at)
    return desk.weigh(case)


def transfer(desk: Desk, command: told_commands.TransferEpisode) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.transfer(command.move, command.effective_at, Track(command.time_zone, command.packs), desk.at)
    return desk.weigh(case)


def suspend(desk: Desk, command: told_commands.SuspendEpisode) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.suspend(command.suspension_id, command.suspended_at, desk.at)
    return desk.weigh(case)


def resume(desk: Desk, command: told_commands.ResumeEpisode) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.resume(command.suspension_id, command.resumed_at, desk.at)
    return desk.weigh(case)


def cancel_suspension(desk: Desk, command: told_commands.CancelSuspension) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.cancel_suspension(command.suspension_id, desk.at)
    return desk.weigh(case)


def cancel_resumption(desk: Desk, command: told_commands.CancelResumption) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.cancel_resumption(command.suspension_id, desk.at)
    return desk.weigh(case)


def close(desk: Desk, command: told_commands.CloseEpisode) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.close(command.discharged_at, desk.at)
    return desk.weigh(case)


def note_safety_trigger(desk: Desk, command: told_commands.NoteSafetyTrigger) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.note_safety_trigger(command.instrument, command.scored_at, desk.at)
    return desk.weigh(case)


def note_no_shows(desk: Desk, command: told_commands.NoteRepeatedNoShows) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.note_no_shows(command.count, command.last_missed_at, desk.at)
    return desk.weigh(case)


def excuse_no_shows(desk: Desk, command: told_commands.ExcuseNoShows) -> Answered:
    case = desk.case(command.episode_id, command.participant_id)
    case.excuse_no_shows(command.count, desk.at)
    return desk.weigh(case)


def take_report(desk: Desk, command: told_commands.TakeReport) -> Answered:
    """Kept before an admission too; a hospital's change after it asks for a review."""
    desk.list_of(command.participant_id).report(command.medication, desk.at)
    desk.weigh_all(command.participant_id)
    return {"participant_id": command.participant_id}


def link(desk: Desk, command: told_commands.LinkParticipants) -> Answered:
    surviving, retired = command.surviving_id, command.retired_id
    for own, other in ((surviving, retired), (retired, surviving)):
        desk.list_of(own).link(other, retired, command.revision, desk.at)
    desk.weigh_all(surviving)
    return {"participant_id": surviving}


def separate(desk: Desk, command: told_commands.SeparateParticipants) -> Answered:
    """Each list bears on its own person's reviews alone again."""
    surviving, retired = command.surviving_id, command.retired_id
    for own, other in ((surviving, retired), (retired, surviving)):
        desk.list_of(own).separate(other, retired, command.revision, desk.at)
    for participant_id in (surviving, retired):
        desk.weigh_all(participant_id)
    return {"participant_id": surviving}
