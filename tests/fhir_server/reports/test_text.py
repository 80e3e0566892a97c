"""Text: plain for pipes, in colours for a terminal."""

from __future__ import annotations

import re

import pytest

from fhir_server.reports import Options
from tests.fhir_server.reports.pieces import (
    ERROR,
    FATAL,
    FILE,
    SUPPRESSED,
    UNCOUNTED,
    VALID,
    WARNING,
    WHOLE,
    issue,
    source,
    verdict,
    written,
)  # fmt: skip

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class TestPlain:
    def test_of_a_valid_file_is_one_line(self) -> None:
        assert written("text", VALID) == "a : conforme, comptable, LDL, INS qualified"
        assert written("text", VALID, lang="en") == "a : conformant, countable, LDL, INS qualified"

    def test_of_a_finding_is_place_then_sentence(self) -> None:
        lines = written("text", ERROR).splitlines()
        assert lines[0] == "a : NON CONFORME"
        assert lines[1] == "  erreur FHIR-BINDING Patient.gender (ligne 3)"
        assert lines[2].startswith("    Le code x est hors du jeu")

    def test_says_both_verdicts(self) -> None:
        assert written("text", UNCOUNTED).startswith("a : conforme, NON COMPTABLE")
        assert written("text", FATAL).startswith("a : NON CONFORME\n  fatal CONTENT-UNKNOWN")
        assert written("text", WARNING).splitlines()[1].startswith("  avertissement FHIR-PROFILE-UNKNOWN")

    def test_marks_what_is_suppressed(self) -> None:
        lines = written("text", SUPPRESSED).splitlines()
        assert lines[0] == "a : conforme"
        assert lines[1].endswith("[écarté : connu, ticket 12]")

    def test_has_no_colour_and_no_line_of_the_file(self) -> None:
        assert "\x1b" not in written("text", ERROR, options=source())
        assert '"gender"' not in written("text", ERROR, options=source())


class TestTerminal:
    def test_has_the_same_words_in_colour(self) -> None:
        text = written("terminal", ERROR)
        assert "\x1b[" in text
        assert "NON CONFORME" in COLOUR.sub("", text)
        assert "FHIR-BINDING Patient.gender (ligne 3)" in COLOUR.sub("", text)

    def test_shows_the_line_in_context(self) -> None:
        lines = COLOUR.sub("", written("terminal", ERROR, options=source())).splitlines()
        [marked] = [line for line in lines if "❯" in line]
        assert marked.strip() == '❯     3 │   "gender": "x",'

    def test_groups_by_severity(self) -> None:
        mixed = verdict(issue("FHIR-PROFILE-UNKNOWN"), issue(), issue(location="Patient.a"), issue(suppressed="su"))
        text = COLOUR.sub("", written("terminal", mixed))
        places = [text.index(title) for title in ("Erreurs (2)", "Avertissements (1)", "Anomalies écartées (1)")]
        assert places == sorted(places)

    def test_respects_no_color(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NO_COLOR", "1")
        assert "\x1b[31" not in written("terminal", ERROR)

    @pytest.mark.parametrize("width", [20, 60, 200])
    def test_fits_the_terminal(self, width: int) -> None:
        options = Options(source=lambda _: FILE + b"x" * 500, width=width)
        text = COLOUR.sub("", written("terminal", ERROR, WHOLE, WARNING, options=options))
        assert max(len(line.rstrip()) for line in text.splitlines()) <= width

    def test_takes_no_markup_and_no_escape_from_a_document(self) -> None:
        text = written("terminal", verdict(issue(found="[bold]x[/bold]\x1b[2J")))
        assert "[bold]x[/bold]" in COLOUR.sub("", text)
        assert "\x1b[2J" not in text
