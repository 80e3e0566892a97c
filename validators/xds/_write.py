"""`Metadata` becomes a SubmitObjectsRequest in ebRIM 3.0: the same value gives the same bytes (IHE ITI TF-3, 4.2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any, Final

from lxml import etree

from validators.xds._datatypes import Composite
from validators.xds._model import (
    Association,
    Author,
    Code,
    DocumentEntry,
    Folder,
    Metadata,
    PatientField,
    SubmissionSet,
    Thing,
)
from validators.xds._schemes import (
    AUTHOR_SLOTS,
    DOCUMENT_AUTHOR,
    DOCUMENT_CODES,
    DOCUMENT_IDS,
    DOCUMENT_SLOTS,
    DOCUMENTATION,
    FOLDER_CODES,
    FOLDER_IDS,
    FOLDER_NODE,
    FOLDER_SLOTS,
    LCM,
    RIM,
    SET_AUTHOR,
    SET_CODES,
    SET_IDS,
    SET_NODE,
    SET_SLOTS,
    xds_name,
)

_NSMAP: Final[dict[Any, str]] = {"lcm": LCM, "rim": RIM}
_TYPE: Final = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:"
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_metadata(metadata: Metadata) -> bytes:
    """The XML of a METADATA.XML."""
    root = request_element(metadata)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def request_element(metadata: Metadata) -> etree._Element:
    """The SubmitObjectsRequest, for an envelope of its own."""
    root = etree.Element(f"{{{LCM}}}SubmitObjectsRequest", nsmap=_NSMAP)
    objects = etree.SubElement(root, f"{{{RIM}}}RegistryObjectList")
    writer = _Writer(objects)
    for item in metadata.sets:
        writer.submission_set(item)
    for document in metadata.documents:
        writer.document(document)
    for folder in metadata.folders:
        writer.folder(folder)
    for association in metadata.associations:
        writer.association(association)
    return root


def xml_text(text: str) -> str:
    """A text without what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


def _texts(value: Any) -> list[str]:
    """What a slot holds: a text, a data type, or several of them."""
    if value is None:
        return []
    if isinstance(value, Composite | PatientField):
        return [value.text]
    return [value] if isinstance(value, str) else [text for item in value for text in _texts(item)]


class _Writer:
    """Adds registry objects to a list; the ids of their parts are symbolic and follow their order."""

    def __init__(self, objects: etree._Element) -> None:
        self._objects = objects
        self._numbers = count(1)

    def document(self, entry: DocumentEntry) -> None:
        """An ExtrinsicObject."""
        element = self._thing("ExtrinsicObject", entry, objectType=entry.object_type, mimeType=entry.mime_type)
        self._slots(element, entry, DOCUMENT_SLOTS)
        self._names(element, entry)
        self._authors(element, entry.id, DOCUMENT_AUTHOR, entry.authors)
        self._codes(element, entry, DOCUMENT_CODES)
        self._ids(element, entry, DOCUMENT_IDS, "XDSDocumentEntry")

    def submission_set(self, item: SubmissionSet) -> None:
        """A RegistryPackage and the classification that makes it a submission set."""
        element = self._thing("RegistryPackage", item, objectType=_TYPE + "RegistryPackage")
        self._slots(element, item, SET_SLOTS)
        self._names(element, item)
        self._authors(element, item.id, SET_AUTHOR, item.authors)
        self._codes(element, item, SET_CODES)
        self._ids(element, item, SET_IDS, "XDSSubmissionSet")
        self._node(item, SET_NODE)

    def folder(self, item: Folder) -> None:
        """A RegistryPackage and the classification that makes it a folder."""
        element = self._thing("RegistryPackage", item, objectType=_TYPE + "RegistryPackage")
        self._slots(element, item, FOLDER_SLOTS)
        self._names(element, item)
        self._codes(element, item, FOLDER_CODES)
        self._ids(element, item, FOLDER_IDS, "XDSFolder")
        self._node(item, FOLDER_NODE)

    def association(self, item: Association) -> None:
        """An Association with its slots and documentation."""
        number = f"as{next(self._numbers):04d}"
        element = self._add(
            self._objects, "Association", id=number, objectType=_TYPE + "Association", associationType=item.kind,
            sourceObject=item.source, targetObject=item.target,
        )  # fmt: skip
        for slot in item.slots:
            self._slot(element, slot.name, slot.values)
        if item.documentation is not None:
            self._code(element, number, DOCUMENTATION, item.documentation)

    # -- parts -----------------------------------------------------------------------------------------------------

    def _add(self, parent: etree._Element, tag: str, **attributes: str | None) -> etree._Element:
        given = {name: xml_text(value) for name, value in attributes.items() if value is not None}
        return etree.SubElement(parent, f"{{{RIM}}}{tag}", given)

    def _thing(self, tag: str, item: Thing, **more: str | None) -> etree._Element:
        return self._add(
            self._objects, tag, id=item.id, lid=item.logical_id, home=item.home, status=item.status, **more
        )

    def _slot(self, parent: etree._Element, name: str, values: Iterable[str]) -> None:
        listed = self._add(self._add(parent, "Slot", name=name), "ValueList")
        for value in values:
            self._add(listed, "Value").text = xml_text(value)

    def _slots(self, element: etree._Element, item: Thing, names: Mapping[str, str]) -> None:
        for name, slot in names.items():
            values = _texts(getattr(item, name))
            if values:
                self._slot(element, slot, values)
        for other in item.slots:
            self._slot(element, other.name, other.values)

    def _names(self, element: etree._Element, item: Thing) -> None:
        for tag, text in (("Name", item.title), ("Description", item.comments)):
            if text:
                self._words(element, tag, text)
        if item.version is not None:
            self._add(element, "VersionInfo", versionName=item.version)

    def _words(self, parent: etree._Element, tag: str, text: str) -> None:
        self._add(self._add(parent, tag), "LocalizedString", value=text)

    def _classification(self, parent: etree._Element, owner: str, **attributes: str) -> etree._Element:
        number = f"cl{next(self._numbers):04d}"
        return self._add(
            parent, "Classification", id=number, objectType=_TYPE + "Classification", classifiedObject=owner,
            **attributes,
        )  # fmt: skip

    def _node(self, item: Thing, node: str) -> None:
        self._classification(self._objects, item.id, classificationNode=node)

    def _code(self, parent: etree._Element, owner: str, scheme: str, code: Code) -> None:
        element = self._classification(parent, owner, classificationScheme=scheme, nodeRepresentation=code.code)
        if code.scheme:
            self._slot(element, "codingScheme", [code.scheme])
        if code.display:
            self._words(element, "Name", code.display)

    def _codes(self, element: etree._Element, item: Thing, schemes: Mapping[str, str]) -> None:
        for name, scheme in schemes.items():
            found = getattr(item, name)
            for code in (found,) if isinstance(found, Code) else found or ():
                self._code(element, item.id, scheme, code)

    def _authors(self, element: etree._Element, owner: str, scheme: str, authors: Iterable[Author]) -> None:
        for author in authors:
            made = self._classification(element, owner, classificationScheme=scheme, nodeRepresentation="")
            for name, slot in AUTHOR_SLOTS.items():
                values = _texts(getattr(author, name))
                if values:
                    self._slot(made, slot, values)

    def _ids(self, element: etree._Element, item: Thing, schemes: Mapping[str, str], kind: str) -> None:
        for name, scheme in schemes.items():
            for value in _texts(getattr(item, name)):
                made = self._add(
                    element, "ExternalIdentifier", id=f"ei{next(self._numbers):04d}",
                    objectType=_TYPE + "ExternalIdentifier", registryObject=item.id,
                    identificationScheme=scheme, value=value,
                )  # fmt: skip
                self._words(made, "Name", f"{kind}.{xds_name(name)}")
