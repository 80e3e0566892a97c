"""Strings (https://hl7.org/fhirpath/N1/#string-manipulation): the input is one string, nothing in gives nothing out."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from validators.fhir.fhirpath.code import Code
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.items import describe, system_value
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.operators import checked
from validators.fhir.fhirpath.patterns import compiled, replacement
from validators.fhir.fhirpath.registry import Arguments, Compiling, function, lazy, text, whole
from validators.fhir.fhirpath.syntax import Call, Literal


def _define(name: str, gives: str, body: Callable[..., Any], kinds: Sequence[Any] = ()) -> None:
    """Register a function of one string whose arguments are strings (`text`) or integers (`whole`), all needed."""

    def run(items: list[Item], arguments: Arguments, _environment: Environment) -> list[Item]:
        subject = text(items, f"{name}()")
        values = [kind(items, f"{name}()") for kind, items in zip(kinds, arguments, strict=True)]
        if subject is None or any(value is None for value in values):
            return []
        result = body(subject, *values)
        return result if isinstance(result, list) else [] if result is None else [result]

    function(name, len(kinds), gives=gives)(run)


def _define_test(name: str, body: Callable[[str, str], bool]) -> None:
    """Register a question of two strings; the second is most often a literal, which is then not evaluated."""
    what = f"{name}()"

    def build(compiling: Compiling, call: Call, source: Code) -> Code:
        items_of, other_of, argument = source.run, compiling.code(call.arguments[0]).run, call.arguments[0]
        literal = argument.value if isinstance(argument, Literal) and isinstance(argument.value, str) else None

        def test(this: list[Item], environment: Environment) -> bool | None:
            items = items_of(this, environment)
            if literal is not None and len(items) == 1:
                item = items[0]
                value = item[0] if type(item) is tuple else item
                if type(value) is str:
                    return body(value, literal)
            subject, other = text(items, what), text(other_of(this, environment), what)
            return None if subject is None or other is None else body(subject, other)

        return Code.of_test(test)

    lazy(name, 1, 1, "Boolean")(build)


_define_test("startsWith", str.startswith)
_define_test("endsWith", str.endswith)
_define_test("contains", str.__contains__)
_define_test("matches", lambda subject, pattern: compiled(pattern).search(subject) is not None)
_define_test("matchesFull", lambda subject, pattern: compiled(pattern).fullmatch(subject) is not None)
_define("indexOf", "Integer", str.find, [text])
_define("lastIndexOf", "Integer", str.rfind, [text])
_define("upper", "String", str.upper)
_define("lower", "String", str.lower)
_define("trim", "String", str.strip)
_define("length", "Integer", len)
_define("toChars", "String", list)
_define("split", "String", lambda subject, mark: subject.split(mark) if mark else list(subject), [text])


@function("substring", 1, 2, gives="String")
def substring(items: list[Item], arguments: Arguments, _environment: Environment) -> list[Item]:
    """`substring(start, length)`: from a position counted from 0; nothing when it lies outside."""
    subject, start = text(items, "substring()"), whole(arguments[0], "substring()")
    length = whole(arguments[1], "substring()") if len(arguments) > 1 else None
    if subject is None or start is None or not 0 <= start < len(subject):
        return []
    return [subject[start:] if length is None else subject[start : start + max(0, length)]]


def _replace(subject: str, pattern: str, substitution: str) -> str:
    if len(substitution) * (subject.count(pattern) if pattern else len(subject) + 1) > len(subject) + 1_000_000:
        raise FhirPathError("replace(): the result is too long")
    return checked(subject.replace(pattern, substitution))


def _replace_matches(subject: str, pattern: str, substitution: str) -> str:
    if not pattern:
        return subject
    try:
        return checked(compiled(pattern).sub(replacement(substitution), subject))
    except (re.error, IndexError) as problem:
        raise FhirPathError(f"replaceMatches(): {substitution[:80]!r}: {problem}") from problem


_define("replace", "String", _replace, [text, text])
_define("replaceMatches", "String", _replace_matches, [text, text])


@function("join", 0, 1, gives="String")
def join(items: list[Item], arguments: Arguments, _environment: Environment) -> list[Item]:
    """`join(separator)`: all strings in one; nothing for none."""
    separator = text(arguments[0], "join()") if arguments else ""
    parts = [system_value(item) for item in items]
    for item, part in zip(items, parts, strict=True):
        if part is not None and not isinstance(part, str):
            raise FhirPathError(f"join(): a string wanted, {describe(item)} found")
    return [checked((separator or "").join(part for part in parts if part is not None))] if parts else []


# -- encodings ---------------------------------------------------------------------------------------------------------

_ENCODE: Final[dict[str, Callable[[bytes], bytes]]] = {
    "base64": base64.b64encode,
    "urlbase64": base64.urlsafe_b64encode,
    "hex": binascii.hexlify,
}
_DECODE: Final[dict[str, Callable[[str], bytes]]] = {
    "base64": lambda value: base64.b64decode(value, validate=True),
    "urlbase64": lambda value: base64.b64decode(value, altchars=b"-_", validate=True),
    "hex": binascii.unhexlify,
}


def _encode(subject: str, form: str) -> str | None:
    encode = _ENCODE.get(form)
    return None if encode is None else encode(subject.encode()).decode()


def _decode(subject: str, form: str) -> str | None:
    decode = _DECODE.get(form)
    try:
        return None if decode is None else decode(subject).decode()
    except ValueError:  # not of that form, or not UTF-8 under it
        return None


def _escape(subject: str, target: str) -> str | None:
    if target == "html":
        return html.escape(subject)
    return json.dumps(subject, ensure_ascii=False)[1:-1] if target == "json" else None


def _unescape(subject: str, target: str) -> str | None:
    if target == "html":
        return html.unescape(subject)
    if target != "json":
        return None
    try:
        return str(json.loads(f'"{subject}"', strict=False))
    except ValueError:
        return subject


_define("encode", "String", _encode, [text])
_define("decode", "String", _decode, [text])
_define("escape", "String", _escape, [text])
_define("unescape", "String", _unescape, [text])
