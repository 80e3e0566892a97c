"""Slicing by every kind of discriminator, inherited slices, and what a reference's target has to meet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.conftest import Check
from tests.validators.fhir.test_profiles import URL, patient, profile, run
from validators.fhir import ProfileSet
from validators.fhir.values import Item, below, follow, steps_of

BASE = "http://hl7.org/fhir/StructureDefinition/"

LIST: dict[str, Any] = {"resourceType": "List", "id": "l", "status": "current", "mode": "working"}


def sliced(path: str, kind: str, by: str, **more: Any) -> dict[str, Any]:
    rules = {"discriminator": [{"type": kind, "path": by}], "rules": more.pop("rules", "open"), **more}
    return {"id": path, "path": path, "slicing": rules}


def observation(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, **elements}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"fullUrl": f"http://a.fr/{r['resourceType']}/{r['id']}", "resource": r} for r in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def found(check: Check, resource: dict[str, Any], *definitions: dict[str, Any]) -> list[tuple[str, str]]:
    """What the profile finds; warnings about extensions and the like are another test's matter."""
    return [(rule, place) for rule, place in run(check, resource, *definitions) if rule != "FHIR-EXTENSION-UNKNOWN"]


class TestByType:
    OURS = profile(
        sliced("Bundle.entry", "type", "resource", rules="closed"),
        {"id": "Bundle.entry:patient", "sliceName": "patient", "min": 1, "max": "1"},
        {"id": "Bundle.entry:patient.resource", "type": [{"code": "Patient"}]},
        {"id": "Bundle.entry:list", "sliceName": "list", "max": "1"},
        {"id": "Bundle.entry:list.resource", "type": [{"code": "List"}]},
        type_name="Bundle",
    )

    def test_the_type_of_a_resource(self, check: Check) -> None:
        person = patient(id="p")
        assert found(check, bundle(person, LIST), self.OURS) == []
        assert found(check, bundle(LIST), self.OURS) == [("FHIR-SLICE-MIN", "Bundle")]
        assert found(check, bundle(person, {**person, "id": "q"}), self.OURS) == [("FHIR-SLICE-MAX", "Bundle.entry")]

    def test_a_closed_one_names_the_nearest_slice(self, check: Check) -> None:
        stranger = bundle(patient(id="p"), {"resourceType": "Basic", "id": "b", "code": {"text": "x"}})
        (issue,) = check(stranger, ProfileSet([self.OURS]), [URL])
        assert (issue.rule, issue.location) == ("FHIR-SLICE-CLOSED", "Bundle.entry[1]")
        assert (issue.params["near"], issue.params["discriminator"]) == ("patient", "resource")

    def test_a_choice_is_sliced_by_type_without_saying_so(self, check: Check) -> None:
        ours = profile(
            {"id": "Observation.value[x]:valueQuantity", "path": "Observation.value[x]", "sliceName": "valueQuantity",
             "type": [{"code": "Quantity"}]},
            {"id": "Observation.value[x]:valueQuantity.unit", "path": "Observation.value[x].unit", "min": 1},
            type_name="Observation",
        )  # fmt: skip
        assert found(check, observation(valueString="a"), ours) == []
        assert found(check, observation(valueQuantity={"value": 1}), ours) == [
            ("FHIR-MIN", "Observation.value.ofType(Quantity)")
        ]

    def test_where_a_reference_leads(self, check: Check) -> None:
        ours = profile(
            sliced("List.entry", "type", "item.resolve()", rules="closed"),
            {"id": "List.entry:people", "sliceName": "people", "min": 1},
            {"id": "List.entry:people.item", "type": [{"code": "Reference", "targetProfile": [f"{BASE}Patient"]}]},
            type_name="List",
        )
        people = {**LIST, "entry": [{"item": {"reference": "Patient/1"}}]}
        assert found(check, people, ours) == []
        assert found(check, {**LIST, "entry": [{"item": {"reference": "Group/1"}}]}, ours) == [
            ("FHIR-SLICE-CLOSED", "List.entry[0]"), ("FHIR-SLICE-MIN", "List")
        ]  # fmt: skip


class TestByPresence:
    OURS = profile(
        sliced("Patient.telecom", "exists", "period"),
        {"id": "Patient.telecom:dated", "sliceName": "dated", "max": "1"},
        {"id": "Patient.telecom:dated.period", "min": 1},
        {"id": "Patient.telecom:plain", "sliceName": "plain"},
        {"id": "Patient.telecom:plain.period", "max": "0"},
        {"id": "Patient.telecom:plain.rank", "min": 1},
    )

    def test_there_or_not(self, check: Check) -> None:
        dated, plain = {"period": {"start": "2024"}}, {"rank": 1}
        assert found(check, patient(telecom=[dated, plain, plain]), self.OURS) == []
        assert found(check, patient(telecom=[dated, dated, {"use": "home"}]), self.OURS) == [
            ("FHIR-MIN", "Patient.telecom[2]"), ("FHIR-SLICE-MAX", "Patient.telecom")
        ]  # fmt: skip


class TestByProfile:
    NAMED = profile({"id": "Patient.name", "min": 1}, url="http://t.t/named")
    OURS = profile(
        sliced("Bundle.entry", "profile", "resource"),
        {"id": "Bundle.entry:named", "sliceName": "named", "min": 1, "max": "1"},
        {"id": "Bundle.entry:named.resource", "type": [{"code": "Patient", "profile": ["http://t.t/named"]}]},
        {"id": "Bundle.entry:lists", "sliceName": "lists", "max": "0"},
        {"id": "Bundle.entry:lists.resource", "type": [{"code": "List"}]},
        type_name="Bundle",
    )

    def test_what_meets_the_profile_is_in_the_slice(self, check: Check) -> None:
        named, bare = patient(id="p", name=[{"text": "A"}]), patient(id="q")
        assert found(check, bundle(named, bare), self.OURS, self.NAMED) == []
        assert found(check, bundle(bare), self.OURS, self.NAMED) == [("FHIR-SLICE-MIN", "Bundle")]

    def test_a_base_type_stands_for_itself(self, check: Check) -> None:
        made = bundle(patient(id="p", name=[{"text": "A"}]), LIST)
        assert found(check, made, self.OURS, self.NAMED) == [("FHIR-SLICE-MAX", "Bundle.entry")]


class TestByValue:
    def test_a_required_binding_tells_slices_apart(self, check: Check) -> None:
        codes = {
            "resourceType": "ValueSet", "url": "http://t.t/vs", "status": "active",
            "compose": {"include": [{"system": "http://s", "concept": [{"code": "a"}]}]},
        }  # fmt: skip
        ours = profile(
            sliced("Patient.identifier", "value", "type"),
            {"id": "Patient.identifier:a", "sliceName": "a"},
            {"id": "Patient.identifier:a.type", "binding": {"strength": "required", "valueSet": "http://t.t/vs"}},
            {"id": "Patient.identifier:a.value", "min": 1},
        )
        one, other = (
            {"coding": [{"system": "http://s", "code": "a"}]},
            {"coding": [{"system": "http://s", "code": "b"}]},
        )
        assert found(check, patient(identifier=[{"type": other}]), ours, codes) == []
        assert found(check, patient(identifier=[{"type": one}]), ours, codes) == [("FHIR-MIN", "Patient.identifier[0]")]

    def test_a_slice_that_asks_nothing_at_one_discriminator_is_told_by_the_others(self, check: Check) -> None:
        rules = {"discriminator": [{"type": "value", "path": p} for p in ("use", "system")], "rules": "closed"}
        ours = profile(
            {"id": "Patient.identifier", "slicing": rules},
            {"id": "Patient.identifier:old", "sliceName": "old"},
            {"id": "Patient.identifier:old.use", "fixedCode": "old"},
        )
        assert found(check, patient(identifier=[{"use": "old", "system": "http://a"}]), ours) == []
        assert found(check, patient(identifier=[{"use": "usual"}]), ours) == [
            ("FHIR-SLICE-CLOSED", "Patient.identifier[0]")
        ]

    def test_by_an_extension(self, check: Check) -> None:
        ours = profile(
            sliced("Patient.name", "value", "extension('http://e').value"),
            {"id": "Patient.name:marked", "sliceName": "marked", "max": "0"},
            {"id": "Patient.name:marked.extension:e", "path": "Patient.name.extension", "sliceName": "e"},
            {"id": "Patient.name:marked.extension:e.url", "path": "Patient.name.extension.url", "fixedUri": "http://e"},
            {"id": "Patient.name:marked.extension:e.value[x]", "path": "Patient.name.extension.value[x]",
             "fixedString": "m"},
        )  # fmt: skip
        marked = {"text": "A", "extension": [{"url": "http://e", "valueString": "m"}]}
        assert found(check, patient(name=[{"text": "B"}]), ours) == []
        assert found(check, patient(name=[marked]), ours) == [("FHIR-SLICE-MAX", "Patient.name")]

    def test_order_where_the_profile_asks_for_it(self, check: Check) -> None:
        ours = profile(
            sliced("Patient.contact", "value", "gender", ordered=True),
            *(part for code in ("female", "male") for part in (
                {"id": f"Patient.contact:{code}", "sliceName": code},
                {"id": f"Patient.contact:{code}.gender", "fixedCode": code},
            )),
        )  # fmt: skip
        her, him = ({"gender": code, "name": {"text": "A"}} for code in ("female", "male"))
        assert found(check, patient(contact=[her, him]), ours) == []
        assert found(check, patient(contact=[him, her]), ours) == [("FHIR-SLICE-ORDER", "Patient.contact[1]")]


class TestInheritance:
    PARENT = profile(
        sliced("Patient.identifier", "value", "system"),
        {"id": "Patient.identifier:ins", "sliceName": "ins", "min": 1},
        {"id": "Patient.identifier:ins.system", "min": 1, "fixedUri": "http://ins"},
        url="http://t.t/parent",
    )

    def test_a_profile_narrows_a_slice_of_its_base(self, check: Check) -> None:
        ours = profile(
            {"id": "Patient.identifier:ins.value", "min": 1}, {"id": "Patient.name", "min": 1},
            baseDefinition="http://t.t/parent",
        )  # fmt: skip
        assert found(
            check, patient(identifier=[{"system": "http://ins"}], name=[{"text": "A"}]), ours, self.PARENT
        ) == [("FHIR-MIN", "Patient.identifier[0]")]
        assert set(found(check, patient(), ours, self.PARENT)) == {
            ("FHIR-SLICE-MIN", "Patient"),
            ("FHIR-MIN", "Patient"),
        }

    def test_the_base_is_left_as_it_was(self, check: Check) -> None:
        ours = profile({"id": "Patient.identifier:ins.value", "min": 1}, baseDefinition="http://t.t/parent")
        issues = check(
            patient(identifier=[{"system": "http://ins"}]), ProfileSet([ours, self.PARENT]), ["http://t.t/parent"]
        )
        assert issues == []

    def test_profiles_that_build_on_one_another_in_a_ring_are_read(self, check: Check) -> None:
        one = profile({"id": "Patient.name", "min": 1}, baseDefinition="http://t.t/other")
        other = profile({"id": "Patient.gender", "min": 1}, url="http://t.t/other", baseDefinition=URL)
        assert ("FHIR-MIN", "Patient") in found(check, patient(), one, other)


class TestTargets:
    NAMED = profile({"id": "Patient.name", "min": 1}, url="http://t.t/named")
    OURS = profile(
        {"id": "Observation.subject", "type": [{"code": "Reference", "targetProfile": ["http://t.t/named"]}]},
        type_name="Observation",
    )

    def test_the_resource_meant_meets_the_profile(self, check: Check) -> None:
        def about(person: dict[str, Any]) -> dict[str, Any]:
            return observation(contained=[person], subject={"reference": "#p"})

        assert found(check, about(patient(id="p", name=[{"text": "A"}])), self.OURS, self.NAMED) == []
        assert found(check, about(patient(id="p")), self.OURS, self.NAMED) == [
            ("FHIR-REFERENCE-PROFILE", "Observation.subject")
        ]

    def test_what_is_elsewhere_is_not_judged(self, check: Check) -> None:
        assert found(check, observation(subject={"reference": "Patient/1"}), self.OURS, self.NAMED) == []

    def test_references_in_a_ring_end(self, check: Check) -> None:
        ring = profile(
            {"id": "Patient.link.other", "type": [{"code": "Reference", "targetProfile": [URL]}]},
        )
        other = patient(id="b", link=[{"other": {"reference": "#"}, "type": "seealso"}])
        one = patient(id="a", contained=[other], link=[{"other": {"reference": "#b"}, "type": "seealso"}])
        assert found(check, one, ring) == []

    def test_one_of_several_profiles_of_a_type_is_enough(self, check: Check) -> None:
        def address(element: str) -> dict[str, Any]:
            return profile({"id": f"Address.{element}", "min": 1}, type_name="Address", url=f"http://t.t/{element}")

        kinds = [{"code": "Address", "profile": ["http://t.t/city", "http://t.t/country"]}]
        ours = profile({"id": "Patient.address", "type": kinds})
        both = (address("city"), address("country"))
        assert found(check, patient(address=[{"city": "A"}, {"country": "B"}]), ours, *both) == []
        assert found(check, patient(address=[{"text": "A"}]), ours, *both) == [
            ("FHIR-PROFILE-NONE", "Patient.address[0]")
        ]


class TestLimits:
    @pytest.mark.parametrize(
        ("element", "right", "wrong"),
        [
            ({"maxLength": 3}, "abc", "abcd"),
            ({"minValueDate": "2000-01-01"}, "2000-01-01", "1999-12-31"),
            ({"maxValueDate": "2000-06"}, "2000-06-30", "2000-07-01"),
        ],
    )
    def test_of_a_primitive(self, check: Check, element: dict[str, Any], right: str, wrong: str) -> None:
        name = "language" if "maxLength" in element else "birthDate"
        ours = profile({"id": f"Patient.{name}", **element})
        texts = {"abc": "fra", "abcd": "fr-FR"}
        assert found(check, patient(**{name: texts.get(right, right)}), ours) == []
        assert found(check, patient(**{name: texts.get(wrong, wrong)}), ours) == [("FHIR-LIMIT", f"Patient.{name}")]

    @pytest.mark.parametrize(
        ("value", "limit", "expected"),
        [
            ({"value": 1, "code": "g"}, {"value": 2, "code": "g"}, True),
            ({"value": 1, "code": "kg"}, {"value": 2, "code": "g"}, False),
            ({"value": 1, "code": "m"}, {"value": 2, "code": "g"}, None),
            ({"value": {}, "code": "kg"}, {"value": 2, "code": "g"}, None),
            (1, {"value": 2, "code": "g"}, None),
            ({"value": 1, "code": "g"}, 2, None),
            (3, 2, False),
            ("x", 2, None),
        ],
    )
    def test_what_is_below(self, value: object, limit: object, expected: bool | None) -> None:
        ucum = {"system": "http://unitsofmeasure.org"}
        one, two = ({**ucum, **each} if isinstance(each, dict) else each for each in (value, limit))
        assert below(one, two) is expected


class TestPaths:
    @pytest.mark.parametrize(
        ("path", "steps"),
        [
            ("$this", ()),
            ("a.b", (("", "a"), ("", "b"))),
            ("$this.resolve()", (("resolve", ""),)),
            ("value.ofType(Coding).code", (("", "value"), ("ofType", "Coding"), ("", "code"))),
            ("extension('http://a.b/c').value", (("extension", "http://a.b/c"), ("", "value"))),
            ("value[x]", (("", "value"),)),
            ("a.where(b)", None),
            ("a[0]", None),
        ],
    )
    def test_are_read(self, path: str, steps: tuple[tuple[str, str], ...] | None) -> None:
        assert steps_of(path) == steps

    def test_lead_through_arrays_choices_and_references(self) -> None:
        node = {"a": [{"valueString": "x"}, {"valueCoding": {"code": "y"}}], "r": {"reference": "Patient/1"}}
        values = follow(Item(node), (("", "a"), ("", "value")), lambda _: None)
        assert values == [Item("x", "string"), Item({"code": "y"}, "Coding")]
        assert follow(Item(node), (("", "a"), ("", "value"), ("ofType", "Coding")), lambda _: None) == values[1:]
        assert follow(Item(node), (("", "r"), ("resolve", "")), lambda _: None) == [Item(None, "Patient")]
        target = {"resourceType": "Group"}
        assert follow(Item(node), (("", "r"), ("resolve", "")), lambda _: target) == [Item(target, "Group")]

    @pytest.mark.parametrize("value", [None, 1, "x", [], [[1]], {"a": 1}, {"reference": 3}])
    def test_odd_values_lead_nowhere(self, value: object) -> None:
        for step in (("", "b"), ("resolve", ""), ("extension", "u")):
            assert [item.value for item in follow(Item(value), (step,), lambda _: None)] == []
