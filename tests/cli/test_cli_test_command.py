"""`./daybook test` for somebody who is new here: what is wrong is said before servers are started."""

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
