"""Prescriptions of drugs and devices: the model eP-MED-DM, 2022.01 to 2024.01. Rows `PRESC-*`.

Source: CI-SIS volet eP-MED-DM.
"""

from __future__ import annotations

from typing import Final

from validators.cda.rules._kinds import at_most, beside, one, says, some
from validators.cda.rules._row import CCD, ENTRY, MODEL, PHARM, SECTION, Group, Spec, group
from validators.cda.rules._sections import BODY

ROOT: Final = f"{MODEL}.39"
_GUIDE: Final = "CI-SIS, volet eP-MED-DM"
_ALL: Final = ((ROOT, ()),)
_BEFORE_2024: Final = ((ROOT, ("2022.01", "2023.01")),)
_2024: Final = ((ROOT, ("2024.01",)),)
_DOCUMENT: Final = ("Prescription", "Prescription")
_DRUGS: Final = f"{BODY}[T({SECTION}.171)]"
_DEVICES: Final = f"{BODY}[T({SECTION}.222)]"


def _flag(key: str, arc: int) -> Spec:
    return one(f"entryRelationship/observation[T({ENTRY}.48.{arc})]").named(key)


GROUPS: Final[tuple[Group, ...]] = (
    group("PRESC", ROOT, _DOCUMENT, _GUIDE,
          beside(f"{PHARM}.1.1", "1.3.6.1.4.1.19376.1.5.3.1.1.1"),
          some("recordTarget/patientRole/telecom").named("PATIENT-TELECOM"),
          some("recordTarget/patientRole/addr").named("PATIENT-ADDRESS"),
          some("author/assignedAuthor/id").named("AUTHOR-ID"), some("author/assignedAuthor/code").named("AUTHOR-CODE"),
          some("author/assignedAuthor/representedOrganization[id and name]").named("AUTHOR-ORGANISATION"),
          some("documentationOf/serviceEvent/effectiveTime[low and high]").named("VALIDITY"),
          says("SECTIONS", f"{_DRUGS} or {_DEVICES}",
               "ni médicament ni dispositif : attendu au moins une des deux sections.",
               "neither drug nor device: expected at least one of the two sections.", "component", code="required"),
          at_most(_DRUGS).named("DRUGS-ONCE"), at_most(_DEVICES).named("DEVICES-ONCE"), models=_ALL),
    group("PRESC-2024", ROOT, _DOCUMENT, _GUIDE, one(f"{BODY}[T({SECTION}.243)]").named("PDF-COPY"), models=_2024),
    group("PRESC-EARLIER", ROOT, _DOCUMENT, _GUIDE, one(f"{BODY}[T({SECTION}.223)]").named("BARCODE"),
          models=_BEFORE_2024),
    group("PRESC-DRUG", f"{ENTRY}.83", ("Traitement prescrit", "Prescribed treatment"), _GUIDE,
          _flag("LONG-TERM-ILLNESS", 13), models=_ALL),
    group("PRESC-DEVICE", f"{CCD}.34", ("Dispositif prescrit", "Prescribed device"), _GUIDE,
          _flag("LONG-TERM-ILLNESS", 13), _flag("WORK-ACCIDENT", 14), _flag("NOT-REFUNDED", 15),
          _flag("PREVENTION", 34), some("repeatNumber"),
          path=f"self::supply[ancestor::section[T({SECTION}.222)]]", models=_ALL),
)  # fmt: skip
