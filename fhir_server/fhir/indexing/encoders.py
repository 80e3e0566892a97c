"""Values of the FHIR types as rows of the index: for each kind of parameter, what it finds in which type.

An encoder takes one value and appends rows of (name, value, system). A type that `ENCODERS` does not have is not
searched by that kind of parameter (FHIR R4, search.html#table). What has another JSON type than its FHIR type gives no
row: others report it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fhir_server.fhir.indexing.ranges import period_range, quantity_range, timing_range
from fhir_server.fhir.indexing.values import (
    GREATEST_NUMBER,
    IDENTIFIER,
    LEAST_NUMBER,
    LONGEST,
    OF_TYPE,
    TEXT,
    Range,
    date_range,
    fold,
    number_range,
    reference_value,
)

Row = tuple[str, str, str]
"""(parameter, value, system): the columns of the index that say what is found."""
Emit = Callable[[Any, list[Row]], None]

CURRENCIES: Final = "urn:iso:std:iso:4217"


# -- tokens ------------------------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _coding(name: str) -> Emit:
    named = name + TEXT

    def emit(value: Any, out: list[Row]) -> None:
        if isinstance(value, dict):
            code, display = value.get("code"), value.get("display")
            if code and isinstance(code, str):
                out.append((name, code, _text(value.get("system"))))
            if display and isinstance(display, str):
                out.append((named, fold(display), ""))

    return emit


def _concept(name: str) -> Emit:
    coding, named = _coding(name), name + TEXT

    def emit(value: Any, out: list[Row]) -> None:
        if isinstance(value, dict):
            codings, text = value.get("coding"), value.get("text")
            for one in codings if isinstance(codings, list) else (codings,):
                coding(one, out)
            if text and isinstance(text, str):
                out.append((named, fold(text), ""))

    return emit


def _identifier(name: str) -> Emit:
    named, typed = name + TEXT, name + OF_TYPE

    def emit(value: Any, out: list[Row]) -> None:
        if not isinstance(value, dict):
            return
        said, kind = value.get("value"), value.get("type")
        if said and isinstance(said, str):
            out.append((name, said, _text(value.get("system"))))
        if isinstance(kind, dict):
            if text := _text(kind.get("text")):
                out.append((named, fold(text), ""))
            for system, code in _codes(kind) if said and isinstance(said, str) else ():
                out.append((typed, f"{code}|{said}", system))

    return emit


def _codes(concept: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    codings = concept.get("coding")
    for one in codings if isinstance(codings, list) else (codings,):
        if isinstance(one, dict) and isinstance(one.get("code"), str):
            yield _text(one.get("system")), one["code"]


def _plain(name: str) -> Emit:
    """A code, string or URI as it is."""

    def emit(value: Any, out: list[Row]) -> None:
        if value and isinstance(value, str):
            out.append((name, value, ""))

    return emit


def _contact(name: str) -> Emit:
    plain = _plain(name)
    return lambda value, out: plain(value.get("value"), out) if isinstance(value, dict) else None


def _boolean(name: str) -> Emit:
    def emit(value: Any, out: list[Row]) -> None:
        if isinstance(value, bool):
            out.append((name, "true" if value else "false", ""))

    return emit


def _integer(name: str) -> Emit:
    def emit(value: Any, out: list[Row]) -> None:
        if isinstance(value, int) and not isinstance(value, bool):
            out.append((name, str(value), ""))

    return emit


# -- references --------------------------------------------------------------------------------------------------------


def _reference(name: str) -> Emit:
    logical = name + IDENTIFIER

    def emit(value: Any, out: list[Row]) -> None:
        if isinstance(value, dict):
            reference = value.get("reference")
            if reference and isinstance(reference, str) and reference[0] != "#":
                out.append((name, reference_value(reference), ""))
            identifier = value.get("identifier")
            if isinstance(identifier, dict) and (said := _text(identifier.get("value"))):
                out.append((logical, said, _text(identifier.get("system"))))

    return emit


def _inline(name: str) -> Emit:
    """A resource in a Bundle, by its own id."""

    def emit(value: Any, out: list[Row]) -> None:
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            out.append((name, f"{value.get('resourceType')}/{value['id']}", ""))

    return emit


def _canonical(name: str) -> Emit:
    """A canonical, with its version and without."""

    def emit(value: Any, out: list[Row]) -> None:
        if value and isinstance(value, str):
            out.append((name, value, ""))
            if "|" in value:
                out.append((name, value.partition("|")[0], ""))

    return emit


# -- strings -----------------------------------------------------------------------------------------------------------


def _string(name: str) -> Emit:
    def emit(value: Any, out: list[Row]) -> None:
        if isinstance(value, str) and (folded := fold(value)):
            out.append((name, folded, value[:LONGEST]))

    return emit


def _strings(*members: str) -> Callable[[str], Emit]:
    """An encoder of every text in these members of an object."""

    def encoder(name: str) -> Emit:
        string = _string(name)

        def emit(value: Any, out: list[Row]) -> None:
            if isinstance(value, dict):
                for member in members:
                    found = value.get(member)
                    for one in found if isinstance(found, list) else (found,):
                        string(one, out)

        return emit

    return encoder


# -- ranges ------------------------------------------------------------------------------------------------------------


def _ranged(range_of: Callable[[Any], Range | None], kind: type) -> Callable[[str], Emit]:
    """An encoder of a date or a number: where it begins, and the one after its end."""

    def encoder(name: str) -> Emit:
        def emit(value: Any, out: list[Row]) -> None:
            found = range_of(value) if isinstance(value, kind) else None
            if found is not None:
                out.append((name, *found))

        return emit

    return encoder


def _quantity(name: str) -> Emit:
    """By its code and, as `||mg` asks for either, by its unit where that is another text."""

    def emit(value: Any, out: list[Row]) -> None:
        found = quantity_range(value) if isinstance(value, dict) else None
        if found is not None:
            code, unit = _text(value.get("code")), _text(value.get("unit"))
            if code or not unit:
                out.append((name, found[0], f"{found[1]}|{_text(value.get('system'))}|{code}"))
            if unit and unit != code:
                out.append((name, found[0], f"{found[1]}||{unit}"))

    return emit


def _money(name: str) -> Emit:
    quantity = _quantity(name)

    def emit(value: Any, out: list[Row]) -> None:
        if isinstance(value, dict):
            quantity({"value": value.get("value"), "system": CURRENCIES, "code": value.get("currency")}, out)

    return emit


def _quantities(name: str) -> Emit:
    """A Range: from its low to its high, in the unit of either; an end that is not given is open."""

    def emit(value: Any, out: list[Row]) -> None:
        low, high = (value.get("low"), value.get("high")) if isinstance(value, dict) else (None, None)
        rows: list[list[Row]] = [[], []]
        for end, found in zip((low, high), rows, strict=True):
            _quantity(name)(end, found)
        lows, highs = rows
        for least, most in zip(lows or highs, highs or lows, strict=False):
            first = least[1] if lows else LEAST_NUMBER
            after, _, unit = most[2].partition("|")
            out.append((name, first, f"{after if highs else GREATEST_NUMBER}|{unit}"))

    return emit


def _numbers(value: Mapping[str, Any]) -> Range | None:
    """A Range where a number is wanted."""
    ends = [end if isinstance(end, dict) else {} for end in (value.get("low"), value.get("high"))]
    low, high = (number_range(end.get("value")) for end in ends)
    if low is None and high is None:
        return None
    return (low[0] if low else LEAST_NUMBER), (high[1] if high else GREATEST_NUMBER)


# -- which encoder -----------------------------------------------------------------------------------------------------

_TEXTS: Final = ("string", "markdown", "code", "id")
_URIS: Final = ("uri", "url", "oid", "uuid")
_NAME: Final = _strings("family", "given", "prefix", "suffix", "text")
_ADDRESS: Final = _strings("line", "city", "district", "state", "country", "postalCode", "text")
_MOMENT: Final = _ranged(date_range, str)

ENCODERS: Final[dict[str, dict[str, Callable[[str], Emit]]]] = {
    "token": {
        "Coding": _coding, "CodeableConcept": _concept, "Identifier": _identifier, "ContactPoint": _contact,
        "boolean": _boolean, "integer": _integer, "positiveInt": _integer, "unsignedInt": _integer,
        **dict.fromkeys((*_TEXTS, *_URIS, "canonical"), _plain),
    },
    "reference": {
        "Reference": _reference, "canonical": _canonical, "Composition": _inline, "MessageHeader": _inline,
        **dict.fromkeys(_URIS, _plain),
    },
    "string": {"HumanName": _NAME, "Address": _ADDRESS, **dict.fromkeys(_TEXTS, _string)},
    "uri": {"canonical": _plain, **dict.fromkeys(_URIS, _plain)},
    "date": {
        **dict.fromkeys(("date", "dateTime", "instant"), _MOMENT), "Period": _ranged(period_range, dict),
        "Timing": _ranged(timing_range, dict),
    },
    "number": {
        **dict.fromkeys(("decimal", "integer", "positiveInt", "unsignedInt"), _ranged(number_range, object)),
        "Range": _ranged(_numbers, dict),
    },
    "quantity": {
        **dict.fromkeys(("Quantity", "Age", "Count", "Distance", "Duration"), _quantity), "Money": _money,
        "Range": _quantities,
    },
}  # fmt: skip
"""By kind of parameter and FHIR type: given the name of a parameter, how a value of the type becomes rows."""
