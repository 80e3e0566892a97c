"""The transfer of a user record (TDDUI): its CDA documents become the ITI-65 transaction they could have come in.

The DocumentReferences say little (a title, perhaps a type); what is filed is read from the headers, as at `/cda`. They
come first in what is made of them, in their order, so that places in findings and answers are the sender's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from fhir_server.intake.answer import Answer
from fhir_server.intake.checks import Checks
from fhir_server.intake.formats import read_resource
from fhir_server.intake.submission import Received, Submission
from fhir_server.intake.wrap import bundle_from_header
from validators.cda import CdaResult
from validators.fhir import default_walker, parse_json
from validators.messages import rule
from validators.mhd import Part, ProvidedBundle, check_provide_bundle
from validators.report import Report
from validators.tddui import Transferred, check_tddui, check_tddui_document, is_tddui

DOOR = "tddui"
_OWN = "MHD-UNIQUE-ID-TWICE"
"""What only the whole transaction shows, and is the sender's."""
_CREATED = re.compile(r"DocumentReference/[^/]+/_history/1$")
_PATIENT = b"urn:uuid:b1f0a7de-4c0e-5d0b-9b7e-6f6d1c1f2a30"


def is_transfer(body: bytes) -> bool:
    """Whether the bytes posted to the base are a transfer. Looked for in the bytes first: nothing is read twice."""
    if b"tddui-bundle" not in body:
        return False
    found = parse_json(body, Report())
    return isinstance(found, dict) and found.get("resourceType") == "Bundle" and is_tddui(found)


def open_transfer(received: Received, checks: Checks) -> Submission:
    """Check a transfer, and make of it what can be filed: of every entry, or of none."""
    report = Report()
    resource = read_resource(received, report)
    if not isinstance(resource, dict) or not report.conformant:
        return Submission(received, None, report, malformed=True)
    entries = resource.get("entry")
    count = len(entries) if isinstance(entries, list) else 0
    if count > checks.max_entries:
        report.add(rule("MHD-ENTRY-LIMIT"), "Bundle.entry", count=count, limit=checks.max_entries)
        return Submission(received, None, report, malformed=True)
    documents = check_tddui(resource, checks.walker, report, checks.bound(received.at))
    _fileable(documents, count, report)
    if not report.conformant:
        return Submission(received, None, report)
    bundle = _provided(documents, received, checks)
    report.issues += [issue for issue in bundle.report if issue.rule == _OWN]
    return Submission(received, bundle, report, lenient_replacement=True)


def open_document(resource: dict[str, Any], received: Received, checks: Checks, report: Report) -> Submission:
    """Check one document transferred by itself (TDDUI, POST DocumentReference), and make of it what is filed."""
    document = check_tddui_document(resource, checks.walker, report, checks.bound(received.at))
    _fileable([document], 0, report)
    if not report.conformant:
        return Submission(received, None, report)
    bundle = _provided([document], received, checks)
    sent = bundle.documents[0].entry
    part = Part(sent.index, sent.slice, sent.resource, sent.method, sent.url, sent.full_url, document.place)
    bundle.documents[0].entry = bundle.entries.all[sent.index] = part
    return Submission(received, bundle, report, lenient_replacement=True)


def _fileable(documents: Sequence[Transferred], count: int, report: Report) -> None:
    """What the guide allows and this server does not take: other resources, other formats, several persons."""
    places = {document.place for document in documents}
    for number in range(count):
        if f"Bundle.entry[{number}].resource" not in places:
            report.add(rule("TDDUI-ENTRY"), f"Bundle.entry[{number}]")
    first: frozenset[tuple[str, str | None]] | None = None
    for document in documents:
        if document.data is not None and document.cda is None:
            report.add(rule("TDDUI-DOCUMENT"), f"{document.place}.content[0].attachment.data")
            continue
        named = _named(document.cda)
        first = named if first is None else first
        if named.isdisjoint(first):
            report.add(rule("MHD-PATIENT"), document.place)


def _named(checked: CdaResult | None) -> frozenset[tuple[str, str | None]]:
    header = checked.header if checked is not None else None
    identity = header.patient if header is not None else None
    return frozenset((i.oid, i.value) for i in identity.identifiers) if identity is not None else frozenset()


def _provided(documents: Sequence[Transferred], received: Received, checks: Checks) -> ProvidedBundle:
    """One transaction of all of them, checked as one; each CDA was checked already."""
    known = {document.data: document.cda for document in documents if document.cda is not None}

    def check(data: bytes) -> CdaResult:
        return known[data]

    return check_provide_bundle(
        _derived(documents, received), default_walker(), mode=checks.mode, now=received.at,
        max_entries=4 * len(documents) + 2, check=check,
    )  # fmt: skip


def _derived(documents: Sequence[Transferred], received: Received) -> dict[str, Any]:
    """The bundles of each document in one: its references first, then one set, the bytes, one patient, the rest."""
    made = [_of_header(document, received) for document in documents]
    whole = made[0]
    kinds = ("DocumentReference", "List", "Binary", "Patient", "Parameters")
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for bundle in made:
        for entry in bundle["entry"]:
            found[entry["resource"]["resourceType"]].append(entry)
    found["List"], found["Patient"] = found["List"][:1], found["Patient"][:1]
    found["List"][0]["resource"]["entry"] = [
        {"item": {"reference": entry["fullUrl"]}} for entry in found["DocumentReference"]
    ]
    return {**whole, "entry": [entry for kind in kinds for entry in found[kind]]}


def _of_header(document: Transferred, received: Received) -> dict[str, Any]:
    """The transaction of one document. Its patient goes by one address in all of them: it is one person."""
    assert document.cda is not None
    assert document.cda.header is not None
    assert document.data is not None
    media_type = document.cda.payload.media_type if document.cda.payload is not None else None
    bundle = bundle_from_header(document.cda.header, media_type, document.data, received.at)
    own = next((e["fullUrl"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient"), None)
    if own is None:
        return bundle
    shared: dict[str, Any] = orjson.loads(orjson.dumps(bundle).replace(own.encode(), _PATIENT))
    return shared


def trimmed(answer: Answer) -> Answer:
    """The answer to a transfer: one entry a document that was sent, without what was made of them."""
    body = orjson.loads(answer.body)
    if body.get("resourceType") != "Bundle":
        return answer
    own = [entry for entry in body["entry"] if _CREATED.match(entry["response"].get("location", ""))]
    return replace(answer, body=orjson.dumps({**body, "entry": own}))
