"""Keys of raw messages: made ahead, each given once."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from events.log.vault import Vault
from services.interop.stock import AT_ONCE, LOW, KeyStock


class Counting:
    """A vault, as far as the stock asks it."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def prepare(self, subjects: Iterable[str]) -> None:
        self.made.extend(subjects)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    found = Vault.connect(f"sqlite:///{tmp_path}/keys.sqlite", bytes(32))
    yield found
    found.close()


def test_every_message_has_a_key_of_its_own_however_many_threads_ask(vault: Vault) -> None:
    stock = KeyStock(vault)
    with ThreadPoolExecutor(8) as pool:
        taken = [
            subject for some in pool.map(lambda _: [stock.take() for _ in range(50)], range(8)) for subject in some
        ]
    assert len(set(taken)) == len(taken) == 400
    assert vault.open(vault.seal(taken[0], "raw")) == "raw"
    vault.destroy(taken[0])
    assert vault.open(vault.seal(taken[1], "raw")) == "raw"


def test_more_are_made_before_the_last_is_taken() -> None:
    vault = Counting()
    stock = KeyStock(vault)
    for _ in range(AT_ONCE - LOW):
        stock.take()
    assert (len(vault.made), stock.step()) == (AT_ONCE, 0)
    stock.take()
    assert (stock.step(), len(vault.made)) == (AT_ONCE, 2 * AT_ONCE)
    taken = {stock.take() for _ in range(AT_ONCE)}
    assert len(vault.made) == 2 * AT_ONCE
    assert taken <= set(vault.made)
