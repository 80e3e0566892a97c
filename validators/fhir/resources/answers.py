"""One answer of a QuestionnaireResponse: of the type asked for, among the options, within the limits.

Source: FHIR R4, https://hl7.org/fhir/R4/questionnaire.html and its extensions (questionnaire-profiles.html).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.patterns import compiled
from validators.fhir.fhirpath.quantity import Quantity
from validators.fhir.primitives import is_base64
from validators.fhir.resources.nodes import (
    EXTENSION,
    choice,
    codes_of,
    extension,
    extensions,
    fhir_type,
    number,
    objects,
    text,
)
from validators.fhir.resources.questionnaire import same_answer
from validators.fhir.resources.types import decoded_size

_SDC: Final = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
_UCUM: Final = "http://unitsofmeasure.org"
_REST: Final = re.compile(r"(?:https?://.+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/.+)?").fullmatch
_OPTIONS: Final = ("Coding", "date", "time", "integer", "string")
_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "boolean": ("boolean",),
    "decimal": ("decimal",),
    "integer": ("integer",),
    "date": ("date",),
    "dateTime": ("dateTime",),
    "time": ("time",),
    "string": ("string",),
    "text": ("string",),
    "url": ("uri",),
    "attachment": ("Attachment",),
    "reference": ("Reference",),
    "quantity": ("Quantity",),
    "choice": _OPTIONS,
    "open-choice": _OPTIONS,
}
"""By item type: the types its answers may have."""
_PATTERN_LIMIT: Final = 1000
"""Longest text tried against a form's regular expression: backtracking on more would not end in time."""


def check(question: Json, answer: Json, place: str, count: int, form: Json, context: Context) -> None:
    """FHIR-QUESTIONNAIRERESPONSE-TYPE and what follows from the type; `count` answers were given to the question."""
    key, value = choice(answer, "value")
    kind, found = text(question, "type"), fhir_type(key)
    expected = _TYPES.get(kind)
    if not key or expected is None:
        return
    where = f"{place}.value.ofType({found})"
    if found not in expected:
        context.add(
            "FHIR-QUESTIONNAIRERESPONSE-TYPE", where, element=text(question, "linkId"), found=found,
            expected=", ".join(expected),
        )  # fmt: skip
        return
    _options(question, found, value, place if len(expected) > 1 else where, count, form, context)
    limits = _LIMITS.get(found)
    if limits is not None and len(expected) == 1:
        limits(question, value, place if found == "Attachment" else where, context)


# -- options -----------------------------------------------------------------------------------------------------------


def _options(question: Json, found: str, value: object, place: str, count: int, form: Json, context: Context) -> None:
    listed = objects(question, "answerOption")
    value_set = text(question, "answerValueSet")
    open_ = question.get("type") == "open-choice" and found == "string"
    if listed:
        matching = [option for option in listed if same_answer(choice(option, "value")[1], value)]
        if not matching and not open_:
            expected = ", ".join(shown(choice(option, "value")[1]) for option in listed)
            _option(question, value, expected, place, context)
        if count > 1 and any(extension(option, EXTENSION + "questionnaire-optionExclusive") for option in matching):
            context.add(
                "FHIR-QUESTIONNAIRERESPONSE-EXCLUSIVE", place, element=text(question, "linkId"), found=shown(value)
            )
    elif value_set and found in ("Coding", "string") and not open_ and _outside(value, value_set, form, context):
        _option(question, value, value_set, place, context)


def _option(question: Json, value: object, expected: str, place: str, context: Context) -> None:
    link = text(question, "linkId")
    context.add("FHIR-QUESTIONNAIRERESPONSE-OPTION", place, element=link, found=shown(value), expected=shown(expected))


def _outside(value: object, canonical: str, form: Json, context: Context) -> bool:
    """Whether a value is known to be outside a value set; one contained in the form is told by what it lists."""
    if canonical.startswith("#"):
        contained = [each for each in objects(form, "contained") if each.get("id") == canonical[1:]]
        codes = _members(contained[0]) if contained else []
        return bool(codes) and not any(same_answer(_bare(each), _bare(value)) for each in codes)
    known = codes_of(context, canonical)
    return known is not None and known.judge(value) is False


def _members(value_set: Json) -> list[Json]:
    """The codings of an expansion, else those listed one by one; none where a part is told otherwise."""
    waiting, found = objects(value_set.get("expansion"), "contains"), []
    while waiting:
        each = waiting.pop()
        found.append(each)
        waiting.extend(objects(each, "contains"))
    compose = value_set.get("compose")
    included = objects(compose, "include")
    if found or objects(compose, "exclude"):
        return found
    if any("filter" in one or "valueSet" in one or "concept" not in one for one in included):
        return []
    return [{**each, "system": text(one, "system")} for one in included for each in objects(one, "concept")]


def _bare(coding: object) -> Json:
    return {"system": text(coding, "system"), "code": text(coding, "code")}


# -- limits ------------------------------------------------------------------------------------------------------------


def _numbers(question: Json, value: object, place: str, context: Context) -> None:
    given = number(value)
    for suffix, sign in (("minValue", 1), ("maxValue", -1)):
        limit = number(extension(question, EXTENSION + suffix))
        if given is not None and limit is not None and (given - limit) * sign < 0:
            _beyond(question, value, f"{'>=' if sign > 0 else '<='} {limit}", place, context)
    _decimals(question, value, place, context)


def _decimals(question: Json, value: object, place: str, context: Context) -> None:
    most = extension(question, EXTENSION + "maxDecimalPlaces")
    if type(most) is int and len(str(value).partition(".")[2]) > most:
        _beyond(question, value, f"{most} × 0-9", place, context)


def _times(question: Json, value: object, place: str, context: Context) -> None:
    for suffix, sign in (("minValue", 1), ("maxValue", -1)):
        limit = extension(question, EXTENSION + suffix)
        if type(limit) is str and type(value) is str and _order(value, limit) * sign < 0:
            _beyond(question, value, f"{'>=' if sign > 0 else '<='} {limit}", place, context)


def _order(one: str, other: str) -> int:
    """-1, 0 or 1: how two dates or times follow each other, as far as both are precise."""
    try:
        first, second = datetime.fromisoformat(one), datetime.fromisoformat(other)
        if (first.tzinfo is None) == (second.tzinfo is None):
            return (first > second) - (first < second)
    except ValueError:
        pass
    length = min(len(one), len(other))
    return (one[:length] > other[:length]) - (one[:length] < other[:length])


def _strings(question: Json, value: object, place: str, context: Context) -> None:
    if type(value) is not str:
        return
    least, most = extension(question, EXTENSION + "minLength"), question.get("maxLength")
    if type(least) is int and len(value) < least:
        _beyond(question, f"{len(value)} × c", f">= {least} × c", place, context)
    if type(most) is int and len(value) > most:
        _beyond(question, f"{len(value)} × c", f"<= {most} × c", place, context)
    pattern = extension(question, EXTENSION + "regex")
    if type(pattern) is str and len(value) <= _PATTERN_LIMIT and not _matches(pattern, value):
        _beyond(question, value, pattern, place, context)


def _matches(pattern: str, value: str) -> bool:
    try:
        return compiled(pattern).fullmatch(value) is not None
    except FhirPathError:
        return True


def _attachments(question: Json, value: object, place: str, context: Context) -> None:
    allowed = [each for each in extensions(question, EXTENSION + "mimeType") if type(each) is str]
    media = text(value, "contentType")
    if allowed and not any(media.startswith(each) for each in allowed):
        _beyond(question, media or "—", ", ".join(allowed), place, context)
    most = number(extension(question, EXTENSION + "maxSize"))
    data = text(value, "data")
    if most is not None and is_base64(data) and decoded_size(data) > most:
        _beyond(question, decoded_size(data), f"<= {most}", place, context)


def _references(question: Json, value: object, place: str, context: Context) -> None:
    match = _REST(text(value, "reference"))
    if match is None:
        return
    allowed = [each for each in extensions(question, EXTENSION + "questionnaire-referenceResource")
               if type(each) is str] or context.definitions.resource_types  # fmt: skip
    if match[1] not in allowed:
        expected = ", ".join(sorted(allowed)) if len(allowed) < len(context.definitions.resource_types) else "FHIR R4"
        _beyond(question, match[1], expected, place, context)


def _quantities(question: Json, value: object, place: str, context: Context) -> None:
    if not isinstance(value, dict):
        return
    for suffix, sign in (("minQuantity", 1), ("maxQuantity", -1)):
        limit = extension(question, _SDC + suffix)
        if isinstance(limit, dict):
            _quantity_limit(question, value, limit, sign, place, context)
    _decimals(question, value.get("value"), place, context)
    units = [each for each in extensions(question, EXTENSION + "questionnaire-unitOption") if isinstance(each, dict)]
    if units and not any(_unit(value, each) for each in units):
        _beyond(question, _shown_quantity(value), ", ".join(shown(each) for each in units), place, context)
    url = extension(question, EXTENSION + "questionnaire-unitValueSet")
    known = codes_of(context, url) if type(url) is str else None
    if known is not None and known.judge(_bare(value)) is False:
        _beyond(question, _shown_quantity(value), known.url, place, context)


def _quantity_limit(question: Json, value: Json, limit: Json, sign: int, place: str, context: Context) -> None:
    """A limit is compared in UCUM or in the same unit; one whose unit has no system and code is an error too."""
    order = _quantity_order(value, limit)
    if order is None or order * sign < 0:
        expected = f"{'>=' if sign > 0 else '<='} {_shown_quantity(limit)}"
        _beyond(question, _shown_quantity(value), expected, place, context)


def _quantity_order(one: Json, other: Json) -> int | None:
    """-1, 0 or 1: how two quantities follow each other; None when their units cannot be brought together."""
    (first, second), (left, right) = ([number(each.get("value")) for each in (one, other)], [_bare(one), _bare(other)])
    if first is None or second is None or "" in {*left.values(), *right.values()}:
        return None
    if left == right:
        return (first > second) - (first < second)
    if {left["system"], right["system"]} != {_UCUM}:
        return None
    return Quantity(first, left["code"]).compare(Quantity(second, right["code"]))


def _unit(value: Json, option: Json) -> bool:
    pairs = (("system", "system"), ("code", "code"), ("display", "unit"))
    return all(option[key] == value.get(other) for key, other in pairs if key in option)


def _shown_quantity(value: Json) -> str:
    parts = (value.get("value"), value.get("unit"), f"({text(value, 'system')}|{text(value, 'code')})")
    return shown(" ".join(str(part) for part in parts if part is not None))


def _beyond(question: Json, found: object, expected: str, place: str, context: Context) -> None:
    link = text(question, "linkId")
    context.add("FHIR-QUESTIONNAIRERESPONSE-LIMIT", place, element=link, found=shown(found), expected=shown(expected))


_LIMITS: Final[dict[str, Callable[[Json, object, str, Context], None]]] = {
    "decimal": _numbers,
    "integer": _numbers,
    "date": _times,
    "dateTime": _times,
    "time": _times,
    "string": _strings,
    "Attachment": _attachments,
    "Reference": _references,
    "Quantity": _quantities,
}
