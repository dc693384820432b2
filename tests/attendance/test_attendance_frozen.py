"""Events of attendance stored long ago load for ever and mean what they meant."""

from pathlib import Path

import pytest
from attendance_world import EPISODE, MONDAY, PARTICIPANT

from events.log.mapper import DaybookMapper
from events.log.types import TypeRegistry
from events.log.vault import Vault
from services.attendance.wiring import AGGREGATES
from tests.support import frozen

FOLDER = Path(__file__).parent / "frozen"
FILES = sorted(FOLDER.glob("*.jsonl"))


@pytest.fixture
def mapper(tmp_path: Path) -> DaybookMapper:
    vault = Vault.connect(f"sqlite:///{tmp_path}/keys.db", b"k" * 32)
    return DaybookMapper(TypeRegistry("attendance", AGGREGATES), vault)


def test_every_event_class_is_frozen(mapper):
    assert {line.type for file in FILES for line in frozen.read(file)} == {entry.name for entry in mapper.registry}


def test_a_frozen_record_means_what_it_meant(mapper):
    record = frozen.load(FOLDER / "attendance_attendance_record.jsonl", mapper)
    assert (record.participant_id, record.freed, record.outcome.status) == (PARTICIPANT, "restored", "no_show")


def test_a_frozen_episode_means_what_it_meant(mapper):
    episode = frozen.load(FOLDER / "attendance_episode.jsonl", mapper)
    assert episode.stay.judged_by_on(MONDAY).packs == ("payer",)
    assert [suspension.cancelled for suspension in episode.stay.suspensions.values()] == [True]
    assert MONDAY in episode.closed


def test_a_frozen_week_means_what_it_meant(mapper):
    week = frozen.load(FOLDER / "attendance_treatment_week.jsonl", mapper)
    assert week.revision > 1 and week.verdict.minutes == 360


def test_a_frozen_person_means_what_it_meant(mapper):
    person = frozen.load(FOLDER / "attendance_person.jsonl", mapper)
    assert (person.episodes, person.merged_into, person.revision, person.aliases) == ((EPISODE,), None, 2, ())
