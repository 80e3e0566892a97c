"""CDA R2 documents (CI-SIS): opened safely, header read once, checked against the national rules.

Bytes in, issues out: no HTTP, no database, no settings. The schema and the bodies of the models come beside the header.
"""

from __future__ import annotations

from validators.cda._check import CdaResult, check_cda
from validators.cda._header import Coded, Header, Identifier, Person, Related, read_header, same_unique_id
from validators.cda._open import CdaDocument, Limits, open_cda
from validators.cda._payload import Payload, read_payload
from validators.cda._time import Timestamp, parse_timestamp
from validators.cda._tree import xpath_of

__all__ = [
    "CdaDocument",
    "CdaResult",
    "Coded",
    "Header",
    "Identifier",
    "Limits",
    "Payload",
    "Person",
    "Related",
    "Timestamp",
    "check_cda",
    "open_cda",
    "parse_timestamp",
    "read_header",
    "read_payload",
    "same_unique_id",
    "xpath_of",
]
