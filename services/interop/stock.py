"""Keys of raw messages, made ahead: no message waits for the key store, unless they come faster than keys are made."""

import os
from collections import deque
from threading import Event, Lock
from uuid import UUID

from events.log.vault import Vault

AT_ONCE = 256
"""How many are made in one transaction. What is left when the process ends is never used."""
LOW = 128
"""With fewer left, more are made."""
IDLE_SECONDS = 0.2


class KeyStock:
    """A loop of the service that keeps keys in stock. ``take`` may be called from any thread."""

    name = "message keys"

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._subjects: deque[str] = deque()
        self._making = Lock()
        self._low = Event()

    def take(self) -> str:
        """A subject of its own, whose key is at hand."""
        while True:
            try:
                subject = self._subjects.popleft()
            except IndexError:
                with self._making:
                    if not self._subjects:
                        self._make()
            else:
                if len(self._subjects) < LOW:
                    self._low.set()
                return subject

    def step(self) -> int:
        """Makes more when few are left; how many."""
        if not self._low.wait(IDLE_SECONDS):
            return 0
        self._low.clear()
        with self._making:
            return self._make() if len(self._subjects) < LOW else 0

    def wait(self, seconds: float) -> None:
        """A step that had nothing to do has waited already."""

    def close(self) -> None:
        """Nothing to give back."""

    def _make(self) -> int:
        chance = os.urandom(16 * AT_ONCE)  # asked for once: each call costs as much as the rest of a key
        fresh = [f"message:{UUID(bytes=chance[n : n + 16], version=4)}" for n in range(0, len(chance), 16)]
        self._vault.prepare(fresh)
        self._subjects.extend(fresh)
        return len(fresh)
