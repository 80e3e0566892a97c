"""The search parameters of each type of resource: those of R4, of IHE MHD and of PDSm, and a few chains kept as values.

R4's come with the compiled definitions; the national and the IHE ones are the SearchParameters of the package
`profiles`, which name in `derivedFrom` the published one they stand for. What a type is found by is what this says:
the index, the search, the CapabilityStatement and the reference page all read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

import orjson

from validators.fhir import load_definitions
from validators.fhir.artefact import SearchParameterDef

R4, MHD, PDSM = "FHIR R4", "IHE MHD", "PDSm"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of one type of resource.

    `kind` is token, reference, string, uri, date, number, quantity or composite; `expression` the part of the published
    FHIRPath that is about this type; `targets` the types a reference may lead to (empty: any); `components` the
    parameters a composite is of; `column` the column of `resource` that is searched in place of the index; `source`
    where it is defined, `url` its canonical (empty for a chain). All of them may be repeated, and take several values.
    """

    name: str
    kind: str
    expression: str = ""
    targets: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    column: str = ""
    source: str = R4
    url: str = ""


_COLUMNS: Final = {"_id": "id", "_lastUpdated": "updated"}
_BASES: Final = frozenset({"Resource", "DomainResource"})
_CORE: Final = "http://hl7.org/fhir/SearchParameter/"
_LEFT_OUT: Final = frozenset({"_text", "_content", "_query", "_filter", "phonetic"})
"""No full text, no named queries, no filter language, no phonetics."""
_CONTEXT: Final = {
    "context-type-quantity": ("context-type", "context-quantity"), "context-type-value": ("context-type", "context"),
}  # fmt: skip
COMPONENTS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = MappingProxyType({
    ("DocumentReference", "relationship"): ("relation", "relatesto"),
    ("Group", "characteristic-value"): ("characteristic", "value"),
    ("MolecularSequence", "chromosome-variant-coordinate"): ("chromosome", "variant-start", "variant-end"),
    ("MolecularSequence", "chromosome-window-coordinate"): ("chromosome", "window-start", "window-end"),
    ("MolecularSequence", "referenceseqid-variant-coordinate"): ("referenceseqid", "variant-start", "variant-end"),
    ("MolecularSequence", "referenceseqid-window-coordinate"): ("referenceseqid", "window-start", "window-end"),
    **{
        ("Observation", f"{code}-{value}"): (code, f"{prefix}{value}")
        for prefix, code in (("", "code"), ("combo-", "combo-code"), ("component-", "component-code"))
        for value in ("value-concept", "value-date", "value-quantity", "value-string")
    },
})  # fmt: skip
"""What R4's composites are of; those of a `useContext` are the same on every type.

A relationship is a relation and the document it leads to, as its expressions say; the definitions beside them are
published the other way round.
"""

_REPAIRED: Final = {
    ("QuestionnaireResponse", "item-subject"): (
        "QuestionnaireResponse.item.where(extension("
        "'http://hl7.org/fhir/StructureDefinition/questionnaireresponse-isSubject').exists()).answer.value"
        ".ofType(Reference)"
    )
}
"""Published with a function that FHIRPath does not have."""

_PERSON: Final = "(resolve() | resolve().practitioner.resolve()).name"
CHAINS: Final[Mapping[str, tuple[Parameter, ...]]] = MappingProxyType({
    "DocumentReference": (
        Parameter("author.family", "string", f"DocumentReference.author.select({_PERSON}.family)", source=MHD),
        Parameter("author.given", "string", f"DocumentReference.author.select({_PERSON}.given)", source=MHD),
        Parameter("patient.identifier", "token", "DocumentReference.subject.identifier", source=MHD),
    ),
    "List": (
        Parameter("patient.identifier", "token", "List.subject.identifier", source=MHD),
        Parameter("source.family", "string", f"List.source.select({_PERSON}.family)", source=MHD),
        Parameter("source.given", "string", f"List.source.select({_PERSON}.given)", source=MHD),
    ),
})  # fmt: skip
"""Chains that MHD asks for, kept as values of the document itself.

A person who signs is contained in the document, and contained resources are not indexed; `patient.identifier` finds a
document by every identifier of the Patient it was sent with, too (`rows`).
"""

_POINTS: Final = re.compile(r"\.where\(resolve\(\) is (\w+)\)")


@cache
def parameters_of(resource_type: str) -> Mapping[str, Parameter]:
    """The parameters of a type by name, sorted; none for what is no type of resource."""
    if resource_type not in load_definitions().resource_types:
        return MappingProxyType({})
    found = {one.name: one for definition in _definitions() if (one := _parameter(definition, resource_type))}
    found |= {one.name: one for one in CHAINS.get(resource_type, ())}
    return MappingProxyType(dict(sorted(found.items())))


@cache
def _definitions() -> tuple[SearchParameterDef, ...]:
    """R4's without the examples of extensions that repeat a name, then ours."""
    core = sorted(load_definitions().search_parameters, key=lambda one: (len(one.base), one.url))
    return *(one for one in core if not (one.code == "_id" and one.expression == "id")), *_ours()


def _ours() -> Iterator[SearchParameterDef]:
    for entry in sorted(resources.files("profiles").iterdir(), key=lambda one: one.name):
        if entry.name.startswith("SearchParameter-"):
            one: dict[str, Any] = orjson.loads(entry.read_bytes())
            yield SearchParameterDef(
                one["derivedFrom"], one["code"], tuple(one["base"]), one["type"], one["expression"],
                tuple(one.get("target", ())),
            )  # fmt: skip


def _parameter(definition: SearchParameterDef, kind: str) -> Parameter | None:
    """The part of a SearchParameter that is about a type; None when there is none, or when it is left out."""
    named = kind in definition.base or (_BASES & set(definition.base) and definition.code[0] == "_")
    if not named or definition.code in _LEFT_OUT or definition.type == "special":
        return None
    url, column = definition.url, _COLUMNS.get(definition.code, "")
    if column:
        return Parameter(definition.code, definition.type, column=column, url=url)
    if definition.type == "composite":
        components = _CONTEXT.get(definition.code) or COMPONENTS[kind, definition.code]
        return Parameter(definition.code, "composite", components=components, url=url)
    expression = _REPAIRED.get((kind, definition.code)) or branches(definition.expression, kind)
    if not expression:
        return None
    points = _POINTS.findall(expression)
    targets = tuple(sorted(set(points))) if len(points) == len(parts(expression)) else definition.target
    return Parameter(definition.code, definition.type, expression, targets, source=_source(url), url=url)


def _source(url: str) -> str:
    if url.startswith(_CORE):
        return R4
    return MHD if url.startswith("https://profiles.ihe.net/ITI/MHD/") else PDSM


def branches(expression: str, kind: str) -> str:
    """The parts of a union of paths that start at a type, at what every resource is, or at no type."""
    return " | ".join(part for part in parts(expression) if _head(part) in (kind, *_BASES, ""))


def parts(expression: str) -> list[str]:
    """The operands of a union, cut where no bracket and no text is open."""
    found, depth, quoted = [""], 0, False
    for sign in expression:
        quoted ^= sign == "'"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and not depth and not quoted:
            found.append("")
        else:
            found[-1] += sign
    return [part.strip() for part in found if part.strip()]


_HEAD: Final = re.compile(r"\(*([A-Z]\w*)\b")


def _head(part: str) -> str:
    """The type a path starts at; empty when it starts at an element."""
    found = _HEAD.match(part)
    return found[1] if found is not None else ""
