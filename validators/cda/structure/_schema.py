"""The tables as one XML Schema: written in memory, the same text every time, compiled once per process by libxml2.

Seven small documents refer to each other by made-up addresses (`segur:sdtc.xsd`) that only our resolver answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from html import escape
from typing import Any, Final

from lxml import etree

from validators.cda.structure._body import BODY
from validators.cda.structure._datatypes import DATA_TYPES, SIMPLE_TYPES
from validators.cda.structure._extensions import EXTENSIONS, Extension
from validators.cda.structure._header import HEADER
from validators.cda.structure._narrative import NARRATIVE
from validators.cda.structure._notation import (
    Attribute,
    Complex,
    Particle,
    Simple,
    occurs_of,
    parse_attributes,
    parse_content,
)
from validators.cda.structure._vocabulary import VOCABULARY

V3_URI: Final = "urn:hl7-org:v3"
MODEL: Final = "POCD_MT000040"
_ADDRESS: Final = "segur:{}.xsd"
_ROOT_GROUP: Final = (
    '<xs:group name="Root"><xs:sequence>'
    '<xs:element name="realmCode" type="CS" minOccurs="0" maxOccurs="unbounded"/>'
    f'<xs:element name="typeId" type="{MODEL}.InfrastructureRoot.typeId" minOccurs="0"/>'
    '<xs:element name="templateId" type="II" minOccurs="0" maxOccurs="unbounded"/>'
    "</xs:sequence></xs:group>"
)

Naming = Callable[[str], str]
"""How a schema writes the name of a type that the tables name."""


def schema_documents() -> dict[str, str]:
    """The XML Schema documents by name; `main` imports the others."""
    documents = {"main": _main(), "datatypes": _datatypes(), "v3": _v3()}
    return documents | {extension.prefix: _extension(extension) for extension in EXTENSIONS}


@cache
def schema() -> etree.XMLSchema:
    """The compiled schema of this process (some thirty milliseconds the first time)."""
    documents = schema_documents()
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Resolver(documents))
    return etree.XMLSchema(etree.fromstring(documents["main"], parser, base_url=_ADDRESS.format("main")))


class _Resolver(etree.Resolver):
    """Answers the addresses of our own documents, and no other."""

    def __init__(self, documents: dict[str, str]) -> None:
        super().__init__()
        self._documents = {_ADDRESS.format(name): text for name, text in documents.items()}

    def resolve(self, *asked: Any) -> Any:
        """The text of one document; asked for by its address, its public id (none) and libxml2's context."""
        address, _, context = asked
        return self.resolve_string(self._documents[address], context, base_url=address)


def _document(body: Iterable[str], target: str = "", default: str = V3_URI) -> str:
    names = "".join(f' xmlns:{extension.prefix}="{extension.uri}"' for extension in EXTENSIONS)
    names += f' xmlns:v3="{V3_URI}"' + (f' xmlns="{default}"' if default else "")
    targeted = f' targetNamespace="{target}"' if target else ""
    content = "\n".join(body)
    return (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"{names}{targeted} elementFormDefault="qualified">\n'
        f"{content}\n</xs:schema>\n"
    )


def _main() -> str:
    spaces = {"v3": V3_URI} | {extension.prefix: extension.uri for extension in EXTENSIONS}
    return _document(
        f'<xs:import namespace="{uri}" schemaLocation="{_ADDRESS.format(name)}"/>' for name, uri in spaces.items()
    )


def _imports(*but: str) -> list[str]:
    spaces = [V3_URI, *(extension.uri for extension in EXTENSIONS)]
    return [f'<xs:import namespace="{uri}"/>' for uri in spaces if uri not in but]


def _included_data_types() -> str:
    return f'<xs:include schemaLocation="{_ADDRESS.format("datatypes")}"/>'


def _datatypes() -> str:
    """Without a namespace of its own: it takes that of the schema that includes it (HL7 v3, pharm)."""
    return _document(
        [
            f'<xs:import namespace="{EXTENSIONS[0].uri}"/>',
            *(simple_type(row, str) for row in _vocabulary()),
            *(simple_type(row, _plain) for row in SIMPLE_TYPES),
            *(complex_type(row, _plain) for row in DATA_TYPES),
        ],
        default="",
    )


def _v3() -> str:
    classes = (*HEADER, *BODY)
    own = {row.name for row in classes}

    def name(declared: str) -> str:
        return f"{MODEL}.{declared}" if declared in own else _plain(declared)

    return _document(
        [
            _included_data_types(),
            *_imports(V3_URI),
            _ROOT_GROUP,
            *(complex_type(row, name) for row in (*NARRATIVE, *classes)),
            f'<xs:element name="ClinicalDocument" type="{MODEL}.ClinicalDocument"/>',
        ],
        V3_URI,
    )


def _extension(extension: Extension) -> str:
    own = {row.name for row in extension.types} | {row.name for row in extension.simple_types}
    if extension.own_data_types:
        own |= {row.name for row in DATA_TYPES} | {row.name for row in SIMPLE_TYPES} | set(VOCABULARY)
    classes = {row.name for row in (*HEADER, *BODY)}

    def name(declared: str) -> str:
        if declared in own:
            return f"{extension.prefix}:{declared}"
        written = _plain(declared)
        model = f"{MODEL}." if declared in classes else ""
        return written if ":" in written else f"v3:{model}{written}"

    globals_ = [
        f'<xs:element name="{element}" type="{name(declared)}" nillable="true"/>'
        for element, declared in extension.elements.items()
    ]
    attributes = [
        f'<xs:attribute name="{attribute}" type="{name(declared)}"/>'
        for attribute, declared in (extension.attributes or {}).items()
    ]
    return _document(
        [
            *([_included_data_types()] if extension.own_data_types else []),
            *_imports(extension.uri),
            *(simple_type(row, name) for row in extension.simple_types),
            *(complex_type(row, name) for row in extension.types),
            *globals_,
            *attributes,
        ],
        extension.uri,
    )


def _plain(declared: str) -> str:
    """`xs.ID` and `v3.RTO` carry their prefix; any other name is of the schema itself."""
    prefix, dot, name = declared.partition(".")
    return f"{prefix}:{name}" if dot and prefix in ("xs", "v3") else declared


def _vocabulary() -> list[Simple]:
    return [Simple(name, "cs", values=codes) for name, codes in VOCABULARY.items()]


def simple_type(row: Simple, name: Naming) -> str:
    """`xs:simpleType` of one lexical form."""
    if row.union:
        body = f'<xs:union memberTypes="{" ".join(map(name, row.union))}"/>'
    elif row.item:
        body = f'<xs:list itemType="{name(row.item)}"/>'
    else:
        pattern = f'<xs:pattern value="{escape(row.pattern)}"/>' if row.pattern else ""
        values = "".join(f'<xs:enumeration value="{value}"/>' for value in row.values)
        body = f'<xs:restriction base="{name(row.base)}">{row.facets}{pattern}{values}</xs:restriction>'
    return f'<xs:simpleType name="{row.name}">{body}</xs:simpleType>'


def complex_type(row: Complex, name: Naming) -> str:
    """`xs:complexType` of one row."""
    content = parse_content(row.content)
    body = "" if content is None else _particle(content, name)
    body += "".join(_attribute(attribute, name) for attribute in parse_attributes(row.attributes))
    if row.base:
        how = "restriction" if row.narrows else "extension"
        body = f'<xs:complexContent><xs:{how} base="{name(row.base)}">{body}</xs:{how}></xs:complexContent>'
    flags = (' mixed="true"' if row.mixed else "") + (' abstract="true"' if row.abstract else "")
    return f'<xs:complexType name="{name(row.name).rpartition(":")[2]}"{flags}>{body}</xs:complexType>'


def _particle(particle: Particle, name: Naming) -> str:
    occurs = occurs_of(particle)
    if particle.kind == "element":
        return f'<xs:element name="{particle.name}" type="{name(particle.type)}"{occurs}/>'
    if particle.kind == "any":
        return f'<xs:any namespace="##other" processContents="skip"{occurs}/>'
    if particle.kind == "group":
        return f'<xs:group ref="v3:{particle.name}"{occurs}/>'
    if particle.kind == "ref":
        return f'<xs:element ref="{particle.name}"{occurs}/>'
    inside = "".join(_particle(item, name) for item in particle.items)
    return f"<xs:{particle.kind}{occurs}>{inside}</xs:{particle.kind}>"


def _attribute(attribute: Attribute, name: Naming) -> str:
    use = f' use="{attribute.use}"' if attribute.use else ""
    if ":" in attribute.name:
        return f'<xs:attribute ref="{attribute.name}"{use}/>'
    fixed = "" if attribute.fixed is None else f' fixed="{escape(attribute.fixed)}"'
    declared = "" if attribute.use == "prohibited" else f' type="{name(attribute.type)}"'
    return f'<xs:attribute name="{attribute.name}"{declared}{fixed}{use}/>'
