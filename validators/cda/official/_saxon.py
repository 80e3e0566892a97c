"""Saxon, loaded when it is first needed: it weighs a hundred megabytes and nothing else uses it."""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree

_PLACE: Final = re.compile(r"\s*(?:on line \d+ column \d+ )?of file:\S*")


class SaxonMissing(Exception):
    """The package `saxonche` is not installed, or does not run on this machine."""


class SaxonError(Exception):
    """Saxon refused a style sheet or stopped on a document; the message is Saxon's, on one line."""


class Saxon:
    """One Saxon processor. Not safe to share between threads, nor over a fork: make one a process.

    Raises:
        SaxonMissing: the package is not there.
    """

    def __init__(self) -> None:
        try:
            from saxonche import PySaxonProcessor
        except ImportError as error:  # pragma: no cover - a runtime dependency
            raise SaxonMissing(f"saxonche: {error}") from error
        self._processor: Any = PySaxonProcessor(license=False)
        self._compiler: Any = self._processor.new_xslt30_processor()

    def compile(self, stylesheet: str) -> Any:
        """An executable style sheet.

        Raises:
            SaxonError: it is not right.
        """
        try:
            return self._compiler.compile_stylesheet(stylesheet_text=stylesheet)
        except Exception as error:
            raise SaxonError(_one_line(error)) from error

    def document(self, root: etree._Element) -> Any:
        """A document for Saxon: the element and what is in it."""
        return self._processor.parse_xml(xml_text=etree.tostring(root, encoding="unicode", with_tail=False))

    def run(self, executable: Any, document: Any) -> etree._Element:
        """What the style sheet writes about the document.

        Raises:
            SaxonError: an error that the style sheet did not catch.
        """
        try:
            written: str = executable.transform_to_string(xdm_node=document)
        except Exception as error:
            raise SaxonError(_one_line(error)) from error
        return etree.fromstring(written.encode())


def _one_line(error: Exception) -> str:
    return " ".join(_PLACE.sub("", str(error)).split())
