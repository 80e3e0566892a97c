"""The smallest ITI-65 bundle that the rules accept, and the means to break it one element at a time."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import orjson

from fhir_server.intake.wrap import bundle_from_header
from tests.validators.cda.samples import LETTER, NOW
from validators.cda import CdaResult, check_cda
from validators.fhir import Walker, default_profiles, load_definitions
from validators.mhd import ProvidedBundle, check_provide_bundle
from validators.report import Issue, Mode, Report

Json = dict[str, Any]
Change = Callable[[Json], object]
RELATED = '<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.3.4.0"/></parentDocument></relatedDocument>'
NIR = "urn:oid:1.2.250.1.213.1.4.8"
MATRICULE, OTHER = "279035121518989", "277076322082910"
SET, DOCUMENT, BINARY, PATIENT = (f"Bundle.entry[{n}].resource" for n in range(4))
ATTACHMENT = f"{DOCUMENT}.content[0].attachment"
LETTER_BYTES = LETTER.replace(RELATED, "").encode()
PDF_BYTES = b"%PDF-1.7\n1 0 obj\n%%EOF\n"


def letter(*changes: tuple[str, str], replaces: bool = False) -> bytes:
    """The letter with each text replaced; with `replaces` it keeps the document it replaces."""
    text = LETTER if replaces else LETTER_BYTES.decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


@cache
def _wrapped(document: bytes) -> bytes:
    header = check_cda(document, mode=Mode.SANDBOX, now=NOW).header
    assert header is not None
    return orjson.dumps(bundle_from_header(header, None, document, NOW))


def bundle(*changes: Change, document: bytes = LETTER_BYTES) -> Json:
    """A valid transaction around a document, with the changes made to it."""
    made: Json = json.loads(_wrapped(document))
    for change in changes:
        change(made)
    return made


@cache
def walker() -> Walker:
    return Walker(load_definitions(), default_profiles())


@cache
def _letter_checked(mode: Mode) -> CdaResult:
    return check_cda(LETTER_BYTES, mode=mode, now=NOW)


def checked(made: Json, mode: Mode = Mode.SANDBOX, **options: Any) -> ProvidedBundle:
    def check(data: bytes) -> CdaResult:
        return _letter_checked(mode) if data == LETTER_BYTES else check_cda(data, mode=mode, now=NOW)

    options.setdefault("check", check)
    return check_provide_bundle(made, walker(), mode=mode, now=NOW, **options)


def refused(result: ProvidedBundle) -> bool:
    """Whether the envelope breaks a rule of conformity; what is inside the documents is tested with them."""
    return not Report(issue for issue in result.report if "!/" not in issue.location).conformant


def issues(made: Json, mode: Mode = Mode.SANDBOX) -> list[Issue]:
    """What is said of the envelope, not of what is inside its documents."""
    return [issue for issue in checked(made, mode).report if "!/" not in issue.location]


def found(*changes: Change, document: bytes = LETTER_BYTES, mode: Mode = Mode.SANDBOX) -> list[tuple[str, str, str]]:
    """(rule, severity, place) of each issue of the envelope; a constraint of R4 goes by its key (`bdl-7`)."""
    made = issues(bundle(*changes, document=document), mode)
    return [
        (issue.params["key"] if issue.rule == "FHIR-INVARIANT" else issue.rule, issue.severity.value, issue.location)
        for issue in made
    ]


# -- parts ---------------------------------------------------------------------------------------------------------


def the_set(made: Json) -> Json:
    return resource(made, 0)


def reference(made: Json) -> Json:
    return resource(made, 1)


def binary(made: Json) -> Json:
    return resource(made, 2)


def patient(made: Json) -> Json:
    return resource(made, 3)


def resource(made: Json, index: int) -> Json:
    node: Json = made["entry"][index]["resource"]
    return node


def attachment(made: Json) -> Json:
    node: Json = reference(made)["content"][0]["attachment"]
    return node


def source(made: Json) -> Json:
    """The contained source patient."""
    return next(c for c in reference(made)["contained"] if c["resourceType"] == "Patient")


# -- changes -------------------------------------------------------------------------------------------------------


def put(part: Callable[[Json], Any], path: str, value: object) -> Change:
    """Set `a.0.b` in a part of the bundle; `-` as last step appends."""

    def change(made: Json) -> None:
        node, steps = part(made), path.split(".")
        for step in steps[:-1]:
            node = node[int(step)] if isinstance(node, list) else node[step]
        if steps[-1] == "-":
            node.append(value)
        elif isinstance(node, list):
            node[int(steps[-1])] = value
        else:
            node[steps[-1]] = value

    return change


def drop(part: Callable[[Json], Any], path: str) -> Change:
    """Remove `a.0.b` from a part of the bundle."""

    def change(made: Json) -> None:
        node, steps = part(made), path.split(".")
        for step in steps[:-1]:
            node = node[int(step)] if isinstance(node, list) else node[step]
        del node[int(steps[-1]) if isinstance(node, list) else steps[-1]]

    return change


def entry(made: Json) -> list[Json]:
    entries: list[Json] = made["entry"]
    return entries


def all_of(made: Json) -> Json:
    return made


def content(data: bytes, media_type: str = "application/xml") -> Change:
    """Other bytes, with the metadata that follow from them."""

    def change(made: Json) -> None:
        binary(made).update(contentType=media_type, data=base64.b64encode(data).decode())
        digest = hashlib.sha1(data, usedforsecurity=False).digest()
        attachment(made).update(contentType=media_type, size=len(data), hash=base64.b64encode(digest).decode())

    return change


def validated(made: Json) -> None:
    """The Patient entry's identity was validated (FR Core, identity reliability)."""
    coding = {"system": "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445", "code": "VALI"}
    url = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"
    extension = {"url": url, "extension": [{"url": "identityStatus", "valueCoding": coding}]}
    patient(made).setdefault("extension", []).append(extension)


def pdf(made: Json) -> None:
    """A document that is no CDA, of a patient whose identity was validated."""
    content(PDF_BYTES, "application/pdf")(made)
    validated(made)


def same_for(kind: str, value: dict[str, Any]) -> Change:
    """The subject of the set and of the document."""

    def change(made: Json) -> None:
        the_set(made)[kind] = dict(value)
        reference(made)[kind] = dict(value)

    return change


def replaced_text(old: str, new: str) -> Change:
    """Every occurrence of a text in the envelope."""

    def change(made: Json) -> None:
        other = json.loads(json.dumps(made).replace(old, new))
        made.clear()
        made.update(other)

    return change


def second(made: Json, unique: str = "1.2.3.4.2") -> None:
    """A second document, of the same patient."""
    data = letter(('<id root="1.2.3.4.1"/>', f'<id root="{unique}"/>'))
    other = bundle(document=data)
    made["entry"] += other["entry"][1:3]
    reference(made)["subject"], other["entry"][1]["resource"]["subject"] = (reference(made)["subject"],) * 2
    the_set(made)["entry"].append({"item": {"reference": other["entry"][1]["fullUrl"]}})


def folder(made: Json) -> None:
    """A folder that holds the document, listed in the set."""
    designation = next(e for e in the_set(made)["extension"] if e["url"].endswith("designationType"))
    made["entry"].append({
        "fullUrl": "urn:uuid:5b0f6f5e-0000-4000-8000-000000000055",
        "resource": {
            "resourceType": "List", "id": "f1", "extension": [designation], "status": "current", "mode": "working",
            "title": "Classeur", "code": {"coding": [{"system": _LIST_TYPES, "code": "folder"}]},
            "subject": reference(made)["subject"], "date": "2026-02-01T12:00:00+01:00",
            "entry": [{"item": {"reference": made["entry"][1]["fullUrl"]}}],
        },
        "request": {"method": "POST", "url": "List"},
    })  # fmt: skip
    the_set(made)["entry"].append({"item": {"reference": made["entry"][-1]["fullUrl"]}})


_LIST_TYPES = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes"
OLD = "DocumentReference/old-1"


def patch(url: str = OLD, **parts: str) -> Json:
    """The entry that supersedes the old document."""
    said = {"type": "replace", "path": "DocumentReference.status", "value": "superseded"} | parts
    kinds = {"type": "valueCode", "path": "valueString", "value": "valueCode"}
    part = [{"name": name, kinds[name]: value} for name, value in said.items()]
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": part}]}
    return {"resource": parameters, "request": {"method": "PATCH", "url": url}}


def replacing(target: Json | None = None, *patches: Json) -> Change:
    """The document says what it replaces; the PATCH entries come with it."""

    def change(made: Json) -> None:
        reference(made)["relatesTo"] = [{"code": "replaces", "target": target or {"reference": OLD}}]
        made["entry"] += patches

    return change
