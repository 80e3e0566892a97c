"""Bindings of the base definitions: by strength, by what is known of the value set, and by type."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.conftest import Check
from validators.fhir import ProfileSet

ALLERGY = {"resourceType": "AllergyIntolerance", "patient": {"display": "a"}}
CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
MARITAL = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
UCUM = "http://unitsofmeasure.org"
SYNTHESIS = {
    "resourceType": "EffectEvidenceSynthesis",
    "status": "draft",
    "population": {"display": "a"},
    "exposure": {"display": "a"},
    "exposureAlternative": {"display": "a"},
    "outcome": {"display": "a"},
}


def coded(*codes: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for system, code in codes], **more}


def said(check: Check, resource: dict[str, Any], profiles: ProfileSet | None = None) -> list[tuple[str, str, str]]:
    about = ("FHIR-BINDING", "FHIR-BINDING-EXTENSIBLE", "FHIR-BINDING-UNDECIDED")
    return [(i.rule, i.severity.value, i.location) for i in check(resource, profiles) if i.rule in about]


class TestRequired:
    @pytest.mark.parametrize(
        ("status", "right"),
        [
            (coded((CLINICAL, "active")), True),
            (coded(("http://other", "x"), (CLINICAL, "active")), True),
            ({"extension": [{"url": "http://a", "valueCode": "unknown"}]}, True),
            (coded((CLINICAL, "x")), False),
            (coded(("http://other", "active")), False),
            ({"text": "active"}, False),
        ],
    )
    def test_one_coding_is_of_the_set(self, check: Check, status: dict[str, Any], right: bool) -> None:
        found = said(check, {**ALLERGY, "clinicalStatus": status})
        assert found == ([] if right else [("FHIR-BINDING", "error", "AllergyIntolerance.clinicalStatus")])

    def test_a_code_is_of_the_set(self, check: Check) -> None:
        patient = {"resourceType": "Patient", "gender": "female", "link": [{"other": {"display": "a"}, "type": "x"}]}
        assert said(check, patient) == [("FHIR-BINDING", "error", "Patient.link[0].type")]

    def test_few_codes_are_named(self, check: Check) -> None:
        (issue,) = check({"resourceType": "Patient", "gender": "femme"})
        assert issue.params["expected"].endswith("/administrative-gender {female, male, other, unknown}")

    @pytest.mark.parametrize(("system", "unit", "right"), [(UCUM, "mg/dL", True), (UCUM, "mg/dl.", False),
                                                           ("http://other", "mg/dL", False)])  # fmt: skip
    def test_a_unit_is_of_the_set_by_its_grammar(self, check: Check, system: str, unit: str, right: bool) -> None:
        estimate = {"unitOfMeasure": coded((system, unit))}
        found = [rule for rule, _, _ in said(check, {**SYNTHESIS, "effectEstimate": [estimate]})]
        assert found == ([] if right else ["FHIR-BINDING"])

    def test_what_nobody_can_tell_is_information(self, check: Check) -> None:
        variant = {"variantType": coded(("http://loinc.org", "LA9658-1"))}
        sequence = {"resourceType": "MolecularSequence", "coordinateSystem": 1, "structureVariant": [variant]}
        assert said(check, sequence) == [
            ("FHIR-BINDING-UNDECIDED", "information", "MolecularSequence.structureVariant[0].variantType")
        ]


class TestExtensible:
    @pytest.mark.parametrize(
        "status",
        [
            coded((MARITAL, "M")),
            coded((MARITAL, "x"), ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "UNK")),
            coded(("http://other", "x")),
            {"text": "x"},
            {"coding": [{"display": "x"}]},
        ],
    )
    def test_what_is_in_the_set_or_of_another_system_is_right(self, check: Check, status: dict[str, Any]) -> None:
        assert said(check, {"resourceType": "Patient", "maritalStatus": status}) == []

    def test_another_code_of_its_system_is_said(self, check: Check) -> None:
        ((rule, severity, place),) = said(check, {"resourceType": "Patient", "maritalStatus": coded((MARITAL, "x"))})
        assert (rule, place) == ("FHIR-BINDING-EXTENSIBLE", "Patient.maritalStatus")
        assert severity in ("warning", "information")


class TestMaximum:
    @pytest.mark.parametrize(("code", "right"), [("fr", True), ("fr-FR", True), ("fr_FR", False), ("fr FR", False)])
    def test_a_code_keeps_to_the_maximum_set(self, check: Check, code: str, right: bool) -> None:
        found = said(check, {"resourceType": "Patient", "language": code})
        assert found == ([] if right else [("FHIR-BINDING", "error", "Patient.language")])

    @pytest.mark.parametrize(
        ("language", "right"),
        [
            (coded(("urn:ietf:bcp:47", "fr-FR")), True),
            (coded(("urn:ietf:bcp:47", "fr_FR")), False),
            (coded(("http://other", "x"), ("urn:ietf:bcp:47", "fr")), True),
        ],
    )
    def test_a_concept_keeps_to_the_maximum_set(self, check: Check, language: dict[str, Any], right: bool) -> None:
        found = said(check, {"resourceType": "Patient", "communication": [{"language": language}]})
        assert found == ([] if right else [("FHIR-BINDING", "error", "Patient.communication[0].language")])


class TestOfProfiles:
    URL = "http://t.t/flag"

    def profiles(self, **binding: Any) -> ProfileSet:
        flag = {
            "resourceType": "StructureDefinition",
            "url": self.URL,
            "type": "Extension",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
            "differential": {
                "element": [
                    {
                        "id": "Extension.value[x]",
                        "path": "Extension.value[x]",
                        "binding": {"strength": "required", "valueSet": "http://t.t/vs", **binding},
                    }
                ]
            },
        }
        include = [{"system": "http://s", "concept": [{"code": "A"}]}]
        return ProfileSet([flag, {"resourceType": "ValueSet", "url": "http://t.t/vs", "compose": {"include": include}}])

    @pytest.mark.parametrize(
        ("value", "right"),
        [
            ({"valueCode": "A"}, True),
            ({"valueString": "A"}, True),
            ({"valueUri": "http://a"}, False),
            ({"valueCode": "B"}, False),
            ({"valueCoding": {"system": "http://s", "code": "A"}}, True),
            ({"valueCoding": {"system": "http://s", "code": "B"}}, False),
            ({"valueCodeableConcept": coded(("http://s", "B"))}, False),
            # a binding says nothing of what has no codes
            ({"valueBoolean": True}, True),
            ({"valueInteger": 1}, True),
            ({"valuePeriod": {"start": "2026"}}, True),
            ({"valueReference": {"reference": "Patient/1"}}, True),
        ],
    )
    def test_a_binding_on_a_choice_is_for_the_types_that_have_codes(
        self, check: Check, value: dict[str, Any], right: bool
    ) -> None:
        found = said(check, {"resourceType": "Basic", "code": {"text": "a"}, "extension": [{"url": self.URL, **value}]},
                     self.profiles())  # fmt: skip
        assert [rule for rule, _, _ in found] == ([] if right else ["FHIR-BINDING"])
