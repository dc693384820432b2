"""What is known to be missing, until it was asked for. What is found missing while the answer is on its way stays."""

from collections.abc import Collection, Iterator


class Missing:
    """(source, partition) of which a message told that something before it was lost, or more is left to pull."""

    def __init__(self) -> None:
        self.count = 0
        """How many times something was found missing."""
        self._since: dict[tuple[str, int], int] = {}

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self._since)

    def __len__(self) -> int:
        return len(self._since)

    def of(self, source: str, partitions: Collection[int]) -> frozenset[int]:
        """The partitions of a source, of those given."""
        return frozenset(partition for name, partition in self if name == source and partition in partitions)

    def note(self, source: str, partition: int) -> None:
        """Something is missing, as of now."""
        self.count += 1
        self._since[source, partition] = self.count

    def settle(self, source: str, partitions: Collection[int], missed: int) -> None:
        """What was known to be missing when ``count`` was ``missed`` has been asked for."""
        for partition in partitions:
            if self._since.get((source, partition), missed + 1) <= missed:
                del self._since[source, partition]

    def keep(self, partitions: Collection[int]) -> None:
        """Forgets what is missing of other partitions: they are another copy's now."""
        self._since = {place: since for place, since in self._since.items() if place[1] in partitions}
