"""ValueSet, and expression constraints of SNOMED CT."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.resources.conftest import Found, Of, resource
from validators.fhir.context import Json
from validators.fhir.resources.ecl import unreadable

GENDER = "http://hl7.org/fhir/administrative-gender"
SNOMED = "http://snomed.info/sct"
PARAMETER = "http://hl7.org/fhir/tools/StructureDefinition/valueset-parameter"
EXPRESSION = "http://hl7.org/fhir/StructureDefinition/cqf-expression"
LOCAL = resource(
    "CodeSystem", url="https://x.y/cs", content="complete", concept=[{"code": "a"}],
    property=[{"code": name, "type": name} for name in ("integer", "decimal", "Coding", "string")],
    filter=[{"code": "special", "operator": ["="], "value": "x"}],
)  # fmt: skip
PLACE = ".compose.include[0]"


def including(system: str, **include: Any) -> Json:
    return resource("ValueSet", compose={"include": [{"system": system, **include}]})


def filtered(system: str, name: str, op: str, value: str) -> Json:
    return including(system, filter=[{"property": name, "op": op, "value": value}])


def parameterised(expression: str, language: str = "text/fhirpath") -> Json:
    extension = {"url": EXPRESSION, "valueExpression": {"language": language, "expression": expression}}
    filter_ = {"property": "inactive", "op": "=", "_value": {"extension": [extension]}}
    parameter = {"url": PARAMETER, "extension": [{"url": "name", "valueCode": "p-inactive"}]}
    return including(SNOMED, filter=[filter_]) | {"extension": [parameter]}


RIGHT: list[Json] = [
    resource("ValueSet"),
    including(GENDER),
    including(GENDER, concept=[{"code": "male"}]),
    including("https://x.y/other", concept=[{"code": "any"}]),
    including("https://x.y/cs", concept=[{"code": "a"}]),
    including("https://x.y/cs", version="2", concept=[{"code": "later"}]),
    resource("ValueSet", compose={"include": [{"valueSet": ["http://hl7.org/fhir/ValueSet/administrative-gender"]}]}),
    filtered(SNOMED, "concept", "is-a", "404684003"),
    filtered(SNOMED, "constraint", "=", "<< 404684003 |Clinical finding| : 363698007 = << 39057004"),
    filtered("https://x.y/other", "anything", "regex", "a+"),
    filtered("https://x.y/cs", "integer", "=", "lt2"),
    filtered("https://x.y/cs", "decimal", "in", "1.5,2"),
    filtered("https://x.y/cs", "Coding", "=", "https://x.y/cs#a"),
    filtered("https://x.y/cs", "special", "=", "x"),
    filtered("https://x.y/cs", "string", "exists", "true"),
    filtered("http://loinc.org", "SCALE_TYP", "=", "Doc"),
    filtered("http://loinc.org", "concept", "is-a", "LP1"),
    filtered("http://loinc.org", "rarely-used", "is-a", "LP1"),
    parameterised("%p-inactive"),
    parameterised("%resource.id.exists()"),
]
WRONG: list[tuple[Json, Found]] = [
    (filtered("http://loinc.org", "CLASS", "is-a", "x"), [("VALUESET-FILTER-OP", f"{PLACE}.filter[0]")]),
    (including("#c1"), [("VALUESET-SYSTEM", PLACE)]),
    (including(f"{GENDER}|4"), [("VALUESET-VERSION", PLACE)]),
    (including("http://hl7.org/fhir/ValueSet/administrative-gender"), [("VALUESET-NOT-SYSTEM", PLACE)]),
    (including(GENDER, concept=[{"code": "male"}, {"code": "m"}]), [("VALUESET-CODE", f"{PLACE}.concept[1]")]),
    (filtered(SNOMED, "concept", "exists", "true"), [("VALUESET-FILTER-OP", f"{PLACE}.filter[0]")]),
    (filtered("https://x.y/cs", "special", "in", "x"), [("VALUESET-FILTER-OP", f"{PLACE}.filter[0]")]),
    (filtered(SNOMED, "constraint", "=", "234234 << 234234"), [("VALUESET-ECL", f"{PLACE}.filter[0]")]),
    (filtered("https://x.y/cs", "any", "regex", "(a"), [("VALUESET-FILTER-VALUE", f"{PLACE}.filter[0]")]),
    (filtered("https://x.y/cs", "any", "exists", "yes"), [("VALUESET-FILTER-VALUE", f"{PLACE}.filter[0]")]),
    (filtered("https://x.y/cs", "inactive", "=", "yes"), [("VALUESET-FILTER-VALUE", f"{PLACE}.filter[0]")]),
    (filtered("https://x.y/cs", "integer", "=", "1.5"), [("VALUESET-FILTER-VALUE", f"{PLACE}.filter[0]")]),
    (filtered("https://x.y/cs", "decimal", "=", "much"), [("VALUESET-FILTER-VALUE", f"{PLACE}.filter[0]")]),
    (filtered("https://x.y/cs", "retirementDate", "=", "soon"), [("VALUESET-FILTER-VALUE", f"{PLACE}.filter[0]")]),
    (filtered("https://x.y/cs", "Coding", "=", "a"), [("VALUESET-FILTER-VALUE", f"{PLACE}.filter[0]")]),
    (filtered("https://x.y/cs", "Coding", "=", "https://x.y/cs#z"), [("VALUESET-FILTER-VALUE", f"{PLACE}.filter[0]")]),
]


@pytest.mark.parametrize("node", RIGHT)
def test_a_right_value_set_is_silent(of: Of, node: Json) -> None:
    assert of(node, "", LOCAL) == []


@pytest.mark.parametrize(("node", "expected"), WRONG)
def test_a_wrong_value_set_is_said(of: Of, node: Json, expected: Found) -> None:
    assert of(node, "", LOCAL) == expected


def test_a_loaded_value_set_is_no_code_system(of: Of) -> None:
    loaded = resource("ValueSet", url="https://x.y/vs")
    assert of(including("https://x.y/vs"), "", loaded) == [("VALUESET-NOT-SYSTEM", PLACE)]


def test_what_is_excluded_is_checked_too(of: Of) -> None:
    node = resource("ValueSet", compose={"exclude": [{"system": "#c1"}]})
    assert of(node) == [("VALUESET-SYSTEM", ".compose.exclude[0]")]


@pytest.mark.parametrize(("expression", "language"), [("%other", "text/fhirpath"), ("%p-inactive", "text/cql")])
def test_an_expression_is_fhirpath_on_declared_parameters(of: Of, expression: str, language: str) -> None:
    place = f"{PLACE}.filter[0].value.extension[0].value.ofType(Expression)"
    assert of(parameterised(expression, language)) == [("VALUESET-FILTER-EXPRESSION", place)]


@pytest.mark.parametrize(
    "expression",
    [
        "404684003",
        "< 404684003 |Clinical finding|",
        "<< 73211009 AND ^ 700043003",
        "(<< 73211009 or <<! 700043003) minus >! 1",
        "*",
        "< 19829001 |Disorder of lung| : 116676008 |Associated morphology| = 79654002 |Edema|",
        "< 404684003 : {363698007 = << 39057004, 116676008 = << 415582006}, [1..3] 127489000 = *",
        "< 91723000 : R 363698007 = < 125605004",
        "< 27658006 : 411116001 = << 385055001, 1142135004 >= #200",
        '<< 64572001 {{ D term = "heart" }}',
        '< 404684003 : 363698007 = "text (odd \\" ) one"',
        "<< 1 /* comment */ OR << 2",
        "< 125605004 . 363698007",
        "^ 700043003 {{ M active = true }}",
    ],
)
def test_expression_constraints_are_read(expression: str) -> None:
    assert unreadable(expression) == ""


@pytest.mark.parametrize(
    "expression",
    [
        "234234 << 234234",
        "<<",
        "404684003 404684003",
        "(404684003",
        "404684003)",
        "(1 }",
        "AND 1",
        "1 OR",
        "abc",
        "1 | a",
    ],
)
def test_what_cannot_be_an_expression_constraint_is_told(expression: str) -> None:
    assert unreadable(expression)
