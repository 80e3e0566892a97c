"""A measure as a FHIR R4 `Measure`, so that `$evaluate-measure` has something to point at."""

from __future__ import annotations

from html import escape
from typing import Any

from indicators.measures.model import MeasureInfo

BASE = "https://segur-fhir.example/fhir/Measure/"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_POPULATIONS = {
    "ratio": ("initial-population", "denominator", "numerator"),
    "count": ("numerator",),
}
_DISPLAYS = {"initial-population": "Initial Population", "denominator": "Denominator", "numerator": "Numerator"}


def fhir_measure(info: MeasureInfo) -> dict[str, Any]:
    """The R4 resource of one measure: French first, English as a translation."""
    return {
        "resourceType": "Measure",
        "id": info.id,
        "language": "fr",
        "text": {"status": "generated", "div": _narrative(info)},
        "url": BASE + info.id,
        "version": "0.1.0",
        "name": "".join(part.capitalize() for part in info.id.split("-")),
        "title": info.title_fr,
        "_title": _translation(info.title_en),
        "status": "active",
        "experimental": False,
        "subjectCodeableConcept": _concept("http://hl7.org/fhir/resource-types", info.subject),
        "publisher": "segur-fhir",
        "description": info.definition_fr,
        "_description": _translation(info.definition_en),
        "jurisdiction": [_concept("urn:iso:std:iso:3166", "FR")],
        "scoring": _concept(_TERMINOLOGY + "measure-scoring", "proportion" if info.kind == "ratio" else "cohort"),
        "type": [_concept(_TERMINOLOGY + "measure-type", "process")],
        "improvementNotation": _concept(_TERMINOLOGY + "measure-improvement-notation", info.better),
        "group": [{"population": [_population(info, code) for code in _POPULATIONS[info.kind]]}],
    }


def _population(info: MeasureInfo, code: str) -> dict[str, Any]:
    """One population; its criteria name the library function, since no FHIR expression computes it."""
    return {
        "code": _concept(_TERMINOLOGY + "measure-population", code, _DISPLAYS[code]),
        "criteria": {"language": "text/plain", "expression": f"segur indicators compute --measure {info.id}: {code}"},
    }


def _concept(system: str, code: str, display: str | None = None) -> dict[str, Any]:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]}


def _translation(english: str) -> dict[str, Any]:
    return {
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/translation",
                "extension": [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": english}],
            }
        ]
    }


def _narrative(info: MeasureInfo) -> str:
    lines = "".join(f"<p>{escape(text, quote=False)}</p>" for text in (info.title_fr, info.definition_fr))
    return f'<div xmlns="http://www.w3.org/1999/xhtml" lang="fr" xml:lang="fr">{lines}</div>'
