"""Whatever the node, no rule raises, and each ends in time."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validators.fhir.resources.conftest import issues_of, resource
from tests.validators.fhir.resources.test_questionnaire import BASE, answered, form, item, when
from tests.validators.fhir.resources.test_report import RIGHT_REPORT, measure, populated
from tests.validators.fhir.resources.test_response import REFUSED, TYPED, response
from tests.validators.fhir.resources.test_search import LIBRARY, parameter
from tests.validators.fhir.resources.test_structure import RIGHT as STRUCTURES
from tests.validators.fhir.resources.test_terminology import RIGHT as CODE_SYSTEMS
from tests.validators.fhir.resources.test_terminology import concept_map
from tests.validators.fhir.resources.test_types import RIGHT as VALUES
from tests.validators.fhir.resources.test_valueset import LOCAL
from tests.validators.fhir.resources.test_valueset import RIGHT as VALUE_SETS
from validators.fhir import load_definitions
from validators.fhir.context import Json
from validators.fhir.resources import RULES, TYPE_RULES, implied_profiles

QUESTIONS = form(
    *(item(str(i), kind) | more for i, (kind, more, _) in enumerate(TYPED)),
    item("z", enableWhen=[when("0"), when("2", ">", answerInteger=1)], enableBehavior="any"),
)
ANSWERS = response(*(answered(str(i), answer) for i, (_, _, answer) in enumerate(TYPED)), answered("z"))
SEEDS: list[tuple[str, Json]] = [
    *((str(node["resourceType"]), node) for node in [*STRUCTURES, *CODE_SYSTEMS, *VALUE_SETS]),
    *VALUES,
    ("ConceptMap", concept_map("male", "female")),
    ("SearchParameter", parameter(expression="Organization.name", component=[{}])),
    (
        "Measure",
        resource(
            "Measure",
            library=["https://x.y/lib"],
            group=[{"stratifier": [{"criteria": {"language": "text/cql", "expression": "Lib.Age"}}]}],
        ),
    ),
    ("MeasureReport", RIGHT_REPORT),
    ("Questionnaire", QUESTIONS | {"derivedFrom": ["https://x.y/base"]}),
    ("QuestionnaireResponse", ANSWERS),
    *(("QuestionnaireResponse", response(answered("a", answer))) for _, _, answer, _, _ in REFUSED),
]
LOADED = [LIBRARY, LOCAL, BASE, QUESTIONS, measure("proportion", populated("a"))]
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "a",
    "#",
    "|",
    "%",
    "http://hl7.org/fhir/",
    [],
    {},
    [None],
    [[]],
    {"a": None},
    {"code": {}},
    "x" * 300,
    "((((",
    "Patient.",
    "\ud800",
    10**400,
]


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every container and key of a tree."""
    for key, value in list(node.items()) if isinstance(node, dict) else list(enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from places(value)


def mutated(node: Json, chance: random.Random) -> Json:
    """A copy in which a few values were replaced, removed or repeated."""
    result = copy.deepcopy(node)
    for _ in range(chance.randint(1, 4)):
        found = [each for each in places(result) if each[1] != "resourceType"]
        if not found:
            break
        container, key = chance.choice(found)
        deed = chance.random()
        if deed < 0.2:
            del container[key]
        elif deed < 0.4:
            container[key] = [copy.deepcopy(container[key])] * 2
        else:
            container[key] = copy.deepcopy(chance.choice(ODD))
    return result


@pytest.mark.parametrize("seed", range(8))
def test_no_rule_raises_on_mutated_nodes(seed: int) -> None:
    chance = random.Random(seed)
    definitions = load_definitions()
    for _ in range(250):
        name, node = chance.choice(SEEDS)
        loaded = [mutated(each, chance) if chance.random() < 0.3 else each for each in LOADED]
        issues_of(definitions, mutated(node, chance), name, *loaded)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted({*RULES, *TYPE_RULES})), st.dictionaries(st.text(), JSON))
def test_no_rule_raises_on_any_object(name: str, node: dict[str, Any]) -> None:
    issues_of(load_definitions(), node, name)
    implied_profiles({**node, "resourceType": "Observation"})


def deep(wrap: Callable[[Json], Json], times: int) -> Json:
    node: Json = {"linkId": "x", "code": "x"}
    for _ in range(times):
        node = wrap(node)
    return node


@pytest.mark.parametrize(("name", "key"), [("CodeSystem", "concept"), ("Questionnaire", "item")])
def test_deep_trees_are_walked_without_recursion(name: str, key: str) -> None:
    node = resource(name, **deep(lambda inner: {key: [inner], "linkId": "y", "code": "y"}, 5000))
    issues_of(load_definitions(), node, name)


def test_a_long_code_system_and_a_long_response_are_read_in_linear_time() -> None:
    definitions = load_definitions()
    codes = [{"code": f"c{i}", "property": [{"code": "p", "valueString": "v"}]} for i in range(20_000)]
    questions = [item(str(i), "string") for i in range(5000)]
    answers = [answered(str(i), {"valueString": "x"}) for i in range(5000)]
    started = time.perf_counter()
    issues_of(definitions, resource("CodeSystem", content="complete", concept=codes))
    issues_of(definitions, response(*answers), "", form(*questions))
    assert time.perf_counter() - started < 5
