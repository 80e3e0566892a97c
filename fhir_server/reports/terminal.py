"""Text for somebody at a screen: colours, worst first, with the line each finding is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from fhir_server.reports.findings import Excerpt, Looked, by_severity, in_order, printable
from fhir_server.reports.options import Judged, Options
from fhir_server.reports.text import states
from fhir_server.reports.words import line_words, words
from validators.messages import render as sentence
from validators.report import Issue

_STYLES = {"fatal": "bold white on red", "error": "bold red", "warning": "yellow", "information": "cyan"}


def render(verdicts: Sequence[Judged], lang: str, options: Options) -> str:
    """The report of each file, in colours unless `NO_COLOR` is set."""
    console = Console(
        file=StringIO(), force_terminal=True, width=options.width, highlight=False, legacy_windows=False
    )  # fmt: skip
    with console.capture() as written:
        for judged in verdicts:
            for piece in _file(Looked(judged, options), lang):
                console.print(piece, soft_wrap=False)
    return written.get().rstrip("\n")


def _file(looked: Looked, lang: str) -> Iterator[Text | Padding]:
    said, verdict = words(lang), looked.verdict
    colour = "bold green" if verdict.valid else "bold red"
    yield Text.assemble((printable(looked.name), "bold"), " : ", (", ".join(states(verdict, lang)), colour))
    for severity, issues in by_severity(verdict.report.counted):
        style = _STYLES[severity.value]
        yield Padding(Text(f"{said[f'{severity.value}s']} ({len(issues)})", style), (0, 0, 0, 2), expand=False)
        for issue in issues:
            yield from _finding(issue, looked.excerpt(issue), style, lang)
    suppressed = in_order(issue for issue in verdict.report if issue.suppressed)
    if suppressed:
        yield Padding(Text(f"{said['suppressions']} ({len(suppressed)})", "dim"), (0, 0, 0, 2), expand=False)
    for issue in suppressed:
        yield _indented(Text(f"{issue.rule} {issue.location} — {issue.suppressed}", "dim"), 4)
    if verdict.beside is not None:
        yield _indented(Text(verdict.beside.text(lang)), 0)


def _finding(issue: Issue, excerpt: Excerpt | None, style: str, lang: str) -> Iterator[Padding]:
    line = line_words(issue, lang)
    yield _indented(Text.assemble((issue.rule, style), " ", issue.location, (f" ({line})" if line else "", "dim")), 4)
    yield _indented(Text(sentence(issue, lang)), 6)
    for number, text in excerpt.lines if excerpt is not None else ():
        meant = excerpt is not None and number == excerpt.at
        sign = "❯" if meant else " "
        yield _indented(Text(f"{sign} {number:>5} │ {text}", "bold" if meant else "dim", no_wrap=True), 6)


def _indented(text: Text, by: int) -> Padding:
    text.plain = printable(text.plain)  # as long as it was: the styles stay where they are
    return Padding(text, (0, 0, 0, by), expand=False)
