"""Reports: what a judgement found, written for people, scripts, CI systems and FHIR clients.

One module a format and one row in `FORMATS`; every renderer takes the judged files in order, a language and options,
and returns text. Nothing here decides anything: verdicts are those of `fhir_server.checking`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from fhir_server.reports.options import Judged, Options

__all__ = ["FORMATS", "Format", "Judged", "Options", "render"]

_Render = Callable[[Sequence[Judged], str, Options], str]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write findings: where its renderer is, its media type, and whether files can be written one by one.

    `streams`: what is written for many files is what is written for each, line after line.
    """

    module: str
    media_type: str
    streams: bool = False
    function: str = "render"

    def render(self, verdicts: Sequence[Judged], lang: str, options: Options = Options()) -> str:  # noqa: B008 - frozen
        """Write the findings, loading what this format alone needs."""
        module = importlib.import_module(f"fhir_server.reports.{self.module}")
        return cast(_Render, getattr(module, self.function))(verdicts, lang, options)


FORMATS: Mapping[str, Format] = {
    "text": Format("text", "text/plain", streams=True),
    "terminal": Format("terminal", "text/plain", streams=True),
    "json": Format("rows", "application/json", function="render_json"),
    "ndjson": Format("rows", "application/x-ndjson", streams=True, function="render_ndjson"),
    "html": Format("page", "text/html"),
    "junit": Format("junit", "application/xml"),
    "sarif": Format("sarif", "application/sarif+json"),
    "outcome": Format("outcome", "application/fhir+ndjson", streams=True),
}
"""A new format is a row here and a module beside it; `terminal` is `text` for somebody who looks at a screen."""


def render(format_: str, verdicts: Sequence[Judged], lang: str = "fr", options: Options = Options()) -> str:  # noqa: B008 - frozen
    """The findings in one of the formats; KeyError when there is no such format."""
    return FORMATS[format_].render(verdicts, lang, options)
