"""Whose episodes are one person's, as told: each function is one fact and what follows for the days they share."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from events.log.commands import Unit
from services.attendance.desk import Answered, Desk
from services.attendance.domain.episode import Episode
from services.attendance.domain.person import Person
from services.attendance.domain.sharing import part
from services.attendance.domain.told_commands import LearnEpisode, MergeParticipants, SeparateParticipants


class Owned(NamedTuple):
    """An episode and the participant id that it was admitted under."""

    episode_id: UUID
    participant_id: UUID


def learn_episode(desk: Desk, command: LearnEpisode) -> Answered:
    person = _person(desk, command.participant_id)
    person.learn_episode(command.episode_id, desk.at)
    _regroup(desk, _episodes(desk.unit, person.id))
    return {"episode_id": command.episode_id}


def merge(desk: Desk, command: MergeParticipants) -> Answered:
    """Both ids are one person: the days that their episodes share are billed once from now on. The last word about the
    retired id counts, whatever was told before it."""
    person, surviving = _person(desk, command.retired_id), _person(desk, command.surviving_id)
    if command.revision > person.revision:
        concerned = _concerned(desk, person, surviving)
        _separate(desk, person, command.revision)
        person.merge_into(surviving, command.revision, desk.at)
        _regroup(desk, concerned)
    return {"surviving_id": command.surviving_id}


def separate(desk: Desk, command: SeparateParticipants) -> Answered:
    """Two people after all: what one gave up for the other is billed again."""
    person, surviving = _person(desk, command.retired_id), _person(desk, command.surviving_id)
    if command.revision > person.revision:
        concerned = _concerned(desk, person, surviving)
        _separate(desk, person, command.revision)
        if person.revision < command.revision:  # it was no alias here: the merge before it is still to come
            person.separate_from(surviving, command.revision, desk.at)
        _regroup(desk, concerned)
    return {"surviving_id": command.surviving_id}


def _separate(desk: Desk, person: Person, revision: int) -> None:
    if person.merged_into is not None:
        person.separate_from(_person(desk, person.merged_into), revision, desk.at)


def _concerned(desk: Desk, *people: Person) -> list[Owned]:
    return list(dict.fromkeys(owned for person in people for owned in _episodes(desk.unit, person.id)))


def _regroup(desk: Desk, concerned: Sequence[Owned]) -> None:
    """Each episode learns which others are the same person's now, and what follows for the days of both."""
    for owned in concerned:
        others = [other for other in _episodes(desk.unit, owned.participant_id) if other != owned]
        episode = _known(desk, owned, begin=bool(others))
        if episode is not None:
            _tell(desk, episode, others)


def _tell(desk: Desk, episode: Episode, others: Iterable[Owned]) -> None:
    before = {other.id: other for other in desk.others_of(episode)}
    together = [desk.episode(*other) for other in others]
    episode.tell_same_person((other.id for other in together), desk.at)
    for gone in before.keys() - {other.id for other in together}:
        part(episode, before[gone], desk.find_week, desk.at)
    desk.meet_others(episode)


def _known(desk: Desk, owned: Owned, *, begin: bool) -> Episode | None:
    return desk.episode(*owned) if begin else desk.unit.find(Episode, owned.episode_id)


def _person(desk: Desk, participant_id: UUID) -> Person:
    return desk.unit.find(Person, participant_id) or desk.unit.add(Person.learn(participant_id, desk.at))


def _episodes(unit: Unit, participant_id: UUID) -> list[Owned]:
    """The episodes under all ids of the person, whichever of them is asked for."""
    top = unit.get(Person, participant_id)
    above = {top.id}
    while top.merged_into is not None and top.merged_into not in above:
        top = unit.get(Person, top.merged_into)
        above.add(top.id)  # until all is told, links may lead in a circle
    people = [top]
    for person in people:  # grows while it is read: aliases may have aliases
        known = {one.id for one in people}
        people.extend(unit.get(Person, alias) for alias in person.aliases if alias not in known)
    return [Owned(episode, person.id) for person in people for episode in person.episodes]
