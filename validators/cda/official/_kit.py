"""The layout of a copy of the kit: its schema, its generic schematrons, and the schematron of a model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from validators.cda.official._defects import Defect
from validators.documents import registry

GENERIC: Final = (
    "schematrons/profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch",
    "schematrons/profils/IHE.sch",
    "schematrons/profils/CI-SIS_ModelesDeContenusCDA.sch",
    "schematrons/profils/CI-SIS_Modeles_ANS.sch",
    "schematrons/profils/terminologies/schematron/terminologie.sch",
)
"""Run on every document, in this order; only the first four decide in a kit without its terminologies."""

SCHEMA: Final = "infrastructure/cda/CDA_extended.xsd"
VALUE_SETS: Final = "jeuxDeValeurs"

_WRITTEN_OTHERWISE: Final = {("BIO-CR-BIO", ""): "2021.01", ("VSM", "201310"): "1.4_2022.01"}
"""Versions that the file name of the schematron does not repeat (cda.B0)."""

_NOT_READ: Final = ("_OLD", "moteur", "rapports")


class KitError(Exception):
    """The folder is no copy of the kit."""


class Kit:
    """A copy of the kit.

    Args:
        folder: its root, or a folder whose only kit it is (an archive unpacked with its own top folder).

    Raises:
        KitError: there is neither a `schematrons` nor an `infrastructure` folder there.
    """

    def __init__(self, folder: Path) -> None:
        self.root = _root_of(folder.resolve())

    @cached_property
    def schema(self) -> Path | None:
        """The schema, wherever a kit of another year may have put it."""
        return self._file(SCHEMA)

    @cached_property
    def generic(self) -> tuple[Path, ...]:
        """The generic schematrons that are there."""
        return tuple(path for path in map(self._file, GENERIC) if path is not None)

    def missing(self) -> Iterator[Defect]:
        """What every copy should have and this one has not."""
        if self.schema is None:
            yield Defect("no-schema", SCHEMA, SCHEMA)
        for name in GENERIC:
            if self._file(name) is None:
                yield Defect("no-schematron", name, name)

    def volet(self, templates: Iterable[tuple[str, str | None]], level: int | None) -> Path | Defect | None:
        """The schematron of a document's own model; None at level 1, which has none, a defect when it is not there."""
        if level == 1:
            return None
        models = registry().models
        for root, version in templates:
            model = models.get(root)
            if model is not None:
                written = _WRITTEN_OTHERWISE.get((model.name, version or ""), version or "")
                name = f"schematrons/CI-SIS_{model.name}_{written}.sch"
                return self._file(name) or Defect("no-schematron", name, name)
        return Defect("model-unknown", "", ", ".join(root for root, _ in templates) or "-")

    def relative(self, path: Path) -> str:
        """The path as the kit writes it."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that decides how a schematron compiles: the schematrons, and which lists are there or empty."""
        digest = hashlib.sha256(str(self.root).encode())
        for path in self._read_by_compiling():
            content = path.read_bytes() if path.suffix == ".sch" else str(path.stat().st_size).encode()
            digest.update(f"\0{self.relative(path)}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()[:32]

    def _read_by_compiling(self) -> Iterator[Path]:
        for name in ("schematrons", VALUE_SETS):
            for path in sorted((self.root / name).rglob("*")):
                if path.is_file() and not any(part in _NOT_READ for part in path.relative_to(self.root).parts):
                    yield path

    def _file(self, name: str) -> Path | None:
        """The file where the published kit has it, else the first of that name outside the kit's attic."""
        path = self.root / name
        if path.is_file():
            return path
        wanted = path.name.casefold()
        top = self.root / name.partition("/")[0]
        found = sorted(p for p in top.rglob(f"*{path.suffix}") if p.name.casefold() == wanted and p.is_file())
        return next((p for p in found if not any(part in _NOT_READ for part in p.parts)), None)


def _root_of(folder: Path) -> Path:
    if not folder.is_dir():
        raise KitError(f"{folder}: no such folder")
    for candidate in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        if any((candidate / name).is_dir() for name in ("schematrons", "infrastructure")):
            return candidate
    raise KitError(f"{folder}: no copy of the kit (neither schematrons nor infrastructure in it)")
