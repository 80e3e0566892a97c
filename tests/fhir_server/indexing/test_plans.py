"""What is read along the tree is what the expressions say: of every type, of published examples, of any made here."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.fhir.indexing.encoders import ENCODERS, Row
from fhir_server.fhir.indexing.parameters import CHAINS, Parameter, parameters_of, parts
from fhir_server.fhir.indexing.plans import HOT, Node, grow, plan_of
from fhir_server.fhir.indexing.values import reference_type
from tests.support.corpus import official_samples, sample
from tests.support.shared import SHARED
from validators.fhir import load_definitions
from validators.fhir.fhirpath import Environment, Expression, compile_expression

Json = dict[str, Any]
TYPES = sorted(load_definitions().resource_types)
ARCHIVED = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-is-archived"
MHD = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/"
MORE: Json = {
    "extension": [
        {"url": ARCHIVED, "valueBoolean": True}, {"url": "http://a.fr/other", "valueBoolean": False},
        {"url": f"{MHD}ihe-sourceId", "valueIdentifier": {"system": "s", "value": "v"}},
        {"url": f"{MHD}ihe-authorOrg", "valueReference": {"reference": "Organization/1"}},
        {"url": f"{MHD}ihe-designationType", "valueCodeableConcept": {"coding": [{"system": "s", "code": "c"}]}},
    ],
    "telecom": [{"system": "email", "value": "a@b.fr"}, {"system": "phone", "value": "0100000000"}, {"value": "x"}],
    "subject": {"reference": "Patient/1", "identifier": {"system": "s", "value": "v"}},
}  # fmt: skip
"""What the samples of each type lack, and decides."""


# -- the expressions themselves, as FHIRPath has them ------------------------------------------------------------------


@cache
def compiled(part: str) -> Expression:
    """An expression that takes every item of a type, where the published one stops at the second."""
    of_type = re.sub(r"\((\S+) as (\w+)\)", r"\1.ofType(\2)", part.replace(".as(", ".ofType("))
    return compile_expression(of_type, load_definitions())


def said(parameter: Parameter, resource: Json) -> set[Row]:
    """The rows of a parameter by its expression; a reference resolves to what its text says it is."""
    encoders, out = ENCODERS[parameter.kind], list[Row]()
    for part in parts(parameter.expression):
        for value, type_ in items(part, resource):
            if type_ in encoders:
                encoders[type_](parameter.name)(value, out)
    return set(out)


def items(part: str, resource: Json) -> Iterator[tuple[Any, str]]:
    environment = Environment(resource, resolve=resolved)
    for item in compiled(part).items(resource, None, environment):
        if type(item) is not tuple:
            yield item, {"bool": "boolean", "str": "string"}[type(item).__name__]
        elif item[1].name == "Extension":
            extension = {"resourceType": "Basic", "extension": [item[0]]}
            yield from items("Basic.extension.value", extension)
        else:
            yield item[0], item[1].name


def resolved(reference: str) -> Json | None:
    kind = reference_type({"reference": reference})
    return None if kind is None else {"resourceType": kind}


def differing(resource: Json) -> dict[str, tuple[set[Row], set[Row]]]:
    """The parameters that the tree and the expression have different rows of."""
    kind = resource["resourceType"]
    found = set(plan_of(kind).rows(resource))
    chains = {one.name for one in CHAINS.get(kind, ())}
    wrong = {}
    for name, parameter in parameters_of(kind).items():
        if parameter.expression and name not in chains:
            ours = {row for row in found if row[0].partition(":")[0] == name}
            theirs = said(parameter, resource)
            if ours != theirs:
                wrong[name] = (ours, theirs)
    return wrong


# -- resources ---------------------------------------------------------------------------------------------------------


def made(kind: str) -> Json:
    """A resource with every element, and those that the filters look at."""
    definitions = load_definitions()
    resource = sample(definitions, kind)
    slots = definitions.shape(kind).slots
    for name, value in MORE.items():
        if name in slots:
            several = slots[name].many and not isinstance(value, list)
            resource[name] = copy.deepcopy([value] if several else value)
    return resource


def examples() -> list[Json]:
    """The published resources, those in Bundles too."""
    found: list[Json] = []
    for path in sorted((SHARED / "examples").glob("*/*.json")):
        resource = orjson.loads(path.read_bytes())
        entries = [entry.get("resource") for entry in resource.get("entry", ())]
        found += [one for one in (resource, *entries) if one and one.get("resourceType") in TYPES]
    return found


def thinned(value: Any, random: Random) -> Any:
    """The same with parts left out, and some of the lists longer."""
    if isinstance(value, dict):
        return {k: thinned(v, random) for k, v in value.items() if k == "resourceType" or random.random() < 0.8}
    if isinstance(value, list):
        return [thinned(one, random) for one in value for _ in range(random.choice((0, 1, 1, 2)))]
    return value


@pytest.mark.parametrize("kind", TYPES)
def test_a_resource_is_found_by_what_its_expressions_say(kind: str) -> None:
    assert differing(made(kind)) == {}


@pytest.mark.parametrize("kind", HOT)
@given(random=st.randoms(use_true_random=False))
def test_whatever_is_left_out_or_repeated(kind: str, random: Random) -> None:
    assert differing(thinned(made(kind), random)) == {}


def test_published_examples_are_found_by_what_the_expressions_say() -> None:
    found = examples()
    if not found:
        pytest.skip("no ../shared/examples beside the repository")
    assert [(one["resourceType"], one.get("id"), wrong) for one in found if (wrong := differing(one))] == []


def test_official_resources_are_found_by_what_the_expressions_say() -> None:
    assert [(one["resourceType"], wrong) for one in official_samples() if (wrong := differing(one))] == []


# -- all of them -------------------------------------------------------------------------------------------------------


def leaves(node: Node) -> int:
    below = [*node.members.values(), *node.filtered.values()]
    return len(node.emits) + sum(map(leaves, below))


def test_every_parameter_of_every_type_leads_to_a_value() -> None:
    indexed = [(kind, one) for kind in TYPES for one in parameters_of(kind).values() if one.expression]
    idle = []
    for kind, one in indexed:
        tree = Node()
        computed = grow(one, kind, tree)
        if not computed and not leaves(tree):
            idle.append((kind, one.name))
    assert idle == []
    assert (len(indexed), len(TYPES)) == (2225, 146)


def test_few_expressions_are_more_than_a_path() -> None:
    found = {(kind, one.expression.text) for kind in TYPES for one in plan_of(kind).computed}  # type: ignore[attr-defined]
    assert {kind for kind, _ in found} == {"Bundle", "Patient", "QuestionnaireResponse"}


def test_the_person_a_patient_parameter_leads_to_is_told_by_the_reference() -> None:
    for subject, rows in (
        ({"reference": "Patient/1"}, 1), ({"reference": "Group/1"}, 0), ({"reference": "urn:uuid:1"}, 0),
        ({"reference": "urn:uuid:1", "type": "Patient"}, 1), ({"type": "Patient", "identifier": {"value": "1"}}, 1),
    ):  # fmt: skip
        found = plan_of("Encounter").rows({"subject": subject})
        assert len([row for row in found if row[0].startswith("patient")]) == rows
        assert len([row for row in found if row[0].startswith("subject")]) == 1
