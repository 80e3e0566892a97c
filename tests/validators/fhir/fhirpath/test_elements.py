"""Elements of resources: steps, choices, primitives with extensions, types, the functions of FHIR."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.validators.fhir.fhirpath.conftest import OBSERVATION, PATIENT, Evaluate
from validators.fhir import Definitions
from validators.fhir.fhirpath import Environment, FhirPathError, compile_expression

T, F, NOTHING = [True], [False], list[Any]()


def rows(table: dict[str, list[Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("text", "expected"), list(table.items()))


@rows(
    {
        "name.given": ["Peter", "James", "Jim", None, "James"],
        "Patient.name.family": ["Chalmers", "Windsor"],
        "DomainResource.gender": ["male"],
        "Resource.id": ["p1"],
        "Encounter.name": NOTHING,
        "`Patient`.name.`use`": ["official", "usual", "maiden"],
        "$this.gender": ["male"],
        "name[1].given": ["Jim"],
        "name.where(use = 'usual').given": ["Jim"],
        "name.where(family.exists()).use": ["official", "maiden"],
        "name.where(given = 'Jim').use": ["usual"],
        "name.first().given.count()": [2],
        "unknown": NOTHING,
        "gender.unknown": NOTHING,
        "birthDate": ["1974-12-25"],
        "birthDate.id": ["b"],
        "birthDate.value.type().namespace": ["System"],
        "birthDate.value": ["1974-12-25"],
        "active.value": T,
        "deceased": F,
        "deceased.type().name": ["boolean"],
        "deceasedBoolean": NOTHING,
        "multipleBirth + 1": [3],
        "contained.name": ["Clinique"],
        "contained.id": ["o1", "d1"],
        "birthDate < today()": T,
        "birthDate = @1974-12-25": T,
        "birthDate = '1974-12-25'": T,
        "birthDate > @1974": NOTHING,
        "birthDate + 1 day": ["1974-12-26"],
        "gender = 'male'": T,
        "gender in ('female' | 'male')": T,
        "active and gender = 'male'": T,
        "active = 'true'": F,
        "name.given contains 'Jim'": T,
        "name.given.distinct()": ["Peter", "James", "Jim", None],
        "name = name": T,
        "name.first() = name.last()": F,
        "name.first() ~ name.first()": T,
        "name.first() = 1": F,
        "(name | name).count()": [3],
        "name.exists() and link.empty()": T,
        "name.given.exists()": T,
        "name.suffix.exists()": F,
        "birthDate.extension.exists()": T,
        "deceased.exists()": T,
        "gender.extension.exists()": F,
        "gender.exists($this = 'male')": T,
        "name.select(given.first() & ' ' & family)": ["Peter Chalmers", "Jim ", " Windsor"],
        "name.sort(-use).use": ["usual", "official", "maiden"],
        "name.sort(family).use": ["usual", "official", "maiden"],
        "children().count() > 10": T,
        "name.children().ofType(code)": ["official", "usual", "maiden"],
        "birthDate.children().count()": [2],
        "gender.children()": NOTHING,
        "name.descendants().count()": [13],
        "contained.where(id = 'o1').children()": ["o1", "Clinique"],
        "descendants().as(code).first()": ["official"],
        "children().as(code)": ["male"],
        "%resource.gender": ["male"],
        "%rootResource.id": ["p1"],
        "%context.gender": ["male"],
        "contained.select(%resource.id)": ["p1", "p1"],
        "contained.where('#' + id in %resource.managingOrganization.reference).id": ["o1"],
        "contained.where('#' + id in (%resource.descendants().reference)).count()": [2],
        "name.select(%resource.descendants().where(use = 'usual').given)": ["Jim", "Jim", "Jim"],
        "name.where(%resource.active)": PATIENT["name"],
        "name.all(%resource.name.exists(use = 'usual'))": T,
    }
)
def test_patient(patient: Evaluate, text: str, expected: list[Any]) -> None:
    assert patient(text) == expected


@rows(
    {
        "value.unit": ["lbs"],
        "Observation.value.value": [OBSERVATION["valueQuantity"]["value"]],
        "value.value + 1": [Decimal("186.50")],
        "value.value.toString()": ["185.50"],
        "value.value = 185.5": T,
        "value.value > 180": T,
        "value = 185.5 '[lb_av]'": T,
        "value < 200 '[lb_av]'": T,
        "value > 1 'kg'": T,
        "value > 1 's'": NOTHING,
        "referenceRange.low <= referenceRange.high": T,
        "referenceRange.low + referenceRange.high": [{"value": Decimal("3.0"), "unit": "mg"}],
        "valueQuantity": NOTHING,
        "value.exists()": T,
        "effective.start <= effective.end": NOTHING,
        "issued.is(instant)": T,
        "issued > @2016-03-28T07:00:00Z": T,
        "value.is(Quantity)": T,
        "value is Period": F,
        "value.ofType(Quantity).unit": ["lbs"],
        "value.ofType(string)": NOTHING,
        "value.as(Quantity).unit": ["lbs"],
        "(value as Period).start": NOTHING,
        "effective.ofType(Period).start": ["2016-03"],
        "extension.value.is(Age)": [],
        "extension('http://example.org/age').value is Age": T,
        "extension('http://example.org/age').value is Quantity": T,
        "extension('http://example.org/age').value is Duration": F,
        "extension('http://example.org/age').value.ofType(Quantity).exists()": T,
        "extension('http://example.org/id').value is uuid": T,
        "extension('http://example.org/id').value is uri": T,
        "extension('http://example.org/id').value is string": F,
        "extension('http://example.org/id').value.ofType(uri)": NOTHING,
        "extension('nowhere')": NOTHING,
        "extension({})": NOTHING,
        "status.is(code)": T,
        "status.is(string)": T,
        "status.is(id)": F,
        "status.as(string)": NOTHING,
        "status.as(code)": ["final"],
        "status is System.String": F,
        "status.is(FHIR.`code`)": T,
        "id.type().name": ["id"],
        "referenceRange.type().name": ["BackboneElement"],
        "referenceRange is BackboneElement": T,
        "referenceRange is Element": T,
        "code is CodeableConcept": T,
        "Observation is DomainResource": T,
        "Observation is Patient": F,
        "Observation.ofType(Resource).id": ["weight"],
        "code.coding.intersect(%resource.code.coding).exists()": T,
        "code.coding.where(system = %loinc).code": ["29463-7"],
        "value.system = %ucum": T,
        "%sct": ["http://snomed.info/sct"],
        "%`vs-a`": ["http://hl7.org/fhir/ValueSet/a"],
        "%`ext-a`": ["http://hl7.org/fhir/StructureDefinition/a"],
        "code.conformsTo('http://hl7.org/fhir/StructureDefinition/CodeableConcept')": T,
        "conformsTo('http://hl7.org/fhir/StructureDefinition/Resource')": T,
        "conformsTo('http://hl7.org/fhir/StructureDefinition/Patient')": F,
    }
)
def test_observation(observation: Evaluate, text: str, expected: list[Any]) -> None:
    if text == "extension.value.is(Age)":
        with pytest.raises(FhirPathError, match="one item wanted"):
            observation(text)
        return
    assert observation(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "name.as(HumanName)",
        "name is HumanName",
        "name + 1",
        "name < 1",
        "name.upper()",
        "name.abs()",
        "name.first() + 1",
        "name.first() & 'a'",
        "(name.first()).startsWith('a')",
        "-name.first()",
    ],
)
def test_elements_where_values_are_wanted(patient: Evaluate, text: str) -> None:
    if text == "-name.first()":
        assert patient(text) == []
        return
    with pytest.raises(FhirPathError):
        patient(text)


class TestValues:
    @rows(
        {
            "name.given.select(hasValue())": [True, True, True, False, True],
            "gender.hasValue()": T,
            "name.hasValue()": F,
            "name.first().hasValue()": F,
            "link.hasValue()": F,
            "gender.getValue()": ["male"],
            "name.getValue()": NOTHING,
            "name.first().getValue()": NOTHING,
            "name.last().given.first().extension.value": ["masked"],
            "name.last().given.first() = 'x'": F,
            "name.last().given.first() < 'x'": NOTHING,
            "name.last().given.first() + 'x'": NOTHING,
            "name.last().given.first().toString()": NOTHING,
            "name.last().given.first().getValue()": NOTHING,
            "birthDate.extension('http://example.org/time').value.type().name": ["dateTime"],
        }
    )
    def test_of_primitives(self, patient: Evaluate, text: str, expected: list[Any]) -> None:
        assert patient(text) == expected

    @pytest.mark.parametrize(
        ("json", "text", "expected"),
        [
            ({"birthDate": "not a date"}, "birthDate", ["not a date"]),
            ({"birthDate": "not a date"}, "birthDate.toDate()", NOTHING),
            ({"birthDate": 5}, "birthDate + 1", [6]),
            ({"active": "yes"}, "active and true", T),
            ({"name": "Peter"}, "name.family", NOTHING),
            ({"name": {"family": "x"}}, "name.family", NOTHING),
            ({"name": [None, "x", {"family": "y"}]}, "name.family", ["y"]),
            ({"gender": None}, "gender.exists()", F),
            ({"name": []}, "name.exists()", F),
            ({"gender": {"a": 1}}, "gender", NOTHING),
            ({"_gender": "x"}, "gender.exists() or gender.empty()", T),
            ({"name": [{"given": ["a", {"b": 1}, None]}]}, "name.given", ["a"]),
            ({"name": [{"_given": [None, {"id": "x"}]}]}, "name.given.id", ["x"]),
            ({"contained": [{"resourceType": "Nonsense", "id": "x"}, 5]}, "contained.id", NOTHING),
            ({"nonsense": 1}, "children().count()", [0]),
            ({"extension": "x"}, "extension('x')", NOTHING),
        ],
    )
    def test_of_what_is_wrong_are_passed_over(
        self, evaluate: Evaluate, json: dict[str, Any], text: str, expected: list[Any]
    ) -> None:
        assert evaluate(text, {"resourceType": "Patient", **json}) == expected

    @pytest.mark.parametrize(
        "number", [pytest.param(10**5000, id="huge"), float("1e300"), Decimal("1e999999"), Decimal("NaN"), True, "185"]
    )
    def test_of_enormous_or_odd_numbers(self, evaluate: Evaluate, number: object) -> None:
        resource = {"resourceType": "Observation", "valueQuantity": {"value": number, "unit": "mg"}}
        assert evaluate("value.value = 1 or value = 1 'mg' or value > 5 'g' or true", resource) == T

    def test_of_an_enormous_integer(self, evaluate: Evaluate) -> None:
        resource = {"resourceType": "Patient", "multipleBirthInteger": 10**5000}
        assert evaluate("(multipleBirth + 1).toString()", resource) == []

    def test_of_a_quantity_with_a_comparator_are_not_computed_with(self, evaluate: Evaluate) -> None:
        resource = {"resourceType": "Observation", "valueQuantity": {"value": 5, "comparator": "<", "unit": "mg"}}
        assert evaluate("value = 5 'mg'", resource) == F
        assert evaluate("value.value = 5", resource) == T


class TestInput:
    def test_no_type_is_what_the_resource_says(self, evaluate: Evaluate) -> None:
        assert evaluate("type().name", {"resourceType": "Patient"}) == ["Patient"]

    def test_nothing_without_a_type(self, evaluate: Evaluate) -> None:
        assert evaluate("id", {"id": "x"}) == []
        assert evaluate("id", {"resourceType": "Nonsense", "id": "x"}) == []
        assert evaluate("id", {"resourceType": ["Patient"], "id": "x"}) == []

    @pytest.mark.parametrize(
        ("value", "shape", "text", "expected"),
        [
            ("1974", "date", "$this + 1 year", ["1975"]),
            ("a", "code", "$this is code", T),
            ("a", None, "$this is String", T),
            (5, "positiveInt", "$this is integer", T),
            (None, "date", "exists()", F),
            ([1, 2], None, "count()", [2]),
            ({"family": "x"}, "HumanName", "family", ["x"]),
            ({"gender": "male"}, "Patient", "gender", ["male"]),
            ({"relationship": [{"text": "x"}]}, "Patient.contact", "relationship.text", ["x"]),
            ({"linkId": "1"}, "Questionnaire.item.item", "linkId", ["1"]),
            ({"resourceType": "Patient", "gender": "male"}, "Resource", "gender", ["male"]),
            ({"resourceType": "Patient", "gender": "male"}, "DomainResource", "gender", ["male"]),
            ({"start": "2014"}, "Nonsense", "start", NOTHING),
            ({"a": 1}, "Patient.nonsense", "a", NOTHING),
        ],
    )
    def test_typed_by_name(
        self, definitions: Definitions, value: object, shape: str | None, text: str, expected: list[Any]
    ) -> None:
        assert compile_expression(text, definitions).evaluate(value, shape, Environment()) == expected

    def test_typed_by_shape(self, definitions: Definitions) -> None:
        shape = definitions.shape("Patient").slots["contact"].shape
        expression = compile_expression("gender.exists()", definitions, "Patient.contact")
        assert expression.holds({"gender": "male"}, shape, Environment())
        assert not expression.holds({}, shape, Environment())

    def test_primitive_with_a_sibling(self, definitions: Definitions) -> None:
        expression = compile_expression("hasValue() or (children().count() > id.count())", definitions)
        extension = {"extension": [{"url": "x", "valueCode": "y"}]}
        assert expression.holds("a", "string", Environment())
        assert expression.holds(None, "string", Environment(), extension)
        assert not expression.holds(None, "string", Environment(), {"id": "x"})


class TestTruth:
    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            ("active", True),
            ("deceased", False),
            ("gender", True),
            ("name", True),
            ("link", False),
            ("name.exists()", True),
            ("link.exists()", False),
            ("link.gender = 'male'", False),
            ("true", True),
            ("false", False),
            ("{}", False),
            ("name.select(use = 'usual')", True),
        ],
    )
    def test_of_an_invariant(self, definitions: Definitions, text: str, answer: bool) -> None:
        assert compile_expression(text, definitions).holds(PATIENT, None, Environment(PATIENT)) is answer


class TestHost:
    def test_resolve(self, patient: Evaluate) -> None:
        known = {"Practitioner/x": {"resourceType": "Practitioner", "id": "x"}}
        assert patient("generalPractitioner.resolve().id", resolve=known.get) == ["x", "d1"]
        assert patient("generalPractitioner.resolve().ofType(Practitioner).count()", resolve=known.get) == [2]
        assert patient("generalPractitioner.reference.resolve().id", resolve=known.get) == ["x", "d1"]

    def test_resolve_without_help_finds_what_is_contained(self, patient: Evaluate) -> None:
        assert patient("managingOrganization.resolve().name") == ["Clinique"]
        assert patient("generalPractitioner.resolve().id") == ["d1"]
        assert patient("'#'.resolve().id") == ["p1"]
        assert patient("'#nowhere'.resolve()") == []

    def test_resolve_from_inside_a_contained_resource(self, definitions: Definitions) -> None:
        expression = compile_expression("'#o1'.resolve().name | %resource.id | %rootResource.id", definitions)
        inner = PATIENT["contained"][1]
        assert expression.evaluate(inner, None, Environment(inner, PATIENT)) == ["Clinique", "d1", "p1"]

    def test_resolve_of_what_is_no_resource(self, patient: Evaluate) -> None:
        assert patient("'x'.resolve()", resolve=lambda _: {"resourceType": "Nonsense"}) == []
        assert patient("'x'.resolve()", resolve=lambda _: None) == []

    def test_member_of(self, observation: Evaluate) -> None:
        asked = []

        def judge(value: object, url: str) -> bool | None:
            asked.append((value, url))
            return {"http://a": True, "http://b": False}.get(url)

        assert observation("status.memberOf('http://a')", member_of=judge) == T
        assert observation("code.memberOf('http://b')", member_of=judge) == F
        assert observation("code.memberOf('http://c')", member_of=judge) == []
        assert asked[1] == (OBSERVATION["code"], "http://b")

    def test_member_of_a_set_of_the_definitions(self, observation: Evaluate) -> None:
        url = "http://hl7.org/fhir/ValueSet/observation-status"
        assert observation(f"status.memberOf('{url}')") == T
        assert observation(f"id.memberOf('{url}|4.0.1')") == F
        assert observation("status.memberOf('http://nowhere')") == []

    def test_conforms_to(self, patient: Evaluate) -> None:
        profiles = {"http://a": True, "http://b": False}
        assert patient("conformsTo('http://a')", conforms_to=lambda _, url: profiles.get(url)) == T
        assert patient("conformsTo('http://b')", conforms_to=lambda _, url: profiles.get(url)) == F
        with pytest.raises(FhirPathError, match="http://c is not known"):
            patient("conformsTo('http://c')", conforms_to=lambda _, url: profiles.get(url))

    def test_html_checks(self, evaluate: Evaluate) -> None:
        resource = {"resourceType": "Patient", "text": {"status": "generated", "div": "<div>x</div>"}}
        assert evaluate("text.`div`.htmlChecks()", resource, html_check=lambda text: "x" in text) == T
        assert evaluate("text.htmlChecks()", resource, html_check=lambda text: "y" in text) == F
        assert evaluate("text.div.htmlChecks()", resource) == T

    def test_variables(self, patient: Evaluate) -> None:
        variables = {"name": "Peter", "list": [1, 2], "other": {"resourceType": "Patient", "id": "p2"}, "none": None}
        assert patient("name.given contains %name", variables=variables) == T
        assert patient("%list.count()", variables=variables) == [2]
        assert patient("%other.id", variables=variables) == ["p2"]
        assert patient("%none", variables=variables) == []
        with pytest.raises(FhirPathError, match="no variable %nobody"):
            patient("%nobody", variables=variables)

    def test_now_is_the_same_all_along(self, definitions: Definitions) -> None:
        environment = Environment()
        expression = compile_expression("now()", definitions)
        assert expression.evaluate(None, None, environment) == expression.evaluate(None, None, environment)

    def test_the_nearest_resource_may_move(self, definitions: Definitions) -> None:
        expression = compile_expression("%resource.id.select($this & %resource.id)", definitions)
        environment = Environment({"resourceType": "Patient", "id": "a"})
        assert expression.evaluate(None, None, environment) == ["aa"]
        environment.resource = {"resourceType": "Patient", "id": "b"}
        assert expression.evaluate(None, None, environment) == ["bb"]


class TestSets:
    """Equal items share a key: numbers by value, dates by moment, elements by content."""

    @rows(
        {
            "(1 | 1.0 | 1.00).count()": [1],
            "(1 | true).count()": [2],
            "('1' | 1).count()": [2],
            "(@2014-01-01T10:00Z | @2014-01-01T12:00+02:00).count()": [1],
            "(@T10:00 | @2014).count()": [2],
            "(1 'cm' | 10 'mm' | 1 's').count()": [2],
            "(1.type() | 2.type() | 'a'.type()).count()": [2],
            "name.combine(name).distinct().count()": [3],
            "name.combine(name).isDistinct()": F,
            "name.intersect(name.first()).use": ["official"],
            "name.exclude(name.first()).use": ["usual", "maiden"],
            "name.subsetOf(%resource.name)": T,
            "name.first() ~ name.last()": F,
            "(name ~ name.sort(use))": T,
            "contained ~ contained.tail()": F,
            "name.last().given.first() = name.last().given.first()": T,
            "name.last().given.first() = name.last().given.last()": F,
            "birthDate.extension = birthDate.extension": T,
            "birthDate.extension ~ birthDate.extension": T,
        }
    )
    def test_of_a_patient(self, patient: Evaluate, text: str, expected: list[Any]) -> None:
        assert patient(text) == expected

    def test_numbers_of_elements_are_compared_by_value(self, evaluate: Evaluate) -> None:
        ranges = [{"low": {"value": Decimal("1.0")}}, {"low": {"value": Decimal("1.00")}}, {"low": {"value": 2.5}}]
        resource = {"resourceType": "Observation", "referenceRange": ranges}
        assert evaluate("referenceRange.isDistinct()", resource) == F
        assert evaluate("referenceRange[0] = referenceRange[1]", resource) == T
        assert evaluate("referenceRange[0] = referenceRange[2]", resource) == F
        assert evaluate("referenceRange.low.distinct().count()", resource) == [2]

    def test_ids_and_case_do_not_count_for_equivalence(self, evaluate: Evaluate) -> None:
        names = [{"id": "a", "family": "Durand", "given": ["A", "B"]}, {"family": "DURAND", "given": ["b", "a"]}]
        resource = {"resourceType": "Patient", "name": names}
        assert evaluate("name[0] ~ name[1]", resource) == T
        assert evaluate("name[0] = name[1]", resource) == F
        assert evaluate("active ~ active", {"resourceType": "Patient", "active": True}) == T
