"""Order per patient, over all of a patient's numbers: nothing passes a message that was accepted and stands still."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.interop.domain.commands import DiscardMessage, ReplayMessage
from services.interop.mapping import SHIPPED, Mappings, load_mappings
from services.interop.meaning import Meaning
from services.platform.web import Query
from tests.interop.gateway import Gateway, er7, gateway

ADA, BEN = uuid4(), uuid4()


def about(*numbers: str) -> str:
    """The PID of a person with these numbers."""
    return "PID|1||" + "~".join(f"{one}^^^RIVERSIDE^MR" for one in numbers) + "||Umberleigh^Eudora"


def result(code: str, *numbers: str) -> bytes:
    """A result that is known again by its code."""
    return er7("ORU^R01", "", "OBR|1", f"OBX|1|NM|{code}^x^LN||1|u|||||F", pid=about(*numbers))


def merge(survivor: str, retired: str) -> bytes:
    return er7("ADT^A40", "", f"MRG|{retired}^^^RIVERSIDE", pid=about(survivor))


def told(found: Gateway, participant: UUID) -> list[str]:
    """What was told about a participant, in order: results by their codes, anything else by its type."""
    return [data.get("code") or kind for kind, data in found.told(participant)]


def state(found: Gateway, message_id: UUID) -> str:
    return str(found.application.queries.message(Query({"message_id": message_id}))["state"])


@pytest.fixture
def two_people(stored: Gateway) -> Gateway:
    """Ada is known under 1 and 10, Ben under 2."""
    stored.register(ADA, "1", "10")
    stored.register(BEN, "2")
    return stored


def test_a_parked_message_holds_up_the_patients_of_all_its_numbers_and_nobody_else(two_people: Gateway) -> None:
    other = uuid4()
    two_people.register(other, "3")
    (parked,) = two_people.receive(result("first", "1", "2"))
    waiting = two_people.receive(result("second", "1"), result("third", "2"), result("fourth", "10"), result("x", "3"))
    assert told(two_people, ADA) == told(two_people, BEN) == [] and told(two_people, other) == ["x"]
    assert [state(two_people, one.message_id) for one in waiting] == ["held_up"] * 3 + ["applied"]
    (shown,) = two_people.application.queries.messages(Query({"state": "parked"}))["messages"]
    assert (shown["message_id"], shown["holds_up"]) == (str(parked.message_id), 3)
    assert two_people.summary()["held_up"] == 3
    two_people.execute(DiscardMessage(parked.message_id, "not_for_us"))
    assert (told(two_people, ADA), told(two_people, BEN)) == (["second", "fourth"], ["third"])
    counts = two_people.summary()
    assert (counts["accepted"], counts["applied"], counts["held_up"], counts["pending"]) == (4, 4, 0, 0)


def test_what_is_held_up_holds_up_what_comes_after_it_in_turn(two_people: Gateway) -> None:
    last = uuid4()
    two_people.register(last, "3")
    (parked,) = two_people.receive(result("first", "1", "2"))
    two_people.receive(merge("2", "3"))
    two_people.receive(result("after", "3"))
    assert told(two_people, BEN) == told(two_people, last) == []
    two_people.execute(DiscardMessage(parked.message_id, "not_for_us"))
    assert told(two_people, last) == ["identities_merged"]
    assert told(two_people, BEN) == ["identities_merged", "after"]


def test_a_merge_waits_for_both_patients(two_people: Gateway) -> None:
    last = uuid4()
    two_people.register(last, "3")
    (parked,) = two_people.receive(result("first", "2", "3"))
    two_people.receive(result("second", "3"), merge("1", "2"), result("third", "1"), result("fourth", "2"))
    assert told(two_people, ADA) == told(two_people, BEN) == told(two_people, last) == []
    two_people.execute(DiscardMessage(parked.message_id, "not_for_us"))
    assert told(two_people, last) == ["second"] and told(two_people, BEN) == ["identities_merged"]
    assert told(two_people, ADA) == ["identities_merged", "third", "fourth"]


def test_a_parked_message_that_is_replayed_keeps_its_place(two_people: Gateway) -> None:
    (parked,) = two_people.receive(result("first", "1", "2"))
    two_people.receive(result("second", "2"), result("third", "1"))
    data = {"told_to": str(ADA), "surviving_id": str(ADA), "retired_id": str(BEN)}
    two_people.hear("enrollment.participants_merged.v1", data, key=str(ADA))
    two_people.receive(result("fourth", "2"))
    assert told(two_people, ADA) == []
    two_people.execute(ReplayMessage(parked.message_id))
    assert told(two_people, ADA) == ["first", "second", "third", "fourth"]


def says(found: Gateway, what: str, surviving: UUID, retired: UUID, revision: int) -> None:
    """Enrollment merges or un-merges two participants."""
    ids = {"told_to": str(retired), "surviving_id": str(surviving), "retired_id": str(retired)}
    found.hear(f"enrollment.participants_{what}.v1", {**ids, "revision": revision}, key=str(retired))


def test_what_stands_in_line_goes_with_its_own_patient_when_a_merge_is_undone(two_people: Gateway) -> None:
    last = uuid4()
    two_people.register(last, "3")
    says(two_people, "merged", ADA, last, 1)
    (first,) = two_people.receive(result("first", "1", "2"))
    two_people.receive(result("second", "3"), result("third", "1"))
    assert told(two_people, ADA) == told(two_people, last) == []
    says(two_people, "unmerged", ADA, last, 2)
    assert told(two_people, last) == ["second"] and told(two_people, ADA) == []
    (other,) = two_people.receive(result("fourth", "3", "2"))
    two_people.receive(result("fifth", "3"))
    two_people.execute(DiscardMessage(first.message_id, "not_for_us"))
    assert told(two_people, ADA) == ["third"] and told(two_people, last) == ["second"]
    two_people.execute(DiscardMessage(other.message_id, "not_for_us"))
    assert told(two_people, last) == ["second", "fifth"] and two_people.summary()["held_up"] == 0


def test_what_stands_in_line_follows_an_alias_from_one_survivor_to_the_next(two_people: Gateway) -> None:
    last, another = uuid4(), uuid4()
    two_people.register(last, "3")
    two_people.register(another, "4")
    says(two_people, "merged", ADA, last, 1)
    (first,) = two_people.receive(result("first", "3", "2"))
    two_people.receive(result("second", "3"))
    says(two_people, "merged", another, last, 2)
    two_people.receive(result("third", "1"), result("fourth", "4"))
    assert told(two_people, ADA) == ["third"] and told(two_people, another) == []
    two_people.execute(DiscardMessage(first.message_id, "not_for_us"))
    assert told(two_people, another) == ["second", "fourth"] and two_people.summary()["held_up"] == 0


def test_numbers_that_waiting_messages_connect_are_one_patients(hospital: Gateway) -> None:
    hospital.register(ADA, "1")
    hospital.register(BEN, "2")
    hospital.receive(result("zeroth", "7", "8"))
    (parked,) = hospital.receive(result("first", "7", "1", "2"))
    (second,) = hospital.receive(result("second", "8"))
    assert state(hospital, second.message_id) == "held_up"
    hospital.execute(DiscardMessage(parked.message_id, "not_for_us"))
    known = uuid4()
    hospital.register(known, "8")
    assert told(hospital, known) == ["zeroth", "second"]


def test_numbers_joined_only_later_go_on_in_order_of_arrival(stored: Gateway) -> None:
    """7 and 8 are two strangers to the gateway until the message that stands behind the parked one is applied."""
    stored.register(ADA, "1")
    stored.register(BEN, "2")
    (parked,) = stored.receive(result("first", "1", "2"))
    stored.receive(result("second", "7"))
    stored.receive(result("third", "1", "7", "8"))
    stored.receive(result("fourth", "8"), result("fifth", "7"))
    assert told(stored, ADA) == []
    stored.execute(DiscardMessage(parked.message_id, "not_for_us"))
    assert told(stored, ADA) == ["second", "third", "person_updated", "fourth", "fifth"]


def test_who_becomes_known_meanwhile_is_told_in_order(hospital: Gateway) -> None:
    hospital.register(ADA, "1")
    hospital.register(BEN, "2")
    hospital.receive(result("zeroth", "7"))
    (parked,) = hospital.receive(result("first", "7", "1", "2"))
    hospital.receive(result("second", "7"))
    hospital.register(ADA, "1", "7")
    hospital.receive(result("third", "1"))
    assert told(hospital, ADA) == ["zeroth"]
    hospital.execute(DiscardMessage(parked.message_id, "not_for_us"))
    assert told(hospital, ADA) == ["zeroth", "second", "third"]


def test_a_fault_of_ours_parks_the_message_for_all_of_its_numbers(
    stored: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.register(ADA, "1", "10")
    honest = Meaning.tell

    def faulty(self: Meaning, message: object, owner: UUID, content: object, *more: object, **options: bool) -> None:
        if "bad" in str(content):
            raise ZeroDivisionError
        honest(self, message, owner, content, *more, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Meaning, "tell", faulty)
        bad, _, _ = stored.receive(result("bad", "1"), result("second", "10"), result("third", "1"))
    assert told(stored, ADA) == [] and state(stored, bad.message_id) == "parked"
    row = stored.application.queries.message(Query({"message_id": bad.message_id}))
    assert row["troubles"][0]["reason"] == "the message could not be applied (ZeroDivisionError); it is kept"
    stored.execute(ReplayMessage(bad.message_id))
    assert told(stored, ADA) == ["bad", "second", "third"]


def test_a_refused_message_holds_up_nobody_since_its_sender_was_told(hospital: Gateway) -> None:
    hospital.register(ADA, "1")
    hospital.receive(result("first", "1").replace(b"2.5.1", b"9.9"), result("second", "1"))
    assert told(hospital, ADA) == ["second"]


def test_a_message_that_a_new_mapping_cannot_read_keeps_its_place(tmp_path: Path) -> None:
    with gateway(tmp_path) as before:
        before.register(ADA, "1")
        (first,) = before.receive(result("first", "1"), settle=False)
    with gateway(tmp_path, without_version_2_5_1(tmp_path)) as wrong:
        wrong.followers.drain()
        assert state(wrong, first.message_id) == "parked"
        wrong.receive(result("second", "1").replace(b"|2.5.1", b"|2.5"))
        assert told(wrong, ADA) == []
    with gateway(tmp_path) as mended:
        mended.execute(ReplayMessage(first.message_id))
        assert told(mended, ADA) == ["first", "second"]


def test_a_waiting_message_that_a_new_mapping_cannot_read_keeps_its_place(tmp_path: Path) -> None:
    with gateway(tmp_path) as before:
        before.register(ADA, "1")
        first, second = before.receive(result("first", "7"), result("second", "7").replace(b"|2.5.1", b"|2.5"))
    with gateway(tmp_path, without_version_2_5_1(tmp_path)) as wrong:
        (third,) = wrong.receive(result("third", "1", "7").replace(b"|2.5.1", b"|2.5"))
        states = [state(wrong, one.message_id) for one in (first, second, third)]
        assert states == ["parked", "held_up", "held_up"] and told(wrong, ADA) == []
    with gateway(tmp_path) as mended:
        mended.execute(ReplayMessage(first.message_id))
        assert told(mended, ADA) == ["first", "second", "third"]


def without_version_2_5_1(tmp_path: Path) -> Mappings:
    folder = tmp_path / "mappings"
    folder.mkdir()
    text = (SHIPPED / "riverside.yaml").read_text().replace(', "2.5.1"]', "]")
    (folder / "riverside.yaml").write_text(text)
    return load_mappings([SHIPPED, folder])


def test_when_the_retention_of_what_stands_still_is_over_the_others_go_on(two_people: Gateway) -> None:
    (parked,) = two_people.receive(result("first", "1", "2"))
    two_people.clock.advance(timedelta(days=1))
    two_people.receive(result("second", "1"))
    (stranger,) = two_people.receive(result("x", "7"))
    two_people.clock.advance(timedelta(days=29))
    two_people.followers.drain()
    assert (state(two_people, parked.message_id), state(two_people, stranger.message_id)) == ("forgotten", "waiting")
    assert told(two_people, ADA) == ["second"]


def test_only_strangers_are_forgotten_while_they_are_held_up(two_people: Gateway) -> None:
    two_people.receive(result("first", "1", "2"))
    (known,) = two_people.receive(result("second", "1"))
    two_people.clock.advance(timedelta(days=1))
    (again,) = two_people.receive(result("third", "1", "2", "7"))
    stranger, _ = two_people.receive(result("fourth", "7"), result("fifth", "7", "8"))
    assert [state(two_people, one.message_id) for one in (known, again, stranger)] == ["held_up"] * 3
    two_people.clock.advance(timedelta(days=29))
    two_people.followers.drain()
    assert state(two_people, known.message_id) == "applied" and told(two_people, ADA) == ["second"]
    assert state(two_people, again.message_id) == "parked"
    two_people.clock.advance(timedelta(days=1))
    two_people.followers.drain()
    assert two_people.summary()["held_up"] == 0 and told(two_people, ADA) == ["second"]
