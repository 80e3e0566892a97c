"""ITI-105: one DocumentReference with its document inside becomes the transaction it could have come in.

The document goes into a Binary, a SubmissionSet is made, a document that `relatesTo` replaces is superseded. A single
POST of TDDUI comes the same way. Source: IHE MHD 4.2.3, ITI-105; PDSm, publication simplifiée.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from fhir_server.intake import tddui
from fhir_server.intake.checks import Checks
from fhir_server.intake.formats import read_resource
from fhir_server.intake.submission import Received, Submission
from fhir_server.intake.wrap import LIST_TYPES, MHD, RFC_3986, set_id
from validators.messages import rule
from validators.mhd import Part, ProvidedBundle, check_alone
from validators.mhd.alone import AT, URL
from validators.mhd.bundle import SUBMISSION_SET, dicts
from validators.report import Report
from validators.tddui import is_tddui_document

DOOR: Final = "publish"
_SOURCES: Final = ("Practitioner", "PractitionerRole", "Patient", "Device")
"""Who List.source may be (FHIR R4)."""


def open_reference(received: Received, checks: Checks) -> Submission:
    """Check a DocumentReference sent alone, by the profile of the publication or of the transfer it declares."""
    report = Report()
    resource = read_resource(received, report)
    if not isinstance(resource, dict) or not report.conformant:
        return Submission(received, None, report, malformed=True)
    if resource.get("resourceType") != AT:
        report.add(rule("EXCHANGE-TYPE"), "resourceType", expected=AT)
        return Submission(received, None, report, malformed=True)
    if is_tddui_document(resource):
        return tddui.open_document(resource, received, checks, report)
    bundle = check_alone(
        resource, checks.walker, mode=checks.mode, now=received.at, check=checks.bound(received.at), pdsm=checks.pdsm
    )
    report.extend(bundle.report)
    if report.conformant:
        _add_set(bundle, received.at)
    return Submission(received, bundle, report)


def _add_set(bundle: ProvidedBundle, now: datetime) -> None:
    document = bundle.documents[0]
    made = submission_set(document.reference, document.unique_id or "", document.data or b"", now)
    bundle.entries.all.append(Part(len(bundle.entries.all), SUBMISSION_SET, made, "POST", "List", None, AT))


def submission_set(reference: Mapping[str, Any], unique: str, data: bytes, now: datetime) -> dict[str, Any]:
    """The SubmissionSet of one document, from what its reference says (fhir-france A4).

    Args:
        reference: the DocumentReference.
        unique: its unique id; the sending system is named by the arc it was numbered in.
        data: the document, by which the set is numbered.
        now: when it was submitted.
    """
    source, contained = _source(reference)
    context = reference.get("context")
    facility = context.get("facilityType") if isinstance(context, dict) else None
    attachment = dicts(reference.get("content"))[0]["attachment"]
    return {
        "resourceType": "List",
        **({"contained": contained} if contained else {}),
        "extension": [
            {"url": MHD + "ihe-designationType", "valueCodeableConcept": facility or {"text": "inconnu"}},
            {"url": MHD + "ihe-sourceId", "valueIdentifier": {"system": RFC_3986, "value": _source_id(unique)}},
        ],
        "identifier": [{"use": "usual", "system": RFC_3986, "value": set_id(data)}],
        "status": "current", "mode": "working", **{n: attachment[n] for n in ("title",) if n in attachment},
        "code": {"coding": [{"system": LIST_TYPES, "code": "submissionset"}]},
        "subject": _subject(reference["subject"]),
        "date": now.isoformat(timespec="seconds"),
        **({"source": source} if source else {}),
        "entry": [{"item": {"reference": URL}}],
    }  # fmt: skip


def _subject(subject: Mapping[str, Any]) -> dict[str, Any]:
    """A patient contained elsewhere is named by its identifier alone."""
    inside = str(subject.get("reference", "")).startswith("#")
    return {name: value for name, value in subject.items() if not (inside and name == "reference")}


def _source(reference: Mapping[str, Any]) -> tuple[dict[str, Any] | None, list[Mapping[str, Any]]]:
    """The first author who is contained and can be a source, with what it refers to."""
    inside = {f"#{one.get('id')}": one for one in dicts(reference.get("contained"))}
    for author in dicts(reference.get("author")):
        one = inside.get(str(author.get("reference")))
        if one is not None and one.get("resourceType") in _SOURCES:
            links = dict.fromkeys(_reached(str(author["reference"]), inside))
            return {"reference": author["reference"]}, [inside[link] for link in links]
    return None, []


def _reached(link: str, inside: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A contained resource and all it refers to, each once or more."""
    waiting, seen = [link], set[str]()
    while waiting:
        here = waiting.pop()
        if here in inside and here not in seen:
            seen.add(here)
            yield here
            waiting += _links(inside[here])


def _links(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        node = list(node.values())
    for item in node if isinstance(node, list) else ():
        yield from _links(item)


def _source_id(unique: str) -> str:
    """The arc of a unique id, as an OID: a UUID has one under 2.25."""
    root = unique.partition("^")[0]
    if root.startswith("urn:uuid:"):
        return f"urn:oid:2.25.{uuid.UUID(root[9:]).int}"
    return root if "^" in unique else root.rpartition(".")[0]
