"""What a document changes in the facts: its kind, site, stay, person, dates and identity level (contracts, Facts)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from fhir_server.ids import PARIS, Pseudonyms, paris_date
from fhir_server.intake.submission import Submission
from fhir_server.store.plan import DocumentRow, KnownIdentity
from validators.ins import INS_ROOT, InsLevel, is_waiting
from validators.mhd import Provided, logical_identifier, target_of

PROFESSIONALS = "1.2.250.1.71.4.2."
"""Identifiers under this arc name professionals and structures, never a stay (policy, Who and when)."""
OTHER = "OTHER"
MAIL = "mail"
"""The door whose documents came by MSSanté, which their message says, and not to the DMP."""
_STRUCTURES = ("urn:oid:1.2.250.1.71.4.2.2", "https://finess.esante.gouv.fr")


def document_row(
    document: Provided,
    digest: bytes,
    reference: str,
    site: str | None,
    organization: str | None,
    counted: bool,
    submission: Submission,
    keys: Pseudonyms,
) -> DocumentRow:
    """The plan's row of one document."""
    scope = submission.received.caller.scope
    assert scope is not None
    assert document.unique_id is not None
    deposited = paris_date(submission.received.at)
    by_mail = submission.received.door == MAIL
    return DocumentRow(
        document.unique_id, digest, reference, _logical(document, scope.owner, keys),
        document.kind.code if document.kind else OTHER, site, organization,
        patient_key(document, scope.owner, keys), _produced(document) or deposited, deposited, not by_mail, False,
        (document.ins.level if document.ins else InsLevel.ABSENT).value,
        tuple(keys.number("stay", scope.owner, number) for number in stay_numbers(document)),
        _ended(document), bool(document.kind and document.kind.needs_stay), target_of(document.reference),
        document.entry.at, counted,
    )  # fmt: skip


def _logical(document: Provided, owner: str, keys: Pseudonyms) -> str:
    """The logical document: the CDA's setId, else the unique id it starts a chain with."""
    header = document.header
    if header is not None and header.set_id is not None:
        return keys.text("document", owner, "set", header.set_id.text)
    return keys.text("document", owner, "unique", document.unique_id or "")


def patient_key(document: Provided, owner: str, keys: Pseudonyms) -> int | None:
    """The person's pseudonym: by INS over all establishments, else by local identifier within this one."""
    if document.ins is not None and document.ins.matricule and document.ins.oid:
        return keys.number("patient", document.ins.oid, document.ins.matricule.text)
    header = document.header
    if header is not None and header.patient is not None:
        for identifier in header.patient.identifiers:
            if identifier.value:
                return keys.number("patient", owner, identifier.oid, identifier.value)
    subject = document.reference.get("subject")
    logical = logical_identifier(subject) if isinstance(subject, dict) else None
    return keys.number("patient", owner, *logical) if logical else None


def local_patient_keys(document: Provided, owner: str, keys: Pseudonyms) -> tuple[int, ...]:
    """The pseudonyms of the person by the local identifiers of the document: how it was known before its INS."""
    patient = document.header.patient if document.header is not None else None
    if patient is None:
        return ()
    return tuple(keys.number("patient", owner, i.oid, i.value) for i in patient.identifiers if i.value)


def known_identity(document: Provided, owner: str, keys: Pseudonyms) -> KnownIdentity | None:
    """The INS of a document with the local identifiers beside it: a NIR is known by them as the NIA's person.

    Numbers of the national authority (billing above all, which a family shares) are not local.
    """
    ins, patient = document.ins, document.header.patient if document.header is not None else None
    if ins is None or patient is None or ins.oid is None or ins.matricule is None or not ins.matricule.key_is_right:
        return None
    own = [i for i in patient.identifiers if i.value and not i.oid.startswith(f"{INS_ROOT}.")]
    return KnownIdentity(
        keys.number("patient", ins.oid, ins.matricule.text), is_waiting(ins.oid, ins.matricule.text),
        tuple(keys.number("patient", owner, i.oid, i.value or "") for i in own),
    )  # fmt: skip


def stay_numbers(document: Provided) -> Iterator[str]:
    """The encounter identifiers of the document and of its metadata that can be stay numbers."""
    header = document.header
    for identifier in header.encounter_ids if header is not None else ():
        if not identifier.root.startswith(PROFESSIONALS):
            yield identifier.extension or identifier.root
    context = document.reference.get("context")
    for encounter in (context.get("encounter") or []) if isinstance(context, dict) else []:
        logical = encounter.get("identifier") if isinstance(encounter, dict) else None
        if isinstance(logical, dict) and isinstance(logical.get("value"), str):
            yield logical["value"]


def _local(moment: datetime | date | None) -> date | None:
    return moment.astimezone(PARIS).date() if isinstance(moment, datetime) else moment


def _ended(document: Provided) -> date | None:
    header = document.header
    if header is not None:
        return _local(header.encounter_end)
    context = document.reference.get("context")
    period = context.get("period") if isinstance(context, dict) else None
    return _parsed(period.get("end")) if isinstance(period, dict) else None


def _produced(document: Provided) -> date | None:
    header = document.header
    if header is not None and header.effective_time is not None:
        return _local(header.effective_time)
    contents = document.reference.get("content")
    attachment = contents[0].get("attachment") if isinstance(contents, list) and contents else None
    return _parsed(attachment.get("creation")) if isinstance(attachment, dict) else None


def _parsed(text: object) -> date | None:
    """The local day of a FHIR dateTime; None when it is less precise than a day."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(PARIS).date() if moment.tzinfo else moment.date()


# -- site ----------------------------------------------------------------------------------------------------------


def named_site(document: Provided) -> str | None:
    """The FINESS of the author's organisation, else of the custodian (policy, Who and when)."""
    header = document.header
    if header is not None:
        return next(iter(header.author_organisations), None) or header.custodian_finess
    contained = [c for c in document.reference.get("contained") or [] if isinstance(c, dict)]
    authors = [o for c in _authors(document.reference, contained) for o in _organizations(c, contained)]
    return next((f for o in authors if (f := structure_finess(o.get("identifier")))), None) or _custodian(
        document.reference, contained
    )


def _authors(reference: Mapping[str, Any], contained: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = {a.get("reference") for a in reference.get("author") or [] if isinstance(a, dict)}
    return [c for c in contained if f"#{c.get('id')}" in wanted]


def _organizations(author: Mapping[str, Any], contained: list[dict[str, Any]]) -> list[dict[str, Any]]:
    link = author.get("organization") or author.get("owner")
    wanted = link.get("reference") if isinstance(link, dict) else None
    return [c for c in contained if f"#{c.get('id')}" == wanted]


def _custodian(reference: Mapping[str, Any], contained: list[dict[str, Any]]) -> str | None:
    custodian = reference.get("custodian")
    if not isinstance(custodian, dict):
        return None
    own = structure_finess([custodian.get("identifier")])
    found = [c for c in contained if f"#{c.get('id')}" == custodian.get("reference")]
    return own or next((f for c in found if (f := structure_finess(c.get("identifier")))), None)


def structure_finess(identifiers: object) -> str | None:
    """A FINESS of nine characters: alone under its own system, or behind the digit 1 as a structure id."""
    for identifier in identifiers if isinstance(identifiers, list) else []:
        if not isinstance(identifier, dict) or identifier.get("system") not in _STRUCTURES:
            continue
        value = identifier.get("value")
        if isinstance(value, str) and len(value) == 10 and value.startswith("1"):
            return value[1:]
        if isinstance(value, str) and len(value) == 9:
            return value
    return None
