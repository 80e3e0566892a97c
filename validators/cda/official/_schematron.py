"""One schematron of the kit made runnable: compiled once for a content of the kit, kept, and run by Saxon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from lxml import etree

from validators.cda.official._compile import FORM, stylesheet
from validators.cda.official._defects import Defect
from validators.cda.official._files import Store
from validators.cda.official._finding import Finding, line_at
from validators.cda.official._kit import Kit
from validators.cda.official._lists import mend_lists
from validators.cda.official._saxon import Saxon, SaxonError
from validators.cda.official._source import Source
from validators.report import Severity

_ROLES: Final = {
    "warning": Severity.WARNING, "warn": Severity.WARNING, "info": Severity.INFORMATION,
    "information": Severity.INFORMATION, "fatal": Severity.ERROR, "error": Severity.ERROR,
}  # fmt: skip


class _Made(msgspec.Struct):
    """What is kept of a compilation."""

    stylesheet: str
    defects: tuple[Defect, ...]


_decoder: Final = msgspec.json.Decoder(_Made)


class Schematron:
    """A schematron; `defects` is what was found wrong with it, before any document."""

    def __init__(self, kit: Kit, path: Path, saxon: Saxon, store: Store) -> None:
        self.name = kit.relative(path)
        self._saxon = saxon
        self._executable: Any = None
        made = _made(kit, path, store, self.name)
        self.defects = list(made.defects)
        if made.stylesheet:
            try:
                self._executable = saxon.compile(made.stylesheet)
            except SaxonError as error:
                self.defects.append(Defect("schematron-not-compiled", self.name, str(error)))

    def run(self, document: Any, root: etree._Element) -> tuple[list[Finding], list[Defect]]:
        """What it says of a document, and what of it could not be evaluated there."""
        if self._executable is None:
            return [], []
        try:
            written = self._saxon.run(self._executable, document)
        except SaxonError as error:
            return [], [Defect("schematron-stopped", self.name, str(error))]
        broken = dict.fromkeys(self._broken(written))
        return [self._finding(item, root) for item in written.iter("failed")], list(broken)

    def _broken(self, written: etree._Element) -> Iterator[Defect]:
        for item in written.iter("broken"):
            yield Defect("not-evaluated", self.name, f"{item.get('assertion')} ({_words(item)})")

    def _finding(self, item: etree._Element, root: etree._Element) -> Finding:
        location = item.get("location") or "/"
        severity = _ROLES.get(item.get("role", "").casefold(), Severity.ERROR)
        return Finding(
            Path(self.name).name, item.get("assertion", ""), severity, location, line_at(root, location), _words(item)
        )


def _words(item: etree._Element) -> str:
    return " ".join("".join(str(part) for part in item.itertext()).split())


def _made(kit: Kit, path: Path, store: Store, name: str) -> _Made:
    """The style sheet of the file, from the cache when the kit is as it was."""
    kept_as = f"{path.stem}-{FORM}-{kit.fingerprint}.json"
    kept = store.read(kept_as)
    if kept is not None:
        try:
            return _decoder.decode(kept)
        except msgspec.DecodeError:
            pass  # a damaged file is made again
    made = _compiled(kit, path, store, name)
    store.write(kept_as, msgspec.json.encode(made))
    return made


def _compiled(kit: Kit, path: Path, store: Store, name: str) -> _Made:
    try:
        source = Source(kit.root, path)
    except (etree.XMLSyntaxError, OSError) as error:
        return _Made("", (Defect("schematron-unreadable", name, str(error)),))
    mend_lists(source, kit.root, store)
    return _Made(stylesheet(source), tuple(source.defects))
