"""What is refused when the type of the input is known, and what is not because it may be right."""

from __future__ import annotations

import pytest

from validators.fhir import Definitions
from validators.fhir.fhirpath import FhirPathError, compile_expression


@pytest.mark.parametrize(
    ("text", "type_name"),
    [
        ("name.given1", "Patient"),
        ("Encounter.name", "Patient"),
        ("valueQuantity.unit", "Observation"),
        ("Observation.valueQuantity", "Observation"),
        ("(value as Period).unit", "Observation"),
        ("value.ofType(Period).unit", "Observation"),
        ("name.where(given1 = 'a')", "Patient"),
        ("name.select(given1)", "Patient"),
        ("name.first().given1", "Patient"),
        ("name.all(given1.exists())", "Patient"),
        ("name[0].given1", "Patient"),
        ("-name.given1", "Patient"),
        ("true and name.given1.exists()", "Patient"),
        ("name[name.given1]", "Patient"),
        ("gender.given1", "Patient"),
        ("identifier.startsWith('a')", "Patient"),
        ("name.matches('a')", "Patient"),
        ("iif('a', 1, 2)", "Patient"),
        ("iif(1, 1, 2)", "Patient"),
        ("extension('a').nonsense", "Patient"),
        ("name.is(HumanName) and nonsense", "Patient"),
        ("relationship.nonsense", "Patient.contact"),
        ("item.nonsense", "Questionnaire.item"),
        ("name.union(nonsense)", "Patient"),
        ("name.trace('a', nonsense)", "Patient"),
        ("ofType(Period).nonsense", "Observation"),
    ],
)
def test_refuses(definitions: Definitions, text: str, type_name: str) -> None:
    compile_expression(text, definitions)
    with pytest.raises(FhirPathError):
        compile_expression(text, definitions, type_name)


@pytest.mark.parametrize(
    ("text", "type_name"),
    [
        ("name.given", "Patient"),
        ("Patient.name.given", "Patient"),
        ("DomainResource.text", "Patient"),
        ("Resource.id", "Patient"),
        ("Patient.name", "Resource"),
        ("anything.at.all", "Resource"),
        ("anything", "Element"),
        ("anything", "Nonsense"),
        ("contained.anything", "Patient"),
        ("entry.resource.anything", "Bundle"),
        ("children().anything", "Patient"),
        ("descendants().anything", "Patient"),
        ("managingOrganization.resolve().anything", "Patient"),
        ("value.unit", "Observation"),
        ("value.ofType(Quantity).unit", "Observation"),
        ("birthDate.value.anything", "Patient"),
        ("birthDate.extension.value.unit", "Patient"),
        ("%resource.anything", "Patient"),
        ("(name | address).family", "Patient"),
        ("(name | 1).family", "Patient"),
        ("iif(true, name, address).anything", "Patient"),
        ("item.item.item.linkId", "Questionnaire"),
        ("name.select(given).length()", "Patient"),
        ("name.given.first().startsWith('a')", "Patient"),
        ("deceased as boolean", "Patient"),
        ("iif(active, 1, 2)", "Patient"),
        ("name.aggregate($total | given)", "Patient"),
        ("1.type().name", "Patient"),
        ("children().skip(1)", "Patient"),
    ],
)
def test_takes(definitions: Definitions, text: str, type_name: str) -> None:
    compile_expression(text, definitions, type_name)


@pytest.mark.parametrize(
    "text", ["children().skip(1)", "descendants().first()", "children()[0]", "children().tail()", "children().take(1)"]
)
def test_order_when_asked_for(definitions: Definitions, text: str) -> None:
    with pytest.raises(FhirPathError, match="which has no order"):
        compile_expression(text, definitions, "Patient", ordered=True)


@pytest.mark.parametrize("text", ["name.first()", "name[0]", "children().count()", "children().where(true).first()"])
def test_order_where_there_is_one(definitions: Definitions, text: str) -> None:
    compile_expression(text, definitions, "Patient", ordered=True)


def test_says_what_has_no_such_element(definitions: Definitions) -> None:
    with pytest.raises(FhirPathError, match=r"HumanName has no element given1 \(at character 6\)"):
        compile_expression("name.given1", definitions, "Patient")
