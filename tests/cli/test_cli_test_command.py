"""`./daybook test` for somebody who is new here: what is wrong is said before servers are started."""

import signal
import tempfile
from pathlib import Path

import pytest

from tests.support import debian, run
from tests.support.instance import ServerUnavailable


@pytest.mark.parametrize("word", ["tests/nothing.py", "tests/nothing.py::test_this"])
def test_a_test_file_that_is_not_there_is_named(word: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run.main([word]) == 2
    said = capfd.readouterr().err
    assert "error: there is no tests/nothing.py\nhint: " in said
    assert "starting" not in said


def test_what_tests_write_lies_in_memory_where_there_is_room_and_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def provide() -> dict[str, str]:
        seen.append(Path(tempfile.mkdtemp()))
        raise ServerUnavailable("none here")

    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", "")
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(run, "provide", provide)
    monkeypatch.setattr(run, "MEMORY", tmp_path)
    for room in (0, 2**62):
        monkeypatch.setattr(run, "ROOM", room)
        assert run.main([]) == 2
    in_memory, elsewhere = seen
    elsewhere.rmdir()
    assert (in_memory.is_relative_to(tmp_path), elsewhere.is_relative_to(tmp_path)) == (True, False)
    assert list(tmp_path.iterdir()) == []


def test_what_another_user_has_unpacked_is_used_without_writing_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "TOOLS", tmp_path)
    unpacked = tmp_path / "rabbitmq-server" / "root"
    unpacked.mkdir(parents=True)
    (tmp_path / "rabbitmq-server.lock").mkdir()  # cannot be opened for writing, by root neither
    assert debian.unpacked("rabbitmq-server") == unpacked


def test_where_nothing_can_be_unpacked_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "TOOLS", tmp_path / "file" / "tools")
    (tmp_path / "file").touch()
    with pytest.raises(ServerUnavailable, match=f"rabbitmq-server cannot be unpacked into {tmp_path}/file/tools"):
        debian.unpacked("rabbitmq-server")
