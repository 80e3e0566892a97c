"""Which parameters a type has: R4's, those of MHD and PDSm as they are published, and the chains kept as values."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from fhir_server.fhir.indexing.parameters import CHAINS, COMPONENTS, MHD, PDSM, R4, branches, parameters_of, parts
from tests.support.corpus import official_files
from tests.support.shared import shared
from validators.fhir import load_definitions
from validators.fhir.fhirpath import compile_expression
from validators.packages import open_package

OURS = {
    ("DocumentReference", "creation"): MHD, ("DocumentReference", "isArchived"): PDSM,
    ("DocumentReference", "period-start"): PDSM, ("DocumentReference", "period-end"): PDSM,
    ("List", "designationType"): MHD, ("List", "sourceId"): MHD, ("List", "isArchived"): PDSM,
    ("List", "authorOrg"): PDSM,
}  # fmt: skip


def published(package: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The SearchParameters of a package, by type and code."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name, content in open_package(shared(f"packages/{package}.tgz")):
        if name.startswith("SearchParameter-"):
            one = orjson.loads(content)
            found |= {(base, one["code"]): one for base in one["base"]}
    return found


@pytest.mark.parametrize(("place", "source"), OURS.items())
def test_the_national_ones_are_there(place: tuple[str, str], source: str) -> None:
    assert parameters_of(place[0])[place[1]].source == source


@pytest.mark.parametrize("package", ["ihe.iti.mhd-4.2.3", "ans.fhir.fr.pdsm-3.1.1"])
def test_they_are_those_that_are_published(package: str) -> None:
    known = published(package)
    assert len(known) >= 3
    for (kind, code), one in known.items():
        ours = parameters_of(kind)[code]
        assert ours.kind == one["type"]
        if (kind, code) in OURS:
            assert ours.url == one["url"]


def test_every_type_has_what_all_resources_have() -> None:
    names = {"_id", "_lastUpdated", "_profile", "_security", "_source", "_tag"}
    assert all(names <= parameters_of(kind).keys() for kind in load_definitions().resource_types)
    columns = {one.name: one.column for one in parameters_of("Binary").values() if one.column}
    assert columns == {"_id": "id", "_lastUpdated": "updated"}


def test_what_is_no_resource_has_none() -> None:
    assert dict(parameters_of("HumanName")) == dict(parameters_of("Resource")) == dict(parameters_of("x")) == {}


@pytest.mark.parametrize(
    ("kind", "name"), [("Patient", "phonetic"), ("Patient", "_text"), ("Location", "near"), ("Patient", "_content"),
                       ("Patient", "age"), ("Patient", "part-agree")],
)  # fmt: skip
def test_what_nothing_can_be_found_by_is_left_out(kind: str, name: str) -> None:
    assert name not in parameters_of(kind)


def test_a_composite_names_parameters_of_its_type() -> None:
    found = [(kind, one) for kind in load_definitions().resource_types for one in parameters_of(kind).values()
             if one.kind == "composite"]  # fmt: skip
    assert len(found) == 72
    for kind, one in found:
        assert set(one.components) <= parameters_of(kind).keys(), (kind, one.name)
        assert all(parameters_of(kind)[name].expression for name in one.components)


def test_the_composites_are_those_that_are_published() -> None:
    codes, composites = {}, []
    for name, content in official_files():
        if name.startswith("SearchParameter-"):
            one = orjson.loads(content)
            codes[one["url"]] = one["code"]
            composites += [one] if one["type"] == "composite" else []
    for one in composites:
        for kind in one["base"]:
            components = tuple(codes[part["definition"]] for part in one["component"])
            # Sorted: a relationship is published with its two definitions the wrong way round.
            assert sorted(parameters_of(kind)[one["code"]].components) == sorted(components)
    assert len(composites) >= len({code for _, code in COMPONENTS if code != "relationship"} & set(codes.values()))


def test_a_reference_that_is_filtered_leads_to_that_type_alone() -> None:
    assert parameters_of("DocumentReference")["patient"].targets == ("Patient",)
    assert parameters_of("AuditEvent")["patient"].targets == ("Patient",)
    assert set(parameters_of("DocumentReference")["subject"].targets) == {"Device", "Group", "Patient", "Practitioner"}


def test_the_chains_are_expressions_too() -> None:
    for chains in CHAINS.values():
        for one in chains:
            compile_expression(one.expression, load_definitions())


def test_only_the_branch_of_a_type_is_kept() -> None:
    expression = "A.x | (B.value as string) | (B.value as C).text | y.where(z='a|b')"
    assert parts(expression)[3] == "y.where(z='a|b')"
    assert branches(expression, "B") == "(B.value as string) | (B.value as C).text | y.where(z='a|b')"
    assert branches("A.x | Resource.meta.tag", "B") == "Resource.meta.tag"
    assert branches("A.x | AB.y", "A") == "A.x"
    assert parameters_of("List")["code"].expression == "List.code"
    assert parameters_of("List")["code"].source == R4
