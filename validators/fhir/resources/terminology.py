"""CodeSystem and ConceptMap: what they say of themselves is true.

Source: FHIR R4, https://hl7.org/fhir/R4/codesystem.html and conceptmap.html.
"""

from __future__ import annotations

from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.resources.nodes import (
    HL7,
    child,
    children,
    choice,
    concepts,
    fhir_type,
    has_code,
    is_absolute,
    objects,
    text,
)

_PROPERTIES: Final = HL7 + "concept-properties#"
_KNOWN: Final = {
    "status": "code",
    "inactive": "boolean",
    "effectiveDate": "dateTime",
    "deprecationDate": "dateTime",
    "retirementDate": "dateTime",
    "notSelectable": "boolean",
    "parent": "code",
    "child": "code",
    "partOf": "code",
    "synonym": "code",
    "comment": "string",
    "itemWeight": "decimal",
}
"""Concept properties that HL7 defines, with their types (https://hl7.org/fhir/R4/codesystem-concept-properties.html)."""
_INTERNAL: Final = frozenset({"child", "parent", "partOf", "synonym"})
_ALSO: Final = frozenset({"alternateCode", "order", "definition"})


def code_system(node: Json, place: str, context: Context) -> None:
    """FHIR-CODESYSTEM-*: content, count, and properties (CodeSystem.content, .count, .property)."""
    listed = list(concepts(node, place))
    _content(node, listed, place, context)
    _everything(node, place, context)
    _supplemented(node, place, context)
    defined = _properties(node, place, context)
    codes = {text(concept, "code") for concept, _ in listed}
    supplement = "supplements" in node
    for concept, where in listed:
        for value, spot in children(concept, "property", where):
            _property_value(value, defined, None if supplement else codes, spot, context)


def _content(node: Json, listed: list[tuple[Json, str]], place: str, context: Context) -> None:
    content, count = text(node, "content"), node.get("count")
    supplements = "supplements" in node
    if content and supplements != (content == "supplement"):
        expected = "content = supplement, supplements = …" if supplements else "supplements = …"
        context.add("FHIR-CODESYSTEM-SUPPLEMENT", f"{place}.content", found=shown(content), expected=expected)
    if supplements and "caseSensitive" in node:
        context.add("FHIR-CODESYSTEM-SUPPLEMENT", f"{place}.caseSensitive", found="caseSensitive", expected="—")
    if content == "complete" and type(count) is int and count != len(listed):
        context.add("FHIR-CODESYSTEM-COUNT", f"{place}.count", found=count, expected=len(listed))
    if content == "not-present" and listed:
        context.add("FHIR-CODESYSTEM-NOT-PRESENT", listed[0][1], found=len(listed))


def _everything(node: Json, place: str, context: Context) -> None:
    """FHIR-CODESYSTEM-VALUESET: the value set of all codes includes the whole system and nothing else."""
    url = text(node, "valueSet")
    loaded = context.lookup(url) if url else None
    if loaded is None or loaded.get("resourceType") != "ValueSet":
        return
    includes = objects(child(loaded, "compose"), "include")
    whole = len(includes) == 1 and includes[0].get("system") == node.get("url")
    if not whole or any(key in includes[0] for key in ("valueSet", "concept", "filter")):
        context.add("FHIR-CODESYSTEM-VALUESET", place, found=shown(url), expected=shown(node.get("url")))


def _supplemented(node: Json, place: str, context: Context) -> None:
    """FHIR-CODESYSTEM-CODE: a supplement adds to codes that the system has."""
    base = text(node, "supplements")
    for concept, where in children(node, "concept", place) if base else ():
        code = text(concept, "code")
        if code and has_code(context, base, code) is False:
            context.add("FHIR-CODESYSTEM-CODE", where, found=shown(code), expected=base)


def _properties(node: Json, place: str, context: Context) -> dict[str, tuple[str, str]]:
    """Check the property definitions; give type and known name of each code that is defined once."""
    defined: dict[str, tuple[str, str]] = {}
    uris: set[str] = set()
    for definition, where in children(node, "property", place):
        uri, code, kind = text(definition, "uri"), text(definition, "code"), text(definition, "type")
        known = ""
        if uri:
            known = _property_uri(uri, code, kind, text(node, "url"), where, context)
            if uri in uris:
                context.add("FHIR-CODESYSTEM-PROPERTY-TWICE", where, found=shown(uri), element="uri")
            uris.add(uri)
        if code in defined:
            context.add("FHIR-CODESYSTEM-PROPERTY-TWICE", where, found=shown(code), element="code")
        elif code:
            defined[code] = kind, known
    return defined


def _property_uri(uri: str, code: str, kind: str, url: str, place: str, context: Context) -> str:
    """The name of the HL7 property a uri stands for, or nothing; findings when it contradicts code or type."""
    if not is_absolute(uri):
        context.add("FHIR-CODESYSTEM-PROPERTY-URI", place, found=shown(uri), expected="http://…#…")
        return ""
    name = uri.removeprefix(_PROPERTIES)
    if name == uri or name not in _KNOWN:
        own = bool(url) and (uri.startswith(url) or url.startswith(HL7))
        if "://hl7.org/fhir" in uri and not own and name not in _ALSO:
            expected = ", ".join(f"#{each}" for each in _KNOWN)
            context.add("FHIR-CODESYSTEM-PROPERTY-URI", place, found=shown(uri), expected=_PROPERTIES + expected)
        return ""
    if code in _KNOWN and code != name:
        context.add("FHIR-CODESYSTEM-PROPERTY-KNOWN", place, element="code", found=code, expected=name, uri=uri)
    if kind and kind != _KNOWN[name]:
        context.add("FHIR-CODESYSTEM-PROPERTY-KNOWN", place, element="type", found=kind, expected=_KNOWN[name], uri=uri)
    return name


def _property_value(
    node: Json, defined: dict[str, tuple[str, str]], codes: set[str] | None, place: str, context: Context
) -> None:
    code = text(node, "code")
    key, value = choice(node, "value")
    kind, name = defined.get(code, ("", ""))
    found = fhir_type(key)
    if kind and key and found != kind:
        context.add("FHIR-CODESYSTEM-PROPERTY-TYPE", place, element=shown(code), found=found, expected=kind)
    elif name in _INTERNAL and codes is not None and type(value) is str and value not in codes:
        context.add("FHIR-CODESYSTEM-PROPERTY-CODE", place, element=shown(code), found=shown(value))


def concept_map(node: Json, place: str, context: Context) -> None:
    """FHIR-CONCEPTMAP-CODE: codes mapped from and to are codes of the named systems (ConceptMap.group.element)."""
    for group, where in children(node, "group", place):
        source, target = text(group, "source"), text(group, "target")
        for element, spot in children(group, "element", where):
            _mapped(element, source, spot, context)
            for mapped, there in children(element, "target", spot):
                _mapped(mapped, target, there, context)
        unmapped = child(group, "unmapped")
        if unmapped.get("mode") == "fixed":
            _mapped(unmapped, target, f"{where}.unmapped", context)


def _mapped(node: Json, system: str, place: str, context: Context) -> None:
    code = text(node, "code")
    if system and code and has_code(context, system, code) is False:
        context.add("FHIR-CONCEPTMAP-CODE", f"{place}.code", found=shown(code), expected=system)
