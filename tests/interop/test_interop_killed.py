"""Keep first, answer second: killed between append and acknowledgment, nothing is lost and nothing done twice."""

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from services.interop.mllp.client import MllpClient, NoAnswer
from tests.interop.gateway import gateway, stay, types
from tests.support.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.processes
SCRIPT = Path(__file__).parent / "interop_listener.py"


def started(folder: Path, *how: str) -> tuple["subprocess.Popen[str]", MllpClient]:
    process = subprocess.Popen([sys.executable, str(SCRIPT), str(folder), *how], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, MllpClient("127.0.0.1", int(process.stdout.readline()), timeout=PATIENCE_SECONDS)


def test_killed_between_append_and_acknowledgment(tmp_path: Path) -> None:
    message = stay("A01", control_id="C1")
    first, client = started(tmp_path, "DIE")
    with pytest.raises(NoAnswer):
        client.send(message, "C1")
    assert first.wait(PATIENCE_SECONDS) == -9
    second, client = started(tmp_path)
    try:
        assert client.send(message, "C1")[0] == "AA"
    finally:
        second.kill()
        second.wait(PATIENCE_SECONDS)
    with gateway(tmp_path) as hospital:
        participant = uuid4()
        hospital.register(participant, "42")
        counts = hospital.summary()
        assert (counts["received"], counts["accepted"], counts["duplicate"], counts["applied"]) == (2, 1, 1, 1)
        assert types(hospital.told(participant)) == ["hospitalization_started"]
