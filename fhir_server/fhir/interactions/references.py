"""References between the entries of a transaction, led to where the resources will be (FHIR R4, http.html#trules)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.interactions.bodies import Json
from validators.fhir import load_definitions
from validators.fhir.shapes import PRIMITIVE, RESOURCE, Shape
from validators.ins import INS_OIDS, strip_oid
from validators.mhd.subject import searched_identifier

_RESTFUL: Final = re.compile(r"(?P<base>https?://.+/)(?P<reference>[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})")
_CONDITIONAL: Final = re.compile(r"(?P<type>[A-Z][A-Za-z]+)\?(?P<query>.+)", re.DOTALL)
_LINK: Final = re.compile(r"""(?P<before>\b(?:href|src)\s*=\s*["'])(?P<url>[^"']+)""")
_ADDRESSES: Final = frozenset({"uri", "url", "oid", "uuid"})

Find = Callable[[str, str], tuple[str, ...]]


class Links:
    """Where references lead: `places` maps the fullUrl of an entry to `Type/id`, `find` answers conditional ones."""

    def __init__(self, places: Mapping[str, str], find: Find) -> None:
        self._places = places
        self._find = find
        self._base: str | None = None

    def resolved(self, resource: Json, full_url: str) -> Json:
        """A copy of the resource of an entry with its references led on.

        Raises:
            Refusal: 412, a conditional reference that leads to no resource, or to several.
        """
        matched = _RESTFUL.fullmatch(full_url)
        shape = load_definitions().resource(resource.get("resourceType"))
        if shape is None:
            return resource
        self._base = matched["base"] if matched else None
        return self._led(resource, shape)

    def _reference(self, node: Json) -> Json:
        """One Reference. `Patient?identifier=<INS>` is a logical one, never a failed match (policy, Identity)."""
        reference = node.get("reference")
        if not isinstance(reference, str):
            return node
        searched = searched_identifier(reference) if reference.startswith("Patient?") else None
        if searched is not None and strip_oid(searched[0]) in INS_OIDS:
            rest = {key: value for key, value in node.items() if key != "reference"}
            return rest | {"type": "Patient", "identifier": {"system": searched[0], "value": searched[1]}}
        return node | {"reference": self._target(reference)}

    def _target(self, reference: str) -> str:
        if reference in self._places:
            return self._places[reference]
        if self._base is not None and f"{self._base}{reference}" in self._places:
            return self._places[f"{self._base}{reference}"]
        conditional = _CONDITIONAL.fullmatch(reference)
        if conditional is None or conditional["type"] not in load_definitions().resource_types:
            return reference
        kind = conditional["type"]
        found = self._find(kind, conditional["query"])
        if len(found) != 1:
            raise Refusal(412, "BUNDLE-REFERENCE", reference=f"{kind}?…", count=len(found) if len(found) < 2 else "≥ 2")
        return f"{kind}/{found[0]}"

    # -- addresses that are no Reference: urls, and links in narratives ------------------------------------------------

    def _led(self, node: Json, shape: Shape) -> Json:
        return {key: self._value(key, value, shape) for key, value in node.items()}

    def _value(self, key: str, value: Any, shape: Shape) -> Any:
        slot = shape.slots.get(key)
        if slot is None:
            return value
        if isinstance(value, list):
            return [self._one(item, slot.kind, slot.type, slot.shape) for item in value]
        return self._one(value, slot.kind, slot.type, slot.shape)

    def _one(self, value: Any, kind: int, type_: str, shape: Shape) -> Any:
        if kind == RESOURCE and isinstance(value, dict):
            inside = load_definitions().resource(value.get("resourceType"))
            return self._led(value, inside) if inside is not None else value
        if kind != PRIMITIVE:
            node = self._reference(value) if type_ == "Reference" and isinstance(value, dict) else value
            return self._led(node, shape) if isinstance(node, dict) else node
        if not isinstance(value, str):
            return value
        if type_ == "xhtml":
            return _LINK.sub(lambda found: found["before"] + self._places.get(found["url"], found["url"]), value)
        return self._places.get(value, value) if type_ in _ADDRESSES else value
