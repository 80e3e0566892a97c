"""Parts of resources: `_summary` and `_elements` (FHIR R4, search.html#summary, #elements).

`summary.json` lists by type the elements that R4 marks as a summary; `!` follows those that are mandatory, `*` stands
for the types of a choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

import orjson

from fhir_server.fhir.interactions.bodies import encoded, stored

_ALWAYS: Final = ("resourceType", "id", "meta", "implicitRules")
_SUBSETTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED",
}  # fmt: skip


@cache
def _marked() -> dict[str, list[str]]:
    text = resources.files(__package__).joinpath("summary.json").read_bytes()
    return {kind: names.split() for kind, names in orjson.loads(text).items()}


def partial(body: bytes, kind: str, summary: str, elements: Sequence[str]) -> bytes:
    """A resource with the elements asked for and the mandatory ones, tagged as incomplete; whole when nothing is."""
    marked = _marked().get(kind, [])
    mandatory = [name.rstrip("!") for name in marked if name.endswith("!")]
    if elements:
        kept = [*elements, *mandatory]
    elif summary == "true":
        kept = [name.rstrip("!") for name in marked]
    elif summary == "text":
        kept = ["text", *mandatory]
    elif summary == "data":
        return _tagged({name: value for name, value in stored(body).items() if name != "text"})
    else:
        return body
    return _tagged({name: value for name, value in stored(body).items() if _wanted(name.lstrip("_"), kept)})


def _wanted(name: str, kept: Sequence[str]) -> bool:
    return name in _ALWAYS or any(
        name == one or (one.endswith("*") and name.startswith(one[:-1])) for one in kept
    )  # fmt: skip


def _tagged(resource: dict[str, Any]) -> bytes:
    meta = resource.get("meta") or {}
    tags = [tag for tag in meta.get("tag") or [] if tag.get("code") != _SUBSETTED["code"]]
    head = {name: resource[name] for name in ("resourceType", "id") if name in resource}
    return encoded(head | {"meta": {**meta, "tag": [*tags, _SUBSETTED]}} | {
        name: value for name, value in resource.items() if name not in (*head, "meta")
    })  # fmt: skip
