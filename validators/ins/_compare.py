"""Does the metadata speak of the same patient as the document?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from validators.ins._identity import PatientIdentifier, PatientIdentity, is_ins_identifier
from validators.ins._normalise import normalise
from validators.messages import rule
from validators.report import Report

_LONG: Final = 500


def compare_identities(
    cda: PatientIdentity, fhir: PatientIdentity, report: Report, *, traits_only: bool = False
) -> None:  # fmt: skip
    """The metadata carries the document's OID and matricule, and no trait that contradicts it (policy, Identity).

    Issues are placed in the metadata: `XCHECK-INS` (no INS on one side, or another one; not with `traits_only`),
    `XCHECK-TRAIT` (the traits, compared when both sides give them, names after RNIV normalisation).
    """
    ours = _claims(fhir)
    if not traits_only and not _same_ins(_claims(cda), ours):
        place = ours[0].place if ours else fhir.place
        report.add(rule("XCHECK-INS"), place.location, line=place.line)
    for name, agree in _TRAITS.items():
        stated, given = cda.trait(name), fhir.trait(name)
        if stated and given and not agree(stated, given):
            place = fhir.place_of(name)
            report.add(rule("XCHECK-TRAIT"), place.location, line=place.line, trait=name)


def _claims(identity: PatientIdentity) -> list[PatientIdentifier]:
    return [item for item in identity.identifiers if is_ins_identifier(item)]


def _same_ins(theirs: list[PatientIdentifier], ours: list[PatientIdentifier]) -> bool:
    """One INS in common is enough: several on one side are another rule's affair, and so is an absence on both."""
    left, right = ({(item.oid, item.value) for item in side} for side in (theirs, ours))
    return bool(left & right) or not (left or right)


def _same_name(stated: str, given: str) -> bool:
    # Longer than any name: no time is spent on a megabyte of text.
    return normalise(stated[:_LONG]) == normalise(given[:_LONG])


def _same_date(stated: str, given: str) -> bool:
    """`19790328`, `197903281200+0100` and `1979-03-28` are one date; the coarser of the two decides."""
    left, right = (text.replace("-", "", 2 if text[4:5] == "-" else 0)[:8] for text in (stated, given))
    length = min(len(left), len(right))
    return left[:length] == right[:length]


def _same(stated: str, given: str) -> bool:
    return stated == given


_TRAITS: Final[dict[str, Callable[[str, str], bool]]] = {
    "birth_family": _same_name,
    "birth_given_first": _same_name,
    "birth_given_list": _same_name,
    "birth_date": _same_date,
    "sex": _same,
    "birth_place": _same,
}
