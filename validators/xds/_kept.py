"""What XDS says and FHIR has no element for: kept on the resource in an extension, attribute by attribute.

An attribute is kept when the way back from the FHIR elements does not give it as it was; so nothing is lost, whatever
an element can hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final, TypeVar, get_type_hints

import msgspec

from validators.mhd.bundle import dicts
from validators.xds._model import Association, Code, DocumentEntry, Folder, Slot, SubmissionSet, Thing

KEPT: Final = "https://segur-fhir.example/fhir/StructureDefinition/xds-attribute"
ASSOCIATIONS: Final = "associations"
"""The name under which a set keeps the associations that no element says."""
_Thing = TypeVar("_Thing", bound=Thing)
_HINTS: Final[Mapping[type, dict[str, Any]]] = {
    kind: get_type_hints(kind) for kind in (DocumentEntry, SubmissionSet, Folder)
}


class _Tie(msgspec.Struct, frozen=True):
    """An association as it is kept."""

    kind: str
    source: str
    target: str
    documentation: Code | None = None
    slots: tuple[Slot, ...] = ()


def _extension(name: str, value: object) -> dict[str, Any]:
    """One attribute; the value is the JSON of the model's own."""
    written = msgspec.json.encode(value).decode()
    return {"url": KEPT, "extension": [{"url": "name", "valueString": name}, {"url": "value", "valueString": written}]}


def kept(original: Thing, back: Thing) -> list[dict[str, Any]]:
    """The attributes that the way back does not give."""
    return [
        _extension(item.name, value)
        for item in fields(original)
        if item.compare and (value := getattr(original, item.name)) != getattr(back, item.name)
    ]


def kept_associations(missing: tuple[Association, ...]) -> list[dict[str, Any]]:
    """The associations that no element says, on the submission set."""
    written = [_Tie(a.kind, a.source, a.target, a.documentation, a.slots) for a in missing]
    return [_extension(ASSOCIATIONS, written)] if missing else []


def restored(made: _Thing, resource: Mapping[str, Any]) -> _Thing:
    """The same with the attributes that its resource keeps; what cannot be read is left alone."""
    hints = _HINTS[type(made)]
    for name, value in _kept_in(resource):
        if name in hints and name != "places":
            try:
                made = replace(made, **{name: msgspec.json.decode(value, type=hints[name])})
            except msgspec.DecodeError:
                continue
    return made


def restored_associations(resource: Mapping[str, Any]) -> list[Association]:
    """The associations that a submission set keeps."""
    for name, value in _kept_in(resource):
        if name == ASSOCIATIONS:
            try:
                ties = msgspec.json.decode(value, type=list[_Tie])
            except msgspec.DecodeError:
                return []
            return [
                Association(kind=t.kind, source=t.source, target=t.target, documentation=t.documentation, slots=t.slots)
                for t in ties
            ]
    return []


def _kept_in(resource: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for extension in dicts(resource.get("extension")):
        if extension.get("url") == KEPT:
            parts = {str(part.get("url")): part.get("valueString") for part in dicts(extension.get("extension"))}
            name, value = parts.get("name"), parts.get("value")
            if isinstance(name, str) and isinstance(value, str):
                found.append((name, value))
    return found
