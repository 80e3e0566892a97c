"""What a profile may say, one small profile each, made here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import orjson
import pytest

from tests.validators.fhir.conftest import Check
from validators.fhir import ProfileError, ProfileSet
from validators.report import Issue

URL = "http://t.t/p"


def profile(*elements: dict[str, Any], type_name: str = "Patient", url: str = URL, **more: Any) -> dict[str, Any]:
    for element in elements:
        element.setdefault("path", ".".join(step.partition(":")[0] for step in element.get("id", "").split(".")))
    return {
        "resourceType": "StructureDefinition",
        "url": url,
        "type": type_name,
        "baseDefinition": f"http://hl7.org/fhir/StructureDefinition/{type_name}",
        "differential": {"element": list(elements)},
        **more,
    }


def patient(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **elements}


def run(check: Check, resource: dict[str, Any], *loaded: dict[str, Any]) -> list[tuple[str, str]]:
    issues: list[Issue] = check(resource, ProfileSet(loaded), [URL])
    return [(issue.rule, issue.location) for issue in issues]


class TestCardinality:
    def test_min_on_a_nested_path(self, check: Check) -> None:
        ours = profile({"id": "Patient.name.family", "min": 1})
        assert run(check, patient(), ours) == []
        assert run(check, patient(name=[{"family": "A"}]), ours) == []
        assert run(check, patient(name=[{"family": "A"}, {"text": "A"}]), ours) == [("FHIR-MIN", "Patient.name[1]")]

    def test_a_value_replaced_by_an_extension_counts(self, check: Check) -> None:
        ours = profile({"id": "Patient.birthDate", "min": 1})
        assert run(check, patient(_birthDate={"id": "x"}), ours) == []

    def test_max_and_prohibited(self, check: Check) -> None:
        ours = profile({"id": "Patient.name", "max": "1"}, {"id": "Patient.photo", "max": "0"})
        assert run(check, patient(name=[{"text": "A"}]), ours) == []
        both = patient(name=[{"text": "A"}, {"text": "B"}], photo=[{"url": "http://a"}])
        assert run(check, both, ours) == [("FHIR-MAX", "Patient.name[1]"), ("FHIR-MAX", "Patient.photo[0]")]

    def test_paths_serve_where_ids_are_missing(self, check: Check) -> None:
        ours = profile({"path": "Patient.gender", "min": 1})
        assert run(check, patient(), ours) == [("FHIR-MIN", "Patient")]

    def test_a_snapshot_serves_where_there_is_no_differential(self, check: Check) -> None:
        ours = profile()
        ours["snapshot"] = {"element": [{"id": "Patient.gender", "path": "Patient.gender", "min": 1, "max": "*"}]}
        del ours["differential"]
        assert run(check, patient(), ours) == [("FHIR-MIN", "Patient")]


class TestValues:
    @pytest.mark.parametrize(
        ("constraint", "right", "wrong"),
        [
            ({"fixedString": "A"}, {"family": "A"}, {"family": "B"}),
            ({"patternString": "A"}, {"family": "A"}, {"family": "B"}),
        ],
    )
    def test_fixed_and_pattern_on_a_primitive(
        self, check: Check, constraint: dict[str, Any], right: dict[str, Any], wrong: dict[str, Any]
    ) -> None:
        ours = profile({"id": "Patient.name.family", **constraint})
        assert run(check, patient(name=[right]), ours) == []
        assert run(check, patient(name=[wrong]), ours) == [("FHIR-FIXED", "Patient.name[0].family")]

    def test_a_pattern_asks_for_a_part_and_fixed_for_the_whole(self, check: Check) -> None:
        value = {"coding": [{"system": "http://s", "code": "M", "display": "x"}, {"code": "N"}]}
        pattern = profile({"id": "Patient.maritalStatus", "patternCodeableConcept": {"coding": [{"code": "M"}]}})
        fixed = profile({"id": "Patient.maritalStatus", "fixedCodeableConcept": {"coding": [{"code": "M"}]}})
        same = profile({"id": "Patient.maritalStatus", "fixedCodeableConcept": value})
        assert run(check, patient(maritalStatus=value), pattern) == []
        assert run(check, patient(maritalStatus=value), same) == []
        assert run(check, patient(maritalStatus=value), fixed) == [("FHIR-FIXED", "Patient.maritalStatus")]

    def test_types_of_a_choice(self, check: Check) -> None:
        ours = profile({"id": "Patient.deceased[x]", "min": 1, "type": [{"code": "boolean"}]})
        assert run(check, patient(deceasedBoolean=True), ours) == []
        assert run(check, patient(_deceasedBoolean={"id": "x"}), ours) == []
        assert run(check, patient(), ours) == [("FHIR-MIN", "Patient")]
        wrong = run(check, patient(deceasedDateTime="2020"), ours)
        assert wrong == [("FHIR-TYPE", "Patient.deceased.ofType(dateTime)")]

    def test_a_datatype_profile(self, check: Check) -> None:
        datatype = profile({"id": "Identifier.value", "min": 1}, type_name="Identifier", url="http://t.t/id")
        ours = profile({"id": "Patient.identifier", "type": [{"code": "Identifier", "profile": ["http://t.t/id"]}]})
        assert run(check, patient(identifier=[{"value": "1"}]), ours, datatype) == []
        wrong = run(check, patient(identifier=[{"use": "usual"}]), ours, datatype)
        assert wrong == [("FHIR-MIN", "Patient.identifier[0]")]
        unknown = profile({"id": "Patient.identifier", "type": [{"code": "Identifier", "profile": ["http://t.t/no"]}]})
        assert run(check, patient(identifier=[{"use": "usual"}]), unknown) == []

    def test_a_profile_builds_on_another(self, check: Check) -> None:
        general = profile({"id": "Patient.gender", "min": 1}, url="http://t.t/general")
        ours = profile({"id": "Patient.birthDate", "min": 1}, baseDefinition="http://t.t/general")
        assert run(check, patient(), ours, general) == [("FHIR-MIN", "Patient")] * 2


class TestBindings:
    SET: ClassVar[dict[str, Any]] = {
        "resourceType": "ValueSet",
        "url": "http://t.t/vs",
        "compose": {"include": [{"system": "http://s", "concept": [{"code": "A"}, {"code": "B"}]}]},
    }

    @pytest.mark.parametrize(
        ("strength", "expected"),
        [("required", "FHIR-BINDING"), ("extensible", "FHIR-BINDING-EXTENSIBLE"), ("preferred", "")],
    )
    def test_strengths(self, check: Check, strength: str, expected: str) -> None:
        binding = {"strength": strength, "valueSet": "http://t.t/vs|1"}
        ours = profile({"id": "Patient.maritalStatus", "binding": binding})
        right = patient(maritalStatus={"coding": [{"system": "http://s", "code": "B"}]})
        wrong = patient(maritalStatus={"coding": [{"system": "http://s", "code": "C"}]})
        assert run(check, right, ours, self.SET) == []
        rules = [rule for rule, _ in run(check, wrong, ours, self.SET)]
        assert rules == ([expected] if expected else [])

    def test_a_contained_value_set_a_core_one_and_an_unknown_one(self, check: Check) -> None:
        contained = {"resourceType": "ValueSet", "id": "v", **self.SET}
        local = profile(
            {"id": "Patient.name.family", "binding": {"strength": "required", "valueSet": "#v"}}, contained=[contained]
        )
        assert run(check, patient(name=[{"family": "A"}]), local) == []
        assert run(check, patient(name=[{"family": "fr"}]), local) == [("FHIR-BINDING", "Patient.name[0].family")]
        core = "http://hl7.org/fhir/ValueSet/administrative-gender"
        ours = profile({"id": "Patient.language", "binding": {"strength": "required", "valueSet": core}})
        assert run(check, patient(language="fr"), ours) == [("FHIR-BINDING", "Patient.language")]
        unknown = profile({"id": "Patient.language", "binding": {"strength": "required", "valueSet": "http://no"}})
        assert run(check, patient(language="fr"), unknown) == []

    def test_codings_and_nonsense(self, check: Check) -> None:
        binding = {"strength": "required", "valueSet": "http://t.t/vs"}
        ours = profile({"id": "Patient.meta.tag", "binding": binding}, {"id": "Patient.active", "binding": binding})
        right = patient(meta={"tag": [{"system": "http://s", "code": "A"}]})
        wrong = patient(meta={"tag": [{"code": "A"}]}, active=True)
        assert run(check, right, ours, self.SET) == []
        rules = {rule for rule, _ in run(check, wrong, ours, self.SET)}
        assert rules == {"FHIR-BINDING"}
        assert "FHIR-TYPE" in {r for r, _ in run(check, patient(meta={"tag": [1]}), ours, self.SET)}

    def test_a_value_set_may_take_from_those_of_r4(self, check: Check) -> None:
        gender = "http://hl7.org/fhir/administrative-gender"
        two = {
            "resourceType": "ValueSet",
            "url": "http://t.t/two",
            "compose": {
                "include": [{"valueSet": ["http://hl7.org/fhir/ValueSet/administrative-gender"]}],
                "exclude": [{"system": gender, "filter": [{"property": "code", "op": "in", "value": "other,unknown"}]}],
            },
        }
        ours = profile({"id": "Patient.gender", "binding": {"strength": "required", "valueSet": "http://t.t/two"}})
        assert run(check, patient(gender="female"), ours, two) == []
        assert run(check, patient(gender="other"), ours, two) == [("FHIR-BINDING", "Patient.gender")]
        absent = {**two, "compose": {"include": [{"valueSet": ["http://hl7.org/fhir/ValueSet/observation-codes"]}]}}
        assert run(check, patient(gender="other"), ours, absent) == []

    def test_a_code_system_that_is_loaded_goes_before_that_of_r4(self, check: Check) -> None:
        system = "http://hl7.org/fhir/administrative-gender"
        loaded = {"resourceType": "CodeSystem", "url": system, "content": "complete", "concept": [{"code": "male"}]}
        whole = {"resourceType": "ValueSet", "url": "http://t.t/all", "compose": {"include": [{"system": system}]}}
        ours = profile({"id": "Patient.gender", "binding": {"strength": "required", "valueSet": "http://t.t/all"}})
        assert run(check, patient(gender="female"), ours, whole) == []
        assert run(check, patient(gender="female"), ours, whole, loaded) == [("FHIR-BINDING", "Patient.gender")]

    @pytest.mark.parametrize("extension", [{"valueCanonical": "http://t.t/vs"}, {"valueUri": "http://t.t/vs"}])
    def test_a_maximum_value_set(self, check: Check, extension: dict[str, Any]) -> None:
        most = {"url": "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet", **extension}
        binding = {"strength": "preferred", "valueSet": "http://t.t/no", "extension": [most]}
        ours = profile({"id": "Patient.maritalStatus", "binding": binding})
        for code, found in (("A", []), ("C", [("FHIR-BINDING", "Patient.maritalStatus")])):
            status = {"coding": [{"system": "http://s", "code": code}]}
            assert run(check, patient(maritalStatus=status), ours, self.SET) == found

    def test_member_of_in_a_constraint(self, check: Check) -> None:
        constraint = {"key": "t-1", "severity": "error", "human": "x", "expression": "memberOf('http://t.t/vs')"}
        ours = profile({"id": "Patient.maritalStatus", "constraint": [constraint]})
        for code, found in (("A", []), ("C", [("FHIR-INVARIANT", "Patient.maritalStatus")])):
            status = {"coding": [{"system": "http://s", "code": code}]}
            assert run(check, patient(maritalStatus=status), ours, self.SET) == found
        assert run(check, patient(maritalStatus={"text": "x"}), ours) == [
            ("FHIR-INVARIANT-UNDECIDED", "Patient.maritalStatus")
        ]


class TestReferences:
    CONTAINED: tuple[dict[str, Any], ...] = (
        {"resourceType": "Organization", "id": "o", "name": "x"},
        {"resourceType": "Practitioner", "id": "p"},
    )

    def test_targets_by_type_and_by_profile(self, check: Check) -> None:
        organization = profile(type_name="Organization", url="http://t.t/org")
        ours = profile(
            {"id": "Patient.generalPractitioner", "type": [{"code": "Reference", "targetProfile": ["http://t.t/org"]}]}
        )
        assert run(check, patient(generalPractitioner=[{"reference": "Organization/1"}]), ours, organization) == []
        wrong = run(check, patient(generalPractitioner=[{"reference": "Practitioner/1"}]), ours, organization)
        assert wrong == [("FHIR-REFERENCE-TYPE", "Patient.generalPractitioner[0]")]
        # without the profile of the target, its type cannot be told, and nothing is refused
        assert run(check, patient(generalPractitioner=[{"reference": "Practitioner/1"}]), ours) == []

    @pytest.mark.parametrize(
        ("reference", "rule"),
        [
            ("#o", ""),
            ("#p", "FHIR-REFERENCE-TYPE"),
            ("#x", "FHIR-REFERENCE-CONTAINED"),
            ("Organization/o", "FHIR-REFERENCE-CONTAINED"),
            (None, "FHIR-REFERENCE-CONTAINED"),
        ],
    )
    def test_aggregation_contained(self, check: Check, reference: str | None, rule: str) -> None:
        target = {
            "code": "Reference",
            "targetProfile": ["http://hl7.org/fhir/StructureDefinition/Organization"],
            "aggregation": ["contained"],
        }
        ours = profile({"id": "Patient.generalPractitioner", "type": [target]})
        value = {"reference": reference} if reference else {"display": "x"}
        resource = patient(contained=list(self.CONTAINED), generalPractitioner=[value])
        # every contained resource is referenced, but not by the element that is looked at
        resource["extension"] = [
            {"url": "http://a", "valueReference": {"reference": f"#{contained['id']}"}} for contained in self.CONTAINED
        ]
        expected = [(rule, "Patient.generalPractitioner[0]")] if rule else []
        found = run(check, resource, ours)
        assert [each for each in found if each[0] != "FHIR-EXTENSION-UNKNOWN"] == expected


class TestSlices:
    def slicing(self, rules: str = "open", path: str = "use", kind: str = "value") -> dict[str, Any]:
        return {
            "id": "Patient.identifier",
            "slicing": {"discriminator": [{"type": kind, "path": path}], "rules": rules},
        }

    def test_counts_and_constraints_within_a_slice(self, check: Check) -> None:
        ours = profile(
            self.slicing(),
            {"id": "Patient.identifier:main", "min": 1, "max": "1"},
            {"id": "Patient.identifier:main.use", "patternCode": "official"},
            {"id": "Patient.identifier:main.value", "min": 1},
        )
        main = {"use": "official", "value": "1"}
        assert run(check, patient(identifier=[main, {"use": "old"}]), ours) == []
        assert run(check, patient(identifier=[{"use": "old"}]), ours) == [("FHIR-SLICE-MIN", "Patient")]
        assert run(check, patient(), ours) == [("FHIR-SLICE-MIN", "Patient")]
        assert run(check, patient(identifier=[main, main]), ours) == [("FHIR-SLICE-MAX", "Patient.identifier")]
        assert run(check, patient(identifier=[{"use": "official"}]), ours) == [("FHIR-MIN", "Patient.identifier[0]")]

    def test_a_closed_slicing_refuses_the_rest(self, check: Check) -> None:
        ours = profile(self.slicing("closed"), {"id": "Patient.identifier:a.use", "fixedCode": "official"})
        assert run(check, patient(identifier=[{"use": "official"}]), ours) == []
        wrong = run(check, patient(identifier=[{"use": "official"}, {"use": "old"}]), ours)
        assert wrong == [("FHIR-SLICE-CLOSED", "Patient.identifier[1]")]

    def test_a_discriminator_may_stand_in_the_type_profile(self, check: Check) -> None:
        datatype = profile({"id": "Identifier.use", "patternCode": "old"}, type_name="Identifier", url="http://t.t/id")
        part = {
            "id": "Patient.identifier:old",
            "max": "0",
            "type": [{"code": "Identifier", "profile": ["http://t.t/id"]}],
        }
        ours = profile(self.slicing(), part)
        assert run(check, patient(identifier=[{"use": "usual"}]), ours, datatype) == []
        wrong = run(check, patient(identifier=[{"use": "old"}]), ours, datatype)
        assert wrong == [("FHIR-SLICE-MAX", "Patient.identifier")]

    def test_a_pattern_of_the_element_itself_and_of_a_deeper_one(self, check: Check) -> None:
        coding = {"coding": [{"system": "http://s", "code": "NH"}]}
        itself = profile(
            self.slicing(path="$this", kind="pattern"),
            {"id": "Patient.identifier:nh", "max": "0", "patternIdentifier": {"type": coding}},
        )
        deeper = profile(
            self.slicing(path="type", kind="pattern"),
            {"id": "Patient.identifier:nh", "max": "0"},
            {"id": "Patient.identifier:nh.type.coding.code", "patternCode": "NH"},
        )
        for ours in (itself, deeper):
            assert run(check, patient(identifier=[{"value": "1"}]), ours) == []
            wrong = run(check, patient(identifier=[{"value": "1", "type": coding}]), ours)
            assert wrong == [("FHIR-SLICE-MAX", "Patient.identifier")]

    @pytest.mark.parametrize(("path", "kind"), [("use", "exists"), ("system", "value")])
    def test_a_slicing_that_cannot_be_judged_is_left_alone(self, check: Check, path: str, kind: str) -> None:
        ours = profile(self.slicing("closed", path, kind), {"id": "Patient.identifier:a.use", "fixedCode": "official"})
        assert run(check, patient(identifier=[{"use": "old"}]), ours) == []


class TestExtensions:
    def test_an_extension_profile_applies_wherever_its_url_is_met(self, check: Check) -> None:
        flag = profile(
            {"id": "Extension.url", "fixedUri": "http://t.t/flag"},
            {"id": "Extension.value[x]", "min": 1, "type": [{"code": "boolean"}]},
            type_name="Extension",
            url="http://t.t/flag",
        )
        sliced = {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}
        part = {
            "id": "Patient.extension:flag",
            "max": "1",
            "type": [{"code": "Extension", "profile": ["http://t.t/flag"]}],
        }
        ours = profile({"id": "Patient.extension", "slicing": sliced}, part)
        right = {"url": "http://t.t/flag", "valueBoolean": True}
        wrong = {"url": "http://t.t/flag", "valueString": "true"}
        assert run(check, patient(extension=[right]), ours, flag) == []
        assert run(check, patient(extension=[right, right]), ours, flag) == [("FHIR-SLICE-MAX", "Patient.extension")]
        assert run(check, patient(extension=[wrong]), ours, flag) == [
            ("FHIR-TYPE", "Patient.extension[0].value.ofType(string)")
        ]
        nested = patient(name=[{"extension": [{"url": "http://t.t/flag", "id": "x"}]}])
        assert run(check, nested, ours, flag) == [
            ("FHIR-INVARIANT", "Patient.name[0].extension[0]"),
            ("FHIR-MIN", "Patient.name[0].extension[0]"),
        ]

    def test_an_extension_that_stands_for_another_is_sent_with_that_url(self, check: Check) -> None:
        alias = {"system": "urn:ietf:rfc:3986", "value": "http://national/flag"}
        flag = profile(
            {"id": "Extension.value[x]", "type": [{"code": "boolean"}]},
            type_name="Extension",
            url="http://t.t/flag",
            identifier=[alias],
        )
        ours = profile()
        assert run(check, patient(extension=[{"url": "http://national/flag", "valueBoolean": True}]), ours, flag) == []
        assert run(check, patient(extension=[{"url": "http://t.t/flag", "valueBoolean": True}]), ours, flag) == [
            ("FHIR-FIXED", "Patient.extension[0].url")
        ]


class TestOneElementOfAProfile:
    """A type may be profiled by one element of a profile (extension elementdefinition-profile-element)."""

    PART = "http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element"

    def named(self, element: str) -> dict[str, Any]:
        beside = [{"extension": [{"url": self.PART, "valueString": element}]}]
        contact = {"code": "BackboneElement", "profile": ["http://t.t/other"], "_profile": beside}
        return profile({"id": "Patient.contact", "type": [contact]})

    def test_what_the_other_asks_of_its_element_is_asked_here(self, check: Check) -> None:
        slicing = {"discriminator": [{"type": "value", "path": "gender"}], "rules": "open"}
        other = profile(
            {"id": "Patient.contact", "slicing": slicing},
            {"id": "Patient.contact:f"},
            {"id": "Patient.contact:f.gender", "fixedCode": "female"},
            {"id": "Patient.contact:f.name", "min": 1},
            url="http://t.t/other",
        )
        right = patient(contact=[{"gender": "female", "name": {"family": "A"}}])
        wrong = patient(contact=[{"gender": "female", "address": {"city": "A"}}])
        ours = self.named("Patient.contact:f")
        assert run(check, right, ours, other) == []
        assert run(check, wrong, ours, other) == [("FHIR-MIN", "Patient.contact[0]")]

    @pytest.mark.parametrize("element", ["Patient.contact:x", "Patient.photo:x.y", "Patient.nope"])
    def test_an_element_that_is_not_there_asks_nothing(self, check: Check, element: str) -> None:
        other = profile({"id": "Patient.contact.name", "min": 1}, url="http://t.t/other")
        wrong = patient(contact=[{"address": {"city": "A"}}])
        assert run(check, wrong, self.named(element), other) == []


class TestChoosing:
    def test_declared_in_meta_by_canonical_alias_or_version(self, check: Check) -> None:
        alias = {"system": "urn:ietf:rfc:3986", "value": "http://national/patient|3.1.1"}
        ours = ProfileSet([profile({"id": "Patient.gender", "min": 1}, identifier=[alias, {"value": "other"}])])
        assert ours.aliases == {"http://national/patient": URL}
        for url in (URL, f"{URL}|1", "http://national/patient", "http://national/patient|4"):
            issues = check(patient(meta={"profile": [url]}), ours)
            assert [(i.rule, i.params["profile"]) for i in issues] == [("FHIR-MIN", URL)]

    def test_the_base_type_needs_no_profile(self, check: Check) -> None:
        declared = patient(meta={"profile": ["http://hl7.org/fhir/StructureDefinition/Patient|4.0.1"]})
        assert check(declared, ProfileSet()) == []

    def test_an_unknown_one_is_a_warning_that_names_it(self, check: Check) -> None:
        (issue,) = check(patient(meta={"profile": ["http://who/knows"]}), ProfileSet())
        assert (issue.rule, issue.severity, issue.location) == (
            "FHIR-PROFILE-UNKNOWN",
            "warning",
            "Patient.meta.profile[0]",
        )
        assert issue.params["found"] == "http://who/knows"

    def test_each_unknown_one_asked_for_is_named(self, check: Check) -> None:
        issues = check(patient(), ProfileSet(), ["http://a", "http://b"])
        assert [i.params["found"] for i in issues] == ["http://a", "http://b"]

    def test_one_for_another_type_is_an_error(self, check: Check) -> None:
        assert run(check, patient(), profile(type_name="List")) == [("FHIR-PROFILE-TYPE", "Patient")]

    def test_a_meta_that_is_no_meta_is_left_to_the_walk(self, check: Check) -> None:
        for meta in ("x", {"profile": "x"}, {"profile": [1]}):
            assert {i.rule for i in check(patient(meta=meta), ProfileSet())} == {"FHIR-TYPE"}


class TestLoading:
    def test_a_folder_is_read_and_other_files_passed_over(self, tmp_path: Path) -> None:
        files: dict[str, Any] = {
            "package.json": {"name": "t"},
            "StructureDefinition-p.json": profile(),
            "ValueSet-v.json": {"resourceType": "ValueSet", **TestBindings.SET},
        }
        for name, content in files.items():
            (tmp_path / name).write_bytes(orjson.dumps(content))
        (tmp_path / "notes.xml").write_text("<a/>")
        loaded = ProfileSet.load(tmp_path)
        assert [p.url for p in loaded] == [URL]
        assert len(loaded) == 1
        codes = loaded.value_set("http://t.t/vs|1")
        assert codes is not None
        assert codes.codes == {"A", "B"}
        assert loaded.resource("http://t.t/vs|1") == files["ValueSet-v.json"]
        assert loaded.resource("http://t.t/no") is None

    def test_more_may_be_laid_over_a_set(self) -> None:
        loaded = ProfileSet([profile(), TestBindings.SET])
        more = loaded.extended([profile(url="http://t.t/q"), {**TestBindings.SET, "compose": {}}])
        assert [p.url for p in more] == [URL, "http://t.t/q"]
        before, after = loaded.value_set("http://t.t/vs"), more.value_set("http://t.t/vs")
        assert before is not None
        assert after is not None
        assert (before.open, after.open) == (False, True)

    def test_what_senders_make_up_is_not_kept(self, check: Check) -> None:
        loaded = ProfileSet([profile(), TestBindings.SET])

        def kept() -> int:
            return sum(len(held) for held in vars(loaded).values() if isinstance(held, dict))

        loaded.get(URL)
        loaded.value_set("http://t.t/vs")
        before = kept()
        for n in range(50):
            assert loaded.get(f"{URL}|{n}") is not None
            assert loaded.get(f"http://made/up/{n}") is None
            assert loaded.value_set(f"http://t.t/vs|{n}") is not None
            assert loaded.value_set(f"http://made/up/{n}") is None
            assert loaded.value_set(f"#{n}") is None
        assert kept() == before

    @pytest.mark.parametrize(
        "element", [{"id": "Patient.a", "max": "many"}, {"min": 1}, {"id": "Patient.a", "type": [{}]}, "Patient.a"]
    )
    def test_a_malformed_profile_is_named(self, element: Any) -> None:
        with pytest.raises(ProfileError, match=re.escape(URL)):
            ProfileSet([{**profile(), "differential": {"element": [element]}}])

    @pytest.mark.parametrize("content", [b"{", b"[]", b'{"resourceType": "StructureDefinition"}'])
    def test_a_file_that_cannot_be_used_is_named(self, content: bytes) -> None:
        with pytest.raises(ProfileError, match=r"bad\.json"):
            ProfileSet.read([("bad.json", content)])
