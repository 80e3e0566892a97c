"""The kit's XSD, run by libxml2 on the document."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, cast

from lxml import etree

from validators.cda._tree import xpath_of
from validators.cda.official._finding import Finding
from validators.cda.structure._run import element_at
from validators.report import Severity

_NAMESPACE: Final = re.compile(r"\{[^}]*\}")
_MOST: Final = 100


class Schema:
    """The compiled schema.

    Raises:
        etree.XMLSchemaParseError: it does not compile.
        etree.XMLSyntaxError: it is no XML.
    """

    def __init__(self, path: Path) -> None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        self._name = path.name
        self._schema = etree.XMLSchema(etree.parse(str(path), parser))

    def errors(self, root: etree._Element) -> list[Finding]:
        """What it says of a `ClinicalDocument`, in libxml2's words."""
        if self._schema.validate(root):
            return []
        entries = list(cast("list[etree._LogEntry]", self._schema.error_log))[:_MOST]
        return [self._finding(root, entry) for entry in entries]

    def _finding(self, root: etree._Element, entry: etree._LogEntry) -> Finding:
        element = element_at(root, entry.path) if entry.path else root
        message = _NAMESPACE.sub("", entry.message)
        return Finding(self._name, entry.type_name, Severity.ERROR, xpath_of(element), entry.line or None, message)
