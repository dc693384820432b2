"""The command line as a real process, and services that run for it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.cli.client import Client
from services.platform import keyring
from services.platform.settings import load
from tests.support.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    """What a command answered. ``error`` and ``hint`` are those lines of standard error, without their label."""

    status: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """The JSON object on the last line."""
        return json.loads(self.out.splitlines()[-1])

    @property
    def error(self) -> str:
        return self._line("error: ")

    @property
    def hint(self) -> str:
        return self._line("hint: ")

    def _line(self, label: str) -> str:
        return "\n".join(line.removeprefix(label) for line in self.err.splitlines() if line.startswith(label))


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without settings of Daybook, and with these."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_")} | settings


def daybook(*words: str | Path, cwd: Path = ROOT, **settings: str) -> Said:
    """Runs `./daybook WORDS` to its end."""
    command = [sys.executable, "-m", "services.cli", *(str(word) for word in words)]
    given = environment(PYTHONPATH=str(ROOT), **settings)
    done = subprocess.run(
        command, cwd=cwd, env=given, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    return Said(done.returncode, done.stdout, done.stderr)


class Up:
    """A running `./daybook up --data DIR`."""

    def __init__(self, data: Path, *words: str) -> None:
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        command = [sys.executable, "-m", "services.cli", "up", "--data", str(data), "--port", "0", "--mllp-port", "0"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*command, *words], cwd=ROOT, env=environment(), stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE_SECONDS
        while not (data / "running.json").exists():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)
        self.url = json.loads((data / "running.json").read_text())["url"]
        while "started" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def client(self, *roles: str) -> Client:
        issuer = keyring.token_issuer(load({}, data=self.data))
        assert issuer is not None
        return Client(self.url, issuer.issue("person-1", roles, datetime.now(UTC)))

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def admitted(client: Client, person: Mapping[str, Any]) -> dict[str, str]:
    """A track with one admitted participant; their ids."""
    track = client.post(
        "/enrollment/tracks",
        {"name": "Evenings", "time_zone": "America/New_York", "packs": ["medicare_iop"], "census_limit": 5},
    )
    registered = client.post("/enrollment/participants", {"person": person})
    path = f"/enrollment/participants/{registered['participant_id']}"
    answers = {
        "needs_more_than_outpatient": 1, "step_down": 0, "significant_distress_or_impairment": 1,
        "needs_24_hour_care": 0, "acute_withdrawal": 0, "imminent_risk": 0,
    }  # fmt: skip
    assessment = {"kind": "mental_health", "answers": answers, "age_group": "adult"}
    assessed = client.post(f"{path}/assessments", assessment)
    components = ["individual_therapy", "group_therapy", "medication_management", "psychoeducation", "support_group"]
    admission = {"track_id": track["track_id"], "assessment_id": assessed["assessment_id"], "components": components}
    episode = client.post(f"{path}/episodes", admission)
    return {"participant_id": registered["participant_id"], "episode_id": episode["episode_id"]}
