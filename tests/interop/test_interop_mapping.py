"""Mapping files: errors name file, key and reason."""

from pathlib import Path

import pytest

from services.interop.mapping import SHIPPED, MappingError, load_mapping, load_mappings

GOOD = "name: st-elsewhere\nsenders: [{application: A, facility: B}]\n"


def write(folder: Path, text: str, name: str = "h.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("senders: []", "name"),
        ("name: St Elsewhere\nsenders: [{application: A, facility: B}]", "name"),
        ("name: st-elsewhere", "senders"),
        (GOOD + "versions: ['3.0']", "versions.0"),
        (GOOD + "charset: klingon", "charset"),
        (GOOD + "time_zone: Mars/Base", "time_zone"),
        (GOOD + "colour: red", "colour"),
        (GOOD + "retention_days: -1", "retention_days"),
        (GOOD + "send: {application: A, facility: B}", "send._schema"),
        (GOOD + "send: {application: A, facility: B, mllp: nowhere}", "send.mllp"),
        (GOOD + "send: {application: A, facility: B, amqp: true, give_up_hours: 0}", "send.give_up_hours"),
        (GOOD + "send: {application: A, facility: B, amqp: true, messages: [ADT^A99]}", "send.messages.0"),
    ],
)
def test_a_wrong_mapping_is_refused_with_file_key_and_reason(tmp_path: Path, text: str, key: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(MappingError) as caught:
        load_mapping(path)
    assert str(caught.value).startswith(f"{path}: {key}: ")


def test_text_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="line 2"):
        load_mapping(write(tmp_path, "name: x\n  bad: [1\n"))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("refers: true\nrefers: false\n", "refers"),
        ("authorities: {MR: st-elsewhere, MR: other}\n", "MR"),
        ("send:\n  application: A\n  application: B\n", "application"),
    ],
)
def test_a_key_that_stands_twice_is_refused_with_file_line_and_key(tmp_path: Path, more: str, told: str) -> None:
    """YAML would let the second win in silence: a hospital's numbers attributed to somebody else."""
    text = GOOD + more
    path = write(tmp_path, text)
    last = max(number for number, line in enumerate(text.splitlines(), 1) if f"{told}:" in line)
    with pytest.raises(MappingError) as caught:
        load_mapping(path)
    assert str(caught.value) == f"{path}: line {last}: {told}: stands twice"


def test_two_hospitals_cannot_claim_one_sender(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a.yaml")
    write(tmp_path, GOOD.replace("st-elsewhere", "other"), "b.yaml")
    with pytest.raises(MappingError, match=r"b\.yaml: senders: A\|B is st-elsewhere's already"):
        load_mappings([tmp_path])


def test_an_operators_folder_replaces_a_shipped_mapping_of_the_same_name(tmp_path: Path) -> None:
    write(tmp_path, "name: riverside\nsenders: [{application: R, facility: R}]\nretention_days: 5\n")
    found = load_mappings([SHIPPED, tmp_path]).named("riverside")
    assert found is not None and found.retention_days == 5


def test_exact_senders_win_over_wildcards(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a.yaml")
    write(tmp_path, "name: any\nsenders: [{application: '*', facility: '*'}]\n", "0.yaml")
    found = load_mappings([tmp_path])
    assert [found.of_sender("A", "B").name, found.of_sender("X", "Y").name] == ["st-elsewhere", "any"]
