"""A small kit of our own in the layout of the national one: a schema, six schematrons, a few value sets.

Nothing in it is of the published kit. `break_…` functions reproduce the defects of the published copy, one each.
"""

from __future__ import annotations

import shutil
from pathlib import Path

STRUC_MIN = "schematrons/profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch"
IHE = "schematrons/profils/IHE.sch"
MODELS = "schematrons/profils/CI-SIS_ModelesDeContenusCDA.sch"
ANS = "schematrons/profils/CI-SIS_Modeles_ANS.sch"
TERMS = "schematrons/profils/terminologies/schematron/terminologie.sch"
LETTER = "schematrons/CI-SIS_LDL-SES_2022.01.sch"
SECTION = "schematrons/include/sections/S_titre.sch"
TYPES = "schematrons/profils/structurationMinimale/include/voc-1.2.250.1.213.1.1.5.471-DYNAMIC.xml"
SVS_TYPES = "jeuxDeValeurs/JDV_J07_XdsTypeCode_CISIS.xml"
MODES = "jeuxDeValeurs/JDV_ModaliteEntree_CISIS.xml"
SCHEMA = "infrastructure/cda/CDA_extended.xsd"

_WHOLE = Path(__file__).parent / "kit"


def write_kit(folder: Path) -> Path:
    """The kit, whole."""
    shutil.copytree(_WHOLE, folder)
    return folder


def change(kit: Path, name: str, old: str, new: str) -> None:
    """Replace text of one file; the text has to be there."""
    text = (kit / name).read_text(encoding="utf-8")
    assert old in text
    (kit / name).write_text(text.replace(old, new), encoding="utf-8")


def break_header_list(kit: Path) -> None:
    """C2.1: the list of document types that the header opens is not in the kit."""
    (kit / TYPES).unlink()


def break_includes(kit: Path) -> None:
    """C2.2: a folder of includes is an empty file."""
    (kit / "schematrons/abstract/dansListe.sch").unlink()
    (kit / "schematrons/abstract").rmdir()
    (kit / "schematrons/abstract").touch()


def break_case(kit: Path) -> None:
    """C2.3: an include that only a disk without case finds."""
    (kit / SECTION).rename((kit / SECTION).with_name("s_Titre.sch"))


def break_missing_list(kit: Path) -> None:
    """C2.4: a value set that is referenced and absent."""
    (kit / MODES).unlink()


def break_empty_list(kit: Path) -> None:
    """C2.4: a value set that is an empty file."""
    (kit / MODES).write_bytes(b"")


def break_list_case(kit: Path) -> None:
    """C2.4: a value set named in another case."""
    (kit / MODES).rename((kit / MODES).with_name("JDV_modaliteEntree_CISIS.xml"))


def break_terminologies(kit: Path) -> None:
    """C2.5: the terminologies are not in the copy."""
    folder = kit / "schematrons/profils/terminologies/terminologie"
    (folder / "lisez-moi.txt").unlink()
    folder.rmdir()
