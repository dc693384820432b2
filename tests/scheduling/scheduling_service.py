"""The whole scheduling service on a real log, as its tests tell it things and ask it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scheduling_world import NOW

from events.contract.envelope import CloudEvent
from services.scheduling.wiring import define
from tests.support import whole_service
from tests.support.whole_service import WholeService

Told = tuple[str, Mapping[str, Any], datetime]
"""Type without version, data, when it happened there."""


class Service(WholeService):
    """What is told waits until ``settle``, so that tests choose what is decided in between."""

    def __init__(self, url: str, keys_url: str, now: datetime = NOW) -> None:
        super().__init__(define(), url, keys_url, now)

    def told(self, *events: Told) -> list[CloudEvent]:
        """Received in this order, each with the next number of its source and partition."""
        received = [self._cloud_event(whole_service.Told(*event)) for event in events]
        self.received(received)
        return received
