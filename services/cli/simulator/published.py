"""All published events of all services, as any integration reads them from the services' feeds."""

from collections.abc import Iterator
from pathlib import Path

from events.contract.canonical import dumps
from events.transport.source import Heads
from services.cli.client import Client
from services.cli.composition import SERVICES

PAGE = 500


def write_published(client: Client, path: Path) -> int:
    """One CloudEvent a line, service by service, generation by generation and partition by partition, each in the order
    of its sequence. The number of lines. ``client`` may read feeds."""
    count = 0
    with path.open("wb") as file:
        for service in SERVICES:
            for event in _events(client, service):
                file.write(event + b"\n")
                count += 1
    return count


def _events(client: Client, service: str) -> Iterator[bytes]:
    heads = Heads.from_document(client.get(f"/{service}/feed"))
    for generation, partitions in heads.generations():
        for partition, last in sorted(partitions.items()):
            after = 0
            while after < last:
                params = {"after": after, "limit": PAGE, "generation": generation}
                events = client.get(f"/{service}/feed/{partition}", **params)["events"]
                yield from map(dumps, events)
                after += len(events)
