"""What all formats have in common: nothing is lost, nothing fails, and the words exist in both languages."""

from __future__ import annotations

from string import Formatter

import pytest
from hypothesis import HealthCheck, given, settings

from fhir_server.cli.validate import Format
from fhir_server.reports import FORMATS, Judged, render
from fhir_server.reports.words import WORDS, effect, line_words, words
from tests.fhir_server.reports.pieces import (
    ALL,
    EACH,
    SUPPRESSED,
    beside,
    issue,
    odd_verdicts,
    source,
    verdict,
    written,
)
from validators.report import Severity


def test_every_format_of_the_command_has_a_renderer() -> None:
    assert {format_.value for format_ in Format} | {"terminal"} == set(FORMATS)


def test_an_unknown_format_is_a_fault() -> None:
    with pytest.raises(KeyError):
        render("pdf", EACH)


@pytest.mark.parametrize("format_", ALL)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_rule_is_named(format_: str, lang: str) -> None:
    text = render(format_, EACH, lang)
    assert all(issue.rule in text for _, found in EACH for issue in found.report)


@pytest.mark.parametrize("format_", ALL)
def test_what_is_suppressed_is_said_with_its_reason(format_: str) -> None:
    assert "connu, ticket 12" in written(format_, SUPPRESSED)


@pytest.mark.parametrize("format_", ALL)
def test_no_file_is_no_fault(format_: str) -> None:
    assert isinstance(render(format_, []), str)


@pytest.mark.parametrize("format_", sorted(name for name, found in FORMATS.items() if found.streams))
def test_a_stream_is_the_same_in_one_go_or_file_by_file(format_: str) -> None:
    assert render(format_, EACH) == "\n".join(render(format_, [one]) for one in EACH)


@pytest.mark.parametrize("format_", ["text", "terminal", "json", "ndjson", "html", "junit"])
def test_another_opinion_is_passed_on(format_: str) -> None:
    text = written(format_, beside(verdict(issue())))
    assert "autre avis" in text or '"said": "fr"' in text
    assert "<fr>" not in text or format_ in ("text", "terminal")


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(odd_verdicts())
def test_anything_can_be_written_as_utf8_and_steers_no_terminal(judged: list[Judged]) -> None:
    for format_ in ALL:
        text = render(format_, judged, "fr", source())
        text.encode("utf-8")
        if format_ != "terminal":
            assert not {"\x1b", "\x07", "\x00"} & set(text)


class TestWords:
    def test_are_the_same_in_both_languages(self) -> None:
        assert set(WORDS["fr"]) == set(WORDS["en"])
        for key, text in WORDS["fr"].items():
            assert [part[1] for part in Formatter().parse(text)] == [
                part[1] for part in Formatter().parse(WORDS["en"][key])
            ]
        assert words("de") is WORDS["fr"]

    @pytest.mark.parametrize(
        ("rule_id", "severity", "key"),
        [("FHIR-BINDING", Severity.FATAL, "refused"), ("FHIR-BINDING", Severity.ERROR, "refused"),
         ("INS-ABSENT", Severity.ERROR, "uncounted"), ("FHIR-BINDING", Severity.WARNING, "to_fix"),
         ("INS-ABSENT", Severity.INFORMATION, "said")],
    )  # fmt: skip
    def test_say_what_a_finding_costs(self, rule_id: str, severity: Severity, key: str) -> None:
        assert effect(issue(rule_id, severity=severity), "en") == WORDS["en"][key]

    def test_say_of_what_a_line_is(self) -> None:
        assert line_words(issue(line=None), "fr") == ""
        assert line_words(issue(line=4), "fr") == "ligne 4"
        assert line_words(issue(location="Bundle.entry[1]!/a", line=4), "en") == "line 4 of the document inside"
