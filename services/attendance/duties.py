"""What has to be done by a time, by people or by attendance itself: notes, steps, outcomes, weeks."""

from services.attendance.desk import Answered, Desk
from services.attendance.domain import commands
from services.attendance.domain.episode import Episode
from services.attendance.domain.judging import end_week, judge_first


def write_group_note(desk: Desk, command: commands.WriteGroupNote) -> Answered:
    note = desk.note(command.session_id, begin=True)
    note.write(command.people, command.written_at or desk.at, desk.at)
    return {"session_id": command.session_id, "people": command.people}


def take_step(desk: Desk, command: commands.TakeStep) -> Answered:
    episode = desk.unit.get(Episode, command.episode_id)
    episode.take_step(command.policy, command.step, desk.at)
    return {"episode_id": episode.id, "policy": command.policy, "step": command.step}


def end_grace(desk: Desk, command: commands.EndGrace) -> Answered:
    record = desk.record(command.booking_id)
    record.end_grace(desk.at)
    return desk.settle(record, "grace_ended")


def look_ahead_in_week(desk: Desk, command: commands.LookAhead) -> Answered:
    desk.look(desk.unit.get(Episode, command.episode_id), command.week_start)
    return {"episode_id": command.episode_id, "week_start": command.week_start}


def end_of_week(desk: Desk, command: commands.EndWeek) -> Answered:
    episode = desk.unit.get(Episode, command.episode_id)
    end_week(desk.week(episode, command.week_start), episode, desk.book, desk.at)
    return {"episode_id": episode.id, "week_start": command.week_start}


def judge_week(desk: Desk, command: commands.JudgeTreatmentWeek) -> Answered:
    """Judges a week when its time has come; nothing happens before, or again."""
    episode = desk.unit.get(Episode, command.episode_id)
    if episode.week_is_due(command.week_start, desk.at):
        judge_first(desk.week(episode, command.week_start), episode, desk.book, desk.at)
    return {"episode_id": episode.id, "week_start": command.week_start}
