"""Reading raw JSON that may be malformed anywhere: what is not of the expected form is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from validators.fhir.codes import CodeSet
from validators.fhir.context import Context, Json
from validators.fhir.definitions import Definitions
from validators.fhir.grammars import GRAMMARS

HL7: Final = "http://hl7.org/fhir/"
EXTENSION: Final = HL7 + "StructureDefinition/"
_ABSOLUTE: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:[^ ]+").fullmatch
_CACHED: Final = 64
_SYSTEMS: dict[int, tuple[Json, dict[str, Json]]] = {}


def is_absolute(uri: str) -> bool:
    """Whether a URI has a scheme and something after it (RFC 3986, section 4.3)."""
    return _ABSOLUTE(uri) is not None


def text(node: object, key: str) -> str:
    """A string property; empty when there is none."""
    value = node.get(key) if type(node) is dict else None
    return value if type(value) is str else ""


def child(node: object, key: str) -> Json:
    """An object property; empty when there is none."""
    value = node.get(key) if type(node) is dict else None
    return value if type(value) is dict else {}


def children(node: object, key: str, place: str = "") -> Iterator[tuple[Json, str]]:
    """The objects of an array property, each with its place."""
    values = node.get(key) if type(node) is dict else None
    for index, value in enumerate(values if type(values) is list else ()):
        if type(value) is dict:
            yield value, f"{place}.{key}[{index}]"


def objects(node: object, key: str) -> list[Json]:
    """The objects of an array property."""
    return [value for value, _ in children(node, key)]


def texts(node: object, key: str) -> list[str]:
    """The strings of an array property."""
    values = node.get(key) if type(node) is dict else None
    return [value for value in values if type(value) is str] if type(values) is list else []


def choice(node: Json, stem: str) -> tuple[str, object]:
    """The type name and the value of a choice (`valueQuantity` gives `Quantity`); no name when there is none."""
    for key, value in node.items():
        if key.startswith(stem) and key[len(stem) : len(stem) + 1].isupper():
            return key[len(stem) :], value
    return "", None


def fhir_type(name: str) -> str:
    """The type a choice key stands for: `dateTime` for `DateTime`, `Coding` for `Coding`."""
    lowered = name[:1].lower() + name[1:]
    return lowered if lowered in _PRIMITIVES else name


_PRIMITIVES: Final = frozenset({
    "base64Binary", "boolean", "canonical", "code", "date", "dateTime", "decimal", "id", "instant", "integer",
    "markdown", "oid", "positiveInt", "string", "time", "unsignedInt", "uri", "url", "uuid",
})  # fmt: skip


def extensions(node: object, url: str) -> list[object]:
    """The values of the extensions of one url."""
    return [choice(e, "value")[1] for e in objects(node, "extension") if e.get("url") == url]


def extension(node: object, url: str) -> object:
    """The value of the first extension of one url; None when there is none."""
    found = extensions(node, url)
    return found[0] if found else None


def number(value: object) -> Decimal | None:
    """A JSON number (or text of one) as a decimal; None when it is none."""
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return None
    try:
        read = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return read if read.is_finite() else None


def has_code(context: Context, system: str, code: str) -> bool | None:
    """Whether a code system, one with a grammar, loaded or of R4 itself, has a code; None when nobody can tell.

    Letter case is not looked at in lists, since most code systems do not say that it counts. Code systems of
    terminology.hl7.org grew after R4: a code that R4 does not list may exist.
    """
    grammar = GRAMMARS.get(system)
    answer = grammar(code) if grammar is not None else _listed(context, system, code)
    return context.ask(system, code) if answer is None and context.terminology is not None else answer


def nobody_knows(context: Context, system: str) -> bool:
    """Whether nothing can be said of any code of a system: no grammar, no list, nobody to ask."""
    return (
        context.terminology is None and system not in GRAMMARS and context.lookup(system) is None
        and context.definitions.code_system(system) is None
    )  # fmt: skip


def _listed(context: Context, system: str, code: str) -> bool | None:
    judged = context.code_systems
    loaded = judged[system] if system in judged else context.lookup(system)
    if loaded is not None and loaded.get("resourceType") == "CodeSystem":
        return concept_of(loaded, code) is not None if loaded.get("content") == "complete" else None
    known = context.definitions.code_system(system) if system.startswith(HL7) else None
    if known is None or code in known:
        return None if known is None else True
    return code.casefold() in _folded(context.definitions, system)


@lru_cache(_CACHED)
def _folded(definitions: Definitions, system: str) -> frozenset[str]:
    return frozenset(code.casefold() for code in definitions.code_system(system) or ())


def codes_of(context: Context, canonical: str) -> CodeSet | None:
    """A value set, loaded or of R4; None when it is unknown."""
    known = context.profiles.value_set(canonical) if context.profiles is not None else None
    return known if known is not None else context.definitions.value_set(canonical)


def concept_of(code_system: Json, code: str) -> Json | None:
    """A concept of a CodeSystem by its code, letter case aside; None when there is none."""
    known = _SYSTEMS.get(id(code_system))
    if known is None:
        if len(_SYSTEMS) >= _CACHED:
            _SYSTEMS.clear()
        by_code = {text(concept, "code").casefold(): concept for concept, _ in concepts(code_system)}
        known = _SYSTEMS[id(code_system)] = (code_system, by_code)
    return known[1].get(code.casefold())


def concepts(code_system: Json, place: str = "") -> Iterator[tuple[Json, str]]:
    """Every concept of a CodeSystem at any depth, each with its place, in document order."""
    waiting = list(children(code_system, "concept", place))[::-1]
    while waiting:
        concept, where = waiting.pop()
        yield concept, where
        waiting.extend(list(children(concept, "concept", where))[::-1])
