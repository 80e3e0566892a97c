"""Clinical documents of the country as CDA R2 of CI-SIS: the structured discharge letter, and level 1 around a PDF.

Every document is conformant and, unless asked otherwise, its identity is qualified (in the sandbox: test OID).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import datetime

from testdata import faults
from testdata._clinical import scenario
from testdata._header import HOSPITALISATION, LOINC, Heading, header
from testdata._letter import PADDING, Letter, results_table
from testdata._oids import KIND_ARCS, document_id, document_set
from testdata._pdf import pdf
from testdata._xml import tag
from testdata.model import PARIS, PlannedDocument, Stay

__all__ = ["KINDS", "LETTER_TITLE", "discharge_letter", "document", "document_id", "document_set", "level1"]

KINDS = tuple(KIND_ARCS)
LETTER_TITLE = "Lettre de liaison à la sortie"

LDL_SES = ("1.2.250.1.213.1.1.1.29", "2022.01")
XDS_SD = ("1.3.6.1.4.1.19376.1.2.20", None)

# Type code of JDV_J07, title, and the act the document reports.
_LETTER_CODE = ("11490-0", LOINC, "Lettre de liaison à la sortie d'un établissement de soins")
_TYPES = {
    "LDL": (_LETTER_CODE, LETTER_TITLE, HOSPITALISATION),
    "ORD": (("57833-6", LOINC, "Prescription de produits de santé"), "Ordonnance de sortie", HOSPITALISATION),
    "CRO": (("34874-8", LOINC, "CR opératoire"), "Compte rendu opératoire", HOSPITALISATION),
    "BIO": (
        ("11502-2", LOINC, "CR d'examens biologiques"),
        "Résultats de laboratoire",
        ("18723-7", LOINC, "Hématologie"),
    ),
    "IMG": (
        ("18748-4", LOINC, "CR d'imagerie médicale"),
        "Compte rendu d'imagerie",
        ("ZBQK002", "1.2.250.1.215.300.1", "Radiographie du thorax"),
    ),
}

_OPENING = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
)
_CLOSING = "\n</ClinicalDocument>\n"
_FRAME = len(_OPENING) + len(_CLOSING)


def discharge_letter(
    stay: Stay,
    *,
    when: datetime,
    unique: str | None = None,
    version: int = 1,
    replaces: str | None = None,
    set_id: str | None = None,
    without_ins: bool = False,
    masked: bool = False,
    size: int | None = None,
) -> bytes:
    """A structured letter LDL-SES 2022.01.

    `unique` makes another document of the same stay; `replaces` is the OID of the previous version and `set_id` that of
    the series (both derived by `document_id`, `document_set`); `masked` hides it from other professionals (JDV_J08);
    `size` pads the results to about that many bytes.
    """
    heading = replace(
        _heading(stay, "LDL", LDL_SES, when, version, unique, replaces, set_id, without_ins), masked=masked
    )
    content = header(heading) + "\n" + Letter(stay, heading.document, when).body()
    missing = size - len(content.encode()) - _FRAME if size else 0
    return _document(content.replace(PADDING, results_table(stay, missing) if missing > 0 else ""))


def level1(
    stay: Stay,
    kind: str,
    *,
    when: datetime,
    unique: str | None = None,
    version: int = 1,
    replaces: str | None = None,
    set_id: str | None = None,
    without_ins: bool = False,
    size: int | None = None,
) -> bytes:
    """A level 1 document (IHE XDS-SD) of one of `KINDS`: the common header around a PDF in base64."""
    heading = _heading(stay, kind, XDS_SD, when, version, unique, replaces, set_id, without_ins)
    start = header(heading)
    missing = size - len(start.encode()) - _FRAME if size else 0
    payload = b64encode(pdf(_lines(heading, missing * 3 // 4))).decode()
    text = tag("text", payload, mediaType="application/pdf", representation="B64")
    return _document(start + "\n" + tag("component", tag("nonXMLBody", text)))


def document(stay: Stay, planned: PlannedDocument) -> bytes:
    """The bytes of a planned document: letters are structured, the rest is level 1; `refused` carries a wrong sex."""
    previous = document_id(stay, planned.kind, version=planned.version - 1) if planned.version > 1 else None
    without_ins = planned.variant == "without_ins"
    if planned.kind != "LDL":
        return level1(
            stay,
            planned.kind,
            when=planned.when,
            version=planned.version,
            replaces=previous,
            without_ins=without_ins,
        )
    data = discharge_letter(
        stay, when=planned.when, version=planned.version, replaces=previous, without_ins=without_ins
    )
    return faults.apply("sex_contradicts_ins", data) if planned.variant == "refused" else data


def _heading(
    stay: Stay,
    kind: str,
    template: tuple[str, str | None],
    when: datetime,
    version: int,
    unique: str | None,
    replaces: str | None,
    set_id: str | None,
    without_ins: bool,
) -> Heading:
    code, title, act = _TYPES[kind]
    return Heading(stay, kind, code, title, template, act, when, version, unique, replaces, set_id, without_ins)


def _lines(heading: Heading, size: int) -> list[str]:
    """What the PDF says; `size` bytes of result lines follow when asked."""
    stay, case = heading.stay, scenario(heading.stay.id, heading.stay.operated)
    lines = [
        heading.title,
        stay.establishment.name,
        f"Séjour {stay.id}, document du {heading.when.astimezone(PARIS):%d/%m/%Y}",
        "",
        case.reason,
        case.summary,
        *(f"- {drug.label}" for drug in case.taken),
        "",
        "Document fictif : ni patient, ni soignant, ni établissement réels.",
    ]
    return lines + [f"Ligne {rank:06d} : constantes relevées, sans particularité" for rank in range(size // 70)]


def _document(content: str) -> bytes:
    return f"{_OPENING}{content}{_CLOSING}".encode()
