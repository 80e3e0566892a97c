"""Snapshots of small definitions: each merge rule with the smallest thing that shows it, and what is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.fhir.snapshots import SnapshotError, snapshot
from validators.fhir.snapshots.store import over_r4

Json = dict[str, Any]
BASE = "http://hl7.org/fhir/StructureDefinition/"
MINE = "https://example.org/fhir/StructureDefinition/"
BY_SYSTEM = {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}
IDENTIFIER = {"path": "Patient.identifier", "slicing": BY_SYSTEM}
INS = {"path": "Patient.identifier", "sliceName": "ins"}


def profile(*elements: Json, name: str = "p", kind: str = "Patient", base: str = "", **more: Any) -> Json:
    return {
        "resourceType": "StructureDefinition", "url": MINE + name, "type": kind, "derivation": "constraint",
        "baseDefinition": base or BASE + kind, "differential": {"element": list(elements)}, **more,
    }  # fmt: skip


def made(*elements: Json, beside: tuple[Json, ...] = (), **more: Any) -> dict[str, Json]:
    """The elements of the snapshot by id, in order."""
    whole = snapshot(profile(*elements, **more), over_r4(beside))
    listed = whole["snapshot"]["element"]
    assert len({one["id"] for one in listed}) == len(listed)
    return {one["id"]: one for one in listed}


def below(found: dict[str, Json], place: str) -> list[str]:
    return [name.removeprefix(place) for name in found if name.startswith(f"{place}.")]


def test_an_empty_differential_gives_the_base() -> None:
    found = made()
    assert list(found)[:3] == ["Patient", "Patient.id", "Patient.meta"]
    assert found["Patient.name"] == {
        **found["Patient.name"], "path": "Patient.name", "min": 0, "max": "*", "type": [{"code": "HumanName"}],
        "base": {"path": "Patient.name", "min": 0, "max": "*"},
    }  # fmt: skip


def test_what_it_is_given_stays_as_it_was() -> None:
    given_ = profile(IDENTIFIER, INS, {"path": "Patient.identifier.system", "min": 1})
    before = copy.deepcopy(given_)
    snapshot(given_, over_r4(()))
    assert given_ == before


class TestGoingBelow:
    def test_a_type_is_opened_in_its_own_order(self) -> None:
        found = made({"path": "Patient.identifier.system", "min": 1})
        opened = [".id", ".extension", ".use", ".type", ".system", ".value", ".period", ".assigner"]
        assert below(found, "Patient.identifier") == opened
        system = found["Patient.identifier.system"]
        assert (system["min"], system["base"]) == (1, {"path": "Identifier.system", "min": 0, "max": "1"})
        assert below(found, "Patient.name") == []

    def test_the_profile_of_a_type_is_opened_when_there_is_one(self) -> None:
        own = profile({"path": "HumanName.family", "min": 1}, name="n", kind="HumanName")
        typed = {"path": "Patient.name", "type": [{"code": "HumanName", "profile": [MINE + "n|1.0"]}]}
        found = made(typed, {"path": "Patient.name.given", "min": 1}, beside=(own,))
        assert (found["Patient.name.family"]["min"], found["Patient.name.given"]["min"]) == (1, 1)

    def test_of_several_types_only_what_all_have(self) -> None:
        found = made({"path": "Patient.deceased[x].extension", "max": "0"})
        assert below(found, "Patient.deceased[x]") == [".id", ".extension"]
        with pytest.raises(SnapshotError, match=r"start: no such element in deceased\[x\]"):
            made({"path": "Patient.deceased[x].start", "max": "0"})

    def test_a_content_reference_is_opened_as_what_it_refers_to(self) -> None:
        found = made({"path": "Questionnaire.item.item.prefix", "min": 1}, kind="Questionnaire")
        assert ".item.linkId" in below(found, "Questionnaire.item")
        assert found["Questionnaire.item.item"]["type"] == [{"code": "BackboneElement"}]
        assert "contentReference" not in found["Questionnaire.item.item"]
        assert found["Questionnaire.item.item.item"]["contentReference"] == "#Questionnaire.item"

    def test_a_primitive_has_nothing_below_its_value(self) -> None:
        with pytest.raises(SnapshotError, match="x: no such element in id"):
            made({"path": "Patient.id.x", "min": 1})


class TestSlices:
    def test_a_slice_starts_as_what_it_slices(self) -> None:
        found = made({**IDENTIFIER, "min": 1, "mustSupport": True}, INS)
        assert [name for name in found if "identifier" in name] == ["Patient.identifier", "Patient.identifier:ins"]
        assert found["Patient.identifier"]["slicing"] == BY_SYSTEM
        ins = found["Patient.identifier:ins"]
        assert (ins["path"], ins["sliceName"], ins["min"], ins["max"]) == ("Patient.identifier", "ins", 0, "*")
        assert not ins.keys() & {"slicing", "mustSupport"}
        assert ins["base"] == found["Patient.identifier"]["base"]

    def test_it_stands_behind_the_children_of_what_it_slices_and_has_them(self) -> None:
        found = made(
            IDENTIFIER, {"path": "Patient.identifier.value", "min": 1}, INS,
            {"path": "Patient.identifier.system", "fixedUri": "urn:a"},
        )  # fmt: skip
        names = list(found)
        assert names.index("Patient.identifier:ins") == names.index("Patient.identifier.assigner") + 1
        assert found["Patient.identifier:ins.value"]["min"] == 1
        assert found["Patient.identifier:ins.system"]["fixedUri"] == "urn:a"
        assert "fixedUri" not in found["Patient.identifier.system"]

    def test_ids_say_as_much_as_the_order(self) -> None:
        by_path = made(IDENTIFIER, INS, {"path": "Patient.identifier.use", "min": 1})
        by_id = made(IDENTIFIER, INS, {"id": "Patient.identifier:ins.use", "path": "Patient.identifier.use", "min": 1})
        assert by_path == by_id

    def test_a_slice_of_a_slice_stands_behind_it(self) -> None:
        other = {"path": "Patient.identifier", "sliceName": "other"}
        again = {"id": "Patient.identifier:ins/test", "path": "Patient.identifier", "sliceName": "ins/test"}
        deeper = {"id": "Patient.identifier:ins/test/a", "path": "Patient.identifier", "sliceName": "ins/test/a"}
        found = made(IDENTIFIER, INS, {"path": "Patient.identifier.use", "min": 1}, other, again, deeper)
        parts = [
            name.partition(":")[2] for name in found if name.startswith("Patient.identifier:") and "." not in name[8:]
        ]
        assert parts == ["ins", "ins/test", "ins/test/a", "other"]
        assert found["Patient.identifier:ins/test"]["sliceName"] == "ins/test"

    def test_a_profile_narrows_a_slice_of_its_base(self) -> None:
        first = profile(IDENTIFIER, INS, {"path": "Patient.identifier.use", "min": 1}, name="first")
        narrowed = {"id": "Patient.identifier:ins", "path": "Patient.identifier", "sliceName": "ins", "min": 1}
        found = made(narrowed, beside=(first,), base=MINE + "first")
        assert found["Patient.identifier:ins"]["min"] == found["Patient.identifier:ins.use"]["min"] == 1

    def test_slicing_is_narrowed_and_stays(self) -> None:
        first = profile(IDENTIFIER, name="first")
        found = made(
            {"path": "Patient.identifier", "slicing": {"rules": "closed"}}, beside=(first,), base=MINE + "first"
        )
        assert found["Patient.identifier"]["slicing"] == {**BY_SYSTEM, "rules": "closed"}

    def test_only_what_is_sliced_has_slices(self) -> None:
        with pytest.raises(SnapshotError, match=r"Patient\.identifier: a slice of an element that is not sliced"):
            made(INS)


class TestExtensionsAndChoices:
    SENT = profile(
        {"path": "Extension.url", "fixedUri": MINE + "x"},
        {"path": "Extension.value[x]", "type": [{"code": "Coding"}]}, name="x", kind="Extension",
    )  # fmt: skip

    def test_extensions_are_sliced_by_url_where_nothing_is_said(self) -> None:
        typed = {
            "path": "Patient.extension",
            "sliceName": "x",
            "type": [{"code": "Extension", "profile": [MINE + "x"]}],
        }
        bound = {"path": "Patient.extension.value[x]", "binding": {"strength": "required", "valueSet": MINE + "v"}}
        found = made(typed, bound, beside=(self.SENT,))
        assert found["Patient.extension"]["slicing"]["discriminator"] == [{"type": "value", "path": "url"}]
        assert found["Patient.extension:x.url"]["fixedUri"] == MINE + "x"
        assert found["Patient.extension:x.value[x]"]["type"] == [{"code": "Coding"}]
        assert found["Patient.extension:x.value[x]"]["binding"]["valueSet"] == MINE + "v"

    def test_below_an_extension_its_profile_has_to_be_known(self) -> None:
        typed = {
            "path": "Patient.extension",
            "sliceName": "x",
            "type": [{"code": "Extension", "profile": [MINE + "x"]}],
        }
        assert below(made(typed), "Patient.extension:x") == []
        with pytest.raises(SnapshotError, match=f"{MINE}x is not known: load the package"):
            made(typed, {"path": "Patient.extension.value[x]", "min": 1})

    def test_a_choice_by_one_of_its_types_is_a_slice_of_that_type(self) -> None:
        found = made({"path": "Patient.deceasedBoolean", "fixedBoolean": False})
        assert found["Patient.deceased[x]"]["slicing"]["discriminator"] == [{"type": "type", "path": "$this"}]
        assert [one["code"] for one in found["Patient.deceased[x]"]["type"]] == ["boolean", "dateTime"]
        part = found["Patient.deceased[x]:deceasedBoolean"]
        assert (part["path"], part["type"], part["fixedBoolean"]) == (
            "Patient.deceased[x]",
            [{"code": "boolean"}],
            False,
        )

    def test_below_it_the_type_is_opened(self) -> None:
        found = made({"path": "Observation.valueQuantity.code", "min": 1}, kind="Observation")
        assert found["Observation.value[x]:valueQuantity.code"]["base"]["path"] == "Quantity.code"
        explicit = {"id": "Observation.value[x]:valueQuantity.code", "path": "Observation.value[x].code", "min": 1}
        assert made(explicit, kind="Observation") == found

    def test_a_type_it_has_not_is_refused(self) -> None:
        with pytest.raises(SnapshotError, match="deceasedPeriod: no such element in Patient"):
            made({"path": "Patient.deceasedPeriod", "min": 1})


class TestDefinitionsOfTheirOwn:
    def model(self, *elements: Json, base: str = "Base") -> dict[str, Json]:
        return made(
            {"path": "Letter"},
            *elements,
            name="Letter",
            kind=MINE + "Letter",
            base=BASE + base,
            derivation="specialization",
        )

    def test_a_model_has_the_elements_it_names(self) -> None:
        found = self.model({"path": "Letter.title", "min": 1, "max": "1", "type": [{"code": "string"}]})
        assert list(found) == ["Letter", "Letter.title"]
        assert found["Letter.title"]["base"] == {"path": "Letter.title", "min": 1, "max": "1"}
        assert [one["key"] for one in found["Letter.title"]["constraint"]] == ["ele-1"]

    def test_over_a_type_it_has_those_of_the_type_first(self) -> None:
        found = self.model({"path": "Letter.title", "min": 0, "max": "1"}, base="Element")
        assert list(found) == ["Letter", "Letter.id", "Letter.extension", "Letter.title"]

    def test_a_reference_to_itself(self) -> None:
        part = {"path": "Letter.part", "min": 0, "max": "*", "type": [{"code": "BackboneElement"}]}
        inner = {"path": "Letter.part.part", "min": 0, "max": "*", "contentReference": "#Letter.part"}
        found = self.model(part, inner, {"path": "Letter.part.part.modifierExtension", "max": "0"})
        assert found["Letter.part.part.modifierExtension"]["max"] == "0"
        with pytest.raises(SnapshotError, match=r"contentReference #Letter\.other: no such element"):
            self.model({**inner, "path": "Letter.a", "contentReference": "#Letter.other"}, {"path": "Letter.a.b"})

    def test_a_new_element_says_how_often(self) -> None:
        with pytest.raises(SnapshotError, match=r"Letter\.title: a new element needs min and max"):
            self.model({"path": "Letter.title"})


class TestMerging:
    def test_constraints_add_up_and_are_kept_once(self) -> None:
        own = {"key": "mine-1", "severity": "error", "human": "x", "expression": "name.exists()"}
        first = profile({"path": "Patient", "constraint": [own]}, name="first")
        found = made({"path": "Patient", "constraint": [own, {**own, "key": "mine-2"}]}, beside=(first,),
                     base=MINE + "first")["Patient"]["constraint"]  # fmt: skip
        assert [(one["key"], one["source"]) for one in found if one["key"].startswith("mine")] == [
            ("mine-1", MINE + "first"), ("mine-2", MINE + "p"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("said", "more", "kept"),
        [
            ({"condition": ["a"]}, {"condition": ["a", "b"]}, {"condition": ["a", "b"]}),
            ({"alias": ["a"]}, {"alias": ["b"]}, {"alias": ["a", "b"]}),
            ({"mapping": [{"identity": "a", "map": "x"}]}, {"mapping": [{"identity": "a", "map": "x"}]},
             {"mapping": [{"identity": "a", "map": "x"}]}),
            ({"definition": "First."}, {"definition": "... Second."}, {"definition": "First. Second."}),
            ({"definition": "First."}, {"definition": "Second."}, {"definition": "Second."}),
            ({"binding": {"strength": "example", "description": "x"}}, {"binding": {"strength": "required"}},
             {"binding": {"strength": "required"}}),
            ({"patternCode": "male"}, {"fixedCode": "male"}, {"fixedCode": "male", "patternCode": None}),
            ({"fixedCode": "male"}, {"patternCode": "male"}, {"fixedCode": "male", "patternCode": "male"}),
            ({"patternString": "a"}, {"patternCode": "a"}, {"patternString": None, "patternCode": "a"}),
            ({"mustSupport": True}, {"isModifier": True}, {"mustSupport": True, "isModifier": True}),
            ({"max": "1"}, {"min": 1}, {"min": 1, "max": "1"}),
            ({"min": 1}, {"max": "0", "min": 1, "short": "x"}, None),
        ],
    )  # fmt: skip
    def test_what_is_said_on_top_of_what_was_said(self, said: Json, more: Json, kept: Json | None) -> None:
        first = profile({"path": "Patient.gender", **said}, name="first")
        over = {"beside": (first,), "base": MINE + "first"}
        if kept is None:
            with pytest.raises(SnapshotError, match=r"Patient\.gender: min 1 is above max 0"):
                made({"path": "Patient.gender", **more}, **over)
            return
        found = made({"path": "Patient.gender", **more}, **over)["Patient.gender"]
        assert {key: found.get(key) for key in kept} == kept

    @pytest.mark.parametrize(
        ("element", "why"),
        [
            ({"path": "Patient.link.other", "min": 0}, "min 0 is below that of its base, 1"),
            ({"path": "Patient.gender", "max": "*"}, r"max \* is above that of its base, 1"),
            ({"path": "Patient.gender", "max": "2"}, "max 2 is above that of its base, 1"),
            ({"path": "Patient.gender", "max": "many"}, "invalid literal"),
            ({"path": "Patient.gender", "constraint": 1}, "malformed"),
            ({"path": "Practitioner.gender"}, "not an element of Patient"),
            ({"path": "Patient.hobby"}, "hobby: no such element in Patient"),
        ],
    )
    def test_what_is_refused_names_definition_element_and_why(self, element: Json, why: str) -> None:
        with pytest.raises(SnapshotError, match=f"^{MINE}p: {element['path']}: .*{why}"):
            made(element)


class TestBases:
    def test_a_base_without_a_snapshot_gets_one(self) -> None:
        first = profile({"path": "Patient.gender", "min": 1}, name="first")
        second = profile({"path": "Patient.name", "min": 1}, name="second", base=MINE + "first|2.0")
        found = made({"path": "Patient.birthDate", "min": 1}, beside=(first, second), base=MINE + "second")
        assert [found[f"Patient.{name}"]["min"] for name in ("gender", "name", "birthDate")] == [1, 1, 1]

    def test_a_base_with_one_is_read_as_it_is(self) -> None:
        root = {"id": "Patient", "path": "Patient", "min": 0, "max": "*"}
        gender = {"id": "Patient.gender", "path": "Patient.gender", "min": 1, "max": "1"}
        first = profile(name="first", snapshot={"element": [root, gender]})
        assert list(made(beside=(first,), base=MINE + "first")) == ["Patient", "Patient.gender"]

    @pytest.mark.parametrize(
        "elements", [[], [{"path": "Patient"}, {"path": "Patient.a.b"}], [{"path": "Patient"}, {"sliceName": "x"}]]
    )
    def test_a_snapshot_that_makes_no_sense_is_refused(self, elements: list[Json]) -> None:
        first = profile(name="first", snapshot={"element": elements})
        if elements:
            with pytest.raises(SnapshotError, match=f"{MINE}first"):
                made(beside=(first,), base=MINE + "first")
        else:
            assert "Patient.gender" in made(beside=(first,), base=MINE + "first")

    def test_an_unknown_base_is_named(self) -> None:
        with pytest.raises(SnapshotError, match=f"^{MINE}p: {MINE}nowhere is not known"):
            made(base=MINE + "nowhere")

    def test_a_definition_without_a_base_is_refused(self) -> None:
        with pytest.raises(SnapshotError, match="no baseDefinition"):
            snapshot({"url": MINE + "p", "type": "Patient"}, over_r4(()))

    def test_a_ring_is_shown(self) -> None:
        ring = (profile(name="a", base=MINE + "b"), profile(name="b", base=MINE + "a"))
        with pytest.raises(SnapshotError, match=f"{MINE}a -> {MINE}b -> {MINE}a: a ring"):
            made(beside=ring, base=MINE + "a")


PIECES: list[Json] = [
    {"id": "Patient", "path": "Patient", "constraint": [{"key": "m-1", "severity": "error", "human": "x"}]},
    {"id": "Patient.meta.profile", "path": "Patient.meta.profile", "min": 1},
    {"id": "Patient.extension:a", "path": "Patient.extension", "sliceName": "a"},
    {"id": "Patient.extension:a.url", "path": "Patient.extension.url", "fixedUri": "urn:a"},
    {"id": "Patient.identifier", "path": "Patient.identifier", "slicing": BY_SYSTEM},
    {"id": "Patient.identifier.value", "path": "Patient.identifier.value", "min": 1},
    {"id": "Patient.identifier:a", "path": "Patient.identifier", "sliceName": "a", "min": 1},
    {"id": "Patient.identifier:a.type.coding.code", "path": "Patient.identifier.type.coding.code", "min": 1},
    {"id": "Patient.identifier:a/b", "path": "Patient.identifier", "sliceName": "a/b", "max": "1"},
    {"id": "Patient.identifier:a/b.use", "path": "Patient.identifier.use", "fixedCode": "official"},
    {"id": "Patient.identifier:c", "path": "Patient.identifier", "sliceName": "c"},
    {"id": "Patient.name", "path": "Patient.name", "definition": "... More."},
    {"id": "Patient.deceasedBoolean", "path": "Patient.deceasedBoolean", "min": 0},
    {"id": "Patient.deceased[x]:deceasedDateTime", "path": "Patient.deceased[x]", "sliceName": "deceasedDateTime"},
    {"id": "Patient.contact.name.family", "path": "Patient.contact.name.family", "min": 1},
]


@given(st.sets(st.integers(0, len(PIECES) - 1)))
def test_any_differential_gives_one_snapshot_and_gives_it_again(chosen: set[int]) -> None:
    taken = [PIECES[index] for index in sorted(chosen | {4})]
    find = over_r4(())
    first = snapshot(profile(*taken), find)
    listed = [one["id"] for one in first["snapshot"]["element"]]
    assert snapshot(first, find) == first
    assert len(set(listed)) == len(listed)
    places = {name: position for position, name in enumerate(listed)}
    assert all(places[name.rpartition(".")[0]] < position for name, position in places.items() if "." in name)
    base = [one["id"] for one in snapshot(profile(), find)["snapshot"]["element"]]
    assert [name for name in listed if name in set(base)] == base
    again = snapshot(profile(base=first["url"]), over_r4([first]))
    assert again["snapshot"] == first["snapshot"]


JUNK = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.just([]), st.just({}), st.just([1]), st.just(["a"]))
KEYS = (
    "id",
    "path",
    "min",
    "max",
    "type",
    "slicing",
    "sliceName",
    "constraint",
    "binding",
    "mapping",
    "contentReference",
)


def refusal(definition: Json, *beside: Json) -> str:
    """Why no snapshot is made; nothing when there is one."""
    try:
        snapshot(definition, over_r4(beside))
    except SnapshotError as problem:
        return str(problem)
    return ""


@given(st.integers(0, len(PIECES) - 1), st.sampled_from(KEYS), JUNK)
def test_a_malformed_element_is_refused_with_a_sentence_or_laid_over(index: int, key: str, value: Any) -> None:
    elements = [*PIECES[: index + 1], {**PIECES[index], key: value}, {"path": "Patient.identifier.use", "min": 1}]
    why = refusal(profile(*elements))
    assert not why or why.startswith(f"{MINE}p: ")


@given(st.sampled_from(("differential", "snapshot", "baseDefinition", "type", "derivation")), JUNK)
def test_a_malformed_definition_is_refused_or_laid_over(key: str, value: Any) -> None:
    bad = {**profile(IDENTIFIER, name="bad"), key: value}
    for why in (refusal(bad), refusal(profile(base=MINE + "bad"), bad)):
        assert not why or MINE in why
