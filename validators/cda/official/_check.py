"""A document against the user's copy of the kit: schema, generic schematrons, the schematron of its model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lxml import etree

from validators.cda._header import Header, read_header
from validators.cda._open import open_cda
from validators.cda._tree import HeaderIndex
from validators.cda.official._defects import Defect
from validators.cda.official._files import Store
from validators.cda.official._finding import Finding
from validators.cda.official._kit import Kit
from validators.cda.official._saxon import Saxon
from validators.cda.official._schema import Schema
from validators.cda.official._schematron import Schematron
from validators.report import Report, Severity


@dataclass(frozen=True, slots=True)
class OfficialResult:
    """What the kit says of one document, and what it could not say."""

    schema_errors: tuple[Finding, ...] = ()
    failed: tuple[Finding, ...] = ()
    defects: tuple[Defect, ...] = ()

    @property
    def valid(self) -> bool:
        """No schema error, and no assertion failed but warnings. A defect of the kit is no fault of the document."""
        unread = any(defect.kind == "document-unreadable" for defect in self.defects)
        return not unread and not self.schema_errors and all(f.severity is not Severity.ERROR for f in self.failed)

    @property
    def complete(self) -> bool:
        """All of the kit that concerns the document ran: no defect that could not be mended."""
        return all(defect.repaired for defect in self.defects)


class Official:
    """A kit ready to run; everything is compiled when a document first asks for it. One a process (see `Saxon`).

    Args:
        kit: the copy of the kit.
        cache: where compiled schematrons are kept; None keeps nothing.
    """

    def __init__(self, kit: Kit, cache: Path | None = None) -> None:
        self._kit = kit
        self._store = Store(cache)
        self._made: dict[Path, Schematron] = {}
        self._missing = tuple(kit.missing())

    @cached_property
    def _saxon(self) -> Saxon:
        return Saxon()

    @cached_property
    def _schema(self) -> Schema | Defect | None:
        path = self._kit.schema
        if path is None:
            return None
        try:
            return Schema(path)
        except (etree.XMLSchemaParseError, etree.XMLSyntaxError, OSError) as error:
            return Defect("schema-not-compiled", self._kit.relative(path), " ".join(str(error).split()))

    def check(self, data: bytes) -> OfficialResult:
        """Run the kit on a document.

        Raises:
            SaxonMissing: the package `saxonche` is not there.
        """
        report = Report()
        document = open_cda(data, report)
        if document is None:
            # Hostile or broken bytes are not given to another parser to find out what it would do with them.
            return OfficialResult(defects=(Defect("document-unreadable", "", ", ".join(sorted(report.rules()))),))
        header = read_header(HeaderIndex(document.root))
        paths, defects = self._chosen(header)
        errors: Iterable[Finding] = ()
        if isinstance(self._schema, Schema):
            errors = self._schema.errors(document.root)
        elif self._schema is not None:
            defects.append(self._schema)
        failed = self._run(document.root, paths, defects)
        return OfficialResult(tuple(errors), tuple(failed), tuple(dict.fromkeys(defects)))

    def _chosen(self, header: Header) -> tuple[list[Path], list[Defect]]:
        """The schematrons of a document; what should be there and is not."""
        paths, defects = list(self._kit.generic), list(self._missing)
        volet = self._kit.volet(header.templates, header.level)
        if isinstance(volet, Defect):
            defects.append(volet)
        elif volet is not None:
            paths.append(volet)
        return paths, defects

    def _run(self, root: etree._Element, paths: list[Path], defects: list[Defect]) -> list[Finding]:
        found: list[Finding] = []
        if not paths:
            return found
        document = self._saxon.document(root)
        for path in paths:
            schematron = self._schematron(path)
            defects += schematron.defects
            failed, broken = schematron.run(document, root)
            found += failed
            defects += broken
        return found

    def _schematron(self, path: Path) -> Schematron:
        if path not in self._made:
            self._made[path] = Schematron(self._kit, path, self._saxon, self._store)
        return self._made[path]
