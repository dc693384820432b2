"""Sealing, erasing and looking up personal data."""

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from events.log.commands import Unit, payload
from events.log.database import Database
from events.log.errors import BadSeal, PersonalDataUnavailable, UnsafeDatabase
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import ERASED, Vault, subject_of
from tests.support.library import MASTER_KEY, NOW, Library, Shelf

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.processes)])
def keys_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'keys.sqlite'}"
    return str(request.getfixturevalue("postgres_url"))


@given(st.text(min_size=1), json_values, st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_what_is_sealed_opens_to_the_same_value(vault: Vault, subject: str, value: object, context: str) -> None:
    subject = subject.replace("\x00", "")  # PostgreSQL's text has no such character
    if not subject:
        return
    sealed = vault.seal(subject, value, context=context)
    assert sealed.startswith(f"sealed:1:{subject}:")
    assert vault.open(sealed) == value
    assert subject_of(sealed) == subject


def test_the_same_value_is_never_sealed_to_the_same_text(vault: Vault) -> None:
    assert vault.seal("ada", "Lovelace") != vault.seal("ada", "Lovelace")


def test_a_destroyed_key_erases_everything_sealed_with_it_and_nothing_else(vault: Vault) -> None:
    ada, bob = vault.seal("ada", "Lovelace"), vault.seal("bob", "Babbage")
    assert vault.destroy("ada") == 1
    assert vault.open(ada) is ERASED
    assert (bool(ERASED), str(ERASED)) == (False, "[erased]")
    assert vault.open(bob) == "Babbage"
    assert vault.destroy("ada") == 0


def test_nothing_new_can_be_sealed_for_someone_who_was_erased(vault: Vault) -> None:
    vault.destroy("never seen before")
    with pytest.raises(PersonalDataUnavailable):
        vault.seal("never seen before", "x")


def test_keys_made_ahead_leave_those_that_are_there_and_those_that_are_destroyed(vault: Vault, keys_url: str) -> None:
    sealed = vault.seal("known", "Ada")
    vault.seal("erased", "Ben")
    vault.destroy("erased")
    elsewhere = Vault.connect(keys_url, MASTER_KEY)
    elsewhere.prepare(["new", "known", "erased", "new", "another"])
    assert elsewhere.open(sealed) == "Ada"
    assert vault.open(elsewhere.seal("new", "Cyd")) == "Cyd"
    assert elsewhere.open(vault.seal("another", "Dot")) == "Dot"
    with pytest.raises(PersonalDataUnavailable):
        elsewhere.seal("erased", "Eve")
    elsewhere.close()


def test_erasing_a_participant_erases_the_messages_that_became_theirs(vault: Vault) -> None:
    message = vault.seal("message:7", "MSH|…")
    vault.assign("message:7", ["ada", "bob"])
    vault.assign("ada", ["ada's later number"])
    assert vault.destroy("ada's later number") == 1
    assert vault.open(message) is ERASED


def test_erasing_takes_effect_in_other_processes_within_two_seconds(vault: Vault, keys_url: str) -> None:
    elsewhere = Vault.connect(keys_url, MASTER_KEY)
    sealed = elsewhere.seal("ada", "Lovelace")
    assert elsewhere.open(sealed) == "Lovelace"
    vault.destroy("ada")
    destroyed = asked = time.monotonic()
    while elsewhere.open(sealed) is not ERASED:
        assert asked < destroyed + 2
        time.sleep(0.05)
        asked = time.monotonic()
    elsewhere.close()


def test_a_key_that_is_destroyed_while_it_is_read_is_not_kept(vault: Vault, keys_url: str) -> None:
    ada, bob = vault.seal("ada", "Lovelace"), vault.seal("bob", "Babbage")
    elsewhere = Vault.connect(keys_url, MASTER_KEY)
    destroyed: list[int] = []

    def meanwhile(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "wrapped" in statement and not destroyed:
            destroyed.append(vault.destroy("ada"))
            elsewhere._keys._checked = float("-inf")
            assert elsewhere.open(bob) == "Babbage"  # another thread, which finds out that something was destroyed

    event.listen(elsewhere._keys._engine, "after_cursor_execute", meanwhile)
    elsewhere.open(ada)
    assert destroyed == [1]
    assert elsewhere.open(ada) is ERASED
    elsewhere.close()


def test_sealing_many_values_for_someone_asks_the_database_about_once_a_second(vault: Vault) -> None:
    vault.seal("ada", 0)
    asked: list[str] = []
    event.listen(vault._keys._engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))
    for number in range(200):
        vault.open(vault.seal("ada", number))
    assert len(asked) <= 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "sealed:1:",
        "sealed:1:ada",
        "sealed:1:ada:",
        "sealed:1:ada:AAAA",
        "sealed:2:ada:AAAA",
        "sealed:1:ada:ä",
    ],
)
def test_what_is_no_seal_is_refused(vault: Vault, text: str) -> None:
    with pytest.raises(BadSeal):
        vault.open(text)


def test_a_seal_cannot_be_changed_or_moved_to_someone_or_somewhere_else(vault: Vault) -> None:
    vault.seal("bob", "x")
    sealed = vault.seal("ada", "Lovelace", context="name")
    assert vault.open(sealed, context="name") == "Lovelace"
    with pytest.raises(BadSeal):
        vault.open(sealed, context="address")
    with pytest.raises(BadSeal):
        vault.open(sealed.replace(":ada:", ":bob:"))
    flipped = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    with pytest.raises(BadSeal):
        vault.open(flipped)


def test_a_seal_opens_as_whose_and_in_which_places_the_opener_says(vault: Vault) -> None:
    vault.seal("bob", "x")
    sealed = vault.seal("ada", "Lovelace", context="name")
    assert vault.open(sealed, subject="ada", context=frozenset({"name", "former name"})) == "Lovelace"
    with pytest.raises(BadSeal, match="'name'"):
        vault.open(sealed, context=frozenset({"address", ""}))
    with pytest.raises(BadSeal, match="ada stands where one of bob belongs"):
        vault.open(sealed, subject="bob")
    vault.destroy("ada")
    assert vault.open(sealed, subject="ada", context="name") is ERASED
    with pytest.raises(BadSeal):
        vault.open(sealed, context="address")


class OneKey:
    """Stands in for the key store: the key of everybody is known."""

    def key(self, subject: str) -> AESGCM:
        return AESGCM(bytes(32))


NAMED = "sealed:1:ada:ABtsaWJyYXJ5LnNoZWxmLnB1dF91cC5rZWVwZXJohY8LtEHGwUARA1tVJlFpqWMGie3qiWODHF8xlu_yLSPkBN_2ZA"
UNNAMED = "sealed:1:ada:AAAWpeQUnsLEZb8QH68Rc6Xn0d99KaDppN9xSe9dsBcTWL9AisfcpQ"


@pytest.mark.parametrize(("sealed", "context"), [(NAMED, "library.shelf.put_up.keeper"), (UNNAMED, "")])
def test_the_form_of_a_seal_is_fixed_for_ever(sealed: str, context: str) -> None:
    opened = Vault(OneKey(), bytes(32)).open(sealed, subject="ada", context=context)
    assert opened == "Lovelace"


def test_look_up_is_equal_for_equal_parts_only_and_differs_by_master_key(vault: Vault, tmp_path: Path) -> None:
    assert vault.lookup("hospital", "4711") == vault.lookup("hospital", "4711")
    assert len(vault.lookup("hospital", "4711")) == 32
    assert vault.lookup("hospital", "4711") != vault.lookup("hospita", "l4711")
    other = Vault.connect(f"sqlite:///{tmp_path / 'other.sqlite'}", bytes(32))
    assert vault.lookup("hospital", "4711") != other.lookup("hospital", "4711")
    other.close()


def test_many_processes_may_make_one_key_store_at_the_same_time(keys_url: str) -> None:
    together = threading.Barrier(8)

    def start(_: int) -> Vault:
        together.wait()
        return Vault.connect(keys_url, MASTER_KEY)

    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(start, range(8)))
    sealed = opened[0].seal("ada", "Lovelace")
    assert {vault.open(sealed) for vault in opened} == {"Lovelace"}
    for vault in opened:
        vault.close()


def test_another_master_key_is_refused_at_start(vault: Vault, keys_url: str) -> None:
    with pytest.raises(UnsafeDatabase, match="another master key"):
        Vault.connect(keys_url, bytes(32))
    with pytest.raises(ValueError, match="32 bytes"):
        Vault.connect(keys_url, b"short")


def test_a_destroyed_key_is_gone_from_the_files_too(tmp_path: Path) -> None:
    vault = Vault.connect(f"sqlite:///{tmp_path / 'k.sqlite'}", MASTER_KEY)
    vault.seal("ada", "Lovelace")
    with vault._keys._engine.connect() as connection:
        wrapped = connection.exec_driver_sql("SELECT wrapped FROM vault_key WHERE subject = 'ada'").scalar_one()
    vault.destroy("ada")
    for file in tmp_path.glob("k.sqlite*"):
        assert wrapped not in file.read_bytes()
    vault.close()


def test_nothing_personal_is_on_disk_in_plain_text_nor_as_a_hash_that_can_be_guessed(
    data_dir: Path, tmp_path: Path
) -> None:
    database = Database.open(f"sqlite:///{data_dir / 'library.sqlite'}", "library")
    database.migrate()
    vault = Vault.connect(f"sqlite:///{tmp_path / 'keys.sqlite'}", MASTER_KEY)
    library = Library(EventLog(database, TypeRegistry("library", [Shelf]), vault, lambda: NOW))
    shelf, context = uuid4(), library.context()
    command = Keep(shelf, "Ada Lovelace")

    def decide(unit: Unit) -> dict[str, str]:
        unit.add(Shelf.put_up(shelf, NOW, keeper=command.keeper))
        return {}

    library.log.execute(command, context, decide)
    on_disk = b"".join(file.read_bytes() for file in tmp_path.rglob("*.sqlite*"))
    assert str(shelf).encode() in on_disk
    assert b"Lovelace" not in on_disk
    assert hashlib.sha256(payload(command)).digest() not in on_disk
    vault.close()
    database.close()


@dataclass(frozen=True)
class Keep:
    shelf: UUID
    keeper: str
