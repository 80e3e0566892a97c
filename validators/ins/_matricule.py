"""The matricule INS and its authorities: 13 characters, a key of two digits, an OID that says which INS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

INS_ROOT: Final = "1.2.250.1.213.1.4"
"""The arc of the national identity authorities (ANS)."""

INS_NIR: Final = f"{INS_ROOT}.8"
INS_NIA: Final = f"{INS_ROOT}.9"
INS_TEST: Final = f"{INS_ROOT}.10"
INS_DEMO: Final = f"{INS_ROOT}.11"
INS_PRODUCTION_OIDS: Final = frozenset({INS_NIR, INS_NIA})
INS_TEST_OIDS: Final = frozenset({INS_TEST, INS_DEMO})
INS_OIDS: Final = INS_PRODUCTION_OIDS | INS_TEST_OIDS
INS_C_OIDS: Final = frozenset(f"{INS_ROOT}.{arc}" for arc in (2, 6, 7))
"""The computed INS of 2009 (production, test and demonstration cards): obsolete, never an INS today."""

NSS_OIDS: Final = frozenset(f"{INS_ROOT}.{arc}" for arc in (13, 14))
"""Social-security numbers used for billing: the same digits, another meaning."""

SAMU_OID: Final = f"{INS_ROOT}.12"
"""Identifier of the SI-SAMU: under the same arc, yet a local identifier like any other."""

# [0-9] and not \d: a matricule written in other scripts' digits is not a matricule.
_SHAPE: Final = re.compile(r"([1-8])([0-9]{2})([0-9]{2})([0-9]{2}|2[AB])([0-9]{3})([0-9]{3})([0-9]{2})")
_CORSICA: Final = {"2A": "19", "2B": "18"}
_CITIZEN: Final = re.compile(r"(?:mailto:)?([0-9AB]{15})@patient\.mssante\.fr", re.IGNORECASE | re.ASCII)
_SEX: Final = {"1": "male", "3": "male", "7": "male", "2": "female", "4": "female", "8": "female"}


def strip_oid(text: str) -> str:
    """`urn:oid:1.2.3` and `1.2.3` are the same authority."""
    text = text.strip()
    return text[8:] if text[:8].lower() == "urn:oid:" else text


def control_key(number: str) -> str:
    """The key of a 13-character number: 97 - N mod 97, Corsica read as 19 (2A) and 18 (2B).

    >>> control_key("2790351215189")
    '89'

    Raises:
        ValueError: the text is not 13 digits, Corsican departments aside.
    """
    department = number[5:7]
    digits = number[:5] + _CORSICA.get(department, department) + number[7:]
    if len(digits) != 13 or not (digits.isascii() and digits.isdigit()):
        raise ValueError("a control key needs 13 characters")
    return f"{97 - int(digits) % 97:02d}"


@dataclass(frozen=True, slots=True)
class Matricule:
    """A well-formed matricule INS; being well-formed says nothing of its key (référentiel INS, INSEE)."""

    text: str

    @classmethod
    def parse(cls, text: str | None) -> Matricule | None:
        """The matricule, or None when the text is not 15 characters of the NIR's shape. Never raises."""
        return cls(text) if text is not None and _SHAPE.fullmatch(text) else None

    @property
    def number(self) -> str:
        """The 13 characters without the key."""
        return self.text[:13]

    @property
    def key(self) -> str:
        """The key as written."""
        return self.text[13:]

    @property
    def expected_key(self) -> str:
        """The key as computed."""
        return control_key(self.number)

    @property
    def key_is_right(self) -> bool:
        """True when the written key is the computed one."""
        return self.key == self.expected_key

    @property
    def sex(self) -> str | None:
        """`male` (1, 3, 7), `female` (2, 4, 8); 5 and 6 are historical and say nothing (None)."""
        return _SEX.get(self.text[0])

    @property
    def year(self) -> str:
        """The two last digits of the year of birth."""
        return self.text[1:3]

    @property
    def month(self) -> int | None:
        """The month of birth, or None for the numbers given to an incomplete civil status (20-42, 50-99)."""
        month = int(self.text[3:5])
        return month if 1 <= month <= 12 else None

    @property
    def month_is_special(self) -> bool:
        """True for the numbers given to an incomplete civil status."""
        month = int(self.text[3:5])
        return 20 <= month <= 42 or 50 <= month <= 99

    @property
    def department(self) -> str:
        """Department of birth: two characters, 2A or 2B in Corsica, 99 abroad, three digits overseas (97x, 98x)."""
        return self.text[5:8] if self.text[5:7] in ("97", "98") else self.text[5:7]

    @property
    def born_abroad(self) -> bool:
        """True when the place of birth is not French."""
        return self.text[5:7] == "99"

    def __repr__(self) -> str:
        # A matricule must not reach a log through a traceback.
        return "Matricule(…)"


def is_waiting(oid: str, matricule: str | None) -> bool:
    """True for a waiting number (NIA), which a NIR follows once the person is registered (policy, Identity).

    Its authority says so; under a test authority, which is one for both kinds, its first digit does (7 or 8).
    """
    return oid == INS_NIA or (oid in INS_TEST_OIDS and (matricule or "").startswith(("7", "8")))


def is_citizen_address(text: str) -> bool:
    """True for a citizen's secure mailbox: a matricule with its right key, `@patient.mssante.fr` (policy, Identity).

    Such an address is an INS and has to be handled as one. `mailto:` before it is allowed.
    """
    match = _CITIZEN.fullmatch(text.strip())
    matricule = Matricule.parse(match.group(1).upper()) if match else None
    return matricule is not None and matricule.key_is_right
