"""Hostile expressions and hostile data: an error, soon, and never another exception."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validators.fhir.fhirpath.conftest import Evaluate
from validators.fhir import Definitions
from validators.fhir.fhirpath import Environment, FhirPathError, compile_expression

SECONDS = 60.0
"""Far above what they take on a free core (under 3), far below what they would take unbounded."""


@pytest.mark.parametrize(
    "text",
    [
        "1.repeat($this + 1)",
        "'a'.repeat($this & $this)",
        "(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9).aggregate($total.combine($total).combine($this))" + ".repeat($this + 1)",
        "descendants().select(%resource.descendants().select(%context.descendants().where($this = 1).exists()))",
        "descendants().select(%context.descendants().select($this | 1))",
        "descendants().where(%resource.descendants().where($index > 0) = %context.descendants().where($index > 0))",
        "name.select(%context.name.select(%context.name.select(%context.name)))",
        "name.all(%context.name.all(%context.name.all(%context.name.all(family = 'x'))))",
    ],
)
def test_work_is_bounded(evaluate: Evaluate, text: str) -> None:
    resource = {"resourceType": "Patient", "name": [{"family": "x", "given": ["a", "b"]} for _ in range(300)]}
    started = time.perf_counter()
    with pytest.raises(FhirPathError, match=r"evaluation stopped|longer than"):
        evaluate(text, resource)
    assert time.perf_counter() - started < SECONDS


@pytest.mark.parametrize(
    "text",
    ["'" + "a" * 3000 + "'.replace('', '" + "b" * 3000 + "')", "'a'.replace('a', 'b').repeat($this & $this & $this)"],
)
def test_strings_are_bounded(evaluate: Evaluate, text: str) -> None:
    with pytest.raises(FhirPathError, match="long"):
        evaluate(text)


def test_a_long_expression_is_no_reason_to_fail(evaluate: Evaluate) -> None:
    assert evaluate(" or ".join(["name.given.where($this = 'x').exists()"] * 150), {"resourceType": "Patient"}) == [
        False
    ]


def test_contained_resources_are_looked_up_not_searched(evaluate: Evaluate) -> None:
    """dom-3 of R4 looks through `%resource.descendants()` for each contained resource: quadratic at its word."""
    contained = [{"resourceType": "Basic", "id": f"b{i}", "code": {"text": "x"}} for i in range(2000)]
    items = [{"item": {"reference": f"#b{i}"}} for i in range(2000)]
    resource = {"resourceType": "List", "contained": contained, "entry": items}
    started = time.perf_counter()
    assert evaluate("contained.where(('#'+id in %resource.descendants().reference).not()).empty()", resource) == [True]
    assert time.perf_counter() - started < 5


def test_deep_data(evaluate: Evaluate) -> None:
    item: dict[str, Any] = {"linkId": "0"}
    for number in range(5000):
        item = {"linkId": str(number), "item": [item]}
    resource = {"resourceType": "Questionnaire", "item": [item]}
    assert evaluate("descendants().linkId.count()", resource) == [5001]
    with pytest.raises(FhirPathError, match="nested too deep"):
        evaluate("item.isDistinct() and item.combine(item).isDistinct()", resource)
    with pytest.raises(FhirPathError, match="nested too deep"):
        evaluate("item ~ item", resource)


def test_an_error_leaves_the_environment_usable(definitions: Definitions) -> None:
    environment = Environment({"resourceType": "Patient", "id": "x"})
    with pytest.raises(FhirPathError):
        compile_expression("(1 | 2).select((3 | 4).where($this | 1))", definitions).evaluate(None, None, environment)
    assert compile_expression("$index | $total.count()", definitions).evaluate(None, None, environment) == [0]


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["2015", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "given",
                    "_given",
                    "extension",
                    "url",
                    "valueQuantity",
                    "value",
                    "birthDate",
                    "_birthDate",
                    "id",
                    "contained",
                    "resourceType",
                    "deceasedBoolean",
                    "identifier",
                    "period",
                    "start",
                    "end",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=2000)
@given(
    _JSON,
    st.sampled_from(
        [
            "descendants().count()",
            "name.given.first() & 'x'",
            "identifier.period.all(start <= end)",
            "deceased.exists()",
            "name = name",
            "descendants().distinct().count()",
            "birthDate < today()",
            "extension.value > 5 'mg'",
            "name.given.hasValue()",
            "children()",
            "descendants().as(date)",
            "contained.descendants().extension('x').value ~ 'x'",
            "name.given.toQuantity() = 1",
            "descendants().where($this is string).select(length()).sort()",
            "descendants().select(toString()).join(',')",
        ]
    ),
)
def test_any_json(definitions: Definitions, value: Any, text: str) -> None:
    resource = (
        {**value, "resourceType": "Patient"} if isinstance(value, dict) else {"resourceType": "Patient", "name": value}
    )
    try:
        compile_expression(text, definitions).evaluate(resource, None, Environment(resource))
    except FhirPathError:
        return
