"""Elements that a profile marks mustSupport and a resource does not have: told as information, to whoever asks.

To be absent breaks nothing: mustSupport binds the systems that exchange a resource, and says which elements they keep.

Source: FHIR R4, https://hl7.org/fhir/R4/profiling.html#mustsupport.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from validators.fhir.constraints import Constraint, occurrences
from validators.fhir.context import Context, Json
from validators.fhir.overlay import Overlay
from validators.fhir.profiles import ProfileSet
from validators.fhir.slicing import Around
from validators.fhir.values import Item
from validators.fhir.walk import Walker
from validators.report import Report


def check_must_support(resource: Json, walker: Walker, report: Report, profiles: Sequence[str] = ()) -> None:
    """Name what a resource, and each resource of a Bundle, lacks of what its profiles mark. Rule `FHIR-MUST-SUPPORT`.

    Args:
        resource: a FHIR resource that was walked before.
        walker: its profiles are those asked for or declared.
        report: takes the findings.
        profiles: canonicals the resource is to meet besides those it declares.
    """
    known = walker.profiles
    if known is None:
        return
    for node, place, asked in _resources(resource, profiles):
        context = Context(walker.definitions, report, known)
        context.enter(node)
        around = Overlay(context, known).around
        for url in dict.fromkeys((*asked, *_declared(node))):
            _check(node, place, url, known, context, around)


def _check(node: Json, place: str, url: str, known: ProfileSet, context: Context, around: Around) -> None:
    profile = known.get(url)
    if profile is None or profile.type != node.get("resourceType"):
        return
    for where, name in _absent(profile.root, node, place, around):
        context.add("FHIR-MUST-SUPPORT", where, element=name, profile=profile.url)


def _resources(resource: Json, profiles: Sequence[str]) -> Iterator[tuple[Json, str, Sequence[str]]]:
    """The resource itself and those of its entries, each with its place and the profiles asked for."""
    kind = resource.get("resourceType")
    yield resource, str(kind), profiles
    entries = resource.get("entry") if kind == "Bundle" else None
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        held = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(held, dict):
            yield held, f"Bundle.entry[{index}].resource", ()


def _declared(node: Json) -> Iterable[str]:
    meta = node.get("meta")
    found = meta.get("profile") if isinstance(meta, dict) else None
    return [url for url in found if isinstance(url, str)] if isinstance(found, list) else []


def _absent(constraint: Constraint, node: Json, place: str, around: Around) -> Iterator[tuple[str, str]]:
    """What is marked below an element that is there: where it is missing, and its name."""
    for child in constraint.children.values():
        found = occurrences(node, child)
        if child.must_support and not found:
            yield place, child.name
        sliced = child.slicing.slices if child.slicing is not None and child.slicing.wanted else {}
        met: set[str] = set()
        for one in found:
            if not isinstance(one.value, dict):
                continue
            where = f"{place}.{one.step}"
            yield from _absent(child, one.value, where, around)
            name = child.slicing.slice_of(Item(one.value, one.type), around) if child.slicing and sliced else None
            if name is not None:
                met.add(name)
                yield from _absent(sliced[name], one.value, where, around)
        yield from ((place, f"{child.name}:{name}") for name, part in sliced.items()
                    if part.must_support and name not in met)  # fmt: skip
