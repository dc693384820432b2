"""What becomes of messages: kept and answered, applied once and in order, waiting for an identity, or refused."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from time import perf_counter
from uuid import uuid4

import pytest
from marshmallow import ValidationError

from events.log.vault import subject_of
from services.interop.domain.commands import DiscardMessage, ReadRaw, Refer, ReplayMessage
from services.interop.domain.errors import MessageErased, MessageNotParked, ReferralRefused, StillRefused
from services.interop.domain.reasons import DISCARD_REASONS, READ_REASONS
from services.interop.er7 import read, split_messages
from services.interop.schemas import DiscardMessage as DiscardMessageSchema
from services.interop.schemas import DiscardNotice as DiscardNoticeSchema
from services.interop.schemas import ReadRaw as ReadRawSchema
from services.platform.web import CommandSchema, Query
from tests.interop.gateway import Gateway, er7, gateway, stay, types
from tests.support.patience import PATIENCE_SECONDS


def test_the_same_bytes_again_get_the_stored_acknowledgment(stored: Gateway) -> None:
    message = stay("A01", control_id="C1")
    (first,) = stored.receive(message)
    stored.clock.advance(timedelta(hours=1))
    (second,) = stored.receive(message)
    assert (first.outcome, second.outcome) == ("accepted", "duplicate")
    assert first.ack == second.ack and first.message_id == second.message_id
    counts = stored.summary()
    assert (counts["received"], counts["accepted"], counts["duplicate"]) == (2, 1, 1)


def test_other_bytes_under_a_used_control_id_are_quarantined(stored: Gateway) -> None:
    stored.receive(stay("A01", control_id="C1"))
    (second, again) = stored.receive(stay("A03", control_id="C1"), stay("A03", control_id="C1"))
    assert (second.outcome, second.ack_code, again.outcome) == ("parked", "AE", "duplicate")
    assert second.ack == again.ack and b"205" in (second.ack or b"")
    counts = stored.summary()
    assert counts["received"] == counts["accepted"] + counts["duplicate"] + counts["parked"] == 3


def test_duplicates_within_one_batch_are_seen(stored: Gateway) -> None:
    message = stay("A01", control_id="C1")
    assert [one.outcome for one in stored.receive(message, message)] == ["accepted", "duplicate"]


@pytest.mark.processes
def test_what_two_copies_receive_at_once_is_kept_once(tmp_path: Path, postgres_url: str) -> None:
    """As when a sender gets no answer in time from the one, and sends it to the other."""
    with gateway(tmp_path, url=postgres_url) as one, gateway(tmp_path, url=postgres_url) as two:
        together = Barrier(2)

        def deliver(copy: Gateway) -> list[str]:
            outcomes = []
            for number in range(10):
                together.wait(PATIENCE_SECONDS)
                (receipt,) = copy.receive(stay("A01", control_id=f"C{number}"), settle=False)
                outcomes.append(receipt.outcome)
            return outcomes

        with ThreadPoolExecutor(2) as pool:
            told = list(zip(*pool.map(deliver, (one, two)), strict=True))
        assert [sorted(pair) for pair in told] == [["accepted", "duplicate"]] * 10
        one.followers.drain()
        counts = one.summary()
        assert (counts["received"], counts["accepted"], counts["duplicate"]) == (20, 10, 10)


@pytest.mark.parametrize(
    ("raw", "code", "place"),
    [
        (b"nonsense \x00\xff", "AE", b"MSH"),
        (stay("A01").replace(b"RIVEREHR", b"STRANGE"), "AE", b"MSH^1^3"),
        (stay("A01").replace(b"2.5.1", b"9.9"), "AR", b"MSH^1^12"),
        (stay("A01").replace(b"|P|", b"|D|"), "AR", b"MSH^1^11"),
        (er7("ADT^A01"), "AE", b"PV1"),
    ],
)
def test_what_cannot_be_accepted_is_kept_and_refused_with_segment_field_and_reason(
    hospital: Gateway, raw: bytes, code: str, place: bytes
) -> None:
    (receipt,) = hospital.receive(raw)
    assert (receipt.outcome, receipt.ack_code) == ("parked", code)
    assert receipt.ack is not None and place in receipt.ack and b"\rERR|" in receipt.ack
    shown = hospital.execute(ReadRaw(receipt.message_id, "mapping")).body["raw"]
    import base64

    assert base64.b64decode(shown) == raw


def test_messages_of_a_stranger_wait_and_apply_in_order_once_enrollment_knows_them(stored: Gateway) -> None:
    stored.receive(stay("A01"), er7("ORU^R01", "42", "OBR|1", "OBX|1|NM|2160-0^Crea^LN||98|u|||||F"), stay("A03"))
    assert stored.summary()["waiting"] == 3 and stored.told() == []
    participant = uuid4()
    stored.register(participant, "42")
    assert types(stored.told(participant)) == [
        "hospitalization_started",
        "observation_reported",
        "hospitalization_ended",
    ]
    assert stored.summary()["applied"] == 3 and stored.summary()["waiting"] == 0
    stored.receive(stay("A13"))
    started, _, ended, cancelled = (data for _, data in stored.told(participant))
    assert started["hospitalization_id"] == ended["hospitalization_id"] == cancelled["hospitalization_id"]


def test_all_numbers_of_a_message_count(stored: Gateway) -> None:
    two = "PID|1||42^^^RIVERSIDE^MR~7^^^OTHER^PI||Umberleigh^Eudora"
    seven = "PID|1||7^^^OTHER^PI||Umberleigh^Eudora"
    stored.receive(stay("A01", pid=seven), stay("A03", pid=two))
    participant = uuid4()
    stored.register(participant, "42")
    assert types(stored.told(participant)) == ["hospitalization_started", "hospitalization_ended"]
    stored.receive(stay("A11", pid=seven))
    assert types(stored.told(participant))[-1] == "hospitalization_start_cancelled"


def test_a_registration_of_a_referring_hospital_makes_a_stranger_known(stored: Gateway) -> None:
    stored.receive(stay("A01"), er7("ADT^A04", "42", "PV1|1|O", "DG1|1||F32.1^Depression^I10"), stay("A03"))
    (participant,) = {data["participant_id"] for _, data in stored.told()}
    assert types(stored.told(participant)) == [
        "referral_received",
        "hospitalization_started",
        "hospitalization_ended",
    ]
    referral = stored.told(participant)[0][1]
    assert referral["problems"] == [{"code": "F32.1", "system": "icd_10", "display": None}]
    assert stored.vault.open(referral["person"])["family"] == "Umberleigh"
    stored.receive(er7("ADT^A04", "42", "PV1|1|O"))
    assert types(stored.told(participant))[-1] == "person_updated"


def test_what_hospitals_write_in_words_is_told_to_nobody_and_stored_sealed(hospital: Gateway) -> None:
    participant = uuid4()
    hospital.register(participant, "42")
    obx = "OBX|1|ST|72166-2^Tobacco use^LN||says that Aunt Petronella smokes||||||F"
    hospital.receive(
        er7("ORU^R01", "42", "OBR|1", obx), er7("ADT^A04", "43", "PV1|1|O", "DG1|1||F32.1^as Petronella told^I10")
    )
    told = dict(hospital.told())  # about two people, so in either order
    observation, referral = told["observation_reported"], told["referral_received"]
    assert (observation["code"], observation["value"]) == ("72166-2", None)
    assert referral["problems"] == [{"code": "F32.1", "system": "icd_10", "display": None}]
    assert "Petronella" not in str([event.data for event in hospital.log.read(0, 1000)]) + str(hospital.told())


def test_numbers_of_two_people_park_the_message(hospital: Gateway) -> None:
    hospital.register(uuid4(), "42")
    hospital.register(uuid4(), "43")
    (receipt,) = hospital.receive(stay("A01", pid="PID|1||42^^^RIVERSIDE~43^^^RIVERSIDE||X^Y"))
    row = hospital.application.queries.message(Query({"message_id": receipt.message_id}))
    assert row["state"] == "parked" and row["ack_code"] == "AA"
    counts = hospital.summary()
    assert counts["received"] == counts["accepted"] + counts["parked"] == 1


def test_a_merge_is_told_to_both_and_later_messages_are_the_survivors(stored: Gateway) -> None:
    survivor, retired = uuid4(), uuid4()
    stored.register(survivor, "42")
    stored.register(retired, "41")
    stored.receive(er7("ADT^A40", "42", "MRG|41^^^RIVERSIDE"), stay("A01", "41"))
    assert types(stored.told(retired)) == ["identities_merged"]
    assert types(stored.told(survivor)) == ["identities_merged", "hospitalization_started"]
    assert stored.told(survivor)[0][1]["retired_id"] == str(retired)


def test_a_merge_waits_until_somebody_is_known_and_then_joins_both_numbers(stored: Gateway) -> None:
    stored.receive(stay("A01", "41"), er7("ADT^A40", "42", "MRG|41^^^RIVERSIDE"), stay("A03", "42"))
    assert stored.summary()["waiting"] == 3
    participant = uuid4()
    stored.register(participant, "41")
    assert stored.summary()["applied"] == 3
    assert types(stored.told(participant)) == ["hospitalization_started", "hospitalization_ended"]


def test_enrollments_merge_is_followed(hospital: Gateway) -> None:
    survivor, retired = uuid4(), uuid4()
    hospital.register(survivor, "42")
    hospital.register(retired, "41")
    data = {"told_to": str(survivor), "surviving_id": str(survivor), "retired_id": str(retired)}
    hospital.hear("enrollment.participants_merged.v1", data, key=str(survivor))
    hospital.receive(stay("A01", "41"))
    assert types(hospital.told(survivor)) == ["hospitalization_started"]


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (1, 2, 1, 2), (2, 1, 3), (3, 2, 1)], ids=str)
def test_enrollments_last_word_about_an_alias_counts(hospital: Gateway, order: tuple[int, ...]) -> None:
    """Merged (1), un-merged (2), merged again (3): each with its revision, in every order."""
    survivor, retired = uuid4(), uuid4()
    hospital.register(survivor, "42")
    hospital.register(retired, "41")
    for revision in order:
        what = "merged" if revision % 2 else "unmerged"
        ids = {"told_to": str(retired), "surviving_id": str(survivor), "retired_id": str(retired)}
        hospital.hear(f"enrollment.participants_{what}.v1", {**ids, "revision": revision}, key=str(retired))
    hospital.receive(stay("A01", "41"))
    assert types(hospital.told(survivor if 3 in order else retired)) == ["hospitalization_started"]


def test_an_unmerge_undoes_a_hospitals_merge_too_also_the_other_way_about(hospital: Gateway) -> None:
    survivor, retired = uuid4(), uuid4()
    hospital.register(survivor, "42")
    hospital.register(retired, "41")
    hospital.receive(er7("ADT^A40", "42", "MRG|41^^^RIVERSIDE"))
    ids = {"told_to": str(survivor), "surviving_id": str(retired), "retired_id": str(survivor)}
    hospital.hear("enrollment.participants_merged.v1", {**ids, "revision": 1}, key=str(survivor))
    hospital.hear("enrollment.participants_unmerged.v1", {**ids, "revision": 2}, key=str(survivor))
    hospital.receive(stay("A01", "41"), stay("A01", "42", visit="V2"))
    assert types(hospital.told(retired))[-1:] == ["hospitalization_started"]
    assert types(hospital.told(survivor))[-1:] == ["hospitalization_started"]


def test_orders_of_the_hospital_are_told_with_source_and_status(hospital: Gateway) -> None:
    participant = uuid4()
    hospital.register(participant, "42")
    give = ("ORC|NW|O1", "RXE||312940^sertraline^RXNORM|25||mg", "TQ1|1||QD", "RXR|PO^Oral")
    hospital.receive(er7("RDE^O11", "42", *give))
    ((kind, data),) = hospital.told(participant)
    assert kind == "medication_reported" and data["source"] == "hospital_order:riverside"
    assert (data["status"], data["dose"], data["route"]) == ("active", "25 mg", "Oral")


def test_strangers_are_forgotten_when_the_retention_is_over(stored: Gateway) -> None:
    (receipt,) = stored.receive(stay("A01"))
    stored.clock.advance(timedelta(days=29))
    stored.followers.drain()
    assert stored.summary()["waiting"] == 1
    stored.clock.advance(timedelta(days=2))
    stored.followers.drain()
    counts = stored.summary()
    assert (counts["waiting"], counts["forgotten"]) == (0, 1)
    with pytest.raises(MessageErased):
        stored.execute(ReadRaw(receipt.message_id, "inquiry"))
    stored.register(uuid4(), "42")
    assert stored.told() == []


def test_applied_messages_outlive_the_retention_and_go_with_their_participant(stored: Gateway) -> None:
    participant = uuid4()
    (receipt,) = stored.receive(stay("A01"))
    stored.register(participant, "42")
    stored.clock.advance(timedelta(days=400))
    stored.followers.drain()
    assert stored.execute(ReadRaw(receipt.message_id, "audit")).body["raw"]
    stored.vault.destroy(str(participant))
    with pytest.raises(MessageErased):
        stored.execute(ReadRaw(receipt.message_id, "audit"))


def test_a_parked_message_can_be_replayed_after_the_mapping_was_corrected(tmp_path: Path, log_url: str) -> None:
    with gateway(tmp_path, url=log_url) as before:
        participant = uuid4()
        before.register(participant, "42")
        (receipt,) = before.receive(stay("A01").replace(b"RIVEREHR", b"NEWEHR"))
        with pytest.raises(StillRefused):
            before.execute(ReplayMessage(receipt.message_id))
    folder = tmp_path / "mappings"
    folder.mkdir()
    from services.interop.mapping import SHIPPED, load_mappings

    text = (SHIPPED / "riverside.yaml").read_text().replace("application: RIVEREHR, ", "application: NEWEHR, ", 1)
    (folder / "riverside.yaml").write_text(text)
    with gateway(tmp_path, load_mappings([SHIPPED, folder]), log_url) as after:
        after.execute(ReplayMessage(receipt.message_id))
        assert types(after.told(participant)) == ["hospitalization_started"]
        counts = after.summary()
        assert (counts["received"], counts["accepted"], counts["parked"], counts["applied"]) == (1, 1, 0, 1)
        with pytest.raises(MessageNotParked):
            after.execute(DiscardMessage(receipt.message_id, "unusable"))


def test_a_discarded_message_stays_among_the_parked(stored: Gateway) -> None:
    (receipt,) = stored.receive(b"nonsense")
    stored.execute(DiscardMessage(receipt.message_id, "unusable"))
    counts = stored.summary()
    assert (counts["received"], counts["parked"], counts["discarded"]) == (1, 1, 1)


def test_each_synthea_bundle_becomes_a_referral_with_its_active_medications(hospital: Gateway, shared: Path) -> None:
    for file in sorted((shared / "fhir/synthea").glob("*.json")):
        hospital.execute(Refer(json.loads(file.read_text()), reason="relapse", urgency="urgent"))
    told = types(hospital.told())
    assert told.count("referral_received") == 5 and told.count("medication_reported") == 6
    referral = next(data for kind, data in hospital.told() if kind == "referral_received")
    assert (referral["urgency"], referral["source"]) == ("urgent", "synthea")
    assert hospital.vault.open(referral["reason"]) == "relapse", "free text leaves sealed"


def test_a_bundle_sent_twice_is_one_referral(stored: Gateway, shared: Path) -> None:
    bundle = json.loads(next((shared / "fhir/synthea").glob("Trenton*.json")).read_text())
    command_id = uuid4()
    stored.execute(Refer(bundle), command_id=command_id)
    assert stored.execute(Refer(bundle), command_id=command_id).repeated
    assert stored.execute(Refer(bundle)).body["outcome"] == "duplicate"
    assert types(stored.told()).count("referral_received") == 1


def test_a_bundle_that_is_no_referral_is_refused_by_element_and_kept(hospital: Gateway) -> None:
    with pytest.raises(ReferralRefused, match=r"Patient\.name"):
        number = {"system": "urn:oid:2.16.840.1.113883.19.5", "value": "1"}
        hospital.execute(Refer({"resourceType": "Patient", "identifier": [number]}))
    hospital.followers.drain()
    assert hospital.summary()["parked"] == 1


def test_all_of_simhospital_is_kept_answered_and_accounted_for(hospital: Gateway, shared: Path) -> None:
    pieces = list(split_messages((shared / "hl7v2/simhospital/messages.out").read_bytes()))
    started = perf_counter()
    receipts = []
    for start in range(0, len(pieces), 50):
        receipts += hospital.receive(*pieces[start : start + 50], settle=False)
    received = perf_counter() - started
    hospital.followers.drain()
    print(f"received in {received:.1f} s, applied in {perf_counter() - started - received:.1f} s")
    assert all(one.ack_code == "AA" and read(one.ack or b"").segments[1].value(1) == "AA" for one in receipts)
    counts = hospital.summary()
    assert (counts["received"], counts["accepted"], counts["waiting"], counts["unsupported"]) == (1013, 1013, 1010, 3)
    waiting = hospital.application.queries.strangers(Query({}))["authorities"]
    assert waiting["simhospital-mrn"]["messages"] == 1010


def test_nothing_personal_is_on_disk_in_the_clear(tmp_path: Path) -> None:
    with gateway(tmp_path) as hospital:
        participant = uuid4()
        hospital.receive(stay("A01", "4711007"), er7("ADT^A08", "4711007"))
        hospital.register(participant, "4711007")
        hospital.receive(er7("ADT^A08", "4711007"))
    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"Umberleigh" not in content and b"4711007" not in content and b"19800102" not in content


def test_why_a_message_was_discarded_is_a_code_and_its_note_is_sealed(hospital: Gateway) -> None:
    (receipt,) = hospital.receive(b"nonsense")
    hospital.execute(DiscardMessage(receipt.message_id, "other", "rang Eudora Umberleigh"))
    asked = hospital.application.queries.message
    shown = asked(Query({"message_id": receipt.message_id}, roles=frozenset({"operator"})))
    assert (shown["reason"], shown["note"]) == ("other", "rang Eudora Umberleigh")
    assert asked(Query({"message_id": receipt.message_id}, roles=frozenset({"integration"})))["note"] is None
    assert "Umberleigh" not in str([event.data for event in hospital.log.read(0, 1000)])
    hospital.vault.destroy(subject_of(hospital.log.read(0, 1)[0].data["raw"]))
    assert asked(Query({"message_id": receipt.message_id}, roles=frozenset({"auditor"})))["note"] is None


@pytest.mark.parametrize(
    ("schema", "codes"),
    [(DiscardMessageSchema, DISCARD_REASONS), (DiscardNoticeSchema, DISCARD_REASONS), (ReadRawSchema, READ_REASONS)],
)
def test_reasons_are_codes_of_a_closed_list(schema: type[CommandSchema], codes: Mapping[str, str]) -> None:
    whose = "notice_id" if schema is DiscardNoticeSchema else "message_id"
    for code in codes:
        assert schema().load({whose: str(uuid4()), "reason": code}).reason == code
    with pytest.raises(ValidationError, match="reason"):
        schema().load({whose: str(uuid4()), "reason": "Eudora rang me"})
