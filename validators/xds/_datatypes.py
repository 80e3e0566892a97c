"""The HL7 v2 data types of XDS metadata (CX, XCN, XON, DTM), read without loss and written back (ITI TF-3, 4.2.3.1).

A composite keeps every component as it came; the classes only give names to those that the national guide uses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self, TypeVar

_T = TypeVar("_T")
_OID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+")
_DTM: Final = re.compile(r"([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2}))?)?)?)?)?")
_FHIR: Final = re.compile(
    r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?)?)?"
)
_ESCAPES: Final = {"\\": "\\E\\", "^": "\\S\\", "&": "\\T\\", "|": "\\F\\", "~": "\\R\\"}
_ESCAPED: Final = re.compile(r"\\([ESTFR])\\")
_MEANS: Final = {text[1]: character for character, text in _ESCAPES.items()}


def is_oid(text: str | None) -> bool:
    """Whether a text is a bare OID of at most 64 characters (ISO/IEC 8824)."""
    return text is not None and len(text) <= 64 and _OID.fullmatch(text) is not None


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in text)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANS[found.group(1)], text)


def _trimmed(items: tuple[_T, ...]) -> tuple[_T, ...]:
    end = len(items)
    while end and not items[end - 1]:
        end -= 1
    return items[:end]


@dataclass(frozen=True, slots=True, repr=False)
class Composite:
    """Components, each of subcomponents; empty ones at the end are left out, so that equal values are equal.

    >>> Composite.parse("1^^^&1.2.3&ISO").part(4, 2)
    '1.2.3'
    """

    parts: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the ER7 form; HL7 escapes become what they stand for. Never raises."""
        components = (component.split("&") for component in text.split("^"))
        return cls(_trimmed(tuple(_trimmed(tuple(_unescaped(sub) for sub in subs)) for subs in components)))

    @classmethod
    def of(cls, values: Mapping[int, str | tuple[str, ...] | None]) -> Self:
        """From the components that have a value, by their number in the standard (from 1)."""
        made: list[tuple[str, ...]] = [()] * max((0, *values))
        for number, value in values.items():
            made[number - 1] = _trimmed((value,) if isinstance(value, str) else value or ())
        return cls(_trimmed(tuple(made)))

    def part(self, number: int, sub: int = 1) -> str:
        """A component (from 1) and subcomponent (from 1); empty when there is none."""
        component = self.parts[number - 1] if number <= len(self.parts) else ()
        return component[sub - 1] if sub <= len(component) else ""

    @property
    def text(self) -> str:
        """The ER7 form."""
        return "^".join("&".join(map(_escaped, component)) for component in self.parts)

    def __repr__(self) -> str:
        # Names and numbers must not reach a log through a traceback.
        return f"{type(self).__name__}({len(self.parts)} components)"


def _authority(oid: str | None) -> tuple[str, ...]:
    return ("", oid, "ISO") if oid else ()


class Cx(Composite):
    """An identifier and who gave it: `id^^^&oid&ISO^type` (patientId, sourcePatientId, referenceIdList)."""

    __slots__ = ()

    @classmethod
    def make(cls, value: str, oid: str | None, kind: str | None = None) -> Self:
        """From its three parts."""
        return cls.of({1: value, 4: _authority(oid), 5: kind})

    @property
    def id(self) -> str:
        """CX-1."""
        return self.part(1)

    @property
    def oid(self) -> str:
        """The assigning authority, CX-4.2."""
        return self.part(4, 2)

    @property
    def kind(self) -> str:
        """The type of identifier, CX-5."""
        return self.part(5)

    @property
    def well_formed(self) -> bool:
        """An id and an authority by OID, nothing else but the type (TF-3, 4.2.3.1.2 CX)."""
        allowed = (*self.parts[:1], (), (), ("", self.oid, "ISO"), *self.parts[4:5])
        return bool(self.id) and is_oid(self.oid) and self.parts == allowed

    @property
    def is_reference(self) -> bool:
        """CXi, an entry of referenceIdList: an id and a type; an id that is unique by itself needs no authority."""
        return bool(self.id and self.kind) and (not self.oid or is_oid(self.oid))


class Xcn(Composite):
    """A person or device: `id^family^given^…^&oid&ISO^nametype^^^idtype` (authorPerson, legalAuthenticator)."""

    __slots__ = ()

    @classmethod
    def make(
        cls,
        value: str | None,
        oid: str | None,
        family: str | None,
        given: str | None,
        kind: str | None = None,
        name_type: str | None = "D",
    ) -> Self:
        """From the parts that the national guide fills: XCN-1, 2, 3, 9, 10, 13."""
        return cls.of({1: value, 2: family, 3: given, 9: _authority(oid), 10: name_type, 13: kind})

    @property
    def id(self) -> str:
        """XCN-1."""
        return self.part(1)

    @property
    def family(self) -> str:
        """XCN-2; of a device, its model."""
        return self.part(2)

    @property
    def given(self) -> str:
        """XCN-3; of a device, its name."""
        return self.part(3)

    @property
    def oid(self) -> str:
        """The assigning authority, XCN-9.2."""
        return self.part(9, 2)

    @property
    def kind(self) -> str:
        """The type of identifier, XCN-13: IDNPS, EI, RI, NH…"""
        return self.part(13)

    @property
    def well_formed(self) -> bool:
        """A name or an id, and an OID where there is an id (CI-SIS, authorPerson)."""
        named = bool(self.id or self.family)
        return named and (not self.id or (is_oid(self.oid) and self.part(9, 3) == "ISO"))


class Xon(Composite):
    """An organisation: `name^^^^^&oid&ISO^idtype^^^id` (authorInstitution)."""

    __slots__ = ()

    @classmethod
    def make(cls, name: str | None, value: str | None, oid: str | None, kind: str | None = None) -> Self:
        """From the parts that the national guide fills: XON-1, 6, 7, 10."""
        return cls.of({1: name, 6: _authority(oid), 7: kind, 10: value})

    @property
    def name(self) -> str:
        """XON-1."""
        return self.part(1)

    @property
    def oid(self) -> str:
        """The assigning authority, XON-6.2."""
        return self.part(6, 2)

    @property
    def kind(self) -> str:
        """The type of identifier, XON-7: IDNST, SIREN…"""
        return self.part(7)

    @property
    def id(self) -> str:
        """XON-10."""
        return self.part(10)

    @property
    def well_formed(self) -> bool:
        """A name (IHE), and an OID where there is an id that is none itself (TF-3, 4.2.3.1.2 XON)."""
        known = not self.id or is_oid(self.id) or (is_oid(self.oid) and self.part(6, 3) == "ISO")
        return bool(self.name) and known


# -- time ----------------------------------------------------------------------------------------------------------


def dtm_to_fhir(text: str | None) -> str | None:
    """A DTM, which is UTC in XDS, as a FHIR dateTime of the same precision; None when it is no date of the calendar.

    FHIR has no hour without seconds: an hour or a minute is its first second.

    >>> dtm_to_fhir("20230801130900"), dtm_to_fhir("202308")
    ('2023-08-01T13:09:00+00:00', '2023-08')
    """
    match = _DTM.fullmatch(text or "")
    if match is None:
        return None
    numbers = [int(part) for part in match.groups() if part is not None]
    year, month, day, hour, minute, second = [*numbers, *(1, 1, 0, 0, 0)[len(numbers) - 1 :]]
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    if len(numbers) > 3:
        return moment.isoformat(timespec="seconds")
    return moment.date().isoformat()[: (4, 7, 10)[len(numbers) - 1]]


def fhir_to_dtm(text: object) -> str | None:
    """A FHIR dateTime or instant as a DTM in UTC, to the second; None when it is none.

    >>> fhir_to_dtm("2023-08-01T15:09:00+02:00"), fhir_to_dtm("2023-08")
    ('20230801130900', '202308')
    """
    if not isinstance(text, str) or _FHIR.fullmatch(text) is None:
        return None
    if len(text) <= 10:
        return text.replace("-", "")
    try:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y%m%d%H%M%S").zfill(14)
    except (ValueError, OverflowError):
        return None
