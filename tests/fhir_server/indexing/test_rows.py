"""The rows of a resource: every parameter once, the chains of documents, the date they are sorted by."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from fhir_server.fhir.indexing import index_rows
from fhir_server.fhir.indexing.parameters import CHAINS
from fhir_server.fhir.indexing.ranges import span
from fhir_server.store.plan import IndexRow
from tests.fhir_server.indexing.test_encoders import shapes
from validators.fhir import load_definitions
from validators.fhir.fhirpath import Environment, compile_expression

Json = dict[str, Any]
DOCUMENT: Json = {
    "resourceType": "DocumentReference", "meta": {"profile": ["http://a.fr/p"], "tag": [{"code": "t"}]},
    "contained": [
        {"resourceType": "Practitioner", "id": "p", "name": [{"family": "Cœur", "given": ["Zoé", "Ève"]}]},
        {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "#q"}},
        {"resourceType": "Practitioner", "id": "q", "name": [{"family": "Rôle"}]},
        {"resourceType": "Organization", "id": "o", "name": "Hôpital"},
    ],
    "masterIdentifier": {"system": "s", "value": "m"}, "identifier": [{"value": "i"}], "status": "current",
    "type": {"coding": [{"system": "t", "code": "1"}, {"code": "2"}]}, "date": "2026-01-01T00:00:00Z",
    "subject": {"reference": "Patient/7", "identifier": {"system": "ins", "value": "9"}},
    "author": [{"reference": "#p"}, {"reference": "#r"}, {"reference": "#o"}, {"reference": "#gone"}],
    "content": [{"attachment": {"creation": "2026-01-01"}}, {"attachment": {"creation": "2026-01-01"}}],
}  # fmt: skip
PERSON: Json = {"identifier": [{"system": "ins", "value": "9"}, {"system": "ipp", "value": "12"}]}


def rows(
    resource: Json, kind: str = "DocumentReference", received: int = 5, patient: Json | None = None
) -> list[IndexRow]:
    return index_rows(resource, kind, "d", received, patient)


def of(found: list[IndexRow], name: str) -> set[tuple[str, str]]:
    return {(row.value, row.system) for row in found if row.param == name}


def test_a_document_is_found_by_each_of_its_values_once() -> None:
    found = rows(DOCUMENT, patient=PERSON)
    assert len(found) == len({(row.param, row.value, row.system) for row in found})
    assert of(found, "identifier") == {("m", "s"), ("i", "")}
    assert of(found, "status") == {("current", "")}
    assert of(found, "type") == {("1", "t"), ("2", "")}
    assert of(found, "patient") == of(found, "subject") == {("Patient/7", "")}
    assert of(found, "patient:identifier") == {("9", "ins")}
    assert of(found, "_profile") == {("http://a.fr/p", "")}
    assert of(found, "_tag") == {("t", "")}
    assert len(of(found, "creation")) == 1


def test_a_document_is_found_by_every_identifier_of_its_patient() -> None:
    assert of(rows(DOCUMENT, patient=PERSON), "patient.identifier") == {("9", "ins"), ("12", "ipp")}
    assert of(rows(DOCUMENT), "patient.identifier") == {("9", "ins")}
    assert of(rows({"subject": {"reference": "Patient/7"}}, "List", patient=PERSON), "patient.identifier") == {
        ("9", "ins"), ("12", "ipp"),
    }  # fmt: skip
    assert of(rows({}, "Patient", patient=PERSON), "patient.identifier") == set()


def test_a_document_is_found_by_the_persons_it_contains_as_authors() -> None:
    found = rows(DOCUMENT)
    assert of(found, "author.family") == {("coeur", "Cœur"), ("role", "Rôle")}
    assert of(found, "author.given") == {("zoe", "Zoé"), ("eve", "Ève")}


@pytest.mark.parametrize(("kind", "member"), [("DocumentReference", "author"), ("List", "source")])
def test_they_are_those_of_the_expression(kind: str, member: str) -> None:
    authors = DOCUMENT["author"] if kind == "DocumentReference" else DOCUMENT["author"][1]
    resource = {"resourceType": kind, "contained": DOCUMENT["contained"], member: authors}
    found = rows(resource, kind)
    for chain in CHAINS[kind]:
        if chain.kind == "string":
            names = compile_expression(chain.expression, load_definitions()).evaluate(
                resource, None, Environment(resource)
            )
            assert {system for _, system in of(found, chain.name)} == set(names)


def test_rows_are_sorted_by_the_date_of_the_resource_itself() -> None:
    assert {row.sort_date for row in rows(DOCUMENT)} == {(span("2026-01-01T00:00:00Z") or (0,))[0]}
    assert {row.sort_date for row in rows({"status": "current"})} == {5}
    assert {row.sort_date for row in rows({"status": "current", "date": "x"})} == {5}
    assert {row.sort_date for row in rows({"status": "completed", "sent": "2026-01-01"}, "Communication")} == {
        (span("2026-01-01") or (0,))[0]
    }


def test_rows_of_a_patient_do_not_change_with_the_day_it_is_sent_again() -> None:
    assert rows(PERSON, "Patient", 1) == rows(PERSON, "Patient", 2) != []


def test_what_is_no_type_is_found_by_nothing() -> None:
    assert rows(DOCUMENT, "Nothing") == []


NAMES = ("masterIdentifier", "identifier", "type", "context", "content", "subject", "date", "author", "contained",
         "extension", "meta", "relatesTo", "source", "deceasedBoolean")  # fmt: skip


@given(shapes)
def test_a_resource_of_any_shape_is_borne(value: object) -> None:
    for name in NAMES:
        for kind in ("DocumentReference", "List", "Patient"):
            resource = {"resourceType": kind, "author": [{"reference": "#a"}], name: value}
            rows(resource, kind, patient={"identifier": value})
