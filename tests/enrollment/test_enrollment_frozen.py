"""Events stored long ago load for ever, also after their participants were erased."""

from pathlib import Path

import pytest
from enrollment_states import ANOTHER, EPISODE, PARTICIPANT, day

from events.contract.places import PERSONS
from events.log.mapper import DaybookMapper
from events.log.types import TypeRegistry
from events.log.vault import Vault
from services.enrollment.places import SEALED
from services.enrollment.wiring import AGGREGATES
from tests.support import frozen

FOLDER = Path(__file__).parent / "frozen"
FILES = sorted(FOLDER.glob("*.jsonl"))


@pytest.fixture
def mapper(tmp_path: Path) -> DaybookMapper:
    """The keys under which the frozen lines were sealed are gone."""
    vault = Vault.connect(f"sqlite:///{tmp_path}/keys.db", b"k" * 32)
    for participant_id in (PARTICIPANT, ANOTHER):
        vault.seal(str(participant_id), "anything")
        vault.destroy(str(participant_id))
    return DaybookMapper(TypeRegistry("enrollment", AGGREGATES), vault)


def test_every_event_class_is_frozen(mapper):
    lines = {line.type for file in FILES for line in frozen.read(file)}
    assert lines == {entry.name for entry in mapper.registry}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_frozen_events_load_and_make_an_aggregate(mapper, file):
    aggregate = frozen.load(file, mapper)
    assert aggregate.version == len(frozen.read(file))


def test_a_frozen_episode_means_what_it_meant(mapper):
    episode = frozen.load(FOLDER / "episode.jsonl", mapper)
    assert (episode.participant_id, episode.admitted_at, episode.discharged_at) == (PARTICIPANT, day(1), day(9))
    assert episode.suspensions == {}
    assert episode.plan.components == ("group_therapy", "individual_therapy")
    assert not episode.assessed_at_intake


def test_a_frozen_track_means_what_it_meant(mapper):
    track = frozen.load(FOLDER / "track.jsonl", mapper)
    assert (track.census_limit, len(track.places), track.waitlist) == (2, 2, {})
    assert EPISODE not in track.places


def test_the_places_that_queries_open_are_sealed_fields_of_events(mapper):
    sealed = {entry.place(field) for entry in mapper.registry for field in entry.personal}
    named = frozenset().union(*SEALED.values()) | {place for place in PERSONS if place.startswith("enrollment.")}
    assert named <= sealed


def test_a_score_from_before_scales_were_kept_means_what_it_meant(mapper):
    assert frozen.load(FOLDER / "follow_up.jsonl", mapper).last_scores == {"phq_9": 9}
    assert frozen.load(FOLDER / "follow_up_scales.jsonl", mapper).last_scores == {"ede_q": 2.8}
