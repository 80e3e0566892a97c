"""One rule after the other: the smallest change that breaks it, the severity and the place."""

from __future__ import annotations

import pytest

from tests.validators.mhd.envelope import (
    ATTACHMENT,
    BINARY,
    DOCUMENT,
    LETTER_BYTES,
    MATRICULE,
    NIR,
    OLD,
    OTHER,
    PATIENT,
    PDF_BYTES,
    SET,
    Change,
    Json,
    all_of,
    attachment,
    binary,
    bundle,
    content,
    drop,
    entry,
    folder,
    found,
    issues,
    letter,
    patch,
    patient,
    pdf,
    put,
    reference,
    replacing,
    second,
    source,
    the_set,
)
from validators.messages import render
from validators.messages.mhd import RULES

NOWHERE = "urn:uuid:00000000-0000-4000-8000-000000000000"
OTHER_SUBJECT = {"identifier": {"system": NIR, "value": OTHER}}
LOINC = "http://loinc.org"
SELF = {"identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3.4.1"}}
EXTRA: Json = {
    "fullUrl": NOWHERE,
    "resource": {"resourceType": "Device"},
    "request": {"method": "POST", "url": "Device"},
}
UNUSED = {
    "fullUrl": NOWHERE,
    "resource": {"resourceType": "Binary", "contentType": "application/pdf", "data": "JVBERi0="},
    "request": {"method": "POST", "url": "Binary"},
}
FHIR_DOCUMENT = {
    "fullUrl": NOWHERE,
    "resource": {"resourceType": "Bundle", "type": "document"},
    "request": {"method": "POST", "url": "Bundle"},
}
LOST = {"resourceType": "Organization", "id": "lost", "name": "x"}


def twice(made: Json) -> None:
    """A second document of the same unique id."""
    second(made)
    entry(made)[-2]["resource"]["masterIdentifier"] = reference(made)["masterIdentifier"]


def unlisted(made: Json) -> None:
    second(made)
    the_set(made)["entry"].pop()


def unlisted_folder(made: Json) -> None:
    folder(made)
    the_set(made)["entry"].pop()


def two_operations(made: Json) -> None:
    entry(made)[-1]["resource"]["parameter"] *= 2


E, W = "error", "warning"
CASES: list[tuple[str, str, str, list[Change]]] = [
    ("MHD-BUNDLE-TYPE", E, "Bundle.type", [put(all_of, "type", "batch")]),
    ("MHD-PROFILE", E, "Bundle.meta", [put(all_of, "meta", {"versionId": "1"})]),
    ("bdl-1", E, "Bundle", [put(all_of, "total", 1)]),
    ("bdl-2", E, "Bundle", [put(entry, "1.search", {"mode": "match"})]),
    ("bdl-4", E, "Bundle", [put(entry, "1.response", {"status": "201"})]),
    ("MHD-REQUEST", E, "Bundle.entry[1].request", [drop(entry, "1.request")]),
    ("MHD-REQUEST", E, "Bundle.entry[2].request", [drop(entry, "2.request.url")]),
    ("MHD-REQUEST", E, "Bundle.entry[2].request", [drop(entry, "2.request.method")]),
    ("MHD-REQUEST-URL", E, "Bundle.entry[1].request.url", [put(entry, "1.request.url", "List")]),
    ("MHD-REQUEST-URL", E, "Bundle.entry[3].request.url", [put(entry, "3.request.url", "Patient")]),
    ("MHD-REQUEST-URL", E, "Bundle.entry[4].request.url", [replacing(None, patch("DocumentReference"))]),
    ("MHD-SLICE", E, "Bundle.entry[4]", [put(entry, "-", EXTRA)]),
    ("MHD-SLICE", E, "Bundle.entry[1]", [put(entry, "1.request.method", "PUT")]),
    ("MHD-SLICE", E, "Bundle.entry[2]", [drop(entry, "2.resource")]),
    ("MHD-SLICE-COUNT", E, "Bundle.entry", [drop(entry, "0")]),
    ("MHD-SLICE-COUNT", E, "Bundle.entry", [drop(entry, "1")]),
    ("MHD-SLICE-COUNT", E, "Bundle.entry", [lambda made: entry(made).append(entry(made)[3] | {"fullUrl": NOWHERE})]),
    ("bdl-7", E, "Bundle", [lambda made: entry(made).append(entry(made)[2])]),
    ("bdl-8", E, "Bundle.entry[2]", [put(entry, "2.fullUrl", "http://a.fr/Binary/1/_history/2")]),
    ("MHD-REFERENCE", E, f"{SET}.entry[0].item", [put(the_set, "entry.0.item.reference", NOWHERE)]),
    ("MHD-REFERENCE", E, f"{SET}.entry[0].item", [put(the_set, "entry.0.item", {"display": "x"})]),
    ("MHD-REFERENCE", E, f"{DOCUMENT}.subject", [put(reference, "subject.reference", NOWHERE)]),
    ("MHD-REFERENCE", E, f"{DOCUMENT}.context.related[0]",
     [put(reference, "context.related", [{"reference": NOWHERE}])]),
    ("MHD-ITEM-TYPE", E, f"{SET}.entry[1].item",
     [lambda made: the_set(made)["entry"].append({"item": {"reference": entry(made)[2]["fullUrl"]}})]),
    ("MHD-ITEM-TYPE", E, "Bundle.entry[4].resource.entry[0].item",
     [folder, lambda made: put(entry, "4.resource.entry.0.item.reference", entry(made)[0]["fullUrl"])(made)]),
    ("MHD-SET-ITEM", E, f"{SET}.entry", [unlisted]),
    ("MHD-SET-ITEM", W, f"{SET}.entry", [unlisted_folder]),
    ("MHD-PATIENT", E, f"{DOCUMENT}.subject", [put(reference, "subject", OTHER_SUBJECT)]),
    ("MHD-PATIENT", E, f"{DOCUMENT}.contained[3].identifier[0]", [pdf, put(source, "identifier.0.value", OTHER)]),
    ("MHD-PATIENT", E, f"{DOCUMENT}.contained[3].gender", [pdf, put(source, "gender", "male")]),
    ("MHD-PATIENT", E, f"{DOCUMENT}.subject", [pdf, put(reference, "subject.identifier.value", OTHER)]),
    ("MHD-PATIENT-UNKNOWN", E, f"{SET}.subject", [put(the_set, "subject", {"display": "x"})]),
    ("MHD-UNIQUE-ID", E, f"{DOCUMENT}.masterIdentifier", [put(reference, "masterIdentifier.value", "urn:oid:1.02")]),
    ("MHD-UNIQUE-ID-TWICE", E, "Bundle.entry[4].resource.masterIdentifier", [twice]),
    ("MHD-SET-ID", E, f"{SET}.identifier[0].value", [put(the_set, "identifier.0.value", NOWHERE)]),
    ("MHD-SET-ID", E, f"{SET}.identifier[0].value", [put(the_set, "identifier.0.value", "urn:oid:x")]),
    ("MHD-ENTRY-UUID", E, f"{DOCUMENT}.identifier[0].value",
     [put(reference, "identifier", [{"use": "official", "system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2"}])]),
    ("MHD-SOURCE-ID", E, f"{SET}.extension[1].valueIdentifier", [drop(the_set, "extension.1.valueIdentifier.value")]),
    ("MHD-SOURCE-ID", E, f"{SET}.extension[1].valueIdentifier",
     [put(the_set, "extension.1.valueIdentifier.value", "a")]),
    ("MHD-SOURCE-ID", W, f"{SET}.extension[1].valueIdentifier",
     [put(the_set, "extension.1.valueIdentifier.value", NOWHERE)]),
    ("MHD-URL", E, f"{ATTACHMENT}.url", [put(attachment, "url", NOWHERE)]),
    ("MHD-URL", E, f"{ATTACHMENT}.url", [lambda made: attachment(made).update(url=entry(made)[3]["fullUrl"])]),
    ("MHD-BINARY-UNUSED", W, "Bundle.entry[4].resource", [put(entry, "-", UNUSED)]),
    ("MHD-DATA", E, f"{BINARY}.data", [drop(binary, "data")]),
    ("MHD-BASE64", E, f"{BINARY}.data", [put(binary, "data", "PD94*")]),
    ("XCHECK-SIZE", E, f"{ATTACHMENT}.size", [put(attachment, "size", 1)]),
    ("XCHECK-HASH", E, f"{ATTACHMENT}.hash", [put(attachment, "hash", "2jmj7l5rSw0yVb/vlWAYkK/YBwk=")]),
    ("XCHECK-MEDIA-TYPE", E, f"{ATTACHMENT}.contentType", [put(attachment, "contentType", "application/pdf")]),
    ("XCHECK-MEDIA-TYPE", E, f"{BINARY}.contentType", [put(binary, "contentType", "application/pdf")]),
    ("XCHECK-MEDIA-TYPE", E, f"{ATTACHMENT}.contentType",
     [content(b"bonjour", "text/plain"), put(attachment, "contentType", "text/csv")]),
    ("XCHECK-UNIQUE-ID", E, f"{DOCUMENT}.masterIdentifier.value",
     [put(reference, "masterIdentifier.value", "urn:oid:1.2")]),
    ("XCHECK-TYPE", E, f"{DOCUMENT}.type.coding[0].code", [put(reference, "type.coding.0.code", "11488-4")]),
    ("XCHECK-CREATION", E, f"{ATTACHMENT}.creation", [put(attachment, "creation", "2026-02-01T10:30:01+01:00")]),
    ("XCHECK-CREATION", E, f"{ATTACHMENT}.creation", [put(attachment, "creation", "2026-01")]),
    ("XCHECK-DATE", W, f"{DOCUMENT}.date", [put(reference, "date", "2026-02-01T10:31:00+01:00")]),
    ("XCHECK-PERIOD", W, f"{DOCUMENT}.context.period.start",
     [put(reference, "context.period.start", "2026-01-19T08:00:00+01:00")]),
    ("XCHECK-FORMAT", W, f"{DOCUMENT}.content[0].format.code",
     [put(reference, "content.0.format.code", "urn:ihe:lab:xd-lab:2008")]),
    ("XCHECK-CONFIDENTIALITY", W, f"{DOCUMENT}.securityLabel", [put(reference, "securityLabel.0.coding.0.code", "V")]),
    ("XCHECK-FACILITY", W, f"{DOCUMENT}.context.facilityType.coding[0].code",
     [put(reference, "context.facilityType.coding.0.code", "SA05")]),
    ("XCHECK-SETTING", W, f"{DOCUMENT}.context.practiceSetting.coding[0].code",
     [put(reference, "context.practiceSetting.coding.0.code", "HAD")]),
    ("MHD-LANGUAGE", W, f"{ATTACHMENT}.language", [put(attachment, "language", "en")]),
    ("FHIR-BINDING", E, f"{ATTACHMENT}.language", [put(attachment, "language", "fr FR")]),
    ("per-1", E, f"{DOCUMENT}.context.period",
     [put(reference, "context.period.end", "2026-01-19T08:00:00+01:00")]),
    ("per-1", E, f"{DOCUMENT}.context.period", [put(reference, "context.period.end", "2025")]),
    ("MHD-CODE-SYSTEM", E, f"{DOCUMENT}.category[0].coding[0]", [put(reference, "category.0.coding.0.system", LOINC)]),
    ("MHD-CODE-SYSTEM", E, f"{DOCUMENT}.content[0].format", [drop(reference, "content.0.format.system")]),
    ("MHD-CODE-SYSTEM", E, f"{SET}.code.coding[0]", [put(the_set, "code.coding.0.system", LOINC)]),
    ("MHD-CODE-MISSING", E, f"{DOCUMENT}.type", [put(reference, "type", {"text": "Lettre"})]),
    ("MHD-CODE-MISSING", E, f"{DOCUMENT}.type.coding[0]", [drop(reference, "type.coding.0.code")]),
    ("MHD-CODE", W, f"{DOCUMENT}.type.coding[0]", [pdf, put(reference, "type.coding.0.code", "99999-9")]),
    ("MHD-CODE", W, f"{DOCUMENT}.category[0].coding[0]", [put(reference, "category.0.coding.0.code", "77")]),
    ("MHD-CODE", W, f"{DOCUMENT}.context.practiceSetting.coding[0]",
     [put(reference, "context.practiceSetting.coding.0.code", "X")]),
    ("MHD-CODE", W, f"{DOCUMENT}.securityLabel[0].coding[0]", [put(reference, "securityLabel.0.coding.0.code", "L")]),
    ("MHD-CODE", W, f"{DOCUMENT}.securityLabel[0]", [put(reference, "securityLabel.0", {"text": "normal"})]),
    ("MHD-CLASS-TYPE", W, f"{DOCUMENT}.category[0]", [put(reference, "category.0.coding.0.code", "42")]),
    ("FHIR-ELEMENT-ID", E, f"{DOCUMENT}.contained",
     [lambda made: reference(made)["contained"].append(dict(reference(made)["contained"][0]))]),
    ("dom-3", E, DOCUMENT, [put(reference, "contained.-", {"resourceType": "Device"})]),
    ("dom-3", E, DOCUMENT, [put(reference, "contained.-", LOST)]),
    ("dom-3", E, SET, [put(the_set, "contained.-", LOST)]),
    ("dom-3", E, PATIENT, [put(patient, "contained", [LOST])]),
    ("dom-4", E, DOCUMENT, [put(source, "meta", {"versionId": "1"})]),
    ("dom-5", E, DOCUMENT,
     [put(source, "meta", {"security": [{"system": "http://a.fr", "code": "R"}]})]),
    ("MHD-REPLACE-CODE", E, f"{DOCUMENT}.relatesTo", [replacing({"display": "x"})]),
    ("MHD-REPLACE-CODE", E, f"{DOCUMENT}.relatesTo",
     [replacing(None, patch()), lambda made: put(reference, "relatesTo", reference(made)["relatesTo"] * 2)(made)]),
    ("MHD-REPLACE-SELF", E, f"{DOCUMENT}.relatesTo", [replacing(SELF)]),
    ("MHD-REPLACE-PATCH", E, f"{DOCUMENT}.relatesTo", [replacing()]),
    ("MHD-PATCH", E, "Bundle.entry[4].resource", [replacing(None, patch(value="current"))]),
    ("MHD-PATCH", E, "Bundle.entry[4].resource", [replacing(None, patch(type="add"))]),
    ("MHD-PATCH", E, "Bundle.entry[4].resource", [replacing(None, patch(path="DocumentReference.docStatus"))]),
    ("MHD-PATCH", E, "Bundle.entry[4].resource", [replacing(None, patch()), two_operations]),
    ("MHD-PATCH-ALONE", W, "Bundle.entry[4].resource", [put(entry, "-", patch())]),
    ("MHD-RELATES-TO", W, f"{DOCUMENT}.relatesTo[0]",
     [put(reference, "relatesTo", [{"code": "appends", "target": {"reference": OLD}}])]),
    ("MHD-FHIR-DOCUMENT", E, "Bundle.entry[4].resource", [put(entry, "-", FHIR_DOCUMENT)]),
    ("XCHECK-INS", E, f"{PATIENT}.identifier[0]", [put(patient, "identifier.0.value", OTHER)]),
    ("XCHECK-INS", E, f"{DOCUMENT}.subject", [put(reference, "subject.identifier.value", OTHER)]),
    ("XCHECK-INS", E, "Bundle.entry[3].request.url",
     [put(entry, "3.request.url", f"Patient?identifier={NIR}|{OTHER}")]),
    ("XCHECK-TRAIT", E, f"{PATIENT}.name[0].family", [put(patient, "name.0.family", "AUTRE")]),
]  # fmt: skip
UPPER = ("MHD-UUID-CASE", W, "Bundle.entry[2].fullUrl")
ELSEWHERE = {
    "MHD-ENTRY-LIMIT", "MHD-UUID-CASE", "XCHECK-REPLACES", "MHD-HEAD-CUSTODIAN", "MHD-HEAD-DATE", "MHD-HEAD-LABEL",
    "MHD-EVENT", "MHD-FACILITY-AUTHOR", "MHD-DESIGNATION",
}  # fmt: skip
"""Rules with a test of their own, here or beside."""
FILING = {"MHD-REPLACE-TARGET", "MHD-REPLACE-PATIENT", "MHD-REPLACE-STATUS", "MHD-REPLACED-UNKNOWN"}
"""Rules that need what was filed before."""


def test_the_bundle_is_right() -> None:
    assert found() == []
    assert [severity for _, severity, _ in found(pdf)] == []
    assert found(second) == [] == found(folder)


@pytest.mark.parametrize(
    ("rule_id", "severity", "place", "changes"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)]
)
def test_the_change_breaks_the_rule(rule_id: str, severity: str, place: str, changes: list[Change]) -> None:
    assert (rule_id, severity, place) in found(*changes)


def test_every_rule_of_the_envelope_has_a_case() -> None:
    others = ("MHD-UPDATE-", "MHD-VARIANT", "MHD-FOLDER", "MHD-GENERATE", "MHD-HASH-HEX")  # their own tests
    envelope = {row.id for row in RULES if not row.id.startswith(others)}
    assert {case[0] for case in CASES} | ELSEWHERE | FILING >= envelope


@pytest.mark.parametrize("changes", [case[3] for case in CASES])
def test_sentences_have_their_words(changes: list[Change]) -> None:
    for issue in issues(bundle(*changes)):
        for lang in ("fr", "en"):
            sentence = render(issue, lang)
            assert "{" not in sentence, issue.rule
            assert OTHER not in sentence, issue.rule


def test_a_replacement_in_the_document_only() -> None:
    document = letter(replaces=True)
    assert found(document=document) == []
    without = [drop(reference, "relatesTo"), drop(entry, "4")]
    assert found(*without, document=document) == [("XCHECK-REPLACES", E, f"{DOCUMENT}.relatesTo")]


def test_upper_case_uuid_is_said() -> None:
    def upper(made: Json) -> None:
        entry(made)[2]["fullUrl"] = "urn:uuid:" + entry(made)[2]["fullUrl"][9:].upper()

    assert found(upper) == [UPPER]
    wrong = put(entry, "2.fullUrl", "urn:uuid:X")
    assert ("FHIR-PRIMITIVE", E, "Bundle.entry[2].fullUrl") in found(wrong)


def test_the_hash_is_of_the_bytes() -> None:
    assert found(content(LETTER_BYTES + b"\n")) == []
    assert ("XCHECK-SIZE", E, f"{ATTACHMENT}.size") in found(
        content(PDF_BYTES, "application/pdf"), put(attachment, "size", 0)
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda made: entry(made)[3].update(request={"method": "DELETE", "url": f"Patient?identifier={NIR}|{OTHER}"}),
        lambda made: entry(made)[1].update(request={"method": "POST", "url": f"Patient?identifier={NIR}|{OTHER}"}),
        drop(entry, "3.resource"),
    ],
)
def test_a_query_is_never_repeated(change: Change) -> None:
    said = issues(bundle(change))
    assert {issue.rule for issue in said} & {"MHD-SLICE", "MHD-REQUEST-URL"}
    assert not any(OTHER in render(issue) or MATRICULE in render(issue) for issue in said)
