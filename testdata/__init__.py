"""A synthetic country: establishments, patients, stays and documents, the same for the same seed."""

from testdata.cda import KINDS, discharge_letter, document, document_id, document_set, level1
from testdata.checksums import ins_key, luhn_key, with_luhn
from testdata.country import country
from testdata.faults import FAULTS, HEADER_FAULTS, LETTER_FAULTS, LEVEL1_FAULTS, Fault
from testdata.faults import apply as apply_fault
from testdata.model import (
    INS_NIR_TEST,
    OWN_ARC,
    PARIS,
    Address,
    Country,
    Establishment,
    Ght,
    LegalEntity,
    Patient,
    PlannedDocument,
    Professional,
    Region,
    Stay,
)

__all__ = [
    "FAULTS",
    "HEADER_FAULTS",
    "INS_NIR_TEST",
    "KINDS",
    "LETTER_FAULTS",
    "LEVEL1_FAULTS",
    "OWN_ARC",
    "PARIS",
    "Address",
    "Country",
    "Establishment",
    "Fault",
    "Ght",
    "LegalEntity",
    "Patient",
    "PlannedDocument",
    "Professional",
    "Region",
    "Stay",
    "apply_fault",
    "country",
    "discharge_letter",
    "document",
    "document_id",
    "document_set",
    "ins_key",
    "level1",
    "luhn_key",
    "with_luhn",
]
