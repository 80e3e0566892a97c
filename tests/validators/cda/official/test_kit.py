"""Where things are in a copy of the kit, and what its files are found by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validators.cda.official import small_kit
from validators.cda.official import Defect, Kit, KitError
from validators.cda.official._files import Store, look_up

MODEL = "1.2.250.1.213.1.1.1"


class TestTheFolder:
    def test_may_hold_the_kit_in_its_only_folder(self, kit: Path) -> None:
        assert Kit(kit.parent).root == kit

    def test_that_is_absent_or_something_else_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(KitError, match="no such folder"):
            Kit(tmp_path / "absent")
        (tmp_path / "other").mkdir()
        with pytest.raises(KitError, match="no copy of the kit"):
            Kit(tmp_path)

    def test_that_is_whole_misses_nothing(self, kit: Path) -> None:
        assert list(Kit(kit).missing()) == []
        assert [path.name for path in Kit(kit).generic][:2] == ["ASIP-STRUCT-MIN-StrucMin.sch", "IHE.sch"]

    def test_names_what_it_misses(self, kit: Path) -> None:
        (kit / small_kit.SCHEMA).unlink()
        (kit / small_kit.ANS).unlink()
        assert [defect.kind for defect in Kit(kit).missing()] == ["no-schema", "no-schematron"]

    def test_of_another_year_is_searched(self, kit: Path) -> None:
        (kit / small_kit.IHE).rename(kit / "schematrons" / "ihe.sch")
        assert "ihe.sch" in [path.name for path in Kit(kit).generic]

    def test_has_an_attic_that_is_not_searched(self, kit: Path) -> None:
        (kit / "schematrons/_OLD").mkdir()
        (kit / small_kit.IHE).rename(kit / "schematrons/_OLD/IHE.sch")
        assert "IHE.sch" not in [path.name for path in Kit(kit).generic]


class TestTheVolet:
    @pytest.mark.parametrize(
        ("arc", "version", "name"),
        [
            ("29", "2022.01", "LDL-SES_2022.01"),
            ("55", None, "BIO-CR-BIO_2021.01"),
            ("55", "2024.01", "BIO-CR-BIO_2024.01"),
            ("13", "201310", "VSM_1.4_2022.01"),
            ("13", "2023.01", "VSM_2023.01"),
        ],
    )
    def test_follows_the_model_and_its_version(self, kit: Path, arc: str, version: str | None, name: str) -> None:
        path = kit / f"schematrons/CI-SIS_{name}.sch"
        path.touch()
        assert Kit(kit).volet([("1.2.250.1.213.1.1.1.1", None), (f"{MODEL}.{arc}", version)], 3) == path

    def test_of_level_1_is_none(self, kit: Path) -> None:
        assert Kit(kit).volet([("1.3.6.1.4.1.19376.1.2.20", None)], 1) is None

    def test_of_an_unknown_model_or_version_is_named(self, kit: Path) -> None:
        unknown = Kit(kit).volet([(f"{MODEL}.999", "2022.01")], 3)
        assert isinstance(unknown, Defect)
        assert unknown.kind == "model-unknown"
        absent = Kit(kit).volet([(f"{MODEL}.29", "1999.01")], 3)
        assert absent == Defect("no-schematron", *["schematrons/CI-SIS_LDL-SES_1999.01.sch"] * 2)


class TestTheFingerprint:
    def test_stays_while_nothing_that_compiles_changes(self, kit: Path) -> None:
        before = Kit(kit).fingerprint
        (kit / "ExemplesCDA").mkdir()
        (kit / "ExemplesCDA/a.xml").write_text("<a/>", encoding="utf-8")
        assert Kit(kit).fingerprint == before

    def test_changes_with_a_schematron_and_with_the_presence_of_a_list(self, kit: Path) -> None:
        seen = {Kit(kit).fingerprint}
        small_kit.change(kit, small_kit.SECTION, "un titre", "un intitulé")
        seen.add(Kit(kit).fingerprint)
        small_kit.break_empty_list(kit)
        seen.add(Kit(kit).fingerprint)
        small_kit.break_missing_list(kit)
        seen.add(Kit(kit).fingerprint)
        assert len(seen) == 4


class TestFiles:
    def test_are_found_whatever_their_case(self, kit: Path) -> None:
        folder = kit / "schematrons/profils"
        wanted = kit / small_kit.SECTION
        assert look_up(kit, folder, "../include/sections/S_titre.sch") == (wanted, True)
        assert look_up(kit, folder, "../Include/SECTIONS/s_Titre.sch") == (wanted, False)
        assert look_up(kit, folder, "../include/sections/S_autre.sch") == (None, False)

    @pytest.mark.parametrize("reference", ["../../../../etc/passwd", "/etc/passwd", "S_titre.sch/x", "."])
    def test_outside_of_the_kit_are_not(self, kit: Path, reference: str) -> None:
        assert look_up(kit, kit / "schematrons/include/sections", reference) == (None, False)

    def test_that_cannot_be_kept_are_no_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        for store in (Store(None), Store(tmp_path / "file")):
            assert store.write("a", b"x") is None
            assert store.read("a") is None

    def test_that_are_kept_are_read_again(self, tmp_path: Path) -> None:
        store = Store(tmp_path / "made")
        assert store.write("a", b"x") == tmp_path / "made/a"
        assert store.read("a") == b"x"
        assert [path.name for path in (tmp_path / "made").iterdir()] == ["a"]
