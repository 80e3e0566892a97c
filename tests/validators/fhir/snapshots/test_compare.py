"""Comparing snapshots: each field that counts, and nothing that does not."""

from __future__ import annotations

from typing import Any

import jiter
import pytest

from validators.fhir.snapshots.compare import Difference, Sum, differences, summed

Json = dict[str, Any]


def element(name: str = "Patient.a", **more: Any) -> Json:
    return {"id": name, "path": name, "min": 0, "max": "1", **more}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"short": "a"}, {"short": "b"}),
        ({"mustSupport": False}, {}),
        ({"type": [{"code": "a"}, {"code": "b"}]}, {"type": [{"code": "b"}, {"code": "a"}]}),
        ({"type": [{"code": "a", "profile": ["x|1"]}]}, {"type": [{"code": "a", "profile": ["x"]}]}),
        ({"binding": {"valueSet": "v|1"}}, {"binding": {"valueSet": "v", "description": "x"}}),
        ({"slicing": {"rules": "open", "ordered": False}}, {"slicing": {"rules": "open", "description": "x"}}),
        ({"constraint": [{"key": "a", "human": "x"}, {"key": "b"}]}, {"constraint": [{"key": "b"}, {"key": "a"}]}),
        ({"fixedDecimal": jiter.from_json(b"1.50", float_mode="lossless-float")}, {"fixedDecimal": 1.5}),
    ],
)  # fmt: skip
def test_the_same(theirs: Json, ours: Json) -> None:
    assert differences([element(**theirs)], [element(**ours)]) == []


@pytest.mark.parametrize(
    ("theirs", "ours", "field"),
    [
        ({"min": 1}, {}, "min"),
        ({"max": "*"}, {}, "max"),
        ({"path": "Patient.b"}, {}, "path"),
        ({"mustSupport": True}, {}, "mustSupport"),
        ({"isModifier": True}, {}, "isModifier"),
        ({"sliceName": "a"}, {}, "sliceName"),
        ({"contentReference": "#a"}, {}, "contentReference"),
        ({"fixedCode": "a"}, {"fixedCode": "b"}, "fixedCode"),
        ({"patternCoding": {"code": "a"}}, {}, "patternCoding"),
        ({"maxLength": 1}, {}, "maxLength"),
        ({"type": [{"code": "a", "targetProfile": ["x"]}]}, {"type": [{"code": "a"}]}, "type"),
        ({"binding": {"strength": "required"}}, {"binding": {"strength": "example"}}, "binding"),
        ({"slicing": {"rules": "open"}}, {"slicing": {"rules": "closed"}}, "slicing"),
        ({"constraint": [{"key": "a"}]}, {}, "constraint"),
        ({"base": {"path": "a", "min": 0, "max": "1"}}, {}, "base"),
    ],
)
def test_a_field_that_differs(theirs: Json, ours: Json, field: str) -> None:
    [found] = differences([element(**theirs)], [element(**ours)])
    assert (found.element, found.field) == ("Patient.a", field)


def test_elements_on_one_side_and_their_order() -> None:
    a, b, c = (element(f"Patient.{name}") for name in "abc")
    assert differences([a, b], [a]) == [Difference("Patient.b", "element", "present", "absent")]
    assert differences([a], [a, b]) == [Difference("Patient.b", "element", "absent", "present")]
    assert differences([a, b, c], [b, a, c]) == [Difference("Patient.a", "order", "Patient.a", "Patient.b")]


def test_differences_are_summed_by_what_both_have() -> None:
    shared = [element("Patient"), element("Patient.a", min=1)]
    lacking = [element("Patient.b:x"), element("Patient.b:x.id"), element("Patient.a.id")]
    found = differences(
        [*shared, element("Patient.b"), *lacking], [element("Patient"), element("Patient.b"), element()]
    )
    assert summed(found) == [
        Sum("Patient.b", "absent", 2), Sum("Patient.a", "absent", 1), Sum("Patient.a", "min", 1),
        Sum("Patient.a", "order", 1),
    ]  # fmt: skip
