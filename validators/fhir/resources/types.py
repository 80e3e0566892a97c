"""Rules of single data types that their definitions do not express.

Source: FHIR R4, https://hl7.org/fhir/R4/datatypes.html; each function is called for every value of its type, so the
first test is the cheap one that ends most calls.
"""

from __future__ import annotations

import binascii
import hashlib
from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.primitives import is_base64
from validators.fhir.resources.displays import check_display
from validators.fhir.resources.nodes import has_code, is_absolute, nobody_knows, objects, text

_URI: Final = "urn:ietf:rfc:3986"
_BLANKS: Final = str.maketrans("", "", " \t\r\n")


def attachment(node: Json, place: str, context: Context) -> None:
    """FHIR-ATTACHMENT-SIZE, FHIR-ATTACHMENT-HASH: size and hash are those of the data (Attachment.size, .hash)."""
    if "data" not in node or ("size" not in node and "hash" not in node):
        return
    data = node["data"]
    if not is_base64(data):
        return
    size, stated = decoded_size(data), node.get("size")
    if type(stated) is int and stated != size:
        context.add("FHIR-ATTACHMENT-SIZE", place, found=stated, expected=size)
    if type(node.get("hash")) is str:
        digest = hashlib.sha1(binascii.a2b_base64(data), usedforsecurity=False).digest()
        expected = binascii.b2a_base64(digest, newline=False).decode()
        if node["hash"] != expected:
            context.add("FHIR-ATTACHMENT-HASH", place, found=shown(node["hash"]), expected=expected)


def decoded_size(data: str) -> int:
    """How many bytes a well-formed base64 text stands for, counted without decoding."""
    dense = data.translate(_BLANKS)
    return len(dense) // 4 * 3 - (len(dense) - len(dense.rstrip("=")))


def identifier(node: Json, place: str, context: Context) -> None:
    """FHIR-IDENTIFIER-SYSTEM, FHIR-IDENTIFIER-VALUE: the system is absolute; in urn:ietf:rfc:3986 so is the value."""
    system = node.get("system")
    if type(system) is not str:
        return
    if not is_absolute(system):
        context.add("FHIR-IDENTIFIER-SYSTEM", place, found=shown(system))
    elif system == _URI:
        value = node.get("value")
        if type(value) is str and not is_absolute(value):
            context.add("FHIR-IDENTIFIER-VALUE", place, found=shown(value), expected=_URI)


def coding(node: Json, place: str, context: Context) -> None:
    """FHIR-CODING-*: the system is a code system, not a supplement to one; code and display are among its own.

    Example: `{"system": "http://hl7.org/fhir/administrative-gender", "code": "femme"}` breaks FHIR-CODING-CODE.
    """
    system = node.get("system")
    if type(system) is not str:
        return
    if system in context.unknown_systems:
        return
    if system in context.code_systems:
        _code(node, system, place, context)
    elif not is_absolute(system):
        context.add("FHIR-CODING-SYSTEM", place, found=shown(system))
    elif "/ValueSet/" in system and context.definitions.value_set(system) is not None:
        context.add("FHIR-CODING-VALUESET", place, found=shown(system))
    elif _is_supplement(system, context):
        context.add("FHIR-CODING-SUPPLEMENT", f"{place}.system", found=shown(system))
    else:
        context.code_systems[system] = context.lookup(system)
        if nobody_knows(context, system):
            context.unknown_systems.add(system)
        else:
            _code(node, system, place, context)


def _is_supplement(system: str, context: Context) -> bool:
    loaded = context.lookup(system)
    return loaded is not None and (loaded.get("content") == "supplement" or "supplements" in loaded)


def quantity(node: Json, place: str, context: Context) -> None:
    """FHIR-CODING-CODE: the unit's code belongs to its system (Quantity.code)."""
    system = node.get("system")
    if type(system) is str:
        _code(node, system, place, context)


def _code(node: Json, system: str, place: str, context: Context) -> None:
    code = node.get("code")
    if type(code) is str and has_code(context, system, code) is False:
        context.add("FHIR-CODING-CODE", f"{place}.code", found=shown(code), expected=system)
    elif "display" in node:
        check_display(node, system, place, context)


def meta(node: Json, place: str, context: Context) -> None:
    """FHIR-META-SECURITY: security labels are a set; none is given twice (Meta.security)."""
    if "security" not in node:
        return
    seen: set[tuple[str, str]] = set()
    for label in objects(node, "security"):
        key = text(label, "system"), text(label, "code")
        if key in seen:
            context.add("FHIR-META-SECURITY", place, found="|".join(key))
        seen.add(key)
