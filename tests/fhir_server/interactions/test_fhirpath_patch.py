"""FHIRPath Patch: each operation on elements, primitives, choices and lists; what does not fit says where."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.fhir.interactions.errors import PatchError
from fhir_server.fhir.interactions.fhirpath_patch import apply
from fhir_server.fhir.interactions.fhirpath_values import copied
from tests.support.rest import parameters

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "birthDate": "1980-01-01",
    "active": True,
    "deceasedBoolean": False,
    "name": [{"family": "A", "given": ["x", "y"], "_given": [None, {"id": "second"}]}, {"family": "B"}],
    "contact": [{"name": {"text": "c"}}],
}


def patched(**parts: Any) -> dict[str, Any]:
    return apply(PATIENT, parameters(**parts))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"type": "add", "path": "Patient", "name": "gender", "value": {"valueCode": "male"}}, {"gender": "male"}),
        ({"type": "add", "path": "Patient", "name": "maritalStatus", "value": {"valueCodeableConcept": {"text": "m"}}},
         {"maritalStatus": {"text": "m"}}),
        ({"type": "add", "path": "Patient", "name": "multipleBirth", "value": {"valueInteger": 2}},
         {"multipleBirthInteger": 2}),
        ({"type": "add", "path": "Patient", "name": "telecom", "value": {"valueContactPoint": {"value": "1"}}},
         {"telecom": [{"value": "1"}]}),
        ({"type": "add", "path": "Patient.contact[0]", "name": "gender", "value": {"valueCode": "female"}},
         {"contact": [{"name": {"text": "c"}, "gender": "female"}]}),
        ({"type": "add", "path": "Patient", "name": "contact", "value": {"part": [
            {"name": "name", "valueHumanName": {"text": "d"}},
            {"name": "telecom", "valueContactPoint": {"value": "1"}},
            {"name": "telecom", "valueContactPoint": {"value": "2"}}]}},
         {"contact": [{"name": {"text": "c"}}, {"name": {"text": "d"}, "telecom": [{"value": "1"}, {"value": "2"}]}]}),
        ({"type": "add", "path": "Patient", "name": "contained", "value": {"resource": {"resourceType": "Basic"}}},
         {"contained": [{"resourceType": "Basic"}]}),
        ({"type": "add", "path": "Patient.birthDate", "name": "extension",
          "value": {"valueExtension": {"url": "urn:u", "valueString": "s"}}},
         {"_birthDate": {"extension": [{"url": "urn:u", "valueString": "s"}]}}),
        ({"type": "add", "path": "Patient.name[0].given[0]", "name": "extension",
          "value": {"valueExtension": {"url": "urn:u", "valueString": "s"}}},
         {"name": [{"family": "A", "given": ["x", "y"],
                    "_given": [{"extension": [{"url": "urn:u", "valueString": "s"}]}, {"id": "second"}]},
                   {"family": "B"}]}),
        ({"type": "insert", "path": "Patient.name", "index": 0, "value": {"valueHumanName": {"family": "Z"}}},
         {"name": [{"family": "Z"}, *PATIENT["name"]]}),
        ({"type": "insert", "path": "Patient.name[0].given", "index": 2, "value": {"valueString": "z"}},
         {"name": [{"family": "A", "given": ["x", "y", "z"], "_given": [None, {"id": "second"}, None]},
                   {"family": "B"}]}),
        ({"type": "insert", "path": "Patient.telecom", "index": 0, "value": {"valueContactPoint": {"value": "1"}}},
         {"telecom": [{"value": "1"}]}),
        ({"type": "delete", "path": "Patient.birthDate"}, {"birthDate": None}),
        ({"type": "delete", "path": "Patient.contact"}, {"contact": None}),
        ({"type": "delete", "path": "Patient.name.where(family = 'B')"}, {"name": PATIENT["name"][:1]}),
        ({"type": "delete", "path": "Patient.name[0].given[1]"},
         {"name": [{"family": "A", "given": ["x"]}, {"family": "B"}]}),
        ({"type": "delete", "path": "Patient.photo"}, {}),
        ({"type": "replace", "path": "Patient.birthDate", "value": {"valueDate": "1990"}}, {"birthDate": "1990"}),
        ({"type": "replace", "path": "Patient.deceased", "value": {"valueDateTime": "2020"}},
         {"deceasedBoolean": None, "deceasedDateTime": "2020"}),
        ({"type": "replace", "path": "Patient.name[1].family", "value": {"valueString": "C"}},
         {"name": [PATIENT["name"][0], {"family": "C"}]}),
        ({"type": "replace", "path": "Patient.name[0].given[0]", "value": {"valueString": "w"}},
         {"name": [{"family": "A", "given": ["w", "y"], "_given": [None, {"id": "second"}]}, {"family": "B"}]}),
        ({"type": "move", "path": "Patient.name", "source": 1, "destination": 0}, {"name": PATIENT["name"][::-1]}),
        ({"type": "move", "path": "Patient.name[0].given", "source": 1, "destination": 0},
         {"name": [{"family": "A", "given": ["y", "x"], "_given": [{"id": "second"}, None]}, {"family": "B"}]}),
    ],
)  # fmt: skip
def test_an_operation_changes_its_element_and_nothing_else(parts: dict[str, Any], expected: dict[str, Any]) -> None:
    before = copied(PATIENT)
    wanted = {key: value for key, value in (PATIENT | expected).items() if value is not None}
    assert patched(**parts) == wanted
    assert before == PATIENT


@pytest.mark.parametrize(
    ("parts", "rule", "status"),
    [
        ({"type": "add", "path": "Patient", "name": "birthDate", "value": {"valueDate": "1990"}}, "PATCH-PATH", 422),
        ({"type": "add", "path": "Patient", "name": "deceased", "value": {"valueDateTime": "1"}}, "PATCH-PATH", 422),
        ({"type": "add", "path": "Patient", "name": "colour", "value": {"valueString": "red"}}, "PATCH-PATH", 422),
        ({"type": "add", "path": "Patient.name", "name": "text", "value": {"valueString": "t"}}, "PATCH-PATH", 422),
        ({"type": "add", "path": "Patient.photo", "name": "title", "value": {"valueString": "t"}}, "PATCH-PATH", 422),
        ({"type": "add", "path": "Patient", "name": "multipleBirth", "value": {"valueString": "2"}},
         "PATCH-VALUE", 422),
        ({"type": "add", "path": "Patient", "name": "gender", "value": {"valueCodeableConcept": {}}},
         "PATCH-VALUE", 422),
        ({"type": "add", "path": "Patient", "name": "contained", "value": {"valueHumanName": {}}}, "PATCH-VALUE", 422),
        ({"type": "add", "path": "Patient", "name": "contained", "value": {"resource": {"resourceType": "X"}}},
         "PATCH-VALUE", 422),
        ({"type": "add", "path": "Patient", "name": "name", "value": {"valueHumanName": {"given": "x"}}},
         "PATCH-VALUE", 422),
        ({"type": "add", "path": "Patient", "name": "name", "value": {"valueHumanName": {"given": [{}]}}},
         "PATCH-VALUE", 422),
        ({"type": "add", "path": "Patient", "name": "name", "value": {"valueHumanName": {"_given": ["x"]}}},
         "PATCH-VALUE", 422),
        ({"type": "insert", "path": "Patient.name", "index": 3, "value": {"valueHumanName": {}}}, "PATCH-PATH", 422),
        ({"type": "insert", "path": "Patient.active", "index": 0, "value": {"valueBoolean": True}}, "PATCH-PATH", 422),
        ({"type": "delete", "path": "Patient.name"}, "PATCH-PATH", 422),
        ({"type": "delete", "path": "Patient"}, "PATCH-PATH", 422),
        ({"type": "delete", "path": "'a'"}, "PATCH-PATH", 422),
        ({"type": "delete", "path": "Patient.("}, "PATCH-PATH", 422),
        ({"type": "delete", "path": "Patient.nothing"}, "PATCH-PATH", 422),
        ({"type": "replace", "path": "Patient.photo", "value": {"valueAttachment": {}}}, "PATCH-PATH", 422),
        ({"type": "move", "path": "Patient.name", "source": 2, "destination": 0}, "PATCH-PATH", 422),
        ({"type": "melt", "path": "Patient"}, "PATCH-FORM", 400),
        ({"type": "replace", "path": "Patient.birthDate"}, "PATCH-FORM", 400),
        ({"type": "insert", "path": "Patient.name", "index": "0", "value": {"valueHumanName": {}}}, "PATCH-FORM", 400),
        ({"type": "insert", "path": "Patient.name", "index": -1, "value": {"valueHumanName": {}}}, "PATCH-FORM", 400),
        ({"type": "replace", "path": "Patient.birthDate", "value": {"valueDate": "1", "valueString": "2"}},
         "PATCH-FORM", 400),
        ({"type": "replace", "path": "Patient.birthDate", "colour": "red"}, "PATCH-FORM", 400),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place(parts: dict[str, Any], rule: str, status: int) -> None:
    with pytest.raises(PatchError) as caught:
        patched(**parts)
    assert (caught.value.rule_id, caught.value.status) == (rule, status)
    assert caught.value.location.startswith("Parameters.parameter[0]")


@pytest.mark.parametrize(
    "body",
    [{"resourceType": "Patient"}, {"resourceType": "Parameters"}, {"resourceType": "Parameters", "parameter": [1]},
     {"resourceType": "Parameters", "parameter": [{"name": "other"}]},
     {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": "x"}]}],
)  # fmt: skip
def test_what_is_no_patch_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(PatchError) as caught:
        apply(PATIENT, body)
    assert (caught.value.rule_id, caught.value.status) == ("PATCH-FORM", 400)


def test_operations_follow_each_other() -> None:
    both = parameters(type="delete", path="Patient.name[0]")
    both["parameter"] += parameters(type="replace", path="Patient.name.family", value={"valueString": "C"})["parameter"]
    assert apply(PATIENT, both)["name"] == [{"family": "C"}]


_PATHS = st.sampled_from([
    "Patient", "Patient.name", "Patient.name[0]", "Patient.name[0].given", "Patient.name[0].given[1]", "Patient.active",
    "Patient.deceased", "Patient.contact[0].name", "Patient.photo", "Patient.name.where(family = 'B')",
    "Patient.contained",
])  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["given", "_given", "family", "text", "id", "resourceType"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)
_VALUES = st.dictionaries(
    st.sampled_from(["valueString", "valueHumanName", "_valueString", "valueBoolean", "resource", "part"]), _JSON,
    min_size=1, max_size=2,
)  # fmt: skip
_OPERATIONS = st.fixed_dictionaries(
    {"type": st.sampled_from(["add", "insert", "delete", "replace", "move"]), "path": _PATHS},
    optional={
        "name": st.sampled_from(["name", "given", "deceased", "extension", "contained", "text"]), "value": _VALUES,
        "index": st.integers(0, 2), "source": st.integers(0, 2), "destination": st.integers(0, 2),
    },
)  # fmt: skip


@given(st.lists(_OPERATIONS, max_size=4))
def test_whatever_comes_is_applied_or_refused(operations: list[dict[str, Any]]) -> None:
    rows = [parameters(**one)["parameter"][0] for one in operations]
    with suppress(PatchError):
        assert apply(PATIENT, {"resourceType": "Parameters", "parameter": rows})["resourceType"] == "Patient"
