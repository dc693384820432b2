"""Decisions about payers' authorizations: recorded, consumed by billable days, running low, expired."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from events.log.commands import Unit
from services.enrollment.desk import Desk
from services.enrollment.domain.authorization_commands import CountBillableDay, ExpireAuthorization, RecordAuthorization
from services.enrollment.domain.coverage import Coverage
from services.enrollment.domain.episode import Episode
from services.enrollment.domain.follow_up import AUTHORIZATION, FollowUp
from services.enrollment.domain.identity import coverage_id, follow_up_id, of_command
from services.enrollment.dues import falls_due, in_force

Decision = Mapping[str, Any]

WARN_UNITS = "authorization.warn_units"


def record_authorization(desk: Desk, unit: Unit, command: RecordAuthorization) -> Decision:
    """Also while the participant waits, and after the discharge: payers decide late."""
    episode, at = unit.get(Episode, command.episode_id), unit.context.at
    authorization_id = command.authorization_id or of_command(unit.context.command_id, "authorization")
    coverage = _coverage(unit, episode.id, episode.participant_id)
    warn_units = in_force(desk, episode, at).value(WARN_UNITS, episode.plan.age_group)
    after = command.told.through_date + timedelta(days=1)
    expires_at = datetime.combine(after, time(0), ZoneInfo(episode.plan.time_zone))
    coverage.follow_levels(episode.levels, at)
    coverage.record(authorization_id, command.told, warn_units=warn_units, expires_at=expires_at, at=at)
    _ask_for_renewal(desk, unit, coverage)
    return {"episode_id": episode.id, "authorization_id": authorization_id}


def count_billable_day(desk: Desk, unit: Unit, command: CountBillableDay) -> Decision:
    """A verdict of attendance's, in whatever order and however often it comes."""
    coverage, episode = (
        _coverage(unit, command.episode_id, command.participant_id),
        unit.find(Episode, command.episode_id),
    )
    if episode is not None:
        coverage.follow_levels(episode.levels, unit.context.at)
    news = coverage.tell_day(command.date, command.billable, command.revision, unit.context.at)
    _ask_for_renewal(desk, unit, coverage)
    return {"episode_id": command.episode_id, "news": news}


def expire_authorization(desk: Desk, unit: Unit, command: ExpireAuthorization) -> Decision:
    coverage = unit.get(Coverage, coverage_id(command.episode_id))
    expired = coverage.expire(command.authorization_id, command.through_date, unit.context.at)
    _ask_for_renewal(desk, unit, coverage)
    return {"episode_id": command.episode_id, "expired": expired}


def follow_level_of_care(desk: Desk, unit: Unit, episode: Episode) -> None:
    """The episode is at another level from now on: days are covered by what was authorized for that one."""
    coverage = unit.find(Coverage, coverage_id(episode.id))
    if coverage is not None:
        coverage.follow_levels(episode.levels, unit.context.at)
        _ask_for_renewal(desk, unit, coverage)


def _coverage(unit: Unit, episode_id: UUID, participant_id: UUID) -> Coverage:
    return unit.find(Coverage, coverage_id(episode_id)) or unit.add(
        Coverage.begin(episode_id, participant_id, unit.context.at)
    )


def _ask_for_renewal(desk: Desk, unit: Unit, coverage: Coverage) -> None:
    """Payer practice: a coordinator asks for more before the last unit of all that still holds is used."""
    episode = unit.find(Episode, coverage.episode_id)
    if episode is None or episode.over or not coverage.authorized:
        return
    follow_up = unit.get(FollowUp, follow_up_id(episode.id))
    warn_units = in_force(desk, episode, unit.context.at).value(WARN_UNITS, episode.plan.age_group, default=0)
    if coverage.usable_units > warn_units:
        follow_up.meet_due(AUTHORIZATION, unit.context.at)
    elif AUTHORIZATION not in follow_up.dues:
        falls_due(desk, unit, episode, follow_up, AUTHORIZATION)
