"""Rules of data types: attachments, identifiers, codings, quantities, meta."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.validators.fhir.resources.conftest import Found, Of
from validators.fhir.resources.types import decoded_size

GENDER = "http://hl7.org/fhir/administrative-gender"
SNOMED = "http://snomed.info/sct"
LOCAL = {
    "resourceType": "CodeSystem", "url": "https://x.y/cs", "content": "complete",
    "concept": [{"code": "a", "concept": [{"code": "b"}]}],
}  # fmt: skip

RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("Attachment", {}),
    ("Attachment", {"size": 3}),
    ("Attachment", {"data": "YWJj", "size": 3}),
    ("Attachment", {"data": "YW Jj\n", "size": 3}),
    ("Attachment", {"data": "YWI=", "size": 2, "hash": "2iNhTgJGmg18e9G9q1ycR0sZBNw="}),
    ("Attachment", {"data": "...", "size": 100}),
    ("Identifier", {"value": "a"}),
    ("Identifier", {"system": "urn:oid:1.2.250.1", "value": "a"}),
    ("Identifier", {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"}),
    ("Identifier", {"system": "urn:ietf:rfc:3986"}),
    ("Coding", {"code": "a"}),
    ("Coding", {"system": GENDER, "code": "female"}),
    ("Coding", {"system": GENDER}),
    ("Coding", {"system": "https://x.y/unknown", "code": "a"}),
    ("Coding", {"system": SNOMED, "code": "404684003"}),
    ("Coding", {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "LATER"}),
    ("Coding", {"system": "https://x.y/cs", "code": "b"}),
    ("Quantity", {"value": 1, "unit": "kg"}),
    ("Quantity", {"value": 1, "system": "http://unitsofmeasure.org", "code": "kg"}),
    ("Meta", {"security": [{"system": "a:b", "code": "R"}, {"system": "a:b", "code": "N"}]}),
    ("Meta", {}),
]
WRONG: list[tuple[str, dict[str, Any], Found]] = [
    ("Attachment", {"data": "YWJj", "size": 4}, [("ATTACHMENT-SIZE", "")]),
    ("Attachment", {"data": "YWJj", "hash": "YWJj"}, [("ATTACHMENT-HASH", "")]),
    ("Identifier", {"system": "local"}, [("IDENTIFIER-SYSTEM", "")]),
    ("Identifier", {"system": "urn:ietf:rfc:3986", "value": "1.2.3"}, [("IDENTIFIER-VALUE", "")]),
    ("Coding", {"system": "#local", "code": "a"}, [("CODING-SYSTEM", "")]),
    ("Coding", {"system": "http://hl7.org/fhir/ValueSet/administrative-gender"}, [("CODING-VALUESET", "")]),
    ("Coding", {"system": GENDER, "code": "femme"}, [("CODING-CODE", ".code")]),
    ("Coding", {"system": "https://x.y/cs", "code": "c"}, [("CODING-CODE", ".code")]),
    ("Coding", {"system": "urn:iso:std:iso:4217", "code": "ECU"}, [("CODING-CODE", ".code")]),
    ("Quantity", {"value": 1, "system": GENDER, "code": "kg"}, [("CODING-CODE", ".code")]),
    ("Meta", {"security": [{"code": "R"}, {"code": "R"}]}, [("META-SECURITY", "")]),
]


@pytest.mark.parametrize(("name", "node"), RIGHT)
def test_right_values_are_silent(of: Of, name: str, node: dict[str, Any]) -> None:
    assert of(node, name, LOCAL) == []


@pytest.mark.parametrize(("name", "node", "expected"), WRONG)
def test_wrong_values_are_said(of: Of, name: str, node: dict[str, Any], expected: Found) -> None:
    assert of(node, name, LOCAL) == expected


def test_a_code_in_other_letter_cases_passes(of: Of) -> None:
    assert of({"system": GENDER, "code": "Female"}, "Coding") == []


def test_a_supplement_is_no_code_system(of: Of) -> None:
    for said in ({"content": "supplement"}, {"supplements": "http://loinc.org"}):
        assert of({"system": "https://x.y/cs"}, "Coding", LOCAL | said) == [("CODING-SUPPLEMENT", ".system")]


def test_an_incomplete_code_system_proves_nothing(of: Of) -> None:
    assert of({"system": "https://x.y/cs", "code": "c"}, "Coding", LOCAL | {"content": "fragment"}) == []


@pytest.mark.parametrize("size", range(10))
def test_the_size_is_counted_without_decoding(size: int) -> None:
    assert decoded_size(base64.b64encode(b"x" * size).decode()) == size
