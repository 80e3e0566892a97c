"""CodeSystem and ConceptMap."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.resources.conftest import Found, Of, resource
from validators.fhir.context import Json
from validators.fhir.resources.nodes import concepts

KNOWN = "http://hl7.org/fhir/concept-properties#"


def code_system(**elements: Any) -> Json:
    return resource("CodeSystem", url="https://x.y/cs", content="complete", **elements)


def with_property(definition: dict[str, Any], *values: dict[str, Any], **more: Any) -> Json:
    concept = [{"code": "a", "property": list(values)}, {"code": "b"}]
    return code_system(property=[definition], concept=concept, **more)


RIGHT: list[Json] = [
    code_system(),
    code_system(count=2, concept=[{"code": "a", "concept": [{"code": "b"}]}]),
    code_system(count=9) | {"content": "fragment"},
    code_system(supplements="https://x.y/other") | {"content": "supplement"},
    with_property({"code": "p", "type": "string"}, {"code": "p", "valueString": "v"}),
    with_property({"code": "p", "type": "dateTime"}, {"code": "p", "valueDateTime": "2020"}),
    with_property({"code": "parent", "uri": KNOWN + "parent", "type": "code"}, {"code": "parent", "valueCode": "b"}),
    with_property({"code": "p", "uri": "https://x.y/cs#p", "type": "code"}, {"code": "p", "valueCode": "z"}),
    with_property({"code": "order", "uri": KNOWN + "order", "type": "decimal"}),
    with_property({"code": "p", "type": "string"}, {"code": "undeclared", "valueBoolean": True}),
]
WRONG: list[tuple[Json, Found]] = [
    (code_system(count=1), [("CODESYSTEM-COUNT", ".count")]),
    (code_system(supplements="https://x.y/other"), [("CODESYSTEM-SUPPLEMENT", ".content")]),
    (code_system() | {"content": "supplement"}, [("CODESYSTEM-SUPPLEMENT", ".content")]),
    (
        code_system(supplements="https://x.y/other", caseSensitive=True) | {"content": "supplement"},
        [("CODESYSTEM-SUPPLEMENT", ".caseSensitive")],
    ),
    (
        code_system(concept=[{"code": "a"}]) | {"content": "not-present"},
        [("CODESYSTEM-NOT-PRESENT", ".concept[0]")],
    ),
    (with_property({"code": "p", "uri": "local", "type": "code"}), [("CODESYSTEM-PROPERTY-URI", ".property[0]")]),
    (with_property({"code": "p", "uri": KNOWN + "p", "type": "code"}), [("CODESYSTEM-PROPERTY-URI", ".property[0]")]),
    (
        with_property({"code": "child", "uri": KNOWN + "parent", "type": "code"}),
        [("CODESYSTEM-PROPERTY-KNOWN", ".property[0]")],
    ),
    (
        with_property({"code": "inactive", "uri": KNOWN + "inactive", "type": "code"}),
        [("CODESYSTEM-PROPERTY-KNOWN", ".property[0]")],
    ),
    (
        with_property({"code": "p", "type": "decimal"}, {"code": "p", "valueInteger": 1}),
        [("CODESYSTEM-PROPERTY-TYPE", ".concept[0].property[0]")],
    ),
    (
        with_property(
            {"code": "parent", "uri": KNOWN + "parent", "type": "code"}, {"code": "parent", "valueCode": "z"}
        ),
        [("CODESYSTEM-PROPERTY-CODE", ".concept[0].property[0]")],
    ),
]


@pytest.mark.parametrize("node", RIGHT)
def test_a_right_code_system_is_silent(of: Of, node: Json) -> None:
    assert of(node) == []


@pytest.mark.parametrize(("node", "expected"), WRONG)
def test_a_wrong_code_system_is_said(of: Of, node: Json, expected: Found) -> None:
    assert of(node) == expected


def test_a_property_defined_twice_is_said_for_its_code_and_its_uri(of: Of) -> None:
    twice = {"code": "p", "uri": "https://x.y/cs#p", "type": "string"}
    found = of(code_system(property=[twice, twice]))
    assert found == [("CODESYSTEM-PROPERTY-TWICE", ".property[1]")] * 2


def test_a_supplement_adds_to_codes_of_its_system(of: Of) -> None:
    base = "http://hl7.org/fhir/administrative-gender"
    node = code_system(supplements=base, concept=[{"code": "male"}, {"code": "m"}]) | {"content": "supplement"}
    assert of(node) == [("CODESYSTEM-CODE", ".concept[1]")]


@pytest.mark.parametrize(
    ("includes", "right"),
    [
        ([{"system": "https://x.y/cs"}], True),
        ([{"system": "https://x.y/cs", "filter": []}], False),
        ([{"system": "https://x.y/other"}], False),
        ([{"system": "https://x.y/cs"}] * 2, False),
        ([], False),
    ],
)
def test_the_value_set_of_a_code_system_includes_all_of_it(of: Of, includes: list[Json], right: bool) -> None:
    loaded = resource("ValueSet", url="https://x.y/vs", compose={"include": includes})
    node = code_system(valueSet="https://x.y/vs")
    assert of(node, "", loaded) == ([] if right else [("CODESYSTEM-VALUESET", "")])
    assert of(node) == []


def test_every_definitional_resource_has_an_absolute_canonical(of: Of) -> None:
    assert of(resource("Library", url="Library/1")) == [("CANONICAL-URL", ".url")]
    assert of(resource("ValueSet", url="urn:oid:1.2.3")) == []
    assert of(resource("Library", url=1)) == []


def test_concepts_come_in_document_order_with_their_places() -> None:
    node = {"concept": [{"code": "a", "concept": [{"code": "b"}]}, {"code": "c"}]}
    assert [(c["code"], p) for c, p in concepts(node, "X")] == [
        ("a", "X.concept[0]"), ("b", "X.concept[0].concept[0]"), ("c", "X.concept[1]"),
    ]  # fmt: skip


GENDER = "http://hl7.org/fhir/administrative-gender"


def concept_map(code: str, to: str, **group: Any) -> Json:
    mapped = {"code": code, "target": [{"code": to}]}
    return resource("ConceptMap", group=[{"source": GENDER, "target": GENDER, "element": [mapped], **group}])


def test_codes_mapped_exist_in_their_systems(of: Of) -> None:
    assert of(concept_map("male", "female")) == []
    assert of(concept_map("m", "female")) == [("CONCEPTMAP-CODE", ".group[0].element[0].code")]
    assert of(concept_map("male", "f")) == [("CONCEPTMAP-CODE", ".group[0].element[0].target[0].code")]


def test_the_code_for_what_is_not_mapped_exists(of: Of) -> None:
    found = of(concept_map("male", "male", unmapped={"mode": "fixed", "code": "none"}))
    assert found == [("CONCEPTMAP-CODE", ".group[0].unmapped.code")]
    assert of(concept_map("male", "male", unmapped={"mode": "provided", "code": "none"})) == []


def test_systems_that_are_not_known_prove_nothing(of: Of) -> None:
    assert of(concept_map("x", "y", source="https://x.y/a", target="http://snomed.info/sct")) == []
