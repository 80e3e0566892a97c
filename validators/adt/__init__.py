"""Admissions in HL7 v2 (ADT, IHE PAM): what happened to whom in which visit, and which identities are one.

Pure: bytes in, typed values and findings out. Knows no transport, no table and no pseudonym.
"""

from __future__ import annotations

from validators.adt._check import check_adt, header_of
from validators.adt._identity import Pair, ins_of, locals_of, pairs, person_of, waiting, within
from validators.adt._model import EVENTS, IN_HOSPITAL, STAYS, Admission, Effect, Header, Visit
from validators.adt._read import MAX_BYTES

__all__ = [
    "EVENTS",
    "IN_HOSPITAL",
    "MAX_BYTES",
    "STAYS",
    "Admission",
    "Effect",
    "Header",
    "Pair",
    "Visit",
    "check_adt",
    "header_of",
    "ins_of",
    "locals_of",
    "pairs",
    "person_of",
    "waiting",
    "within",
]
