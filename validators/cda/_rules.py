"""What a header means: model, type code, dates, version, confidentiality, replacement.

Sources: CI-SIS structuration minimale; policy, "Other CDA findings the official kit does not see".
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from validators.cda._header import EVENT, Header
from validators.cda._time import parse_timestamp
from validators.cda._tree import SDTC, HeaderIndex, name_of, say, text_of
from validators.documents import DocumentKind, Model, Registry, TypeCode, registry
from validators.ins import normalise
from validators.report import Report, Severity

TYPE_ID: Final = ("2.16.840.1.113883.1.3", "POCD_HD000040")
HL7_FRANCE: Final = "2.16.840.1.113883.2.8.2.1"
CI_SIS: Final = "1.2.250.1.213.1.1.1.1"
_MASKING: Final = frozenset({"INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX", "MASQUE_PS"})
_J08: Final = frozenset("NRV") | _MASKING
_HL7_CODES: Final = frozenset("LMNRUV")
_LANGUAGE: Final = re.compile(r"[a-z]{2}-[A-Z]{2}")
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
# Enough of a title or of a display name to compare; a megabyte of text is not worth the time.
_LONG: Final = 500
# Clocks are never quite right; a document from the next minutes is not from the future.
_CLOCK_SKEW: Final = timedelta(minutes=10)


def check_type_id(index: HeaderIndex, report: Report) -> None:
    """`CDA-TYPEID`, first of all: in the official kit a wrong typeId silently switches the header rules off."""
    found = index.at("typeId")
    if len(found) != 1 or (found[0].get("root"), found[0].get("extension")) != TYPE_ID:
        say(report, "CDA-TYPEID", found[0] if found else index.root)


def check_meaning(index: HeaderIndex, header: Header, report: Report, now: datetime) -> None:
    """Every rule that needs more than a table."""
    _templates(index, report)
    _body(index, header, report)
    _code(index, header, report)
    _title(index, header, report)
    _confidentiality(index, header, report)
    _language(index, report)
    _version(index, report)
    _related(index, report)
    _service_event(index, header, report)
    _timestamps(index, report)
    _intervals(index, report)
    _effective_time(index, report, now)


def _templates(index: HeaderIndex, report: Report) -> None:
    """`CDA-TEMPLATE`: exactly one HL7 France and one CI-SIS templateId; other ones are allowed."""
    roots = [item.get("root") for item in index.at("templateId")]
    for root in (HL7_FRANCE, CI_SIS):
        if roots.count(root) != 1:
            say(report, "CDA-TEMPLATE", index.root, template=root, found=roots.count(root))


def _body(index: HeaderIndex, header: Header, report: Report) -> None:
    """`CDA-BODY`, then the model of a structured body or the template of a level 1."""
    models = registry()
    if header.level is None:
        component = index.first("component")
        return say(report, "CDA-BODY", index.root if component is None else component)
    is_level_1 = any(root == models.level_1_root for root, _ in header.templates)
    structured = [(item, model) for item in index.at("templateId") if (model := models.model(item.get("root") or ""))]
    if is_level_1 != (header.level == 1) or (header.level == 1 and structured):
        say(report, "CDA-BODY-KIND", _contradiction(index, header, [item for item, _ in structured]))
    if header.level == 3:
        _models(index, header, structured, report)
    return None


def _contradiction(index: HeaderIndex, header: Header, structured: list[etree._Element]) -> etree._Element:
    """The templateId that contradicts the body, or the document where one is missing."""
    level_1 = [item for item in index.at("templateId") if item.get("root") == registry().level_1_root]
    return next(iter(level_1 if header.level == 3 else structured), index.root)


def _models(
    index: HeaderIndex, header: Header, structured: list[tuple[etree._Element, Model]], report: Report
) -> None:  # fmt: skip
    """`CDA-MODEL`, `CDA-MODEL-VERSION`, `CDA-MODEL-UNVERSIONED`, `CDA-CODE-MODEL`: errors for the kinds of ours."""
    kind = registry().kind_of_type(header.code)
    if not structured:
        items = index.at("templateId")
        say(report, "CDA-MODEL", items[-1] if items else index.root, _weight(kind))
    for item, model in structured:
        version = item.get("extension")
        weight = _weight(kind or _kind_of_model(registry(), model))
        if not model.knows(version):
            expected = ", ".join(text or "-" for text in model.versions)
            say(report, "CDA-MODEL-VERSION", item, weight, model=model.name, found=version or "-", expected=expected)
        elif version is None and len(model.versions) > 1:
            say(report, "CDA-MODEL-UNVERSIONED", item, model=model.name)
        code = index.first("code")
        if code is not None and registry().type(header.code or "") and header.code not in model.codes:
            expected = ", ".join(model.codes)
            say(report, "CDA-CODE-MODEL", code, weight, model=model.name, found=header.code, expected=expected)


def _weight(kind: DocumentKind | None) -> Severity:
    """What is known of the models of other kinds comes from examples only: it warns, it does not refuse."""
    return Severity.ERROR if kind else Severity.WARNING


def _kind_of_model(known: Registry, model: Model) -> DocumentKind | None:
    return next((kind for kind in known.kinds.values() if model.root in kind.model_roots), None)


def _code(index: HeaderIndex, header: Header, report: Report) -> None:
    """`CDA-CODE` (JDV_J07), `CDA-CODE-SYSTEM`, `CDA-CODE-DISPLAY`."""
    element = index.first("code")
    if element is None or header.type is None:
        return
    known = registry().type(header.type.code)
    if known is None:
        say(report, "CDA-CODE", element, found=header.type.code[:40])
        return
    _code_words(element, known, report)


def _code_words(element: etree._Element, known: TypeCode, report: Report) -> None:
    system, display = element.get("codeSystem"), element.get("displayName")
    if system and system != known.system:
        say(report, "CDA-CODE-SYSTEM", element, code=known.code, found=system[:60], expected=known.system)
    if display and normalise(display[:_LONG]) != normalise(known.name_fr):
        say(report, "CDA-CODE-DISPLAY", element, code=known.code, expected=known.name_fr)


def _title(index: HeaderIndex, header: Header, report: Report) -> None:
    """`CDA-TITLE`: no text at all; `CDA-TITLE-KIND`: the title announces another kind than the code (warning)."""
    element = index.first("title")
    if element is None or "nullFlavor" in element.attrib:
        return None
    words = f" {normalise(text_of(element)[:_LONG])} "
    if not words.strip():
        return say(report, "CDA-TITLE", element)
    kind = registry().kind_of_type(header.code)
    announced = [
        other for other in registry().kinds.values() if any(f" {word} " in words for word in other.title_words)
    ]
    if kind is not None and announced and kind not in announced:
        say(report, "CDA-TITLE-KIND", element, announced=announced[0].code, kind=kind.code)
    return None


def _confidentiality(index: HeaderIndex, header: Header, report: Report) -> None:
    """`CDA-CONFIDENTIALITY`: unknown to HL7 and to CI-SIS; `CDA-CONFIDENTIALITY-J08`: outside JDV_J08 (warning)."""
    element = index.first("confidentialityCode")
    code = header.confidentiality.code if header.confidentiality else None
    if element is None or code is None or code in _J08:
        return
    say(report, "CDA-CONFIDENTIALITY-J08" if code in _HL7_CODES else "CDA-CONFIDENTIALITY", element, found=code[:40])


def _language(index: HeaderIndex, report: Report) -> None:
    """`CDA-LANGUAGE`: language and country, `fr-FR`."""
    for item in index.at("languageCode"):
        code = item.get("code")
        if code and not _LANGUAGE.fullmatch(code):
            say(report, "CDA-LANGUAGE", item, found=code[:20])


def _version(index: HeaderIndex, report: Report) -> None:
    """`CDA-VERSION`: an integer from 1; `CDA-VERSION-ZERO`: 0 (warning)."""
    for item in index.at("versionNumber"):
        value = item.get("value")
        if value and (not _INTEGER.fullmatch(value) or value.startswith("-")):
            say(report, "CDA-VERSION", item)
        elif value and not value.strip("+0"):
            say(report, "CDA-VERSION-ZERO", item)


def _related(index: HeaderIndex, report: Report) -> None:
    """`CDA-RELATED`: a document only replaces; `CDA-RELATED-MANY`: and one document at most."""
    items = index.at("relatedDocument")
    for item in items:
        code = item.get("typeCode")
        if code and code != "RPLC":
            say(report, "CDA-RELATED", item, found=code[:20])
    replacing = [item for item in items if item.get("typeCode") == "RPLC"]
    if len(replacing) > 1:
        say(report, "CDA-RELATED-MANY", replacing[1])


def _service_event(index: HeaderIndex, header: Header, report: Report) -> None:
    """`CDA-EVENT-CODE`: the main act has no code (warning)."""
    event = index.first(EVENT)
    if event is not None and header.service_event is None and not index.at(f"{EVENT}/code"):
        say(report, "CDA-EVENT-CODE", event)


def _timestamps(index: HeaderIndex, report: Report) -> None:
    """`CDA-TIME`: lexical form and calendar; `CDA-TIME-ZONE`: an hour without its zone (warning).

    The patient's birth time is the identity's affair (`INS-BIRTH-DATE`).
    """
    dated = index.tagged("time", "effectiveTime", "low", "high", "center", f"{SDTC}deceasedTime")
    for item in dated:
        raw = item.get("value")
        if raw is None:
            continue
        timestamp = parse_timestamp(raw)
        if timestamp is None:
            say(report, "CDA-TIME", item, found=raw[:30])
        elif timestamp.has_hour and not timestamp.has_zone:
            say(report, "CDA-TIME-ZONE", item, found=raw[:30])


def _intervals(index: HeaderIndex, report: Report) -> None:
    """`CDA-INTERVAL`: the end before the start. Both are compared whole: the day of a start may be its end too."""
    for high in index.tagged("high"):
        low = next((item for item in high.itersiblings(preceding=True) if name_of(item) == "low"), None)
        end = parse_timestamp(high.get("value"))
        start = parse_timestamp(low.get("value")) if low is not None else None
        if start is not None and end is not None and end.end <= start.start:
            say(report, "CDA-INTERVAL", high)


def _effective_time(index: HeaderIndex, report: Report, now: datetime) -> None:
    """`CDA-TIME-PRECISION`: less than the minute; `CDA-TIME-FUTURE` (warnings)."""
    element = index.first("effectiveTime")
    timestamp = parse_timestamp(element.get("value")) if element is not None else None
    if element is None or timestamp is None:
        return
    if not timestamp.has_minute:
        say(report, "CDA-TIME-PRECISION", element, found=timestamp.raw)
    if timestamp.start > now + _CLOCK_SKEW:
        say(report, "CDA-TIME-FUTURE", element, found=timestamp.raw)
