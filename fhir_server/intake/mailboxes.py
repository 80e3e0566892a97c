"""Mailboxes learnt from what an establishment says of itself: the telecoms of its Organizations (fhir-france D)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fhir_server.intake.facts import structure_finess
from fhir_server.store.plan import MailboxRow
from validators import mssante

_METADATA = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"


def learnt(references: Iterable[tuple[Mapping[str, Any], str | None]]) -> tuple[MailboxRow, ...]:
    """The MSSanté mailboxes that contained Organizations give.

    `references` are resources with the site each was resolved to. An Organization speaks for that site only: naming
    another is no way to take its mailbox.
    """
    found: dict[str, MailboxRow] = {}
    for resource, site in references:
        for organization in resource.get("contained") or [] if site is not None else []:
            if not isinstance(organization, dict) or organization.get("resourceType") != "Organization":
                continue
            if organization.get("telecom") and structure_finess(organization.get("identifier")) == site:
                found |= {address: MailboxRow(address, site or "", kind) for address, kind in _boxes(organization)}
    return tuple(found.values())


def _boxes(organization: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    telecoms = organization.get("telecom")
    for telecom in telecoms if isinstance(telecoms, list) else []:
        value = telecom.get("value") if isinstance(telecom, dict) and telecom.get("system") == "email" else None
        address = mssante.normalised(value) if isinstance(value, str) else ""
        if mssante.in_trust_space(address) and not address.endswith(f"@{mssante.CITIZEN_DOMAIN}"):
            yield address, _type(telecom)


def _type(telecom: Mapping[str, Any]) -> str | None:
    """PER, ORG, APP or CAB, where the directory's extension says so."""
    for extension in telecom.get("extension") or []:
        if not isinstance(extension, dict) or extension.get("url") != _METADATA:
            continue
        for part in extension.get("extension") or []:
            concept = part.get("valueCodeableConcept") if isinstance(part, dict) else None
            for coding in (concept or {}).get("coding") or []:
                if isinstance(coding, dict) and coding.get("code") in mssante.MAILBOX_TYPES:
                    return str(coding["code"])
    return None
