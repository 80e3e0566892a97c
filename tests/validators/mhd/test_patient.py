"""The patient of a submission: what decides the level of identity, with a CDA and without (policy, Identity)."""

from __future__ import annotations

import pytest

from tests.validators.mhd.envelope import (
    DOCUMENT,
    MATRICULE,
    NIR,
    OTHER,
    PATIENT,
    Change,
    Json,
    bundle,
    checked,
    drop,
    entry,
    found,
    letter,
    patient,
    pdf,
    put,
    reference,
    refused,
    same_for,
    second,
    source,
    the_set,
)
from validators.ins import InsLevel
from validators.mhd import ProvidedBundle, logical_identifier
from validators.report import Mode

ROOT = "urn:oid:1.2.250.1.213.1.4."
WRONG_KEY = MATRICULE[:-1] + "8"
LOCAL = {"system": "urn:oid:1.2.3.4.5", "value": "IPP-1"}
NIA = {"use": "official", "type": {"coding": [{"code": "INS-NIA"}]}, "system": f"{ROOT}9", "value": MATRICULE}


def alone(made: Json) -> None:
    """A PDF whose patient is named by the Patient entry only."""
    pdf(made)
    entry(made)[3]["request"] = {"method": "POST", "url": "Patient"}
    for node in (the_set(made), reference(made)):
        node["subject"].pop("identifier")
    source(made)["identifier"] = [dict(LOCAL)]


def of(*changes: Change, mode: Mode = Mode.SANDBOX) -> ProvidedBundle:
    return checked(bundle(alone, *changes), mode)


def level(result: ProvidedBundle) -> InsLevel | None:
    ins = result.documents[0].ins
    return ins.level if ins is not None else None


def test_a_pdf_of_a_validated_patient_counts() -> None:
    result = of()
    assert level(result) is InsLevel.QUALIFIED
    assert not refused(result)
    assert result.report.countable


@pytest.mark.parametrize(
    "change", [drop(patient, "extension.1"), drop(patient, "extension.1.extension.0.valueCoding.code")]
)
def test_a_pdf_of_a_patient_nobody_validated(change: Change) -> None:
    assert level(of(change)) is InsLevel.PRESENT


UNCOUNTED = [
    ("INS-ABSENT", put(patient, "identifier", [LOCAL])),
    ("INS-ABSENT", drop(patient, "identifier")),
    ("INS-OID", put(patient, "identifier.0.system", f"{ROOT}99")),
    ("INS-OID", put(patient, "identifier.0", NIA | {"system": f"{ROOT}2"})),
    ("INS-OID", put(patient, "identifier.0.type.coding.0.code", "NH")),
    ("INS-AMBIGUOUS", put(patient, "identifier.-", NIA)),
]


@pytest.mark.parametrize(("rule_id", "change"), UNCOUNTED)
@pytest.mark.parametrize("mode", list(Mode))
def test_a_pdf_that_is_accepted_and_not_counted(rule_id: str, change: Change, mode: Mode) -> None:
    result = of(change, mode=mode)
    assert rule_id in result.report.rules()
    assert not refused(result)
    assert result.report.countable is False
    assert level(result) is not InsLevel.QUALIFIED


def test_no_programme_looks_at_other_documents() -> None:
    result = of(put(patient, "identifier", [LOCAL]), put(reference, "type.coding.0.code", "DOCPAT01"))
    assert result.report.countable is None
    assert "INS-ABSENT" not in result.report.rules()


REFUSED = [
    ("INS-FORMAT", put(patient, "identifier.0.value", MATRICULE[:13])),
    ("INS-FORMAT", put(patient, "identifier.0.value", "2 79 03 51 215 189 89")),
    ("INS-SEX", put(patient, "gender", "male")),
    ("INS-SEX", put(patient, "gender", "unknown")),
    ("INS-TRAIT-MISSING", drop(patient, "gender")),
    ("INS-TRAIT-MISSING", drop(patient, "name")),
    ("INS-TRAIT-MISSING", drop(patient, "extension.0")),
    ("INS-BIRTH-DATE", put(patient, "birthDate", "1979")),
    ("INS-BIRTH-DATE", put(patient, "birthDate", "2079-03-28")),
    ("INS-BIRTH-PLACE", put(patient, "extension.0.valueAddress.extension.0.valueCoding.code", "REIMS")),
]


@pytest.mark.parametrize(("rule_id", "change"), REFUSED)
def test_a_pdf_that_is_refused(rule_id: str, change: Change) -> None:
    result = of(change)
    assert rule_id in result.report.rules()
    assert refused(result)


def test_a_wrong_key() -> None:
    change = put(patient, "identifier.0.value", WRONG_KEY)
    assert not refused(of(change))
    assert level(of(change)) is InsLevel.PRESENT
    assert refused(of(change, mode=Mode.PRODUCTION))


def test_a_test_authority() -> None:
    change = put(patient, "identifier.0.system", f"{ROOT}10")
    assert level(of(change)) is InsLevel.QUALIFIED
    assert refused(of(change, mode=Mode.PRODUCTION))


def test_a_pdf_by_reference_is_judged_by_its_source_patient() -> None:
    def known(made: Json) -> None:
        made["entry"][1]["resource"]["contained"][3] = patient(made) | {"id": "source-patient"}
        made["entry"].pop(3)

    result = of(known, same_for("subject", {"identifier": {"system": NIR, "value": MATRICULE}}))
    assert level(result) is InsLevel.QUALIFIED
    assert not refused(result)


def test_a_pdf_without_any_patient() -> None:
    result = of(
        drop(entry, "3"), drop(reference, "context.sourcePatientInfo"), same_for("subject", {"reference": "Patient/1"})
    )
    assert ("INS-ABSENT", f"{DOCUMENT}.subject") in [(issue.rule, issue.location) for issue in result.report]


def test_the_header_decides() -> None:
    result = checked(bundle())
    assert level(result) is InsLevel.QUALIFIED
    prov = [put(patient, "identifier.0.use", "temp"), drop(patient, "birthDate")]
    assert level(checked(bundle(*prov))) is InsLevel.QUALIFIED


def test_two_ins_in_the_metadata_do_not_count() -> None:
    result = checked(bundle(put(patient, "identifier.-", NIA)))
    assert not refused(result)
    assert result.report.countable is False
    assert level(result) is InsLevel.PRESENT
    old = checked(bundle(put(patient, "identifier.-", NIA | {"use": "old"})))
    assert old.report.countable
    assert level(old) is InsLevel.QUALIFIED


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ([put(patient, "identifier", [LOCAL])], PATIENT),
        ([put(patient, "identifier.0.system", f"{ROOT}9")], f"{PATIENT}.identifier[0]"),
        ([put(source, "identifier.0.value", OTHER)], f"{DOCUMENT}.contained[3].identifier[0]"),
        ([put(reference, "subject", {"reference": f"Patient?identifier={NIR}|{OTHER}"})], f"{DOCUMENT}.subject"),
        ([drop(entry, "3"), drop(source, "identifier"), same_for("subject", {"reference": "Patient/1"})],
         f"{DOCUMENT}.subject"),
    ],
)  # fmt: skip
def test_the_metadata_carry_the_ins_of_the_document(changes: list[Change], place: str) -> None:
    assert ("XCHECK-INS", "error", place) in found(*changes)


def test_an_ins_that_the_document_has_not() -> None:
    without = letter(('<id root="1.2.250.1.213.1.4.8" extension="279035121518989"/>', ""))
    assert [each for each in found(document=without) if each[0] == "XCHECK-INS"] == []
    added = found(put(reference, "subject.identifier", {"system": NIR, "value": MATRICULE}), document=without)
    assert ("XCHECK-INS", "error", f"{DOCUMENT}.subject") in added


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (put(patient, "name.0.family", "AUTRE"), f"{PATIENT}.name[0].family"),
        (put(patient, "name.0.given", ["MARIE"]), f"{PATIENT}.name[0].given[0]"),
        (put(patient, "name.0.extension.0.valueString", "DOMINIQUE PAUL"), f"{PATIENT}.name[0]"),
        (put(patient, "birthDate", "1979-03-27"), f"{PATIENT}.birthDate"),
        (put(patient, "gender", "male"), f"{PATIENT}.gender"),
        (put(patient, "extension.0.valueAddress.extension.0.valueCoding.code", "75101"), f"{PATIENT}.extension"),
        (put(source, "name.0.family", "AUTRE"), f"{DOCUMENT}.contained[3].name[0].family"),
    ],
)
def test_no_trait_contradicts_the_document(change: Change, place: str) -> None:
    assert ("XCHECK-TRAIT", "error", place) in found(change)


def test_one_patient_for_all() -> None:
    def other(made: Json) -> None:
        second(made)
        made["entry"][4]["resource"]["subject"] = {"identifier": {"system": NIR, "value": OTHER}}

    assert ("MHD-PATIENT", "error", "Bundle.entry[4].resource.subject") in found(other)
    assert ("MHD-PATIENT", "error", f"{DOCUMENT}.subject") in found(
        put(reference, "subject", {"reference": "Patient/another"})
    )
    assert ("MHD-PATIENT-UNKNOWN", "error", f"{DOCUMENT}.subject") in found(
        put(reference, "subject", {"reference": "#source-patient"})
    )
    binary = found(lambda made: reference(made)["subject"].update(reference=made["entry"][2]["fullUrl"]))
    assert [rule_id for rule_id, _, _ in binary if rule_id.startswith("MHD")] == []


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ({"identifier": {"system": "urn:oid:1.2", "value": "7"}}, ("urn:oid:1.2", "7")),
        ({"identifier": {"value": "7"}}, ("", "7")),
        ({"reference": "Patient?identifier=urn:oid:1.2|7"}, ("urn:oid:1.2", "7")),
        ({"reference": "https://a.fr/Patient?identifier=urn:oid:1.2|7&active=true"}, ("urn:oid:1.2", "7")),
        ({"reference": "Patient?identifier=urn%3Aoid%3A1.2%7Ca%20b%26c"}, ("urn:oid:1.2", "a b&c")),
        ({"reference": "Patient?identifier=7"}, None),
        ({"reference": "Patient?name=x"}, None),
        ({"reference": "Device?identifier=urn:oid:1.2|7"}, None),
        ({"reference": 7, "identifier": []}, None),
        ({}, None),
    ],
)
def test_logical_references(subject: Json, expected: tuple[str, str] | None) -> None:
    assert logical_identifier(subject) == expected
