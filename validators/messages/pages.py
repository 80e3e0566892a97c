"""Where a rule is documented: one page an area, the large area of the bodies split by what its rules look at.

`rule_page` is the one place that knows the address; `docs/generate.py` writes the pages from the same table.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from validators.messages import AREAS
from validators.report import Rule


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the rule reference. `prefixes` keep the rules whose id starts so; none keeps what no other page has."""

    name: str
    area: str
    title: str
    about: str
    prefixes: tuple[str, ...] = field(default=())


PAGES: tuple[Page, ...] = (
    Page("intake", "intake", "The way in", "Doors, establishments, stays, filing, reading back."),
    Page("interactions", "interactions", "FHIR interactions",
         "Reads, writes, patches, conditions, batches and transactions."),
    Page("operations", "operations", "Long operations", "Exports under way."),
    Page("mhd", "mhd", "ITI-65 envelope", "The bundle, and what its metadata say against what the document says."),
    Page("xds", "xds", "XDS metadata", "Submission sets, document entries and folders in ebRIM."),
    Page("xdm", "xds", "XDM archives", "The zip that carries XDS metadata and documents.", ("XDM-",)),
    Page("soap", "soap", "SOAP and XDS.b", "SOAP envelopes, MTOM parts, ITI-41, ITI-18, ITI-43, and the VIHF."),
    Page("mssante", "mssante", "MSSanté messages", "Message metadata: mailboxes, direction, times, delivery, attachments."),
    Page("mail", "mail", "Mails", "Mails as they are: header, parts, attachments, notices of reading and delivery."),
    Page("stays", "stays", "Stays", "Stays that arrive as Encounters."),
    Page("programmes", "programmes", "Programme files", "Files, entries, moves, parameter sets, contestations."),
    Page("relay", "relay", "Relay", "What is passed on, and what a receiver's stand-in answers."),
    Page("following", "following", "Following along", "The change feed, subscriptions, and the addresses they notify."),
    Page("terminology", "terminology", "Terminology operations", "What is asked of codes, and what cannot be told."),
    Page("ins", "ins", "Identity", "The national health identity, in CDA headers and in FHIR."),
    Page("documents", "documents", "Document kinds", "Type code, national model and title."),
    Page("cda", "cda", "CDA documents", "Opening, header and level 1 payload."),
    Page("cda-structure", "cda_structure", "CDA structure",
         "The content model: order, cardinality, attributes, datatypes."),
    Page("cda-body", "cda_body", "CDA bodies", "What is checked in every body, and what is said of value sets."),
    Page("cda-header", "cda_body", "CDA header tables", "Participants and acts of the header, one by one.", ("HDR-",)),
    Page("cda-sections", "cda_body", "CDA sections", "Sections that national models share.", ("SEC-",)),
    Page("cda-entries", "cda_body", "CDA entries", "Entries that national models share.", ("ENT-",)),
    Page("cda-observations", "cda_body", "CDA observations", "Observations that national models share.", ("OBS-",)),
    Page("cda-letters", "cda_body", "Letters", "The models LDL-SES and LDL-EES.", ("LDL-",)),
    Page("cda-biology", "cda_body", "Biology", "The model BIO-CR-BIO and the laboratory entries.", ("BIO-", "LAB-")),
    Page("cda-imaging", "cda_body", "Imaging", "The model IMG-CR-IMG and the DICOM entries.", ("IMG-", "DICOM-")),
    Page("cda-rare", "cda_body", "Rare diseases", "The model SDM-MR.", ("SDM-",)),
    Page("cda-prescription", "cda_body", "Prescriptions", "The model eP-MED-DM.", ("PRESC-",)),
    Page("fhir", "fhir", "FHIR R4", "What the R4 definitions and our profiles say, whatever the resource."),
    Page("fhir-resources", "fhir_resources", "FHIR resources",
         "Single resources and data types, beyond what their definitions express."),
    Page("fhir-structures", "fhir_structures", "FHIR StructureDefinitions",
         "StructureDefinition, beyond what its definition expresses."),
    Page("fhir-answers", "fhir_answers", "FHIR answers",
         "Responses and reports against the form or the measure they answer."),
    Page("fhir-bundle", "fhir_bundle", "FHIR Bundles", "Bundles as a whole, and where references lead."),
)  # fmt: skip


@cache
def pages() -> dict[Page, Sequence[Rule]]:
    """Every page with its rules; an area that no page names yet has one of its own."""
    named = {page.area for page in PAGES}
    others = [Page(area.replace("_", "-"), area, area.replace("_", " "), "") for area in AREAS if area not in named]
    known = (page for page in (*PAGES, *others) if page.area in AREAS)
    return {page: [row for row in _rules(page.area) if _on(page, row)] for page in known}


def _rules(area: str) -> Sequence[Rule]:
    rows: Sequence[Rule] = importlib.import_module(f"validators.messages.{area}").RULES
    return rows


def _on(page: Page, row: Rule) -> bool:
    if page.prefixes:
        return row.id.startswith(page.prefixes)
    taken = tuple(prefix for other in PAGES if other.area == page.area for prefix in other.prefixes)
    return not row.id.startswith(taken)


@cache
def _page_names() -> dict[str, str]:
    return {row.id: page.name for page, rows in pages().items() for row in rows}


def rule_page(rule_id: str, suffix: str = ".html") -> str:
    """Where a rule is documented, from the top of the site; with `.md`, from the folder `docs` of the source.

    Raises:
        KeyError: there is no such rule.

    >>> rule_page("INS-ABSENT")
    'reference/rules/ins.html#ins-absent'
    """
    return f"reference/rules/{_page_names()[rule_id]}{suffix}#{rule_id.lower()}"
