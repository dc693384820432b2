"""The launcher on a machine that has little: it says what is missing and what to do."""

import os
import runpy
import shutil
import subprocess
import sys

import pytest

from tests.cli.cli_process import ROOT, environment
from tests.support.patience import PATIENCE_SECONDS

OLD = """
import runpy, sys
sys.version_info = (3, 9, 2, "final", 0)
sys.argv = ["daybook", "demo"]
runpy.run_path({launcher!r}, run_name="__main__")
"""


@pytest.fixture
def project(tmp_path):
    """A copy of what the launcher needs, without an environment."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("daybook", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, folder)
    return folder


def launch(project, *words, **settings):
    command = [sys.executable, str(project / "daybook"), *words]
    given = environment(**settings)
    return subprocess.run(
        command, cwd=project, env=given, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


def test_an_old_python_is_refused_before_anything_is_made(project):
    script = OLD.format(launcher=str(project / "daybook"))
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 2
    assert "error: Daybook needs Python 3.11 or later, this is 3.9" in done.stderr
    assert "hint: " in done.stderr
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("words", [("demo",), ("test",)])
def test_without_a_network_it_says_what_failed_and_does_not_take_the_rest_for_ready(project, words):
    for _ in range(2):
        done = launch(project, *words, PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_CONFIG_FILE=os.devnull)
        assert done.returncode == 2
        assert "error: installing the locked dependencies failed" in done.stderr
        assert "check the network" in done.stderr.partition("hint: ")[2]
        assert "Traceback" not in done.stderr.partition("error: ")[2]


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(project):
    done = launch(project, "status", DAYBOOK_VENV=str(project / "daybook" / "environment"))
    assert done.returncode == 2
    assert f"error: the environment cannot be made in {project}/daybook/environment: File exists" in done.stderr
    assert "hint: " in done.stderr and "DAYBOOK_VENV=" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_place_for_the_environment_is_meant_from_where_one_stands(project, tmp_path):
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull, "DAYBOOK_VENV": "mine"}
    subprocess.run(
        [sys.executable, str(project / "daybook"), "status"],
        cwd=tmp_path, env=environment(**settings), capture_output=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert (tmp_path / "mine" / "bin" / "python").exists()
    assert not (project / "mine").exists()


def test_an_environment_that_is_ready_is_used_at_once_and_gives_its_exit_status(project):
    """The environment is a stand-in: a marker, and a python that tells what it was asked for."""
    wanted = runpy.run_path(str(project / "daybook"))["wanted"]("requirements.lock")
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@"\nexit 7\n')
    python.chmod(0o755)
    (project / ".venv" / "made-from-requirements.lock").write_text(wanted)
    done = launch(project, "status", "--json")
    assert (done.returncode, done.stdout.strip()) == (7, "-m services.cli status --json")


def test_another_lock_makes_the_environment_anew(project):
    """A marker of other versions does not count, so that an upgrade is never run on old dependencies."""
    (project / ".venv").mkdir()
    (project / ".venv" / "made-from-requirements.lock").write_text("of another lock")
    done = launch(project, "status", PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 2
    assert "setting up .venv" in done.stderr
