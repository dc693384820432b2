"""What messages say: compared with another converter's FHIR where that says the same thing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.interop.domain.facts import Medication, Merge, Observation, PersonUpdate, Referral, Stay
from services.interop.er7 import read, split_messages
from services.interop.mapping import Hospital, Mappings
from services.interop.reading import Summary, read_files
from services.interop.translate import FhirOptions, Untranslatable, header_troubles, translate, translate_bundle

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def er7(*segments: str) -> bytes:
    return "\r".join(
        (r"MSH|^~\&|RIVEREHR|RIVERSIDE|DAYBOOK|DAYBOOK|20260301120000-0500||" + segments[0], *segments[1:])
    ).encode()


PID = "PID|1||42^^^RIVERSIDE^MR~9^^^OTHER^PI~77^^^RIVERSIDE^SS||Doe^Jane^Q||19800102|F|||1 Elm St^^Riverton|||||||ACC1"


def test_every_simhospital_message_is_understood(shared: Path, mappings: Mappings) -> None:
    kinds: dict[str, int] = {}
    for raw in split_messages((shared / "hl7v2/simhospital/messages.out").read_bytes()):
        message = read(raw)
        hospital = mappings.of_sender(*message.sender)
        assert hospital is not None and not header_troubles(message, hospital)
        content = translate(message, hospital)
        kinds[f"{message.type} {content.supported}"] = kinds.get(f"{message.type} {content.supported}", 0) + 1
    assert kinds == {"ADT^A01 True": 400, "ORU^R01 True": 610, "MDM^T02 False": 2, "ADT^A34 False": 1}


def test_patient_agrees_with_the_other_converter(shared: Path, any_hospital: Hospital) -> None:
    for name in ("ADT-A01-01", "RDE-O11-01"):
        content = translate(read((shared / f"hl7v2/fhir-converter/input/{name}.hl7").read_bytes()), any_hospital)
        bundle = json.loads((shared / f"hl7v2/fhir-converter/expected/{name}.json").read_text())
        patient = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
        assert content.describe()["birth_date"] == patient["birthDate"]
        assert content.describe()["sex"] == patient["gender"]
        assert content.describe()["family"] == patient["name"][0]["family"]
        assert content.describe()["given"].split() == patient["name"][0]["given"][:2]
        assert content.describe()["address"]["postal_code"] == patient["address"][0]["postalCode"]
        theirs = {one["value"] for one in patient["identifier"]}
        assert {one.number for one in content.numbers} & theirs


def test_medication_order_agrees_with_the_other_converter(shared: Path, any_hospital: Hospital) -> None:
    content = translate(read((shared / "hl7v2/fhir-converter/input/RDE-O11-01.hl7").read_bytes()), any_hospital)
    bundle = json.loads((shared / "hl7v2/fhir-converter/expected/RDE-O11-01.json").read_text())
    theirs = next(
        e["resource"]
        for e in bundle["entry"]
        if e["resource"]["resourceType"] == "MedicationRequest" and e["resource"]["intent"] == "filler-order"
    )
    (ours,) = content.facts
    assert isinstance(ours, Medication)
    assert ours.order_id == theirs["identifier"][0]["value"] and ours.status == theirs["status"]
    assert ours.reported_at == datetime.fromisoformat(theirs["authoredOn"])
    dose = theirs["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]
    assert ours.dose == f"{dose['value']} {dose['unit']}"
    assert ours.route == theirs["dosageInstruction"][0]["route"]["coding"][0]["display"] or ours.route == "IV Infusion"


@pytest.mark.parametrize("path", ["Florida", "Karena", "Milan", "Robby", "Trenton"])
def test_each_synthea_bundle_is_a_referral(shared: Path, mappings: Mappings, path: str) -> None:
    file = next((shared / "fhir/synthea").glob(f"{path}*.json"))
    bundle = json.loads(file.read_text())
    synthea = mappings.named("synthea")
    assert synthea is not None
    content = translate_bundle(bundle, synthea, FhirOptions(reason="relapse"), NOW)
    referral, *medications = content.facts
    assert isinstance(referral, Referral) and referral.reason == "relapse" and referral.always
    active = [
        e["resource"]
        for e in bundle["entry"]
        if e["resource"]["resourceType"] == "MedicationRequest" and e["resource"]["status"] == "active"
    ]
    assert len(medications) == len(active)
    assert content.describe()["family"] and content.describe()["birth_date"] and content.numbers
    assert "999-" not in "".join(one.number for one in content.numbers)


@pytest.mark.parametrize(
    ("trigger", "change"), [("A01", "started"), ("A03", "ended"), ("A11", "start_cancelled"), ("A13", "end_cancelled")]
)
def test_stays_and_their_cancellations_name_the_same_visit(riverside: Hospital, trigger: str, change: str) -> None:
    visit = "PV1|1|I" + "|" * 17 + "V7" + "|" * 25 + "20260301070000|20260305070000"
    content = translate(read(er7(f"ADT^{trigger}|1|P|2.5.1", PID, visit)), riverside)
    (stay,) = content.facts
    assert isinstance(stay, Stay) and stay.change == change and stay.visit == ("visit", "V7")
    assert stay.at.hour == 12 if trigger in ("A01", "A03") else stay.at.hour == 17


def test_a_stay_without_visit_number_falls_back_to_account_then_admission_then_patient(riverside: Hospital) -> None:
    def visit_of(pid: str, pv1: str) -> tuple[str, ...]:
        (stay,) = translate(read(er7("ADT^A01|1|P|2.5.1", pid, pv1)), riverside).facts
        assert isinstance(stay, Stay)
        return stay.visit

    assert visit_of(PID, "PV1|1|I") == ("account", "ACC1")
    without = PID.removesuffix("ACC1")
    assert visit_of(without, "PV1|1|I" + "|" * 42 + "20260301070000") == ("admitted", "42", "202603010700")
    assert visit_of(without, "PV1|1|I") == ("patient", "42")


def test_an_outpatient_visit_is_no_hospitalization(riverside: Hospital) -> None:
    content = translate(read(er7("ADT^A01|1|P|2.5.1", PID, "PV1|1|O")), riverside)
    assert content.facts == (PersonUpdate(),)


def test_identifiers_keep_order_and_leave_out_ignored_types(riverside: Hospital) -> None:
    content = translate(read(er7("ADT^A08|1|P|2.5.1", PID)), riverside)
    assert [(one.authority, one.number) for one in content.numbers] == [
        ("riverside-mrn", "42"),
        ("riverside/OTHER", "9"),
    ]
    assert content.describe()["given"] == "Jane Q" and content.describe()["sex"] == "female"


def test_a_merge_names_both_sides(riverside: Hospital) -> None:
    content = translate(read(er7("ADT^A40|1|P|2.5.1", PID, "MRG|41^^^RIVERSIDE")), riverside)
    (merge,) = content.facts
    assert isinstance(merge, Merge) and [one.number for one in merge.retired] == ["41"]
    assert len(content.all_numbers) == 3


def test_results_leave_narrative_and_people_out(riverside: Hospital) -> None:
    content = translate(
        read(
            er7(
                "ORU^R01|1|P|2.5.1",
                PID,
                "OBR|1",
                "OBX|1|NM|2160-0^Crea^LN||98|umol/L||H|||F",
                "OBX|2|TX|n^note||told a story|||||F",
                "OBX|3|XPN|c^contact||Doe^Jane|||||F",
            )
        ),
        riverside,
    )
    (result,) = content.facts
    assert isinstance(result, Observation) and (result.code, result.system, result.value) == ("2160-0", "loinc", "98")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NM|c||98.5|mg", ("98.5", None)),
        ("NM|c||see Jane Doe|mg", (None, None)),
        ("SN|c||>^100", (">100", None)),
        ("SN|c||^1^:^128", ("1:128", None)),
        ("SN|c||Jane^1", (None, None)),
        ("CWE|c||10828004^Positive for Jane^SCT", ("10828004", "SCT")),
        ("CE|c||LA6576-8^Positive^LN", ("LA6576-8", "loinc")),
        ("CE|c||^Positive", ("positive", None)),
        ("CE|c||^Jane Doe says no", (None, None)),
        ("CE|c||^said by Jane^^260385009^Negative^SCT", ("260385009", "SCT")),
        ("IS|c||A", ("A", None)),
        ("IS|c||Jane Doe", (None, None)),
        ("ST|c||<0.5|ng/mL", ("<0.5", None)),
        ("ST|c||Not Detected", ("not detected", None)),
        ("ST|c||5550100", (None, None)),
        ("ST|c||Jane Doe lives at 1 Elm St|note", (None, None)),
        ("DT|c||19800102", (None, None)),
    ],
)
def test_only_numbers_codes_and_words_of_a_list_are_told(
    riverside: Hospital, written: str, value: tuple[str | None, str | None]
) -> None:
    kind, code, _, more = written.split("|", 3)
    answered, _, unit = more.partition("|")
    obx = f"OBX|1|{kind}|{code}^x^LN||{answered}|{unit}||H|||F"
    (result,) = translate(read(er7("ORU^R01|1|P|2.5.1", PID, "OBR|1", obx)), riverside).facts
    assert isinstance(result, Observation) and (result.value, result.value_system) == value
    assert (result.code, result.system, result.abnormal) == ("c", "loinc", "H")


def test_a_result_that_has_only_a_text_for_its_name_is_not_told(riverside: Hospital) -> None:
    segments = ("OBR|1", "OBX|1|NM|^How Jane slept||7|h|||||F", "OBX|2|NM|^x^^8480-6^y^LN||7|mmHg||Jane Doe|||F")
    (result,) = translate(read(er7("ORU^R01|1|P|2.5.1", PID, *segments)), riverside).facts
    assert isinstance(result, Observation) and (result.code, result.abnormal) == ("8480-6", None)


@pytest.mark.parametrize(
    ("control", "status"), [("NW", "active"), ("XO", "changed"), ("DC", "stopped"), ("CA", "stopped"), ("RE", "active")]
)
def test_order_control_decides_the_status(riverside: Hospital, control: str, status: str) -> None:
    give = ("RXE||312940^sertraline^RXNORM|25||mg", "TQ1|1||QD", "RXR|PO^Oral")
    raw = er7("RDE^O11|1|P|2.5.1", PID, f"ORC|{control}|O1", *give)
    (order,) = translate(read(raw), riverside).facts
    assert isinstance(order, Medication)
    assert (order.status, order.system, order.dose) == (status, "rxnorm", "25 mg")
    assert (order.frequency, order.route) == ("QD", "Oral")


@pytest.mark.parametrize(
    ("segments", "place"),
    [
        (("ADT^A01|1|P|2.5.1", "PV1|1|I"), ("PID", None)),
        (("ADT^A01|1|P|2.5.1", PID), ("PV1", None)),
        (("ADT^A01|1|P|2.5.1", "PID|1||", "PV1|1|I"), ("PID", 3)),
        (("ADT^A40|1|P|2.5.1", PID), ("MRG", None)),
        (("RDE^O11|1|P|2.5.1", PID, "ORC|NW|1"), ("RXE", None)),
        (("RDE^O11|1|P|2.5.1", PID, "ORC|NW|", "RXE||a^b"), ("ORC", 2)),
    ],
)
def test_what_is_missing_is_named_by_segment_and_field(
    riverside: Hospital, segments: tuple[str, ...], place: tuple[str, int | None]
) -> None:
    with pytest.raises(Untranslatable) as caught:
        translate(read(er7(*segments)), riverside)
    assert (caught.value.trouble.segment, caught.value.trouble.field) == place


@pytest.mark.parametrize(
    ("bundle", "element"),
    [
        ([], "Bundle.resourceType"),
        ({"resourceType": "Bundle"}, "Bundle.entry"),
        ({"resourceType": "Bundle", "entry": [{"resource": 3}]}, "Bundle.entry[0].resource"),
        ({"resourceType": "Patient", "identifier": "x"}, "Patient.identifier"),
        ({"resourceType": "Patient", "identifier": [{"system": "s", "value": "1"}]}, "Patient.name"),
    ],
)
def test_bad_fhir_is_refused_by_resource_and_element(riverside: Hospital, bundle: object, element: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        translate_bundle(bundle, riverside, FhirOptions(), NOW)
    assert caught.value.trouble.reason.startswith(element)


def test_read_files_answers_for_every_message_and_never_crashes(shared: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.hl7"
    bad.write_bytes(b"hello\rMSH|^~\\&|A|B|||||ADT^A01||X|9.9\r")
    summary = Summary()
    files = [
        shared / "hl7v2/simhospital/messages.out",
        bad,
        tmp_path / "missing",
        *(shared / "fhir/synthea").glob("*.json"),
    ]
    answers = list(read_files(files, summary=summary))
    assert summary.messages == 1013 + 2 + 1 + 5 == len(answers)
    assert summary.rejected == 3
    refused = answers[1014]
    assert refused["ack"] == "AR" and {e["field"] for e in refused["errors"]} == {10, 11, 12}
    keys = {"file", "index", "type", "control_id", "sender", "segments", "ack", "errors"}
    assert all(set(one) == keys for one in answers)


def test_every_public_message_of_the_other_converter_is_read(shared: Path) -> None:
    files = sorted((shared / "hl7v2/fhir-converter/input").glob("*.hl7"))
    assert [a["ack"] for a in read_files(files)].count("AA") >= 17
