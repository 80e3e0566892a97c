"""`segur xdm build`, and what `segur validate` and `segur submit` make of an archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from testdata import Stay, level1
from tests.conftest import World
from tests.support.archives import DOCUMENT, METADATA, Raw, changed, members
from tests.support.server import segur
from tests.support.synthetic import admit, letter, new_patient, new_stay


@pytest.fixture
def stay(world: World) -> Stay:
    """An imported stay."""
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


@pytest.fixture
def document(stay: Stay, tmp_path: Path) -> Path:
    """Its letter in a file."""
    path = tmp_path / "lettre.xml"
    path.write_bytes(letter(stay))
    return path


def validated(*paths: Path, code: int = 0) -> list[dict]:
    done = segur("validate", *paths, "--format", "ndjson")
    assert done.returncode == code, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


class TestBuild:
    def test_makes_an_archive_that_is_valid(self, document: Path, tmp_path: Path) -> None:
        out = tmp_path / "IHE_XDM.ZIP"
        done = segur("xdm", "build", document, "-o", out)
        assert done.returncode == 0, done.stderr
        assert str(out) in done.stdout
        [row] = validated(out)
        assert (row["kind"], row["valid"], row["document_kind"], row["ins"]) == ("xdm", True, "LDL", "qualified")
        [part] = row["parts"]
        assert (part["file"], part["kind"], part["valid"]) == (DOCUMENT, "cda", True)

    def test_holds_the_document_as_it_is(self, document: Path, tmp_path: Path) -> None:
        out = tmp_path / "x.zip"
        segur("xdm", "build", document, "-o", out)
        found = members(out.read_bytes())
        assert list(found) == ["INDEX.HTM", "README.TXT", METADATA, DOCUMENT]
        assert found[DOCUMENT] == document.read_bytes()

    def test_is_the_same_every_time(self, document: Path, tmp_path: Path) -> None:
        one, other = tmp_path / "1.zip", tmp_path / "2.zip"
        segur("xdm", "build", document, "-o", one)
        segur("xdm", "build", document, "-o", other)
        assert one.read_bytes() == other.read_bytes()

    def test_says_nothing_of_the_patient_outside_the_documents(
        self, stay: Stay, document: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "x.zip"
        segur("xdm", "build", document, "-o", out)
        found = members(out.read_bytes())
        for name in ("INDEX.HTM", "README.TXT"):
            text = found[name].decode()
            assert stay.patient.birth_family not in text
            assert stay.patient.matricule not in text

    def test_takes_several_documents_of_one_patient(self, stay: Stay, document: Path, tmp_path: Path) -> None:
        other, out = tmp_path / "cro.xml", tmp_path / "x.zip"
        other.write_bytes(level1(stay, "CRO", when=stay.discharged))
        assert segur("xdm", "build", document, other, "-o", out).returncode == 0
        [row] = validated(out)
        assert [part["document_kind"] for part in row["parts"]] == ["LDL", "CRO"]

    def test_takes_a_moment(self, document: Path, tmp_path: Path) -> None:
        out = tmp_path / "x.zip"
        done = segur("xdm", "build", document, "-o", out, "--at", "2026-03-02T10:00:00+01:00")
        assert done.returncode == 0, done.stderr
        assert b"20260302090000" in members(out.read_bytes())[METADATA]

    @pytest.mark.parametrize("moment", ["hier", "2026-03-02T10:00:00"])
    def test_of_no_moment_is_usage(self, document: Path, tmp_path: Path, moment: str) -> None:
        assert segur("xdm", "build", document, "-o", tmp_path / "x.zip", "--at", moment).returncode == 2

    def test_of_two_patients_fails(self, world: World, document: Path, tmp_path: Path) -> None:
        other = new_stay(world.land, world.site, patient=new_patient(world.land, world.site))
        second = tmp_path / "autre.xml"
        second.write_bytes(letter(other))
        done = segur("xdm", "build", document, second, "-o", tmp_path / "x.zip")
        assert (done.returncode, "patient" in done.stderr) == (1, True)
        assert not (tmp_path / "x.zip").exists()

    def test_of_the_same_document_twice_fails(self, document: Path, tmp_path: Path) -> None:
        assert segur("xdm", "build", document, document, "-o", tmp_path / "x.zip").returncode == 1

    def test_of_what_is_no_cda_fails(self, tmp_path: Path) -> None:
        path = tmp_path / "a.xml"
        path.write_bytes(b"<a/>")
        done = segur("xdm", "build", path, "-o", tmp_path / "x.zip")
        assert (done.returncode, done.stdout) == (1, "")

    def test_of_a_document_that_is_not_valid_says_why(self, document: Path, tmp_path: Path) -> None:
        document.write_bytes(document.read_bytes().replace(b'extension="POCD_HD000040"', b'extension="X"'))
        done = segur("xdm", "build", document, "-o", tmp_path / "x.zip")
        assert (done.returncode, "CDA-TYPEID" in done.stdout) == (1, True)
        assert not (tmp_path / "x.zip").exists()

    def test_of_a_missing_file_is_usage(self, tmp_path: Path) -> None:
        assert segur("xdm", "build", tmp_path / "no.xml", "-o", tmp_path / "x.zip").returncode == 2

    def test_of_a_pdf_needs_metadata(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(b"%PDF-1.4\n")
        assert segur("xdm", "build", path, "-o", tmp_path / "x.zip").returncode == 2

    def test_where_nothing_can_be_written_is_usage(self, document: Path, tmp_path: Path) -> None:
        assert segur("xdm", "build", document, "-o", tmp_path / "no" / "x.zip").returncode == 2


class TestValidate:
    def test_a_hostile_archive_is_invalid_in_one_line(self, tmp_path: Path) -> None:
        paths = []
        for number, data in enumerate(
            (Raw().add(b"../A", b"x").bytes(), b"PK\x03\x04", Raw().add(b"A", b"", flags=1).bytes())
        ):
            paths.append(tmp_path / f"{number}.zip")
            paths[-1].write_bytes(data)
        rows = validated(*paths, code=1)
        assert [(row["kind"], row["valid"]) for row in rows] == [("xdm", False)] * 3
        assert [row["issues"][0]["rule"] for row in rows] == ["XDM-PATH", "XDM-ZIP", "XDM-ENCRYPTED"]
        assert all(row["issues"][0]["severity"] == "fatal" for row in rows)

    @pytest.mark.parametrize("format_", ["text", "json", "html", "junit", "sarif"])
    def test_every_format_shows_places_in_the_archive(self, document: Path, tmp_path: Path, format_: str) -> None:
        out = tmp_path / "x.zip"
        segur("xdm", "build", document, "-o", out)
        out.write_bytes(changed(out.read_bytes(), lambda files: files.pop("README.TXT")))
        done = segur("validate", out, "--format", format_)
        assert done.returncode == 1
        assert "XDM-ROOT-FILE" in done.stdout


def test_submit_sends_an_archive_as_it_is(world: World, document: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.zip"
    segur("xdm", "build", document, "-o", out)
    done = segur("submit", out, "--to", world.server.origin, "--token", world.tokens["site"], "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["accepted"]
    assert {row["measure"] for row in answer["counted"] if row["counted"]} == {"I-SUN1-LDL", "I-SUN1-INS"}
