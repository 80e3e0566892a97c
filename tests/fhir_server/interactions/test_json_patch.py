"""JSON Patch: the examples of RFC 6902 (appendix A), and patches that are none."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.fhir.interactions.errors import PatchError
from fhir_server.fhir.interactions.json_patch import apply, parse, same


@pytest.mark.parametrize(
    ("document", "operation", "expected"),
    [
        ({"foo": "bar"}, {"op": "add", "path": "/baz", "value": "qux"}, {"baz": "qux", "foo": "bar"}),
        ({"foo": ["bar", "baz"]}, {"op": "add", "path": "/foo/1", "value": "qux"}, {"foo": ["bar", "qux", "baz"]}),
        ({"baz": "qux", "foo": "bar"}, {"op": "remove", "path": "/baz"}, {"foo": "bar"}),
        ({"foo": ["bar", "qux", "baz"]}, {"op": "remove", "path": "/foo/1"}, {"foo": ["bar", "baz"]}),
        ({"baz": "qux", "foo": "bar"}, {"op": "replace", "path": "/baz", "value": "boo"}, {"baz": "boo", "foo": "bar"}),
        ({"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
         {"op": "move", "from": "/foo/waldo", "path": "/qux/thud"},
         {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}}),
        ({"foo": ["all", "grass", "cows", "eat"]}, {"op": "move", "from": "/foo/1", "path": "/foo/3"},
         {"foo": ["all", "cows", "eat", "grass"]}),
        ({"baz": "qux", "foo": ["a", 2, "c"]}, {"op": "test", "path": "/foo/1", "value": 2},
         {"baz": "qux", "foo": ["a", 2, "c"]}),
        ({"foo": "bar"}, {"op": "add", "path": "/child", "value": {"grandchild": {}}},
         {"foo": "bar", "child": {"grandchild": {}}}),
        ({"foo": "bar"}, {"op": "add", "path": "/baz", "value": "qux", "xyz": 123}, {"foo": "bar", "baz": "qux"}),
        ({"/": 9, "~1": 10}, {"op": "test", "path": "/~01", "value": 10}, {"/": 9, "~1": 10}),
        ({"foo": ["bar"]}, {"op": "add", "path": "/foo/-", "value": ["abc", "def"]}, {"foo": ["bar", ["abc", "def"]]}),
        ({"foo": "bar"}, {"op": "copy", "from": "/foo", "path": "/baz"}, {"foo": "bar", "baz": "bar"}),
        ({"foo": "bar"}, {"op": "replace", "path": "", "value": {"baz": 1}}, {"baz": 1}),
        ({"foo": "bar"}, {"op": "move", "from": "/foo", "path": "/foo"}, {"foo": "bar"}),
        ({"foo": None}, {"op": "test", "path": "/foo", "value": None}, {"foo": None}),
    ],
)  # fmt: skip
def test_the_examples_of_the_rfc(document: Any, operation: dict[str, Any], expected: Any) -> None:
    before = json.loads(json.dumps(document))
    assert apply(document, [operation]) == expected
    assert document == before


@pytest.mark.parametrize(
    ("operation", "rule"),
    [
        ({"op": "test", "path": "/baz", "value": "bar"}, "PATCH-TEST"),
        ({"op": "test", "path": "/list/0", "value": "1"}, "PATCH-TEST"),
        ({"op": "test", "path": "/yes", "value": 1}, "PATCH-TEST"),
        ({"op": "add", "path": "/a/b", "value": 1}, "PATCH-PATH"),
        ({"op": "add", "path": "/list/3", "value": 1}, "PATCH-PATH"),
        ({"op": "add", "path": "/list/01", "value": 1}, "PATCH-PATH"),
        ({"op": "replace", "path": "/nothing", "value": 1}, "PATCH-PATH"),
        ({"op": "remove", "path": "/nothing"}, "PATCH-PATH"),
        ({"op": "remove", "path": ""}, "PATCH-PATH"),
        ({"op": "remove", "path": "/list/-"}, "PATCH-PATH"),
        ({"op": "copy", "from": "/nothing", "path": "/x"}, "PATCH-PATH"),
        ({"op": "move", "from": "/tree", "path": "/tree/leaf/x"}, "PATCH-PATH"),
        ({"op": "replace", "path": "", "value": [1]}, "PATCH-VALUE"),
        ({"op": "add", "path": "/x"}, "PATCH-FORM"),
        ({"op": "add", "path": "x", "value": 1}, "PATCH-FORM"),
        ({"op": "add", "path": "/~2", "value": 1}, "PATCH-FORM"),
        ({"op": "copy", "path": "/x"}, "PATCH-FORM"),
        ({"op": "melt", "path": "/x"}, "PATCH-FORM"),
        ({"op": ["add"], "path": "/x"}, "PATCH-FORM"),
        ({"path": "/x"}, "PATCH-FORM"),
        ("add", "PATCH-FORM"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place(operation: Any, rule: str) -> None:
    document = {"baz": "qux", "list": [1, 2], "yes": True, "tree": {"leaf": {}}}
    with pytest.raises(PatchError) as caught:
        apply(document, [operation])
    assert caught.value.rule_id == rule
    assert caught.value.location.startswith("[0]") or rule == "PATCH-VALUE"


@pytest.mark.parametrize("data", [b"", b"{}", b"[", b'[{"op":"add","op":"remove"}]', b"\xff", b"null"])
def test_what_is_no_list_is_no_patch(data: bytes) -> None:
    with pytest.raises(PatchError) as caught:
        parse(data)
    assert (caught.value.rule_id, caught.value.status) == ("PATCH-FORM", 400)


def test_numbers_stay_as_they_were_written() -> None:
    [operation] = parse(b'[{"op":"add","path":"/v","value":1.50}]')
    assert str(apply({}, [operation])["v"]) == "1.50"
    assert same(operation["value"], 1.5)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)
_POINTER = st.lists(st.sampled_from(["a", "0", "1", "-", "b", "~0"]), max_size=3).map(
    lambda s: "".join("/" + x for x in s)
)
_OPERATION = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "x"]), "path": _POINTER},
    optional={"value": _JSON, "from": _POINTER},
)


@given(st.dictionaries(st.sampled_from(["a", "b", "0"]), _JSON, max_size=3), st.lists(_OPERATION, max_size=4))
def test_whatever_comes_is_applied_or_refused(document: dict[str, Any], operations: list[Any]) -> None:
    before = json.dumps(document)
    with suppress(PatchError):
        assert isinstance(apply(document, operations), dict)
    assert json.dumps(document) == before


@given(_JSON, _JSON)
def test_what_was_put_there_is_found_there(value: Any, other: Any) -> None:
    made = apply(
        {"a": other}, [{"op": "add", "path": "/a", "value": value}, {"op": "test", "path": "/a", "value": value}]
    )
    assert same(made["a"], value)
