"""Expansion: each way to name codes, and what is left undecided when a part is not at hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.fhir.artefact import ValueSetDef
from validators.fhir.codes import CodeSet
from validators.fhir.expand import Expander
from validators.fhir.filters import FLAT, concepts

Json = dict[str, Any]
TREE = [
    {"code": "a", "display": "Alpha", "concept": [{"code": "a1", "concept": [{"code": "a11"}]}, {"code": "a2"}]},
    {"code": "b", "display": "Beta", "property": [{"code": "parent", "valueCode": "a2"}]},
    {
        "code": "c",
        "property": [
            {"code": "kind", "valueCode": "x"},
            {"code": "old", "valueBoolean": True},
            {"code": "ref", "valueCoding": {"system": "http://s", "code": "a"}},
        ],
    },
    {"code": "d", "property": [{"code": "child", "valueCode": "d1"}, {"code": "kind", "valueCode": "y"}]},
    {"code": "d1", "property": [{"code": "kind", "valueInteger": 3}]},
]
ALL = {"a", "a1", "a11", "a2", "b", "c", "d", "d1"}
SYSTEMS: dict[str, Json] = {
    "http://s": {"content": "complete", "concept": TREE, "property": [{"code": "declared", "type": "string"}]},
    "http://t": {"content": "complete", "concept": [{"code": "a"}, {"code": "z"}]},
    "http://flat": {"content": "complete", "concept": [{"code": "a"}, {"code": "b"}], FLAT: True},
    "http://fragment": {"content": "fragment", "concept": [{"code": "a"}]},
}
SETS: dict[str, Json] = {}


def expanded(*include: Json, exclude: list[Json] | None = None, **sets: Json) -> ValueSetDef:
    """A value set of these parts; `sets` are others, by the last part of their canonical."""
    named = {f"http://vs/{name}": {"url": f"http://vs/{name}", **content} for name, content in sets.items()}
    compose = {"include": list(include)} | ({"exclude": exclude} if exclude is not None else {})
    return Expander(named.get, SYSTEMS.get).expand({"url": "http://vs/top", "compose": compose})


def of(*codes: str, system: str = "http://s") -> Json:
    return {"system": system, "concept": [{"code": code} for code in codes]}


def composed(*include: Json) -> Json:
    return {"compose": {"include": list(include)}}


def filtered(op: str, name: str, value: str, system: str = "http://s") -> Json:
    return {"system": system, "filter": [{"op": op, "property": name, "value": value}]}


# -- systems and lists ---------------------------------------------------------------------------------------------


def test_a_whole_system_gives_its_codes_nested_ones_too() -> None:
    found = expanded({"system": "http://s"})
    assert (found.url, found.open) == ("http://vs/top", False)
    assert {system: set(codes or ()) for system, codes in found.systems.items()} == {"http://s": ALL}


def test_a_list_needs_no_system_at_hand() -> None:
    assert expanded(of("q", "p", system="http://absent")).systems == {"http://absent": ("p", "q")}


def test_includes_are_united_by_system() -> None:
    found = expanded(of("a"), of("b"), of("z", system="http://t"), {"system": "http://absent|2"})
    assert found.systems == {"http://absent|2": None, "http://s": ("a", "b"), "http://t": ("z",)}


def test_an_undecided_part_takes_in_a_list_of_the_same_system() -> None:
    for parts in ([of("a"), {"system": "http://s", "filter": [{}]}], [{"system": "http://s", "filter": [{}]}, of("a")]):
        assert expanded(*parts).systems == {"http://s": None}


@pytest.mark.parametrize("system", ["http://absent", "http://fragment"])
def test_a_system_that_is_not_complete_is_undecided(system: str) -> None:
    found = expanded({"system": system}, of("a"))
    assert found.systems == {system: None, "http://s": ("a",)}
    assert not found.open


# -- filters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "name", "value", "codes"),
    [
        ("is-a", "concept", "a", "a a1 a11 a2 b"),
        ("is-a", "concept", "d", "d d1"),
        ("is-a", "concept", "absent", ""),
        ("descendent-of", "concept", "a", "a1 a11 a2 b"),
        ("descendent-of", "concept", "b", ""),
        ("is-not-a", "concept", "a", "c d d1"),
        ("=", "concept", "c", "c"),
        ("=", "code", "absent", ""),
        ("=", "parent", "a", "a1 a2"),
        ("=", "kind", "x", "c"),
        ("=", "kind", "3", "d1"),
        ("=", "old", "true", "c"),
        ("=", "ref", "a", "c"),
        ("in", "code", "a, c,absent", "a c"),
        ("in", "kind", "x,y", "c d"),
        ("regex", "code", "a.", "a1 a2"),
        ("regex", "display", "A.*", "a"),
        ("exists", "kind", "true", "c d d1"),
        ("exists", "kind", "false", "a a1 a11 a2 b"),
        ("generalizes", "concept", "b", "a a2 b"),
        ("generalizes", "concept", "d1", "d d1"),
        ("child-of", "concept", "a", "a1 a2"),
        ("child-of", "concept", "b", ""),
        ("descendent-leaf", "concept", "a", "a11 b"),
        ("=", "parent", "a2", "b"),
        ("=", "parent", "d", "d1"),
        ("=", "child", "a11", "a1"),
        ("=", "display", "Alpha", "a"),
        ("in", "parent", "a,d", "a1 a2 d1"),
        ("exists", "child", "true", "a a1 a2 d"),
        ("exists", "parent", "false", "a c d"),
        ("not-in", "code", "a,a1,a11,a2", "b c d d1"),
        ("not-in", "kind", "x,3", "a a1 a11 a2 b d"),
        ("regex", "kind", "[xy]", "c d"),
        ("=", "inactive", "false", "a a1 a11 a2 b c d d1"),
        ("=", "notSelectable", "true", ""),
        ("=", "declared", "x", ""),
        ("exists", "declared", "false", "a a1 a11 a2 b c d d1"),
    ],
)
def test_each_operator_keeps_its_codes(op: str, name: str, value: str, codes: str) -> None:
    assert expanded(filtered(op, name, value)).systems == {"http://s": tuple(sorted(codes.split()))}


def test_filters_all_apply() -> None:
    both = {
        "system": "http://s",
        "filter": [
            {"op": "is-a", "property": "concept", "value": "a"},
            {"op": "regex", "property": "code", "value": "a."},
        ],
    }
    assert expanded(both).systems == {"http://s": ("a1", "a2")}


@pytest.mark.parametrize(
    ("op", "name", "value"),
    [
        ("within", "concept", "a"),
        ("regex", "code", "("),
        ("=", "unheard-of", "x"),
        ("not-in", "unheard-of", "x"),
        ("exists", "unheard-of", "false"),
    ],
)
def test_a_filter_that_is_not_understood_is_undecided(op: str, name: str, value: str) -> None:
    assert expanded(filtered(op, name, value)).systems == {"http://s": None}


@pytest.mark.parametrize(
    ("op", "name", "value", "codes"),
    [
        ("=", "code", "a", ("a",)),
        ("in", "concept", "a,x", ("a",)),
        ("regex", "code", "[ab]", ("a", "b")),
        ("not-in", "code", "a", ("b",)),
        ("generalizes", "concept", "a", None),
        ("not-in", "kind", "x", None),
        ("is-a", "concept", "a", None),
        ("=", "kind", "x", None),
        ("regex", "display", "A", None),
        ("exists", "kind", "true", None),
    ],
)
def test_of_a_bare_list_only_the_codes_are_known(op: str, name: str, value: str, codes: tuple[str, ...] | None) -> None:
    assert expanded(filtered(op, name, value, "http://flat")).systems == {"http://flat": codes}


def test_a_hierarchy_in_a_ring_ends() -> None:
    ring = [{"code": "a", "property": [{"code": "parent", "valueCode": "b"}]},
            {"code": "b", "property": [{"code": "parent", "valueCode": "a"}]}]  # fmt: skip
    expander = Expander({}.get, {"http://r": {"content": "complete", "concept": ring}}.get)
    found = expander.expand({"compose": {"include": [filtered("is-a", "concept", "a", "http://r")]}})
    assert found.systems == {"http://r": ("a", "b")}


COUNTRY, UNIT, TAG = "urn:iso:std:iso:3166", "http://unitsofmeasure.org", "urn:ietf:bcp:47"


def test_part_of_is_no_hierarchy_of_meaning() -> None:
    arm = [{"code": "arm"}, {"code": "hand", "property": [{"code": "partOf", "valueCode": "arm"}]}]
    expander = Expander({}.get, {"http://b": {"content": "complete", "concept": arm}}.get)
    found = expander.expand({"compose": {"include": [filtered("is-a", "concept", "arm", "http://b")]}})
    assert found.systems == {"http://b": ("arm",)}


def test_a_system_that_a_rule_lists_has_its_codes() -> None:
    countries = set(expanded({"system": COUNTRY}).systems[COUNTRY] or ())
    assert {"FR", "FRA", "250"} <= countries
    three = expanded(filtered("regex", "code", "[A-Z]{3}", COUNTRY)).systems[COUNTRY] or ()
    assert "FRA" in three
    assert "FR" not in three


def test_a_system_with_a_grammar_belongs_whole_or_in_part() -> None:
    whole = expanded({"system": UNIT}, {"system": TAG, "version": "1"})
    assert (whole.systems, whole.whole) == ({UNIT: None, TAG: None}, (UNIT, TAG))
    part = expanded(filtered("=", "canonical", "m", UNIT))
    assert (part.systems, part.whole) == ({UNIT: None}, ())
    assert expanded({"system": UNIT}, exclude=[of("m", system=UNIT)]).whole == ()
    inside = expanded({"valueSet": ["http://vs/units"]}, units=composed({"system": UNIT}))
    assert inside.whole == (UNIT,)
    both = expanded({"valueSet": ["http://vs/units"], "system": UNIT}, units=composed({"system": UNIT}))
    assert both.whole == ()


# -- inactive codes ------------------------------------------------------------------------------------------------

OLD = {
    "content": "complete",
    "concept": [
        {"code": "used"},
        {"code": "gone", "property": [{"code": "inactive", "valueBoolean": True}]},
        {"code": "kept", "property": [{"code": "inactive", "valueBoolean": False}]},
        {"code": "retired", "property": [{"code": "status", "valueCode": "retired"}]},
        {"code": "old", "property": [{"code": "status", "valueCode": "deprecated"}]},
    ],
}


@pytest.mark.parametrize(
    ("inactive", "include", "codes"),
    [
        (None, {"system": "http://o"}, "gone kept old retired used"),
        (True, {"system": "http://o"}, "gone kept old retired used"),
        (False, {"system": "http://o"}, "kept old used"),
        (False, of("gone", "used", system="http://o"), "used"),
        (False, of("gone", "used", system="http://absent"), "gone used"),
        (None, filtered("=", "inactive", "true", "http://o"), "gone"),
        (None, filtered("=", "inactive", "false", "http://o"), "kept old retired used"),
    ],
)
def test_inactive_codes_belong_unless_the_value_set_leaves_them_out(
    inactive: bool | None, include: Json, codes: str
) -> None:
    compose = {"include": [include]} | ({} if inactive is None else {"inactive": inactive})
    found = Expander({}.get, {"http://o": OLD}.get).expand({"compose": compose})
    assert [*found.systems.values()] == [tuple(codes.split())]


def test_a_code_system_at_hand_in_part_is_undecided_even_when_a_rule_has_no_list() -> None:
    for content in ("fragment", "example", "not-present", "supplement"):
        systems = {"http://o": OLD | {"content": content}, COUNTRY: OLD | {"content": content}}
        found = Expander({}.get, systems.get).expand(
            {"compose": {"include": [{"system": "http://o"}, {"system": COUNTRY}]}}
        )
        assert found.systems["http://o"] is None
        assert "FR" in (found.systems[COUNTRY] or ())


# -- value sets in value sets --------------------------------------------------------------------------------------


def test_a_value_set_gives_its_codes() -> None:
    found = expanded({"valueSet": ["http://vs/one|3"]}, of("c"), one=composed(of("a", "b")))
    assert (found.systems, found.open) == ({"http://s": ("a", "b", "c")}, False)


def test_value_sets_of_one_include_are_intersected() -> None:
    sets = {"one": composed(of("a", "b"), of("z", system="http://t")), "two": composed(of("b", "c"))}
    both = expanded({"valueSet": ["http://vs/one", "http://vs/two"]}, **sets)
    assert (both.systems, both.open) == ({"http://s": ("b",)}, False)
    within = expanded({"system": "http://t", "valueSet": ["http://vs/one"]}, **sets)
    assert within.systems == {"http://t": ("z",)}
    apart = expanded({"system": "http://t", "valueSet": ["http://vs/two"]}, **sets)
    assert (apart.systems, apart.open) == ({}, False)


def test_a_value_set_may_come_expanded() -> None:
    known = ValueSetDef("http://vs/known", {"http://s": ("a",), UNIT: None}, whole=(UNIT,))
    found = Expander({"http://vs/known": known}.get, {}.get).expand(composed({"valueSet": ["http://vs/known"]}))
    assert (found.systems, found.whole, found.open) == ({"http://s": ("a",), UNIT: None}, (UNIT,), False)


def test_an_absent_value_set_leaves_all_undecided() -> None:
    found = expanded({"valueSet": ["http://vs/absent"]}, of("a"))
    assert (found.systems, found.open) == ({"http://s": ("a",)}, True)


@pytest.mark.parametrize("turned", [False, True])
def test_what_an_absent_value_set_leaves_out_cannot_be_told(turned: bool) -> None:
    names = ["http://vs/one", "http://vs/absent"]
    found = expanded({"valueSet": names[::-1] if turned else names}, one=composed(of("a")))
    assert (found.systems, found.open) == ({"http://s": None}, False)


def test_of_two_open_value_sets_no_code_is_certain() -> None:
    sets = {"one": composed(of("a"), {"valueSet": ["http://vs/absent"]})}
    found = expanded({"valueSet": ["http://vs/absent", "http://vs/one"]}, **sets)
    assert (found.systems, found.open) == ({"http://s": None}, True)


def test_what_is_empty_stays_empty_beside_an_absent_value_set() -> None:
    sets = {"one": composed(of("a")), "two": composed(of("z", system="http://t"))}
    names = ["http://vs/one", "http://vs/two", "http://vs/absent"]
    found = expanded({"valueSet": names}, **sets)
    assert (found.systems, found.open) == ({}, False)


def test_undecided_meets_decided() -> None:
    sets = {"one": composed(of("a")), "two": composed({"system": "http://s", "filter": [{}]})}
    assert expanded({"valueSet": ["http://vs/one", "http://vs/two"]}, **sets).systems == {"http://s": None}


def test_a_value_set_that_includes_itself_is_open() -> None:
    once = expanded({"valueSet": ["http://vs/top"]}, of("a"))
    assert (once.systems, once.open) == ({"http://s": ("a",)}, True)
    ring = {"one": composed(of("a"), {"valueSet": ["http://vs/two"]}), "two": composed({"valueSet": ["http://vs/one"]})}
    hidden = expanded({"valueSet": ["http://vs/one"]}, **ring)
    assert (hidden.systems, hidden.open) == ({"http://s": ("a",)}, True)


def test_rings_and_diamonds_cost_no_more_than_their_value_sets() -> None:
    read: list[str] = []
    sets = {
        f"http://vs/{n}": {"url": f"http://vs/{n}"} | composed(*[{"valueSet": [f"http://vs/{n + 1}"]}] * 4, of(str(n)))
        for n in range(18)
    }
    sets["http://vs/18"] = {"url": "http://vs/18"} | composed(*[{"valueSet": ["http://vs/0"]}] * 4, of("18"))

    def value_set(url: str) -> Json | None:
        read.append(url)
        return sets.get(url)

    found = Expander(value_set, SYSTEMS.get).expand(sets["http://vs/0"])
    assert len(read) < 20
    assert found.systems == {"http://s": tuple(sorted(map(str, range(19))))}


def test_a_chain_beyond_the_limit_is_open() -> None:
    chain = {str(n): composed({"valueSet": [f"http://vs/{n + 1}"]}, of(str(n))) for n in range(40)}
    found = expanded({"valueSet": ["http://vs/0"]}, **chain)
    assert found.open
    assert "0" in (found.systems["http://s"] or ())


# -- excludes ------------------------------------------------------------------------------------------------------


def test_what_is_excluded_is_out() -> None:
    found = expanded(of("a", "b"), of("z", system="http://t"), exclude=[of("b", "c")])
    assert found.systems == {"http://s": ("a",), "http://t": ("z",)}


def test_an_undecided_exclude_leaves_its_system_undecided() -> None:
    found = expanded(of("a"), of("z", system="http://t"), exclude=[{"system": "http://s", "filter": [{}]}])
    assert found.systems == {"http://s": None, "http://t": ("z",)}


def test_an_absent_value_set_excluded_leaves_nothing_certain() -> None:
    found = expanded(of("a"), of("z", system="http://t"), exclude=[{"valueSet": ["http://vs/absent"]}])
    assert (found.systems, found.open) == ({"http://s": None, "http://t": None}, False)


def test_an_exclude_of_another_system_changes_nothing() -> None:
    assert expanded(of("a"), exclude=[of("a", system="http://t")]).systems == {"http://s": ("a",)}


# -- stored expansions ---------------------------------------------------------------------------------------------


def test_a_stored_expansion_serves_where_there_is_no_compose() -> None:
    contains = [
        {"system": "http://s", "code": "a", "contains": [{"system": "http://s", "code": "a1"}]},
        {"system": "http://s", "code": "group", "abstract": True, "contains": [{"system": "http://t", "code": "z"}]},
        {"display": "no code"},
        {"code": "bare"},
    ]
    found = Expander({}.get, SYSTEMS.get).expand({"url": "http://vs", "expansion": {"contains": contains}})
    assert (found.systems, found.open) == ({"": ("bare",), "http://s": ("a", "a1"), "http://t": ("z",)}, False)


@pytest.mark.parametrize(("total", "open_"), [(2, False), (1, False), (3, True), ("many", False), (None, False)])
def test_a_page_of_an_expansion_is_open(total: object, open_: bool) -> None:
    expansion = {"total": total, "contains": [{"system": "http://s", "code": "a", "contains": [{"abstract": True}]}]}
    assert Expander({}.get, {}.get).expand({"expansion": expansion}).open is open_


@pytest.mark.parametrize(
    "value_set",
    [{}, {"compose": {}}, {"compose": "x"}, {"compose": {"include": []}}, {"expansion": {}}, {"expansion": "x"},
     {"expansion": {"contains": []}}, {"compose": {"include": ["x"]}}, {"compose": {"include": [{}]}}],
)  # fmt: skip
def test_a_value_set_that_says_nothing_is_open(value_set: Json) -> None:
    found = Expander({}.get, SYSTEMS.get).expand(value_set)
    assert (found.systems, found.open) == ({}, True)


def test_concepts_come_parents_first_and_malformed_ones_are_passed_over() -> None:
    tree = [{"code": "a", "concept": [{"code": "b"}, "x", {"code": 1}]}, None, {"display": "c"}]
    assert [concept["code"] for concept in concepts(tree)] == ["a", "b"]
    assert list(concepts("x")) == []


# -- properties ----------------------------------------------------------------------------------------------------

CODES = st.sampled_from(["a", "a1", "b", "z"])
SYSTEM = st.sampled_from([*SYSTEMS, "http://absent"])
NAMES = ["one", "two", "absent"]
FILTERS = st.fixed_dictionaries({
    "op": st.sampled_from(["=", "is-a", "descendent-of", "is-not-a", "in", "regex", "exists", "generalizes"]),
    "property": st.sampled_from(["concept", "code", "kind", "parent", "display"]),
    "value": st.sampled_from(["a", "a,z", "true", "x", "[az]", "("]),
})  # fmt: skip
INCLUDES = st.fixed_dictionaries(
    {},
    optional={
        "system": SYSTEM,
        "concept": st.lists(st.builds(dict, code=CODES), max_size=3),
        "filter": st.lists(FILTERS, max_size=2),
        "valueSet": st.lists(st.sampled_from([f"http://vs/{name}" for name in NAMES]), max_size=2),
    },
)
COMPOSED = st.lists(INCLUDES, max_size=3)


@given(COMPOSED, COMPOSED, COMPOSED, st.lists(st.tuples(SYSTEM, CODES), max_size=4))
def test_what_is_excluded_by_name_is_never_in(
    include: list[Json], one: list[Json], two: list[Json], excluded: list[tuple[str, str]]
) -> None:
    exclude = [of(code, system=system) for system, code in excluded]
    found = expanded(*include, exclude=exclude, one=composed(*one), two=composed(*two))
    codes = CodeSet("http://vs/top", found.systems, open_=found.open)
    for system, code in excluded:
        assert codes.of_coding({"system": system, "code": code}) is not True


@given(COMPOSED, COMPOSED)
def test_a_union_knows_what_each_part_knows(one: list[Json], two: list[Json]) -> None:
    both = expanded(*one, *two)
    for part in (expanded(*one), expanded(*two)):
        for system, codes in part.systems.items():
            of_both = both.systems[system]
            assert of_both is None or (codes is not None and set(codes) <= set(of_both))


@given(COMPOSED, COMPOSED)
def test_an_intersection_holds_nothing_that_a_part_refuses(one: list[Json], two: list[Json]) -> None:
    sets = {"one": composed(*one), "two": composed(*two)}
    found = expanded({"valueSet": ["http://vs/one", "http://vs/two"]}, **sets)
    parts = [expanded({"valueSet": [f"http://vs/{name}"]}, **sets) for name in ("one", "two")]
    judges = [CodeSet("", part.systems, open_=part.open) for part in parts]
    for system, codes in found.systems.items():
        for code in codes or ():
            assert all(judge.of_coding({"system": system, "code": code}) is True for judge in judges)


ODD = st.recursive(
    st.none() | st.booleans() | st.sampled_from(["a", "http://s", "http://vs/top", "complete", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["compose", "include", "exclude", "system", "concept", "code", "filter", "op", "value", "property",
                 "valueSet", "valueCode", "expansion", "contains", "content"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)  # fmt: skip


@given(ODD, ODD, ODD)
def test_no_shape_of_a_value_set_or_code_system_raises(compose: Any, expansion: Any, system: Any) -> None:
    value_set = {"url": "http://vs/top", "compose": compose, "expansion": expansion}
    tree = {"content": "complete", "concept": system}
    expander = Expander({"http://vs/top": value_set}.get, lambda _: tree)
    found = expander.expand(value_set)
    assert isinstance(found.open, bool)
    for op in ("is-a", "=", "regex", "in", "exists", "is-not-a"):
        expander.expand({"compose": {"include": [filtered(op, "parent", "a")]}})
