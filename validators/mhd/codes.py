"""The terminologies PDSm asks for, where its own invariants carry no expression (`constr-bind-*`).

A code from another terminology is an error; a code of the right one outside the national value set is a warning,
because PDSm only prefers those sets (fhir-france A3, A6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from validators.documents import registry
from validators.messages import rule
from validators.report import Report


def _nos(name: str) -> str:
    """The canonical of a national terminology: dashes in its last part."""
    return f"https://mos.esante.gouv.fr/NOS/{name}/FHIR/{name.replace('_', '-')}"


NOT_PROFESSIONALS = frozenset({_nos("TRE_A00-ProducteurDocNonPS"), "urn:oid:1.2.250.1.213.1.1.4.6"})
"""Where patients and devices are named; professionals work in a sector of TRE_R02."""
LOINC = "http://loinc.org"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
MASKING = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")
MISTYPED_MASKING = _nos("TRE_A07-StatusVisibiliteDocument")
"""How PDSm 3.1.1 spells TRE_A07-StatutVisibiliteDocument."""


@dataclass(frozen=True, slots=True)
class CodeSet:
    """One element: where it is, its terminologies (canonical or `urn:oid:`), its codes when we hold them."""

    element: str
    path: tuple[str, ...]
    systems: frozenset[str]
    shown: str
    codes: frozenset[str] | None = None

    def has(self, coding: Mapping[str, Any]) -> bool:
        """Whether a coding is of one of the terminologies."""
        system = coding.get("system")
        return isinstance(system, str) and system in self.systems


def _systems(*names: str) -> frozenset[str]:
    return frozenset(names)


TYPE = CodeSet(
    "type", ("type",),
    _systems(LOINC, _nos("TRE_A05-TypeDocComplementaire"), "urn:oid:2.16.840.1.113883.6.1",
             "urn:oid:1.2.250.1.213.1.1.4.12", "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1"),
    "LOINC, TRE_A05, ASTM",
)  # fmt: skip
CLASS = CodeSet(
    "category", ("category",),
    _systems(_nos("TRE_A03-ClasseDocument"), "urn:oid:1.2.250.1.213.1.1.4.1", "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1"),
    "TRE_A03",
    frozenset({"10", "11", "31", "42", "43", "44", "45", "52", "60", "90", "95", "99",
               "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1"}),
)  # fmt: skip
FORMAT = CodeSet(
    "content.format", ("content", "format"),
    _systems(_nos("TRE_A06-FormatCodeComplementaire"), _nos("TRE_A11-IheFormatCode"), _nos("TRE_A09-DICOMuidRegistry"),
             _nos("TRE_A10-NomenclatureURN"), "urn:oid:1.2.250.1.213.1.1.4.2.282", "urn:oid:1.3.6.1.4.1.19376.1.2.3",
             "urn:oid:1.2.840.10008.2.6.1", "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode",
             "http://dicom.nema.org/resources/ontology/DCM"),
    "TRE_A06, TRE_A11, TRE_A09",
)  # fmt: skip
FACILITY = CodeSet(
    "context.facilityType", ("context", "facilityType"),
    _systems(_nos("TRE_R02-SecteurActivite"), _nos("TRE_A00-ProducteurDocNonPS"), "urn:oid:1.2.250.1.71.4.2.4",
             "urn:oid:1.2.250.1.213.1.1.4.6"),
    "TRE_R02, TRE_A00",
    frozenset({f"SA{n:02}" for n in range(1, 70)} | {"EXP_PATIENT", "SNR"}),
)  # fmt: skip
SETTING = CodeSet(
    "context.practiceSetting", ("context", "practiceSetting"),
    _systems(_nos("TRE_A01-CadreExercice"), _nos("TRE_A00-ProducteurDocNonPS"), "urn:oid:1.2.250.1.213.1.1.4.9",
             "urn:oid:1.2.250.1.213.1.1.4.6"),
    "TRE_A01",
    frozenset({"AMBULATOIRE", "AMO", "DEPISTAGE", "ESSMS", "ETABLISSEMENT", "HAD", "MAD", "PALLIATIF", "SAD",
               "SAMU_SMUR", "EXP_PATIENT", "SNR"}),
)  # fmt: skip
DESIGNATION = CodeSet(
    "designationType", (),
    NOT_PROFESSIONALS | _systems(_nos("TRE_R209-TypeActivite"), _nos("TRE_R02-SecteurActivite"),
                                 "urn:oid:1.2.250.1.213.2.2", "urn:oid:1.2.250.1.71.4.2.4"),
    "TRE_A00, TRE_R209, TRE_R02",
)  # fmt: skip
SETS = (TYPE, CLASS, FORMAT, FACILITY, SETTING)
_LABELS = (
    (("N", "R", "V"), (CONFIDENTIALITY, _nos("TRE_A08-HL7Confidentiality"), "urn:oid:2.16.840.1.113883.5.25")),
    (MASKING, (_nos("TRE_A07-StatutVisibiliteDocument"), MISTYPED_MASKING, "urn:oid:1.2.250.1.213.1.1.4.13")),
)  # fmt: skip
"""Codes of JDV_J08 with the systems they are written under; PDSm spells TRE_A07 in two ways."""


def check_codes(
    reference: Mapping[str, Any], location: str, report: Report, sets: Sequence[CodeSet] = SETS
) -> None:  # fmt: skip
    """The code sets of one DocumentReference, and its class against its type (ASS_X04)."""
    for wanted in sets:
        for concept, place in _concepts(reference, wanted.path, location):
            _check_concept(codings_of(concept, place), place, wanted, report)
    _check_security(reference, location, report)
    _check_class(reference, location, report)


def chosen_code(concept: Any, wanted: CodeSet) -> str | None:
    """The code of a concept: the first one under a terminology asked for, else the first; translations may follow."""
    codings = [coding for coding, _ in codings_of(concept, "")]
    right = [coding for coding in codings if wanted.has(coding)]
    code = next((coding.get("code") for coding in (*right, *codings)), None)
    return code if isinstance(code, str) else None


def _concepts(node: Any, path: tuple[str, ...], location: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Every CodeableConcept or Coding at the path, with its place."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _concepts(item, path, f"{location}[{index}]")
    elif isinstance(node, dict):
        if path:
            yield from _concepts(node.get(path[0]), path[1:], f"{location}.{path[0]}")
        else:
            yield node, location


def codings_of(concept: Any, location: str) -> list[tuple[Mapping[str, Any], str]]:
    """The codings of a CodeableConcept, or the Coding itself."""
    if not isinstance(concept, dict):
        return []
    if "code" in concept or "system" in concept:
        return [(concept, location)]
    codings = concept.get("coding")
    listed = enumerate(codings if isinstance(codings, list) else [])
    return [(coding, f"{location}.coding[{index}]") for index, coding in listed if isinstance(coding, dict)]


def _check_concept(
    codings: list[tuple[Mapping[str, Any], str]], location: str, wanted: CodeSet, report: Report
) -> None:  # fmt: skip
    """One coding of the right terminology is enough, whatever stands beside it."""
    right = [(coding, place) for coding, place in codings if wanted.has(coding)]
    if codings and not right:
        coding, place = codings[0]
        found = coding.get("system") or "-"
        report.add(rule("MHD-CODE-SYSTEM"), place, element=wanted.element, found=found, expected=wanted.shown)
    elif not any(coding.get("code") for coding, _ in right):
        where = right[0][1] if right else location
        report.add(rule("MHD-CODE-MISSING"), where, element=wanted.element, expected=wanted.shown)
    elif not any(_known(coding.get("code"), wanted) for coding, _ in right):
        coding, place = right[0]
        code = coding.get("code") or "-"
        report.add(rule("MHD-CODE"), place, element=wanted.element, found=code, expected=_set_name(wanted))


def _known(code: Any, wanted: CodeSet) -> bool:
    if wanted is TYPE:
        return isinstance(code, str) and registry().type(code) is not None
    return wanted.codes is None or (isinstance(code, str) and code in wanted.codes)


def _set_name(wanted: CodeSet) -> str:
    names = {"type": "JDV_J07", "category": "JDV_J06", "context.facilityType": "JDV_J02"}
    return names.get(wanted.element, "JDV_J04")


def _check_security(reference: Mapping[str, Any], location: str, report: Report) -> None:
    """securityLabel: N, R, V and the three masking codes (JDV_J08); anything else is said, not refused."""
    for concept, place in _concepts(reference, ("securityLabel",), location):
        codings = codings_of(concept, place)
        if not is_known_label(concept):
            coding, where = codings[0] if codings else ({}, place)
            found = f"{coding.get('system') or '-'}|{coding.get('code') or '-'}"
            report.add(rule("MHD-CODE"), where, element="securityLabel", found=found, expected="JDV_J08")


def is_known_label(concept: Mapping[str, Any]) -> bool:
    """Whether a label has a code of JDV_J08 under a system it is written with."""
    return any(
        code in codes and coding.get("system") in systems
        for coding, _ in codings_of(concept, "")
        if isinstance(code := coding.get("code"), str)
        for codes, systems in _LABELS
    )


def _check_class(reference: Mapping[str, Any], location: str, report: Report) -> None:
    categories = reference.get("category")
    kind = chosen_code(reference.get("type"), TYPE)
    found = chosen_code(categories[0], CLASS) if isinstance(categories, list) and categories else None
    known = registry().type(kind) if kind else None
    if known is not None and found is not None and known.class_code and found != known.class_code:
        report.add(
            rule("MHD-CLASS-TYPE"), f"{location}.category[0]", found=found, type=kind, expected=known.class_code
        )  # fmt: skip
