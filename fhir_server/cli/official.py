"""`segur validate --official-kit`: the user's own copy of the national kit beside our verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fhir_server.cli.common import fail

if TYPE_CHECKING:
    from fhir_server.checking import Verdict
    from validators.cda.official import Disagreement, Finding, Official, OfficialResult

_WORDS = {
    "fr": {"kit": "kit officiel", "ok": "conforme", "ko": "NON CONFORME", "partial": "partiel", "none": "sans objet",
           "agree": "même verdict", "differ": "VERDICT DIFFÉRENT", "schema": "schéma", "ours": "vu par nous seuls",
           "official": "vu par le kit seul", "defect": "défaut du kit", "line": "ligne", "more": "défauts déjà dits",
           "error": "erreur", "warning": "avertissement", "information": "information"},
    "en": {"kit": "official kit", "ok": "conformant", "ko": "NOT CONFORMANT", "partial": "partial",
           "none": "not applicable", "agree": "same verdict", "differ": "OTHER VERDICT", "schema": "schema",
           "ours": "seen by us alone", "official": "seen by the kit alone", "defect": "defect of the kit",
           "line": "line", "more": "defects said before", "error": "error", "warning": "warning",
           "information": "information"},
}  # fmt: skip

_said: set[str] = set()
"""Defects already written by this process: they are the kit's, not the document's."""


def require_kit(folder: Path) -> None:
    """Exit 2 unless the folder holds a copy of the kit and Saxon is installed."""
    from importlib.util import find_spec

    from validators.cda.official import Kit, KitError

    try:
        Kit(folder)
    except KitError as error:
        fail(str(error))
    if find_spec("saxonche") is None:
        fail("--official-kit needs the package saxonche")


@cache
def _official(folder: Path) -> Official:
    from validators.caching import cache_folder
    from validators.cda.official import Kit, Official

    return Official(Kit(folder), cache_folder() / "official")


@dataclass(frozen=True)
class Beside:
    """What the kit says of one file beside our verdict; `result` is None for what is no CDA."""

    verdict: Verdict
    result: OfficialResult | None

    @property
    def agree(self) -> bool:
        """Whether both refuse or both accept."""
        return self.result is not None and self.result.valid == self.verdict.report.conformant

    def _parted(self) -> list[Disagreement]:
        from validators.cda.official import disagreements

        return [] if self.result is None else disagreements(self.verdict.report, self.result)

    # -- JSON ----------------------------------------------------------------------------------------------------------

    def as_dict(self, lang: str) -> dict[str, Any] | None:
        """The field `official` of the JSON object."""
        from validators.cda.official import defect_text

        if self.result is None:
            return None
        return {
            "valid": self.result.valid, "complete": self.result.complete, "agree": self.agree,
            "schema_errors": [_finding(item) for item in self.result.schema_errors],
            "failed": [_finding(item) for item in self.result.failed],
            "disagreements": [
                {"seen_by": item.seen_by, "rule": item.rule, "location": item.location, "line": item.line}
                for item in self._parted()
            ],
            "defects": [
                {"kind": item.kind, "file": item.file, "detail": item.detail, "repaired": item.repaired,
                 "message": defect_text(item, lang)}
                for item in self.result.defects
            ],
        }  # fmt: skip

    # -- text ----------------------------------------------------------------------------------------------------------

    def text(self, lang: str) -> str:
        """The lines under our own report."""
        words = _WORDS[lang]
        if self.result is None:
            return f"  {words['kit']} : {words['none']}"
        states = [words["ok"] if self.result.valid else words["ko"], words["agree"] if self.agree else words["differ"]]
        if not self.result.complete:
            states.append(words["partial"])
        return "\n".join([f"  {words['kit']} : {', '.join(states)}", *self._findings(words), *self._defects(lang)])

    def _findings(self, words: dict[str, str]) -> Iterator[str]:
        assert self.result is not None
        parted = self._parted()
        alone = {id(item.finding) for item in parted}
        for item in (*self.result.schema_errors, *self.result.failed):
            mark = f" [{words['official']}]" if id(item) in alone else ""
            yield f"    {words[item.severity.value]} {item.source} {item.assertion} {_place(item, words)}{mark}"
            yield f"      {item.message}"
        for each in parted:
            if each.seen_by == "ours":
                yield f"    {words['ours']} : {each.rule} {_place(each, words)}"

    def _defects(self, lang: str) -> Iterator[str]:
        from validators.cda.official import defect_text

        assert self.result is not None
        words = _WORDS[lang]
        texts = [defect_text(item, lang) for item in self.result.defects]
        new = [text for text in texts if text not in _said]
        _said.update(new)
        yield from (f"    {words['defect']} : {text}" for text in new)
        if len(new) < len(texts):
            yield f"    {words['more']} : {len(texts) - len(new)}"


def beside(folder: Path, data: bytes, verdict: Verdict) -> Beside:
    """Run the kit on one file; what is neither a CDA nor was meant to be one is none of its business."""
    return Beside(verdict, _official(folder).check(data) if verdict.kind == "cda" else None)


def _finding(item: Finding) -> dict[str, Any]:
    return {"source": item.source, "assertion": item.assertion, "severity": item.severity.value,
            "location": item.location, "line": item.line, "message": item.message}  # fmt: skip


def _place(item: Finding | Disagreement, words: dict[str, str]) -> str:
    return f"{item.location} ({words['line']} {item.line})" if item.line else item.location
