"""Letters on paper and on screen: a `Letter` through a template that an agency may edit, to HTML or PDF."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fhir_server.letters._templates import TemplateFault, Templates, built_in
from fhir_server.letters._view import view
from indicators.programmes.letters import LANGUAGES, Letter

__all__ = ["MEDIA_TYPES", "PAGE_POLICY", "TemplateFault", "Templates", "built_in", "render", "view"]

MEDIA_TYPES: Final[Mapping[str, str]] = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
PAGE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
"""What a letter may load in a browser: its own style, nothing else."""


def render(letter: Letter, format_: str, lang: str = "fr", folder: Path | None = None) -> bytes:
    """A letter in a format of `MEDIA_TYPES` and a language; `folder` holds an agency's own templates.

    Raises `TemplateFault` on a template that cannot be run or laid out, `NotADirectoryError` on a folder that is none,
    `ValueError` on another language, `KeyError` on another format.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no words in {lang!r}; known: {', '.join(LANGUAGES)}")
    MEDIA_TYPES[format_]
    name = f"{letter.kind}.html"
    page = Templates(folder).render(name, view(letter, lang))
    if format_ == "html":
        return page.encode()
    from fhir_server.letters._pdf import to_pdf

    try:
        return to_pdf(page, letter, lang)
    except Exception as error:  # the markup is the agency's: what fpdf cannot lay out is the template's fault
        raise TemplateFault(name, None, "TEMPLATE_FAILED", f"PDF: {error}") from None
