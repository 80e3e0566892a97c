"""Reading malformed JSON: what is not of the expected form is not there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import pytest

from tests.validators.fhir.resources.conftest import Loaded, resource
from validators.fhir import Definitions
from validators.fhir.context import Context
from validators.fhir.profiles import ProfileSet
from validators.fhir.resources import nodes
from validators.fhir.resources.expressions import unreadable
from validators.report import Report

ODD: list[Any] = [None, True, 1, 1.5, "text", [], [1, None], {}]


@pytest.mark.parametrize("node", ODD)
def test_nothing_is_read_from_what_is_no_object(node: Any) -> None:
    assert nodes.text(node, "a") == ""
    assert nodes.child(node, "a") == {}
    assert nodes.texts(node, "a") == []
    assert nodes.objects(node, "a") == []
    assert list(nodes.children(node, "a", "X")) == []
    assert nodes.extensions(node, "a:b") == []
    assert nodes.extension(node, "a:b") is None


@pytest.mark.parametrize("value", ODD)
def test_a_property_of_another_form_is_not_there(value: Any) -> None:
    node = {"a": value}
    assert nodes.text(node, "a") == (value if isinstance(value, str) else "")
    assert nodes.child(node, "a") == (value if isinstance(value, dict) else {})
    assert nodes.objects(node, "a") == []
    assert nodes.texts(node, "a") == []


def test_children_keep_their_places_among_what_is_none() -> None:
    node = {"a": [None, {"b": 1}, "x", {"b": 2}]}
    assert [place for _, place in nodes.children(node, "a", "X")] == ["X.a[1]", "X.a[3]"]


@pytest.mark.parametrize(
    ("node", "found"),
    [
        ({"valueQuantity": 1}, ("Quantity", 1)),
        ({"url": "u", "valueDateTime": "2020"}, ("DateTime", "2020")),
        ({"value": 1}, ("", None)),
        ({"values": 1}, ("", None)),
        ({"_valueString": {}}, ("", None)),
        ({}, ("", None)),
    ],
)
def test_a_choice_has_a_type_and_a_value(node: dict[str, Any], found: tuple[str, object]) -> None:
    assert nodes.choice(node, "value") == found


@pytest.mark.parametrize(
    ("name", "type_"),
    [("DateTime", "dateTime"), ("Base64Binary", "base64Binary"), ("Coding", "Coding"), ("Uri", "uri"), ("", "")],
)
def test_a_choice_key_names_a_type(name: str, type_: str) -> None:
    assert nodes.fhir_type(name) == type_


def test_extensions_are_found_by_url() -> None:
    node = {"extension": [{"url": "a:b", "valueCode": "x"}, {"url": "c:d", "valueCode": "y"}, {"url": "a:b"}]}
    assert nodes.extensions(node, "a:b") == ["x", None]
    assert nodes.extension(node, "c:d") == "y"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (1, Decimal(1)),
        (1.5, Decimal("1.5")),
        ("2.50", Decimal("2.50")),
        ("x", None),
        ("NaN", None),
        (float("inf"), None),
        (True, None),
        (None, None),
        ([], None),
        ({}, None),
    ],
)
def test_numbers_are_read_exactly_or_not_at_all(value: object, read: Decimal | None) -> None:
    assert nodes.number(value) == read


def test_a_number_too_long_to_be_written_is_none() -> None:
    assert nodes.number(10**5000) is None


@pytest.mark.parametrize("uri", ["http://a.b", "urn:oid:1.2", "a:b", "file:///x", "mailto:a@b"])
def test_uris_with_a_scheme_are_absolute(uri: str) -> None:
    assert nodes.is_absolute(uri)


@pytest.mark.parametrize("uri", ["", "a", "#a", "Patient/1", ":a", "a:", "http://a b", "1a:b", "Library/x:y"])
def test_other_uris_are_not(uri: str) -> None:
    assert not nodes.is_absolute(uri)


# -- terminology -------------------------------------------------------------------------------------------------------

GENDER = "http://hl7.org/fhir/administrative-gender"


def context_of(definitions: Definitions, *loaded: dict[str, Any]) -> Context:
    return Context(definitions, Report(), cast(ProfileSet, Loaded(definitions, loaded)))


@pytest.mark.parametrize(
    ("system", "code", "known"),
    [
        (GENDER, "male", True),
        (GENDER, "MALE", True),
        (GENDER, "homme", False),
        ("http://hl7.org/fhir/unheard-of", "a", None),
        ("http://loinc.org", "1-8", None),
        ("http://terminology.hl7.org/CodeSystem/v3-ActClass", "LATER", None),
    ],
)
def test_codes_of_r4_are_known(definitions: Definitions, system: str, code: str, known: bool | None) -> None:
    assert nodes.has_code(context_of(definitions), system, code) is known


def test_a_loaded_code_system_wins_and_is_read_once(definitions: Definitions) -> None:
    loaded = resource("CodeSystem", url=GENDER, content="complete", concept=[{"code": "Homme"}])
    context = context_of(definitions, loaded)
    assert nodes.has_code(context, GENDER, "homme") is True
    assert nodes.has_code(context, GENDER, "male") is False
    assert nodes.has_code(context_of(definitions, loaded | {"content": "example"}), GENDER, "male") is None


def test_many_loaded_code_systems_do_not_pile_up(definitions: Definitions) -> None:
    for index in range(200):
        loaded = resource("CodeSystem", url="a:b", content="complete", concept=[{"code": f"c{index}"}])
        assert nodes.has_code(context_of(definitions, loaded), "a:b", f"c{index}") is True
        assert nodes.has_code(context_of(definitions, loaded), "a:b", "c") is False


def test_value_sets_are_found_loaded_or_in_r4(definitions: Definitions) -> None:
    url = "http://hl7.org/fhir/ValueSet/administrative-gender"
    for context in (context_of(definitions), Context(definitions, Report())):
        found = nodes.codes_of(context, url)
        assert found is not None
        assert found.of_code("male") is True
        assert nodes.codes_of(context, "a:unknown") is None


# -- expressions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "type_name", "readable"),
    [
        ("name.exists()", None, True),
        ("name.exists(", None, False),
        ("nosuch()", None, False),
        ("Patient.name.family", "Patient", True),
        ("Patient.nom", "Patient", False),
        ("(" * 2000 + "1" + ")" * 2000, None, False),
    ],
)
def test_expressions_are_compiled(
    definitions: Definitions, expression: str, type_name: str | None, readable: bool
) -> None:
    assert (unreadable(expression, context_of(definitions), type_name) is None) is readable


def test_the_place_of_the_fault_is_counted_from_one(definitions: Definitions) -> None:
    assert unreadable("name.where(", context_of(definitions)) not in (None, "0")
