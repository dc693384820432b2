"""The loops of the gateway beside its followers."""

from collections.abc import Iterable
from typing import Any

from services.platform.definition import Loop, Runtime


def background(runtime: Runtime, application: Any) -> Iterable[Loop]:
    return ()
