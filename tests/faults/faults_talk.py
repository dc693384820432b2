"""Clients that give every command an id and repeat it until there is a definite answer."""

import http.client
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from events.contract.canonical import dumps
from services.cli.client import Client, Refusal
from tests.support.patience import PATIENCE_SECONDS

PACKS = ["medicare_iop", "district_of_columbia", "program_default"]
TRACK = {"name": "Adult mental health", "time_zone": "America/New_York", "packs": PACKS, "census_limit": 10_000}
BETWEEN_SECONDS = 0.03
ROUNDS = 3
"""How often one participant's episode is suspended and resumed."""


@dataclass(frozen=True)
class Said:
    """A command and what became of it. ``answer``: None when its client never heard."""

    kind: str
    command_id: UUID
    answer: Mapping[str, Any] | None


class Talk:
    """Everything that was said to enrollment. ``urls``: where its copies answer; who does not is left for the next."""

    def __init__(self, urls: Sequence[str], token: str) -> None:
        self.said: list[Said] = []
        self.refused: list[str] = []
        self.failures: list[BaseException] = []
        self._urls = urls
        self.token = token
        self._track: str | None = None

    @contextmanager
    def going_on(self, talkers: int = 3) -> Iterator[None]:
        """Talks in threads while the block lasts; at its end every command has its answer."""
        self._track = self.say("open_track", "POST", "/enrollment/tracks", TRACK)["track_id"]
        over = threading.Event()
        threads = [threading.Thread(target=self._keep_talking, args=(over,)) for _ in range(talkers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()
        assert not self.failures, self.failures

    def say(self, kind: str, method: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """One command, repeated under its id until it is answered. Anything from 500 up is no definite answer."""
        command_id, until = uuid4(), time.monotonic() + PATIENCE_SECONDS
        for attempt in range(1_000_000):
            client = Client(self._urls[attempt % len(self._urls)], self.token, timeout=30)
            try:
                answer = client.call(method, path, body, command_id=command_id)
            except Refusal as refusal:
                if refusal.status < 500 and refusal.kind != "conflict":
                    self.refused.append(f"{kind}: {refusal}")
                    raise
            except (OSError, http.client.HTTPException):
                pass
            else:
                self.said.append(Said(kind, command_id, answer))
                return answer
            finally:
                client.close()
            assert time.monotonic() < until, f"{kind} had no answer in {PATIENCE_SECONDS} s"
            time.sleep(0.05)
        raise AssertionError("unreachable")

    def say_and_leave(self, kind: str, path: str, body: Mapping[str, Any]) -> None:
        """A client that is gone before the answer, and never asks again."""
        command_id = uuid4()
        self.said.append(Said(kind, command_id, None))
        parts = urlsplit(self._urls[0])
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Daybook-Command-Id": str(command_id),
        }
        try:
            connection.request("POST", path, dumps(body), headers)
        except OSError:
            pass  # nobody was there to hear it
        finally:
            connection.close()

    def _keep_talking(self, over: threading.Event) -> None:
        try:
            while not over.is_set():
                self._one_participant(over)
        except BaseException as failure:
            self.failures.append(failure)

    def _one_participant(self, over: threading.Event) -> None:
        person = {"person": {"family": "Okafor", "given": "Ada", "birth_date": "1990-04-01", "sex": "female"}}
        participant = self.say("register", "POST", "/enrollment/participants", person)["participant_id"]
        admission = {
            "track_id": self._track,
            "components": ["group_therapy"],
            "override_reason": "a test of what happens when machines fail",
            "level_of_care": "mental_health_iop",
            "age_group": "adult",
        }
        admitted = self.say("admit", "POST", f"/enrollment/participants/{participant}/episodes", admission)
        episode = f"/enrollment/episodes/{admitted['episode_id']}"
        for _ in range(ROUNDS):
            if over.wait(BETWEEN_SECONDS):
                return
            self.say("suspend", "POST", f"{episode}/suspension", {"reason": "vacation"})
            self.say("resume", "POST", f"{episode}/resumption", {})
        self.say_and_leave("open_track", "/enrollment/tracks", TRACK)
