"""Value sets: what is in, what is out, what nobody can tell; the compiled file; files that are no value set."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest

from validators.terminology import Answer, CodeList, ValueSets, same_display, short_name

SHARED = Path(__file__).parents[3] / "shared" / "value-sets"
SNOMED = "2.16.840.1.113883.6.96"
SVS = """<?xml version="1.0" encoding="UTF-8"?>
<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"><ValueSet id="{oid}" displayName="{name}"><ConceptList>
<Concept code="A" codeSystem="1.2" displayName="Première"/><Concept code="B" codeSystem="1.3" displayName="Autre"/>
<Concept code="sans système"/></ConceptList></ValueSet></RetrieveValueSetResponse>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "JDV_Essai_CISIS.xml").write_text(SVS.format(oid="1.2.3", name="JDV_Essai_CISIS"))
    (lists / "JDV_J99_XdsEssai_CISIS.XML").write_text(SVS.format(oid="1.2.4", name="JDV_J99_XdsEssai_CISIS"))
    (lists / "notes.txt").write_text("autre chose")
    return lists


def load(folder: Path, tmp_path: Path) -> ValueSets:
    return ValueSets.load(folder, cache_directory=tmp_path / "cache")


def test_three_answers(folder: Path, tmp_path: Path) -> None:
    sets = load(folder, tmp_path)
    assert sets.contains("1.2.3", "A", "1.2") is Answer.IN
    assert sets.contains("1.2.3", "A", "1.3") is Answer.OUT
    assert sets.contains("1.2.3", "A", None) is Answer.IN
    assert sets.contains("1.2.3", "C", None) is Answer.OUT
    assert sets.contains("1.2.9", "A", "1.2") is Answer.CANNOT_TELL


@pytest.mark.parametrize("name", ["1.2.4", "J99", "JDV_J99", "JDV_J99_XdsEssai_CISIS", "J99_XdsEssai"])
def test_a_set_has_several_names(folder: Path, tmp_path: Path, name: str) -> None:
    sets = load(folder, tmp_path)
    assert name in sets
    assert sets.contains(name, "B", "1.3") is Answer.IN


def test_words(folder: Path, tmp_path: Path) -> None:
    sets = load(folder, tmp_path)
    assert sets.display("A", "1.2") == "Première"
    assert sets.display("A", "9") is None
    assert sets.display_in("1.2.3", "B", "1.3") == "Autre"
    assert sets.display_in("1.2.9", "B", "1.3") is None
    assert sets.display("8715000", SNOMED) == "hospitalisation programmée"
    assert 3 not in sets
    assert len(sets) == len(ValueSets.ours()) + 2


def test_ours_answer_without_a_folder() -> None:
    ours = ValueSets.ours()
    assert ours is ValueSets.ours()
    assert ours.contains("ModaliteEntree", "8715000", SNOMED) is Answer.IN
    assert ours.contains("1.2.250.1.213.1.1.5.73", "73211009", SNOMED) is Answer.OUT
    assert ours.contains("J01", "G15_10", None) is Answer.CANNOT_TELL
    assert ours.problems == ()


def test_ours_name_code_systems_as_fhir_does_and_answer_as_a_cda_asks() -> None:
    systems = {
        part["system"]
        for path in (Path(__file__).parents[2] / "profiles").glob("ValueSet-*.json")
        for part in orjson.loads(path.read_bytes())["compose"]["include"]
    }
    assert {"http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10"} < systems
    assert not any(system.startswith("urn:oid:2.16.840.1.113883.6.") for system in systems)
    assert ValueSets.ours().contains("IssueGrossesse", "O03", "2.16.840.1.113883.6.3") is Answer.IN


def test_the_folder_wins_over_ours(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "JDV_ModaliteEntree_CISIS.xml").write_text(SVS.format(oid="1.2.250.1.213.1.1.5.73", name="x"))
    assert load(lists, tmp_path).contains("ModaliteEntree", "A", "1.2") is Answer.IN


@pytest.mark.parametrize(
    "content",
    [b"", b"<a", b"<a/>", b"\xff\xfe\x00", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
     b'<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"/>'],
)  # fmt: skip
def test_a_file_that_is_no_value_set_is_named_and_left_out(folder: Path, tmp_path: Path, content: bytes) -> None:
    (folder / "JDV_Casse.xml").write_bytes(content)
    sets = load(folder, tmp_path)
    assert sets.problems == ("JDV_Casse.xml",)
    assert "Essai" in sets
    assert load(folder, tmp_path).problems == ("JDV_Casse.xml",)


def test_an_outsized_file_is_left_out(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("validators.terminology._MAX_FILE", 10)
    assert set(load(folder, tmp_path).problems) == {"JDV_Essai_CISIS.xml", "JDV_J99_XdsEssai_CISIS.XML"}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nulle-part"):
        ValueSets.load(tmp_path / "nulle-part")


def test_the_compiled_file_answers_the_second_time(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load(folder, tmp_path)
    (compiled,) = (tmp_path / "cache").iterdir()
    monkeypatch.setattr("validators.terminology._read_svs", lambda _: pytest.fail("the folder was read again"))
    again = load(folder, tmp_path)
    assert again.contains("Essai", "A", "1.2") is first.contains("Essai", "A", "1.2")
    assert compiled.stat().st_size < 1000


def test_another_content_is_compiled_anew(folder: Path, tmp_path: Path) -> None:
    load(folder, tmp_path)
    (folder / "JDV_Autre_CISIS.xml").write_text(SVS.format(oid="1.2.5", name="Autre"))
    assert "1.2.5" in load(folder, tmp_path)
    assert len(list((tmp_path / "cache").iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"x", b"\x78\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_damaged_compiled_file_is_made_again(folder: Path, tmp_path: Path, damage: bytes) -> None:
    load(folder, tmp_path)
    (compiled,) = (tmp_path / "cache").iterdir()
    compiled.write_bytes(damage)
    assert "Essai" in load(folder, tmp_path)
    assert compiled.read_bytes() != damage


def test_a_read_only_place_loses_nothing(folder: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file where the directory should be")
    assert "Essai" in load(folder, tmp_path)


def test_the_users_cache_directory(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    ValueSets.load(folder)
    assert len(list((tmp_path / "home" / "segur-fhir").iterdir())) == 1
    assert not [name for name in os.listdir(tmp_path / "home" / "segur-fhir") if not name.endswith(".bin")]


@pytest.mark.parametrize(
    ("found", "expected", "same"),
    [("Médecin", "MEDECIN", True), ("d'œil", "D’oeil", True), (None, "x", True), ("x", None, True),
     ("Normal", "Anormal", False)],
)  # fmt: skip
def test_words_that_say_the_same(found: str | None, expected: str | None, same: bool) -> None:
    assert same_display(found, expected) is same


@pytest.mark.parametrize(
    ("name", "short"),
    [("JDV_ModaliteEntree_CISIS", "ModaliteEntree"), ("JDV_J04_XdsPracticeSettingCode_CISIS", "J04"),
     ("JDV_J113_Civilite_ENREG", "J113"), ("HL7_ObservationInterpretation", "HL7_ObservationInterpretation")],
)  # fmt: skip
def test_short_names(name: str, short: str) -> None:
    assert short_name(name) == short


def test_the_first_set_of_a_code_gives_its_words() -> None:
    sets = ValueSets([CodeList("1", ("a",), {"s": {"c": "un"}}), CodeList("2", ("b",), {"s": {"c": "deux"}})])
    assert sets.display("c", "s") == "un"


def test_our_files_are_well_formed() -> None:
    profiles = Path(__file__).parents[2] / "profiles"
    for path in profiles.glob("ValueSet-*.json"):
        content = orjson.loads(path.read_bytes())
        assert path.name == f"ValueSet-{content['id']}.json"
        assert content["url"].endswith(f"/ValueSet/{content['id']}")
        parts = content["compose"]["include"]
        codes = [(part["system"], each["code"]) for part in parts for each in part.get("concept", ())]
        assert len(codes) == len(set(codes))
        assert all(part.get("concept") for part in parts) or "identifier" not in content


@pytest.mark.skipif(not SHARED.is_dir(), reason="the national value sets are not beside the project")
def test_ours_are_the_national_ones(tmp_path: Path) -> None:
    national = ValueSets.load(SHARED, cache_directory=tmp_path)
    assert len(national) > 500
    for code_list in {id(item): item for item in ValueSets.ours()._by_name.values()}.values():
        (theirs,) = {id(item): item for item in (national._find(code_list.oid),)}.values()
        assert theirs is not None
        assert {(s, c) for s, codes in code_list.displays.items() for c in codes} == {
            (s, c) for s, codes in theirs.displays.items() for c in codes
        }
