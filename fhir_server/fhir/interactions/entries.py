"""The entries of a batch or transaction: what each asks, in which order they are done (FHIR R4, http.html#trules)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.interactions import fhirpath_patch, json_patch
from fhir_server.fhir.interactions.bodies import Json
from fhir_server.fhir.interactions.types import Interaction, is_general, not_offered
from fhir_server.fhir.interactions.writes import Asked
from validators.fhir import default_walker
from validators.report import Issue, Report

FORMS: Final = ("batch", "transaction")
_READS: Final = ("GET", "HEAD")
_ORDER: Final = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}
_INTERACTIONS: Final = {
    "POST": Interaction.CREATE, "PUT": Interaction.UPDATE, "PATCH": Interaction.PATCH, "DELETE": Interaction.DELETE,
}  # fmt: skip
JSON_PATCH: Final = "application/json-patch+json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: where it stands, its request with the address in parts, its resource."""

    number: int
    full_url: str
    method: str
    steps: tuple[str, ...]
    query: str | None
    resource: Json | None
    request: Json

    @property
    def at(self) -> str:
        """Its place."""
        return f"Bundle.entry[{self.number}]"

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method in _READS

    def text(self, name: str) -> str | None:
        """A text of its request."""
        found = self.request.get(name)
        return found if isinstance(found, str) else None


def entries_of(bundle: Json, base: str) -> list[Entry]:
    """The entries, in the order of the Bundle; `base` is our own address, which theirs may begin with."""
    rows = bundle.get("entry")
    return [_entry(number, row if isinstance(row, dict) else {}, base) for number, row in enumerate(rows or ())]


def _entry(number: int, row: Json, base: str) -> Entry:
    request = row.get("request")
    request = request if isinstance(request, dict) else {}
    url, method, full_url = request.get("url"), request.get("method"), row.get("fullUrl")
    path, mark, query = (url if isinstance(url, str) else "").removeprefix(f"{base}/").partition("?")
    resource = row.get("resource")
    return Entry(
        number, full_url if isinstance(full_url, str) else "", method if isinstance(method, str) else "",
        tuple(path.strip("/").split("/")), query if mark else None, resource if isinstance(resource, dict) else None,
        request,
    )  # fmt: skip


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Deletions, creations, updates and patches, then reads."""
    return sorted(entries, key=lambda entry: _ORDER.get(entry.method, 4))


def shape_issues(bundle: Json) -> list[Issue]:
    """What is wrong with the Bundle around its resources, which are judged one by one."""
    rows = bundle.get("entry")
    bare = [
        {k: v for k, v in row.items() if k != "resource"} if isinstance(row, dict) else row
        for row in (rows if isinstance(rows, list) else ())
    ]
    report = Report()
    default_walker().check({**bundle, **({"entry": bare} if bare else {})}, report)
    return [issue for issue in report if issue.rule != "FHIR-BUNDLE-REQUEST-RESOURCE"]


# -- writes --------------------------------------------------------------------------------------------------------


def write_of(entry: Entry) -> Asked:
    """The write that an entry asks for.

    Raises:
        Refusal: 400 it asks for none, 404 no such type, 405 not for this type, 415 a patch in another form.
    """
    kind, interaction = entry.steps[0], _INTERACTIONS.get(entry.method)
    wanted = 1 if entry.query is not None or interaction is Interaction.CREATE else 2
    if interaction is None or len(entry.steps) != wanted or not kind or kind[0] in "$_":
        raise _wrong(f"{entry.method} {'/…' * len(entry.steps)}", f"{', '.join(_INTERACTIONS)}, {', '.join(_READS)}")
    if not is_general(kind):
        raise not_offered(kind, instance=wanted == 2)
    if (entry.resource is None) is not (interaction is Interaction.DELETE):
        raise _wrong("resource: —" if entry.resource is None else "resource", "DELETE: 0, POST, PUT, PATCH: 1")
    patched = interaction is Interaction.PATCH
    if entry.resource is not None and not patched and entry.resource.get("resourceType") != kind:
        raise Refusal(400, "INTERACTION-TYPE", f"{kind}.resourceType", found=_named(entry.resource), expected=kind)
    return Asked(
        interaction, kind, entry.steps[1] if wanted == 2 else None,
        entry.query if interaction is not Interaction.CREATE else None, None if patched else entry.resource,
        _patch(entry.resource) if patched and entry.resource is not None else None, entry.text("ifMatch"),
        if_none_exist=entry.text("ifNoneExist"),
    )  # fmt: skip


def _named(resource: Json) -> str:
    named = resource.get("resourceType")
    return named[:40] if isinstance(named, str) else "—"


def _wrong(found: str, expected: str) -> Refusal:
    return Refusal(400, "BUNDLE-INTERACTION", found=found, expected=expected)


def _patch(resource: Json) -> Any:
    """A FHIRPath Patch, or a JSON Patch in a Binary (FHIR R4, http.html#patch).

    Raises:
        Refusal: 415, neither; 400, a Binary that cannot be read.
    """
    if resource.get("resourceType") == "Parameters":
        return lambda current: fhirpath_patch.apply(current, resource)
    media_type, data = resource.get("contentType"), resource.get("data")
    if resource.get("resourceType") != "Binary" or media_type != JSON_PATCH:
        raise Refusal(
            415, "SUBMISSION-MEDIA-TYPE", found=_named(resource), expected=f"Parameters, Binary ({JSON_PATCH})"
        )
    try:
        operations = json_patch.parse(base64.b64decode(data if isinstance(data, str) else "", validate=True))
    except (binascii.Error, ValueError):
        raise _wrong("Binary.data", "base64") from None
    return lambda current: json_patch.apply(current, operations)
