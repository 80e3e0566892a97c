"""What the tests of Bundles share: small Bundles, a collector of references, and one check as the walk makes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from validators.fhir.bundle import BundleIndex, Link, check_bundle, check_reference
from validators.fhir.context import Context
from validators.fhir.definitions import load
from validators.report import Issue, Report, Severity

Json = dict[str, Any]

ROOT = "http://example.org/fhir"
UUID = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e{}"


def entry(resource_type: str, resource_id: str = "1", full_url: str | None = None, **content: Any) -> Json:
    """An entry with a RESTful fullUrl that agrees with its resource, or with the fullUrl given."""
    url = f"{ROOT}/{resource_type}/{resource_id}" if full_url is None else full_url
    return {"fullUrl": url, "resource": {"resourceType": resource_type, "id": resource_id, **content}}


def bundle(kind: str, *entries: Json, **content: Any) -> Json:
    """A Bundle of a type with these entries; a document has what only documents need."""
    extra: Json = {"identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}, "timestamp": "2024-01-01"}
    return {
        "resourceType": "Bundle",
        "type": kind,
        **(extra if kind == "document" else {}),
        **({"entry": list(entries)} if entries else {}),
        **content,
    }


def reference(text: str, **more: Any) -> Json:
    return {"reference": text, **more}


def request(method: str, url: str, **more: Any) -> Json:
    return {"request": {"method": method, "url": url, **more}}


def collected(whole: Json, place: str = "Bundle") -> Iterator[tuple[Link, Json]]:
    """Every Reference of the entries' resources, with the object that holds it; not those of a Bundle inside."""
    entries = whole.get("entry")
    for number, item in enumerate(entries if isinstance(entries, list) else []):
        resource = item.get("resource") if isinstance(item, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") != "Bundle":
            yield from _references(resource, f"{place}.entry[{number}].resource", number)


def _references(node: object, place: str, number: int) -> Iterator[tuple[Link, Json]]:
    if isinstance(node, list):
        for position, item in enumerate(node):
            yield from _references(item, f"{place}[{position}]", number)
    elif isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield Link(number, place, node["reference"]), node
        for key, value in node.items():
            yield from _references(value, f"{place}.{key}", number)


def checked(whole: Json, place: str = "Bundle") -> list[Issue]:
    """All findings on a Bundle, in the order of the walk: references as they are met, then the Bundle."""
    report = Report()
    context, index = Context(load(), report), BundleIndex(whole)
    context.index = index
    links = []
    for link, node in collected(whole, place):
        context.base = index.entries[link.entry].full_url
        check_reference(node, link.place, context)
        links.append(link)
    check_bundle(whole, place, context, links, index)
    return list(report)


def found(whole: Json, place: str = "Bundle") -> list[tuple[str, str]]:
    """Rule (or constraint) and place of every finding."""
    return [(str(issue.params.get("key") or issue.rule), issue.location) for issue in checked(whole, place)]


def errors(whole: Json) -> list[tuple[str, str]]:
    """Rule (or constraint) and place of what refuses the Bundle."""
    return [
        (str(issue.params.get("key") or issue.rule), issue.location)
        for issue in checked(whole)
        if issue.severity in (Severity.ERROR, Severity.FATAL)
    ]
