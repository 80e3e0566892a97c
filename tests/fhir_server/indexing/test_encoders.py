"""What the value of each FHIR type is found by, kind of parameter by kind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.fhir.indexing.encoders import ENCODERS, Row
from fhir_server.fhir.indexing.ranges import GREATEST_NUMBER, LEAST_NUMBER, date_range, number
from fhir_server.fhir.indexing.values import LONGEST, fold, reference_type, reference_value

LOINC = "http://loinc.org"
VALUES: list[tuple[str, str, Any, set[Row]]] = [
    ("token", "Coding", {"system": LOINC, "code": "1", "display": "Été"}, {("p", "1", LOINC), ("p:text", "ete", "")}),
    ("token", "Coding", {"code": "1"}, {("p", "1", "")}),
    ("token", "Coding", {"system": LOINC}, set()),
    ("token", "CodeableConcept", {"coding": [{"code": "1"}, {"system": LOINC, "code": "2"}], "text": "A  B"},
     {("p", "1", ""), ("p", "2", LOINC), ("p:text", "a b", "")}),
    ("token", "Identifier",
     {"system": "s", "value": "v", "type": {"coding": [{"system": "t", "code": "PI"}], "text": "Numéro"}},
     {("p", "v", "s"), ("p:of-type", "PI|v", "t"), ("p:text", "numero", "")}),
    ("token", "Identifier", {"system": "s", "type": {"coding": [{"code": "PI"}]}}, set()),
    ("token", "ContactPoint", {"system": "email", "value": "a@b.fr", "use": "work"}, {("p", "a@b.fr", "")}),
    ("token", "code", "current", {("p", "current", "")}),
    ("token", "string", "A b", {("p", "A b", "")}),
    ("token", "uri", "urn:a", {("p", "urn:a", "")}),
    ("token", "boolean", False, {("p", "false", "")}),
    ("token", "positiveInt", 3, {("p", "3", "")}),
    ("reference", "Reference", {"reference": "Patient/1"}, {("p", "Patient/1", "")}),
    ("reference", "Reference", {"reference": "Patient/1/_history/2"}, {("p", "Patient/1", "")}),
    ("reference", "Reference", {"reference": "http://a.fr/Patient/1"}, {("p", "http://a.fr/Patient/1", "")}),
    ("reference", "Reference", {"reference": "urn:uuid:1"}, {("p", "urn:uuid:1", "")}),
    ("reference", "Reference", {"reference": "#in"}, set()),
    ("reference", "Reference", {"identifier": {"system": "s", "value": "v", "type": {"text": "T"}}},
     {("p:identifier", "v", "s")}),
    ("reference", "canonical", "http://a.fr/x|1", {("p", "http://a.fr/x|1", ""), ("p", "http://a.fr/x", "")}),
    ("reference", "uri", "http://a.fr/x", {("p", "http://a.fr/x", "")}),
    ("reference", "Composition", {"resourceType": "Composition", "id": "c"}, {("p", "Composition/c", "")}),
    ("string", "string", " Élan  vital ", {("p", "elan vital", " Élan  vital ")}),
    ("string", "HumanName", {"family": "Cœur", "given": ["Zoé", "Ève"], "suffix": ["Jr"], "use": "official"},
     {("p", "coeur", "Cœur"), ("p", "zoe", "Zoé"), ("p", "eve", "Ève"), ("p", "jr", "Jr")}),
    ("string", "Address", {"line": ["1 rue A"], "city": "Fages", "postalCode": "01000", "use": "home"},
     {("p", "1 rue a", "1 rue A"), ("p", "fages", "Fages"), ("p", "01000", "01000")}),
    ("uri", "uri", "http://a.fr/X", {("p", "http://a.fr/X", "")}),
    ("date", "instant", "2026-01-01T00:00:00Z", {("p", *(date_range("2026-01-01T00:00:00Z") or ()))}),
    ("date", "Period", {"start": "2026"}, {("p", (date_range("2026") or ("",))[0], "9" * 19)}),
    ("date", "Timing", {"event": ["2026"]}, {("p", *(date_range("2026") or ()))}),
    ("number", "decimal", 1.5, {("p", number(1.45), number(1.55))}),
    ("number", "Range", {"low": {"value": 1}}, {("p", number(0.5), GREATEST_NUMBER)}),
    ("quantity", "Quantity", {"value": 5, "system": "u", "code": "mg", "unit": "milligramme"},
     {("p", number(4.5), f"{number(5.5)}|u|mg"), ("p", number(4.5), f"{number(5.5)}||milligramme")}),
    ("quantity", "Quantity", {"value": 5}, {("p", number(4.5), f"{number(5.5)}||")}),
    ("quantity", "Money", {"value": 5, "currency": "EUR"},
     {("p", number(4.5), f"{number(5.5)}|urn:iso:std:iso:4217|EUR")}),
    ("quantity", "Range", {"low": {"value": 1, "code": "a"}, "high": {"value": 3, "code": "a"}},
     {("p", number(0.5), f"{number(3.5)}||a")}),
    ("quantity", "Range", {"high": {"value": 3, "code": "a"}}, {("p", LEAST_NUMBER, f"{number(3.5)}||a")}),
]  # fmt: skip

NAMES = ("system", "value", "coding", "code", "reference", "type", "start", "end", "low", "event", "repeat",
         "boundsPeriod", "family", "given", "line", "identifier", "unit", "id")  # fmt: skip
shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(("kind", "type_", "value", "rows"), VALUES)
def test_a_value_is_found_by(kind: str, type_: str, value: Any, rows: set[Row]) -> None:
    out: list[Row] = []
    ENCODERS[kind][type_]("p")(value, out)
    assert set(out) == rows


@given(shapes)
def test_a_value_of_any_shape_is_borne(value: object) -> None:
    out: list[Row] = []
    for kind in ENCODERS.values():
        for encoder in kind.values():
            encoder("p")(value, out)
    assert all(isinstance(part, str) for row in out for part in row)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert len(folded) <= LONGEST


def test_folding_takes_case_accents_ligatures_and_spaces() -> None:
    assert fold("  L’ŒUVRE d’Élodie\tLÉVY‑DÛ ") == "l'oeuvre d'elodie levy-du"


@pytest.mark.parametrize(
    ("reference", "type_"),
    [({"reference": "Patient/1"}, "Patient"),
     ({"reference": "http://a.fr/f/Group/1/_history/2", "type": "Patient"}, "Group"),
     ({"reference": "urn:uuid:1", "type": "Patient"}, "Patient"), ({"identifier": {"value": "1"}}, None),
     ({"type": "http://hl7.org/fhir/StructureDefinition/Patient"}, "Patient"), ({"reference": "#p"}, None)],
)  # fmt: skip
def test_a_reference_tells_its_type_by_its_text_or_by_itself(reference: dict[str, Any], type_: str | None) -> None:
    assert reference_type(reference) == type_


def test_a_reference_is_indexed_without_its_version() -> None:
    assert reference_value("Patient/1/_history/3") == "Patient/1"
    assert reference_value("urn:uuid:1") == "urn:uuid:1"
