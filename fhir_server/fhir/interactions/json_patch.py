"""JSON Patch (RFC 6902) with JSON Pointer (RFC 6901), strict: what a pointer names must be there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import jiter

from fhir_server.fhir.interactions.errors import PatchError
from fhir_server.fhir.interactions.fhirpath_values import copied

_INDEX: Final = re.compile(r"0|[1-9][0-9]*")
_BAD_ESCAPE: Final = re.compile(r"~(?![01])")
_PLAIN = (dict, list, str, bool)


def parse(data: bytes) -> list[Any]:
    """The operations of a patch document.

    Raises:
        PatchError: 400, no JSON list.
    """
    try:
        found = jiter.from_json(data, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="lossless-float")
    except ValueError as error:
        raise _form("", error, "JSON") from None
    if not isinstance(found, list):
        raise _form("", type(found).__name__, "[ { op, path, … } ]")
    return found


def apply(document: dict[str, Any], operations: list[Any]) -> dict[str, Any]:
    """The document after every operation; what was given stays as it is.

    Raises:
        PatchError: 400 no patch, 422 an operation does not fit the document or a test fails.
    """
    patched: Any = copied(document)
    for index, operation in enumerate(operations):
        location = f"[{index}]"
        if not isinstance(operation, dict):
            raise _form(location, type(operation).__name__, "{ op, path, … }")
        kind = operation.get("op")
        if not isinstance(kind, str) or kind not in _DO:
            raise _form(f"{location}.op", kind if isinstance(kind, str) else "—", ", ".join(_DO))
        patched = _DO[kind](patched, _pointer(operation, "path", location), operation, location)
    if not isinstance(patched, dict):
        raise PatchError("PATCH-VALUE", "", path="", found=type(patched).__name__, expected="{ … }")
    return patched


def _form(location: str, found: object, expected: str) -> PatchError:
    return PatchError("PATCH-FORM", location, 400, found=found, expected=expected)


def _pointer(operation: Mapping[str, Any], name: str, location: str) -> list[str]:
    text = operation.get(name)
    if not isinstance(text, str) or (text and text[0] != "/") or _BAD_ESCAPE.search(text):
        raise _form(f"{location}.{name}", text if isinstance(text, str) else "—", "JSON Pointer (RFC 6901)")
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]


def _value(operation: Mapping[str, Any], location: str) -> Any:
    if "value" not in operation:
        raise _form(f"{location}.value", "—", "value")
    return copied(operation["value"])


# -- walking -------------------------------------------------------------------------------------------------------


def _missing(steps: list[str], location: str) -> PatchError:
    path = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    return PatchError("PATCH-PATH", location, path=path, found=0, expected=1)


def _at(document: Any, steps: list[str], location: str) -> Any:
    node = document
    for step in steps:
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, list) and _INDEX.fullmatch(step) and int(step) < len(node):
            node = node[int(step)]
        else:
            raise _missing(steps, location)
    return node


def _place(holder: Any, step: str, steps: list[str], location: str, *, end: bool) -> str | int:
    """The key or index that the last step names; with `end`, the one past the last is one too."""
    if isinstance(holder, dict):
        return step
    if isinstance(holder, list):
        if step == "-" and end:
            return len(holder)
        if _INDEX.fullmatch(step) and int(step) < len(holder) + end:
            return int(step)
    raise _missing(steps, location)


# -- operations ----------------------------------------------------------------------------------------------------


def _set(document: Any, steps: list[str], value: Any, location: str) -> Any:
    if not steps:
        return value
    holder = _at(document, steps[:-1], location)
    place = _place(holder, steps[-1], steps, location, end=True)
    if isinstance(holder, list):
        holder.insert(int(place), value)
    else:
        holder[place] = value
    return document


def _add(document: Any, steps: list[str], operation: Mapping[str, Any], location: str) -> Any:
    return _set(document, steps, _value(operation, location), location)


def _remove(document: Any, steps: list[str], _operation: Mapping[str, Any], location: str) -> Any:
    if not steps:
        raise _missing(steps, location)
    _at(document, steps, location)
    holder = _at(document, steps[:-1], location)
    del holder[_place(holder, steps[-1], steps, location, end=False)]
    return document


def _replace(document: Any, steps: list[str], operation: Mapping[str, Any], location: str) -> Any:
    value = _value(operation, location)
    _at(document, steps, location)
    if not steps:
        return value
    holder = _at(document, steps[:-1], location)
    holder[_place(holder, steps[-1], steps, location, end=False)] = value
    return document


def _move(document: Any, steps: list[str], operation: Mapping[str, Any], location: str) -> Any:
    source = _pointer(operation, "from", location)
    value = _at(document, source, location)
    if steps == source:
        return document
    if steps[: len(source)] == source:
        raise _missing(steps, location)  # a place inside what is moved away is gone with it
    return _set(_remove(document, source, operation, location), steps, value, location)


def _copy(document: Any, steps: list[str], operation: Mapping[str, Any], location: str) -> Any:
    source = _pointer(operation, "from", location)
    return _set(document, steps, copied(_at(document, source, location)), location)


def _test(document: Any, steps: list[str], operation: Mapping[str, Any], location: str) -> Any:
    wanted = _value(operation, location)
    if not same(_at(document, steps, location), wanted):
        raise PatchError("PATCH-TEST", location, path=operation["path"])
    return document


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal (RFC 6902, 4.6): numbers by value, objects whatever their order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if one is None or other is None or isinstance(one, _PLAIN) or isinstance(other, _PLAIN):
        return type(one) is type(other) and bool(one == other)
    return Decimal(str(one)) == Decimal(str(other))


_DO: Final[dict[str, Callable[[Any, list[str], Mapping[str, Any], str], Any]]] = {
    "add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy, "test": _test,
}  # fmt: skip
