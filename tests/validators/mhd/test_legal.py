"""What the guides allow is accepted without a word, or with no more than a warning."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.mhd.envelope import (
    LETTER_BYTES,
    MATRICULE,
    NIR,
    OLD,
    PDF_BYTES,
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
    letter,
    patch,
    patient,
    pdf,
    put,
    reference,
    replaced_text,
    replacing,
    same_for,
    source,
    the_set,
)
from validators.mhd import is_submission, sniff, unique_id

SEARCH = f"Patient?identifier={NIR}|{MATRICULE}"
INS = {"identifier": {"system": NIR, "value": MATRICULE}}
LOCAL_CODE = {"system": "urn:oid:1.2.250.1.999", "code": "LDL"}
MASKED = {"system": "urn:oid:1.2.250.1.213.1.1.4.13", "code": "MASQUE_PS"}
ORGANIZATION = {"resourceType": "Organization", "id": "more", "name": "x"}
CHECKED = {"resourceType": "Provenance", "id": "p", "target": [{"reference": "#"}], "recorded": "2026-02-01T00:00:00Z",
           "agent": [{"who": {"display": "x"}}]}  # fmt: skip
RELATED = {
    "identifier": {
        "type": {"coding": [{"system": "urn:ietf:rfc:3986", "code": "urn:ihe:iti:xds:2013:accession"}]}, "value": "A1",
    }
}  # fmt: skip


def without_meta(made: Json) -> None:
    made.pop("meta")
    for each in entry(made):
        each["resource"].pop("meta", None)


def upper_case(made: Json) -> None:
    """Every fullUrl in upper case, every reference to one as it was."""
    for each in entry(made):
        each["fullUrl"] = "urn:uuid:" + each["fullUrl"][9:].upper()


def loose_bits(made: Json) -> None:
    """The last letter of a base64 text has bits that carry nothing."""
    digest = attachment(made)["hash"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    attachment(made)["hash"] = f"{digest[:26]}{letters[letters.index(digest[26]) ^ 1]}="


def wrapped_lines(made: Json) -> None:
    data = binary(made)["data"]
    binary(made)["data"] = "\r\n".join(data[at : at + 76] for at in range(0, len(data), 76))


def with_urls(made: Json) -> None:
    """fullUrls as addresses, the Binary referred to by type and id."""
    url = entry(made)[2]["fullUrl"]
    replaced_text(url, "https://a.fr/fhir/Binary/7")(made)
    attachment(made)["url"] = "Binary/7"


def without_patient(**subject: Any) -> list[Change]:
    return [drop(entry, "3"), same_for("subject", subject)]


def folder_put(made: Json) -> None:
    folder(made)
    entry(made)[-1]["request"] = {"method": "PUT", "url": "List/f1"}


def folder_bare_put(made: Json) -> None:
    folder(made)
    entry(made)[-1]["request"] = {"method": "PUT", "url": "List"}


SILENT: list[list[Change]] = [
    [drop(all_of, "meta")],
    [without_meta],
    [lambda made: entry(made).reverse()],
    [with_urls],
    [drop(entry, "0.fullUrl")],
    [put(entry, "1.request.url", "/DocumentReference")],
    [put(entry, "2.request", {"method": "PUT", "url": "Binary/1"})],
    [put(entry, "3.request", {"method": "POST", "url": "Patient", "ifNoneExist": SEARCH[8:]})],
    [put(entry, "3.request", {"method": "PUT", "url": "Patient/1"})],
    [lambda made: entry(made)[3].pop("resource"), put(entry, "3.request", {"method": "GET", "url": SEARCH}),
     same_for("subject", INS)],
    without_patient(**INS),
    without_patient(reference=SEARCH),
    without_patient(reference=SEARCH.replace(":", "%3A").replace("|", "%7C")),
    without_patient(reference="Patient/12"),
    without_patient(reference="https://a.fr/fhir/Patient/12"),
    [put(reference, "subject", {"reference": SEARCH})],
    [put(the_set, "subject", INS)],
    [drop(patient, "name"), drop(patient, "gender"), drop(patient, "birthDate"), drop(patient, "extension")],
    [put(patient, "name.0.family", "Pat trois")],
    [put(patient, "name.-", {"use": "usual", "family": "DURAND"})],
    [put(source, "identifier", [{"system": "urn:oid:1.2.3.4.5", "value": "IPP-1"}])],
    [drop(source, "identifier")],
    [put(the_set, "code.coding.0.system", "http://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes")],
    [lambda made: the_set(made)["extension"].reverse()],
    [drop(the_set, "identifier")],
    [put(the_set, "entry.-", {"item": {"reference": "DocumentReference/of-before"}})],
    [folder_put],
    [folder_bare_put],
    [put(reference, "identifier", [{"use": "official", "system": "urn:ietf:rfc:3986",
                                    "value": "urn:uuid:5B0F6F5E-0000-4000-8000-000000000002"}])],
    [put(reference, "type.coding.-", LOCAL_CODE)],
    [lambda made: reference(made)["type"]["coding"].insert(0, LOCAL_CODE)],
    [put(reference, "securityLabel.-", {"coding": [MASKED]})],
    [put(reference, "context.related", [RELATED])],
    [drop(reference, "date")],
    [drop(reference, "context.period.end")],
    [put(reference, "context.period.start", "2026-01-20")],
    [put(reference, "contained.-", ORGANIZATION), put(reference, "custodian", {"reference": "#more"})],
    [put(reference, "contained.-", CHECKED)],
    [put(source, "meta", {"profile": ["https://a.fr/p"]})],
    [loose_bits],
    [wrapped_lines],
    [put(attachment, "contentType", "text/xml")],
    [put(attachment, "contentType", "application/hl7-cda+xml")],
    [put(binary, "contentType", "application/xml; charset=utf-8")],
    [put(attachment, "creation", "2026-02-01T09:30:00Z")],
    [put(attachment, "creation", "2026-02-01T10:30:00.000+01:00")],
    [put(attachment, "creation", "2026-02")],
    [put(attachment, "title", "Autre titre")],
    [replacing(None, patch())],
    [replacing(None, patch("https://a.fr/fhir/DocumentReference/old-1"))],
    [replacing({"reference": f"{OLD}/_history/3"}, patch())],
    [content(b"bonjour", "text/plain"), drop(source, "identifier"), drop(entry, "3"),
     same_for("subject", {"identifier": {"system": "urn:oid:1.2.3.4.5", "value": "IPP-1"}}),
     put(reference, "type.coding.0.code", "11488-4"), put(reference, "content.0.format.code", "urn:x")],
]  # fmt: skip


@pytest.mark.parametrize("changes", SILENT, ids=[str(n) for n in range(len(SILENT))])
def test_nothing_is_said(changes: list[Change]) -> None:
    made = [(rule_id, place) for rule_id, severity, place in found(*changes) if severity != "information"]
    assert [each for each in made if each[0] != "FHIR-PROFILE-UNKNOWN"] == []


@pytest.mark.parametrize(
    ("rule_id", "changes"),
    [
        ("MHD-UUID-CASE", [upper_case]),
        ("INS-TYPE", [drop(patient, "identifier.0.type"), drop(source, "identifier.0.type")]),
        ("FHIR-BUNDLE-REQUEST-NO-RESOURCE", [put(entry, "3.request", {"method": "GET", "url": "Patient/1"})]),
        (
            "FHIR-REFERENCE-LOCAL",
            [lambda made: entry(made)[3].pop("resource"), put(entry, "3.request", {"method": "GET", "url": SEARCH})],
        ),
        (
            "FHIR-EXTENSION-UNKNOWN",
            [put(the_set, "extension.-", {"url": "https://a.fr/x", "valueString": "y"})],
        ),
        (
            "FHIR-EXTENSION-UNKNOWN",
            [put(reference, "extension", [{"url": "https://a.fr/x", "valueString": "y"}])],
        ),
    ],
)
def test_a_warning_is_enough(rule_id: str, changes: list[Change]) -> None:
    assert {(said, severity) for said, severity, _ in found(*changes)} == {(rule_id, "warning")}


def test_a_document_in_another_day() -> None:
    """A header that gives a day only is compared by day."""
    document = letter(('effectiveTime value="20260201103000+0100"', 'effectiveTime value="20260201"'))
    assert found(put(attachment, "creation", "2026-02-01T23:00:00+01:00"), document=document) == []
    later = found(put(attachment, "creation", "2026-02-02T00:30:00+01:00"), document=document)
    assert [rule_id for rule_id, _, _ in later] == ["XCHECK-CREATION"]


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (LETTER_BYTES, "application/xml"),
        (b"\xef\xbb\xbf\n<a/>", "application/xml"),
        ("<a/>".encode("utf-16"), "application/xml"),
        (PDF_BYTES, "application/pdf"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"PK\x03\x04", "application/zip"),
        (b"bonjour", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_what_bytes_show(data: bytes, media_type: str) -> None:
    assert sniff(data) == media_type


@pytest.mark.parametrize(
    ("system", "value", "expected"),
    [
        ("urn:ietf:rfc:3986", "urn:oid:1.2.3", "urn:oid:1.2.3"),
        ("urn:ietf:rfc:3986", "urn:uuid:5B0F6F5E-0000-4000-8000-000000000002",
         "urn:uuid:5b0f6f5e-0000-4000-8000-000000000002"),
        ("urn:oid:1.2.3", "a b", "urn:oid:1.2.3^a b"),
        ("urn:uuid:5b0f6f5e-0000-4000-8000-000000000002", "7", "urn:uuid:5b0f6f5e-0000-4000-8000-000000000002^7"),
        ("urn:ietf:rfc:3986", "1.2.3", None),
        ("urn:ietf:rfc:3986", "https://a.fr/1", None),
        ("urn:oid:1.02", "7", None),
        ("https://a.fr", "7", None),
        ("urn:oid:1.2.3", "", None),
        ("urn:oid:1.2.3", 7, None),
        (None, "urn:oid:1.2.3", None),
    ],
)  # fmt: skip
def test_unique_ids(system: str | None, value: Any, expected: str | None) -> None:
    assert unique_id({"system": system, "value": value}) == expected


def test_what_means_to_be_a_submission() -> None:
    assert is_submission(bundle())
    assert is_submission({"meta": {"profile": ["http://x/Provide"]}})
    assert is_submission({"type": "transaction", "entry": [1, {"resource": {"resourceType": "List"}}]})
    assert not is_submission({"type": "transaction", "entry": [{"resource": {"resourceType": "Patient"}}, {}]})
    assert not is_submission({"type": "batch", "entry": [{"resource": {"resourceType": "List"}}]})
    assert not is_submission({"meta": [], "entry": {}})


def test_the_envelope_says_nothing_of_what_it_cannot_decode() -> None:
    assert [rule_id for rule_id, _, _ in found(put(binary, "data", "QQ="))] == ["FHIR-PRIMITIVE", "MHD-BASE64"]


def test_a_document_that_is_no_cda() -> None:
    assert found(pdf) == []
