"""All services of Daybook, by name. The one place that knows them all."""

import importlib

from services.platform.definition import ServiceDefinition

SERVICES = ("enrollment", "scheduling", "attendance", "medication_review", "interop")


def definition(service: str) -> ServiceDefinition:
    """The definition of one service. Raises ``KeyError`` for an unknown name."""
    if service not in SERVICES:
        raise KeyError(service)
    wiring = importlib.import_module(f"services.{service}.wiring")
    defined: ServiceDefinition = wiring.define()
    return defined


def definitions() -> tuple[ServiceDefinition, ...]:
    """The definitions of all services."""
    return tuple(definition(service) for service in SERVICES)
