"""The transfer of a user record: the profile, the requests, the documents inside."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from testdata import Country, Stay
from tests.support.dui import EXPORT, GRID, PROJECT, shared, structured, transfer
from tests.support.synthetic import new_stay
from validators.cda import check_cda
from validators.fhir import default_walker
from validators.report import Mode, Report
from validators.tddui import BUNDLE, Transferred, check_tddui, is_tddui

Json = dict[str, Any]
QUIET = {"INS-TEST", "CDA-VALUE-SET-MISSING", "CDA-TITLE-KIND", "FHIR-PROFILE-UNKNOWN"}


@pytest.fixture(scope="module")
def stay(demo_country: Country) -> Stay:
    return new_stay(demo_country, next(p for p in demo_country.establishments if p.sector == "esms"))


def judged(bundle: Json) -> tuple[list[Transferred], Report]:
    report = Report()
    check = partial(check_cda, mode=Mode.SANDBOX, now=datetime.now(UTC))
    return check_tddui(bundle, default_walker(), report, check), report


def rules(bundle: Json) -> set[tuple[str, str]]:
    return {(i.rule, i.location) for i in judged(bundle)[1] if i.rule not in QUIET}


def changed(bundle: Json, change: Callable[[Json], object]) -> Json:
    change(bundle["entry"][0])
    return bundle


def test_a_transfer_of_an_export_a_project_and_an_evaluation(stay: Stay) -> None:
    documents = [shared(stay, code) for code in (EXPORT, PROJECT, GRID)]
    found, report = judged(transfer(*documents))

    assert report.conformant, list(report)
    assert [d.kind.code if d.kind else None for d in found] == ["DUI", "PPA", None]
    assert [d.data for d in found] == documents
    assert {d.ins.level for d in found if d.ins} == {"qualified"}


def test_a_structured_export_is_checked_as_far_as_its_header_goes(stay: Stay) -> None:
    bundle = transfer(structured(stay))
    assert rules(bundle) == {
        ("CDA-VOLET-NOT-COVERED", "Bundle.entry[0].resource.content[0].attachment.data!/ClinicalDocument")
    }
    wrong = structured(stay).replace(b'<typeId root="2.16.840.1.113883.1.3"', b'<typeId root="1.2.3"')
    assert "CDA-TYPEID" in {rule for rule, _ in rules(transfer(wrong))}


AT = "Bundle.entry[0].resource"
ATTACHMENT = f"{AT}.content[0].attachment"


@pytest.mark.parametrize(
    ("change", "rule", "place"),
    [
        (lambda e: e["request"].update(method="PUT"), "TDDUI-REQUEST", "Bundle.entry[0].request.method"),
        (lambda e: e["request"].update(url="Document1"), "TDDUI-URL", "Bundle.entry[0].request.url"),
        (lambda e: e["resource"].pop("masterIdentifier"), "FHIR-MIN", AT),
        (lambda e: e["resource"].update(docStatus="final"), "FHIR-MAX", f"{AT}.docStatus"),
        (lambda e: e["resource"].update(status="superseded"), "FHIR-FIXED", f"{AT}.status"),
        (lambda e: attachment(e).pop("title"), "FHIR-MIN", ATTACHMENT),
        (lambda e: attachment(e).pop("data"), "FHIR-MIN", ATTACHMENT),
        (lambda e: attachment(e).update(url="Binary/1"), "FHIR-MAX", f"{ATTACHMENT}.url"),
        (lambda e: attachment(e).update(data="====", size=1), "TDDUI-BASE64", f"{ATTACHMENT}.data"),
        (lambda e: attachment(e).update(size=3), "XCHECK-SIZE", f"{ATTACHMENT}.size"),
        (lambda e: attachment(e).update(hash="AAAA"), "XCHECK-HASH", f"{ATTACHMENT}.hash"),
        (lambda e: attachment(e).update(data="SGVsbG8="), "TDDUI-CDA", f"{ATTACHMENT}.data"),
        (
            lambda e: e["resource"].update(masterIdentifier={"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"}),
            "XCHECK-UNIQUE-ID", f"{AT}.masterIdentifier.value",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_and_where(stay: Stay, change: Callable[[Json], object], rule: str, place: str) -> None:
    found = rules(changed(transfer(shared(stay, EXPORT)), change))

    assert (rule, place) in found


def attachment(entry: Json) -> Json:
    found: Json = entry["resource"]["content"][0]["attachment"]
    return found


def test_the_profile_of_the_document_holds_whether_it_is_declared_or_not(stay: Stay) -> None:
    bundle = changed(transfer(shared(stay, EXPORT)), lambda e: e["resource"].pop("meta"))
    assert rules(bundle) == set()
    assert ("FHIR-MIN", ATTACHMENT) in rules(changed(bundle, lambda e: attachment(e).pop("title")))


def test_a_transfer_without_a_document() -> None:
    other = {
        "resource": {"resourceType": "Basic", "code": {"text": "x"}},
        "request": {"method": "POST", "url": "Basic"},
    }
    assert ("TDDUI-COUNT", "Bundle.entry") in rules(transfer() | {"entry": [other]})


def test_a_document_may_be_written_in_lines(stay: Stay) -> None:
    data = shared(stay, EXPORT)
    bundle = changed(transfer(data), lambda e: attachment(e).update(data=base64.encodebytes(data).decode()))

    assert judged(bundle)[0][0].data == data


@pytest.mark.parametrize(
    ("bundle", "said"),
    [
        (transfer(), True),
        ({"meta": {"profile": [f"{BUNDLE}|0.1.0"]}}, True),
        ({"meta": {"profile": ["https://exemple.fr/tddui-bundle"]}}, False),
        ({"meta": {"profile": [1]}}, False),
        ({"meta": {"profile": "x"}}, False),
        ({"meta": None}, False),
        ({}, False),
    ],
)
def test_what_a_transfer_is_known_by(bundle: Json, said: bool) -> None:
    assert is_tddui(bundle) is said


def test_two_documents_are_two(stay: Stay) -> None:
    found, _ = judged(transfer(shared(stay, EXPORT), shared(replace(stay, id="2"), PROJECT)))

    assert [d.place for d in found] == ["Bundle.entry[0].resource", "Bundle.entry[1].resource"]
