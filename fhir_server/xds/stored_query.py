"""A stored query, read: which one, its parameters as lists of alternatives, and what of them holds for an entry.

A parameter given by several slots is AND of them, the values of one slot are OR (IHE ITI TF-2, 3.18.4.1.2.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from fhir_server.soap.fault import issue
from validators.report import Issue
from validators.xds import RIM, Code, DocumentEntry

QUERY: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
REQUEST: Final = f"{{{QUERY}}}AdhocQueryRequest"
FIND_DOCUMENTS: Final = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
GET_DOCUMENTS: Final = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
KNOWN: Final = "FindDocuments, GetDocuments"
_RIM: Final = f"{{{RIM}}}"
_PREFIX: Final = "$XDSDocumentEntry"
_STRING: Final = re.compile(r"'((?:[^']|'')*+)'")
_LIST: Final = re.compile(r"\(?\s*'(?:[^']|'')*+'(?:\s*,\s*'(?:[^']|'')*+')*+\s*\)?")
_TIME: Final = re.compile(r"[0-9]{4}(?:[0-9]{2}){0,5}")
_MAX_SLOTS, _MAX_VALUES, _MAX_CODES = 32, 1_000, 200
_MAX_PATTERN: Final = 256

CODED: Final[Mapping[str, tuple[str, str]]] = {
    "ClassCode": ("class_code", "category"), "TypeCode": ("type_code", "type"),
    "PracticeSettingCode": ("setting", "setting"), "HealthcareFacilityTypeCode": ("facility", "facility"),
    "EventCodeList": ("events", "event"), "ConfidentialityCode": ("confidentiality", "security-label"),
    "FormatCode": ("format_code", "format"),
}  # fmt: skip
"""Coded parameters: the attribute of an entry, and the search parameter that finds it."""
_TIMES: Final = {
    "CreationTime": "creation_time", "ServiceStartTime": "service_start", "ServiceStopTime": "service_stop",
}  # fmt: skip
_ONE: Final = frozenset({"PatientId", *(name + end for name in _TIMES for end in ("From", "To"))})
_FIND: Final = frozenset({*CODED, *_ONE, "Status", "AuthorPerson", "Type"})
_GET: Final = frozenset({"EntryUUID", "UniqueId"})
_PARAMETERS: Final = {FIND_DOCUMENTS: _FIND, GET_DOCUMENTS: _GET}

Groups = tuple[tuple[str, ...], ...]
"""The values of one parameter: all of the groups, any of a group."""


class QueryError(Exception):
    """A query that cannot be answered, and why."""

    def __init__(self, found: Issue) -> None:
        super().__init__(found.rule)
        self.issue = found


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A query with its parameters, by the part of their name after `$XDSDocumentEntry`."""

    id: str
    leaf_class: bool
    values: Mapping[str, Groups]

    def one(self, name: str) -> str | None:
        """The only value of a parameter."""
        groups = self.values.get(name, ())
        return groups[0][0] if groups else None

    def any_of(self, name: str) -> tuple[str, ...]:
        """The alternatives of a parameter given once."""
        groups = self.values.get(name, ())
        return groups[0] if groups else ()


def _refuse(rule_id: str, name: str = "", **params: Any) -> QueryError:
    return QueryError(issue(rule_id, "/AdhocQueryRequest/AdhocQuery", name=name, **params))


def read_query(root: etree._Element) -> StoredQuery:
    """Read an AdhocQueryRequest.

    Raises:
        QueryError: unknown query, parameter or return type; a parameter missing, malformed or given too often.
    """
    option, query = root.find(f"{{{QUERY}}}ResponseOption"), root.find(f"{_RIM}AdhocQuery")
    if option is None or query is None:
        raise _refuse("XDSB-QUERY")
    returned = option.get("returnType", "ObjectRef")
    if returned not in ("ObjectRef", "LeafClass"):
        raise _refuse("XDSB-QUERY-RETURN")
    name = query.get("id", "").strip()
    if name not in _PARAMETERS:
        raise _refuse("XDSB-QUERY-UNKNOWN", known=KNOWN)
    found = StoredQuery(name, returned == "LeafClass", _parameters(query, _PARAMETERS[name]))
    _check_required(found)
    return found


def _check_required(query: StoredQuery) -> None:
    if query.id == FIND_DOCUMENTS:
        missing = next((name for name in ("PatientId", "Status") if name not in query.values), None)
        if missing is not None:
            raise _refuse("XDSB-QUERY-MISSING", _PREFIX + missing)
    elif not query.values:
        raise _refuse("XDSB-QUERY-MISSING", f"{_PREFIX}EntryUUID | {_PREFIX}UniqueId")
    elif len(query.values) > 1:
        raise _refuse("XDSB-QUERY-NUMBER", f"{_PREFIX}EntryUUID, {_PREFIX}UniqueId")


def _parameters(query: etree._Element, known: frozenset[str]) -> dict[str, Groups]:
    found: dict[str, Groups] = {}
    for slot in query.iterchildren(f"{_RIM}Slot"):
        written = slot.get("name", "").strip()
        name = written.removeprefix(_PREFIX)
        if written == name or name not in known:
            listed = ", ".join(sorted(_PREFIX + one for one in known))
            raise _refuse("XDSB-QUERY-PARAMETER", known=listed)
        values = tuple(v for value in slot.iterfind(f"{_RIM}ValueList/{_RIM}Value") for v in _values(value, written))
        most = 1 if name in _ONE else _MAX_CODES if name in CODED else _MAX_VALUES
        slots = sum(len(groups) for groups in found.values())
        if not 0 < len(values) <= most or slots >= _MAX_SLOTS or (name in found and name not in CODED):
            raise _refuse("XDSB-QUERY-NUMBER", written)
        _check_values(name, values, written)
        found[name] = (*found.get(name, ()), values)
    return found


def _values(value: etree._Element, name: str) -> list[str]:
    """`'a'`, `('a','b')`, or a number; a quote in a string is written twice."""
    text = "".join(map(str, value.itertext())).strip()
    if _TIME.fullmatch(text):
        return [text]
    if not _LIST.fullmatch(text) or text.startswith("(") != text.endswith(")"):
        raise _refuse("XDSB-QUERY-VALUE", name, expected="'…', ('…','…')")
    return [string.replace("''", "'") for string in _STRING.findall(text)]


def _check_values(name: str, values: Iterable[str], written: str) -> None:
    for value in values:
        if name in CODED and ("^^" not in value or not value.partition("^^")[0]):
            raise _refuse("XDSB-QUERY-VALUE", written, expected="code^^OID")
        if (name[:-4] in _TIMES or name[:-2] in _TIMES) and not _TIME.fullmatch(value):
            raise _refuse("XDSB-QUERY-VALUE", written, expected="AAAA[MM[JJ[hh[mm[ss]]]]]")
        if name == "AuthorPerson" and len(value) > _MAX_PATTERN:
            raise _refuse("XDSB-QUERY-VALUE", written, expected=f"≤ {_MAX_PATTERN}")


# -- what holds for an entry -------------------------------------------------------------------------------------------


def matches(query: StoredQuery, entry: DocumentEntry) -> bool:
    """Whether an entry of the patient is one the query asks for."""
    checks: tuple[Callable[[StoredQuery, DocumentEntry], bool], ...] = (_state, _codes, _times, _author)
    return all(check(query, entry) for check in checks)


def _state(query: StoredQuery, entry: DocumentEntry) -> bool:
    kinds = query.any_of("Type")
    return entry.status in query.any_of("Status") and (not kinds or entry.object_type in kinds)


def _codes(query: StoredQuery, entry: DocumentEntry) -> bool:
    for name, (attribute, _) in CODED.items():
        value = getattr(entry, attribute)
        codes = (value,) if isinstance(value, Code) else value or ()
        held = {f"{code.code}^^{code.scheme}" for code in codes}
        if not all(held & set(group) for group in query.values.get(name, ())):
            return False
    return True


def _times(query: StoredQuery, entry: DocumentEntry) -> bool:
    """From is in, To is out; what an entry does not say is in no range."""
    for name, attribute in _TIMES.items():
        low, high = query.one(f"{name}From"), query.one(f"{name}To")
        value = getattr(entry, attribute)
        if (low or high) and value is None:
            return False
        if (low and _whole(value) < _whole(low)) or (high and _whole(value) >= _whole(high)):
            return False
    return True


def _whole(time: str) -> str:
    """A DTM to the second: its first."""
    return time + "00000101000000"[len(time) :]


def _author(query: StoredQuery, entry: DocumentEntry) -> bool:
    patterns = query.any_of("AuthorPerson")
    people = [author.person.text for author in entry.authors if author.person is not None]
    return not patterns or any(like(pattern, person) for pattern in patterns for person in people)


def like(pattern: str, text: str) -> bool:
    """SQL's LIKE: `%` is any text, `_` any character. Two pointers, no backtracking over more than the last `%`.

    >>> like("%DURANT^%", "8012^DURANT^Romuald"), like("DURAN_", "DURANTE")
    (True, False)
    """
    at = start = 0
    star = -1
    for_star = 0
    while start < len(text):
        if at < len(pattern) and pattern[at] == "%":
            star, for_star, at = at, start, at + 1
        elif at < len(pattern) and pattern[at] in ("_", text[start]):
            at, start = at + 1, start + 1
        elif star >= 0:
            for_star += 1
            at, start = star + 1, for_star
        else:
            return False
    return all(character == "%" for character in pattern[at:])
