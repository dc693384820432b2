"""FHIR R4: a bundle about one patient is a referral with problems and active medications."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.interop.domain.facts import Content, HospitalNumber, Medication, Problem, Referral
from services.interop.mapping import Hospital
from services.interop.translate.problems import DATA_TYPE, REQUIRED_FIELD, UNKNOWN_KEY, Trouble, Untranslatable

_URGENCY = {"routine": "routine", "urgent": "urgent", "asap": "urgent", "stat": "emergency"}
"""FHIR request priority → urgency of a referral."""


@dataclass(frozen=True, slots=True)
class FhirOptions:
    """What the caller knows and the bundle need not say."""

    reason: str | None = None
    urgency: str | None = None
    from_level_of_care: str | None = None


def translate_bundle(bundle: Any, hospital: Hospital, options: FhirOptions, received_at: datetime) -> Content:
    """The referral in a Bundle (or of a lone Patient). Raises ``Untranslatable`` naming resource and element."""
    resources = list(_resources(bundle))
    patients = [one for one in resources if one["resourceType"] == "Patient"]
    if len(patients) != 1:
        raise _wrong(REQUIRED_FIELD, "Bundle.entry", f"exactly one Patient is needed, there are {len(patients)}")
    patient = patients[0]
    numbers = tuple(dict.fromkeys(_numbers(patient, hospital)))
    if not numbers:
        raise _wrong(UNKNOWN_KEY, "Patient.identifier", "no identifier whose system can be used")
    request = next((one for one in resources if one["resourceType"] == "ServiceRequest"), None)
    problems = tuple(
        problem
        for one in resources
        if one["resourceType"] == "Condition"
        and _code(one.get("clinicalStatus")) in ("active", "recurrence", "relapse", None)
        for problem in _problem(one, hospital)
    )
    referral = Referral(
        problems=problems,
        reason=options.reason or _reason(request),
        urgency=options.urgency or _URGENCY.get(str((request or {}).get("priority")), "routine"),
        from_level_of_care=options.from_level_of_care,
        always=True,
    )
    medications = tuple(_medications(resources, hospital, received_at))
    person, stated_at = _person(patient), _instant(bundle.get("timestamp")) or received_at
    return Content("FHIR^Bundle", True, numbers, (referral, *medications), lambda: person, lambda: stated_at)


def identifier_systems(bundle: Any) -> list[str]:
    """The systems of the patient's identifiers, by which a bundle's sender is known. Never raises."""
    try:
        patients = [one for one in _resources(bundle) if one["resourceType"] == "Patient"]
        return [_text(identifier.get("system")) for one in patients for identifier in _many(one, "identifier")]
    except Untranslatable:
        return []


def _wrong(code: tuple[str, str], element: str, reason: str) -> Untranslatable:
    return Untranslatable(Trouble(code, f"{element}: {reason}", element.partition(".")[0]))


def _resources(bundle: Any) -> Iterator[dict[str, Any]]:
    kind = bundle.get("resourceType") if isinstance(bundle, dict) else None
    if kind == "Patient":
        yield bundle
        return
    if kind != "Bundle":
        raise _wrong(DATA_TYPE, "Bundle.resourceType", "a Bundle or a Patient is expected")
    entries = bundle.get("entry")
    if not isinstance(entries, list) or not entries:
        raise _wrong(REQUIRED_FIELD, "Bundle.entry", "has no resources")
    for index, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise _wrong(DATA_TYPE, f"Bundle.entry[{index}].resource", "is no FHIR resource")
        yield resource


def _many(resource: Mapping[str, Any], element: str) -> list[dict[str, Any]]:
    """The objects of a list element; a resource that puts something else there is refused."""
    value = resource.get(element)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _wrong(DATA_TYPE, f"{resource.get('resourceType', 'element')}.{element}", "has to be a list of objects")
    return value


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _coding(concept: Any) -> dict[str, Any]:
    codings = concept.get("coding") if isinstance(concept, dict) else None
    first = codings[0] if isinstance(codings, list) and codings else {}
    return first if isinstance(first, dict) else {}


def _code(concept: Any) -> str | None:
    return _text(_coding(concept).get("code")) or None


def _numbers(patient: Mapping[str, Any], hospital: Hospital) -> Iterator[HospitalNumber]:
    for identifier in _many(patient, "identifier"):
        number = _text(identifier.get("value"))
        if not number or _code(identifier.get("type")) in hospital.ignored_identifier_types:
            continue
        authority = hospital.authority(_text(identifier.get("system")))
        if authority:
            yield HospitalNumber(authority, number)


def _person(patient: Mapping[str, Any]) -> dict[str, Any]:
    names = _many(patient, "name")
    name = next((one for one in names if one.get("use") == "official"), names[0] if names else {})
    telecoms, addresses = _many(patient, "telecom"), _many(patient, "address")
    given = name.get("given")
    person: dict[str, Any] = {
        "family": _text(name.get("family")) or _text(name.get("text")),
        "given": " ".join(map(_text, given)) if isinstance(given, list) else "",
        "birth_date": _text(patient.get("birthDate")),
        "sex": _text(patient.get("gender")),
        "phone": next((_text(one.get("value")) for one in telecoms if one.get("system") == "phone"), ""),
        "email": next((_text(one.get("value")) for one in telecoms if one.get("system") == "email"), ""),
        "address": _address(addresses[0]) if addresses else None,
    }
    if not person["family"]:
        raise _wrong(REQUIRED_FIELD, "Patient.name", "a family name is needed")
    return {key: value for key, value in person.items() if value}


def _address(address: Mapping[str, Any]) -> dict[str, str]:
    lines = address.get("line")
    parts = {
        "line": ", ".join(map(_text, lines)) if isinstance(lines, list) else "",
        "city": _text(address.get("city")),
        "state": _text(address.get("state")),
        "postal_code": _text(address.get("postalCode")),
        "country": _text(address.get("country")),
    }
    return {key: value for key, value in parts.items() if value}


def _system(coding: Mapping[str, Any], hospital: Hospital) -> str:
    system = _text(coding.get("system"))
    return hospital.code_systems.get(system, system) or hospital.name


def _problem(condition: Mapping[str, Any], hospital: Hospital) -> Iterator[Problem]:
    coding = _coding(condition.get("code"))
    code = _text(coding.get("code"))
    if code:
        yield Problem(code, _system(coding, hospital))


def _reason(request: Mapping[str, Any] | None) -> str | None:
    for concept in _many(request, "reasonCode") if request else []:
        said = _text(concept.get("text")) or _text(_coding(concept).get("display"))
        if said:
            return said
    return None


def _medications(resources: list[dict[str, Any]], hospital: Hospital, received_at: datetime) -> Iterator[Medication]:
    listed = {
        str(one.get("id")): one.get("code")
        for one in resources
        if one["resourceType"] == "Medication" and one.get("id")
    }
    for one in resources:
        kind = one["resourceType"]
        if kind not in ("MedicationRequest", "MedicationStatement") or one.get("status") != "active":
            continue
        concept = one.get("medicationCodeableConcept") or _referenced(one.get("medicationReference"), listed)
        coding = _coding(concept)
        name = (_text(concept.get("text")) if isinstance(concept, dict) else "") or _text(coding.get("display"))
        name = name or _text(coding.get("code"))
        if not name:
            raise _wrong(REQUIRED_FIELD, f"{kind}.medicationCodeableConcept", "names no medication")
        identifier = next(iter(_many(one, "identifier")), {})
        order_id = _text(identifier.get("value")) or _text(one.get("id"))
        if not order_id:
            raise _wrong(REQUIRED_FIELD, f"{kind}.identifier", "or an id is needed to tell medications apart")
        dosage = next(iter(_many(one, "dosageInstruction") or _many(one, "dosage")), {})
        yield Medication(
            order_id=order_id,
            status="active",
            name=name,
            reported_at=_instant(one.get("authoredOn") or one.get("dateAsserted")) or received_at,
            code=_text(coding.get("code")) or None,
            system=_system(coding, hospital) if coding else None,
            dose=_dose(dosage),
            frequency=_frequency(dosage),
            route=_text(_coding(dosage.get("route")).get("display")) or None,
        )


def _referenced(reference: Any, listed: Mapping[str, Any]) -> Any:
    target = _text(reference.get("reference")) if isinstance(reference, dict) else ""
    return listed.get(target.rpartition("/")[2].removeprefix("urn:uuid:"))


def _dose(dosage: Mapping[str, Any]) -> str | None:
    for one in _many(dosage, "doseAndRate"):
        quantity = one.get("doseQuantity")
        if isinstance(quantity, dict) and quantity.get("value") is not None:
            return " ".join(filter(None, (str(quantity["value"]), _text(quantity.get("unit"))))) or None
    return None


def _frequency(dosage: Mapping[str, Any]) -> str | None:
    timing = dosage.get("timing")
    repeat = timing.get("repeat") if isinstance(timing, dict) else None
    if isinstance(repeat, dict) and repeat.get("frequency") and repeat.get("period"):
        return f"{repeat['frequency']} per {repeat['period']} {_text(repeat.get('periodUnit'))}".strip()
    if dosage.get("asNeededBoolean") is True:
        return "as needed"
    return _text(dosage.get("text")) or None


def _instant(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
