"""Verdicts without documents: a rule, a place, a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from fhir_server.checking import Verdict
from fhir_server.reports import FORMATS, Judged, Options, render
from validators.documents import registry
from validators.ins import InsLevel, InsStatus
from validators.messages import rule
from validators.report import Issue, Report, Severity

Json = dict[str, Any]
FILE = b'{\n  "resourceType": "Patient",\n  "gender": "x",\n  "active": "<b>&amp;"\n}\n'


def issue(
    rule_id: str = "FHIR-BINDING",
    location: str = "Patient.gender",
    line: int | None = 3,
    *,
    severity: Severity | None = None,
    suppressed: str = "",
    column: int | None = None,
    pointer: str | None = None,
    **params: str,
) -> Issue:
    """One finding of a rule of the catalogue."""
    row = rule(rule_id)
    words = {"found": "x", "expected": "male, female"} | params
    return Issue(
        row.id, severity or row.severity, row.scope, row.code, location, words, line, column, pointer, suppressed
    )


def verdict(*issues: Issue, kind: str = "fhir-json", looked_at: bool = False, **more: Any) -> Verdict:
    """What was found in one file."""
    return Verdict(kind, Report(issues, looked_at=looked_at), **more)


VALID = verdict(kind="cda", looked_at=True, document_kind=registry().kinds["LDL"], ins=InsStatus(InsLevel.QUALIFIED))
ERROR = verdict(issue())
WARNING = verdict(issue("FHIR-PROFILE-UNKNOWN", "Patient.meta.profile[0]", 2, found="urn:x"))
UNCOUNTED = verdict(issue("INS-ABSENT", "/ClinicalDocument/recordTarget[1]", 16), kind="cda", looked_at=True)
FATAL = verdict(issue("CONTENT-UNKNOWN", "", None, severity=Severity.FATAL), kind="unknown")
SUPPRESSED = verdict(issue(suppressed="connu, ticket 12"))
WHOLE = verdict(
    issue("INS-ABSENT", "Bundle.entry[1].resource.data!/ClinicalDocument/recordTarget[1]", 16),
    looked_at=True,
    parts=(("Bundle.entry[1].resource", UNCOUNTED),),
)
NAMES = {"valid": VALID, "error": ERROR, "warning": WARNING, "uncounted": UNCOUNTED, "fatal": FATAL,
         "suppressed": SUPPRESSED, "whole": WHOLE}  # fmt: skip
EACH: list[Judged] = [(f"{name}.json", found) for name, found in NAMES.items()]
ALL = sorted(set(FORMATS))


class Opinion:
    """Another validator, which says little."""

    def as_dict(self, lang: str) -> Json | None:
        """As JSON."""
        return {"said": lang}

    def text(self, lang: str) -> str:
        """As text."""
        return f"  autre avis <{lang}>"


def beside(found: Verdict) -> Verdict:
    """The same with somebody else's opinion."""
    return replace(found, beside=Opinion())


def source(data: bytes = FILE) -> Options:
    """Options under which every file has these bytes."""
    return Options(source=lambda _name: data)


def written(format_: str, *judged: Verdict, lang: str = "fr", options: Options | None = None) -> str:
    """What a format writes about files called `a`, `b` and so on."""
    names = [(chr(ord("a") + number), found) for number, found in enumerate(judged)]
    return render(format_, names, lang, options or Options())


odd_text = st.text(
    st.characters(codec=None) | st.sampled_from("<>&\"'\x00\x1b\x07\x85\u2028\u202e\ufffe\ud800]]>{}[]"), max_size=30
)
"""What a hostile document may hold: markup, control characters, half of a surrogate pair."""


@st.composite
def odd_verdicts(draw: Callable[[Any], Any]) -> list[Judged]:
    """Up to three files, whose names, places, values and reasons are odd."""
    found = st.builds(
        issue, st.sampled_from(["FHIR-BINDING", "INS-ABSENT", "FHIR-PROFILE-UNKNOWN"]), odd_text,
        st.none() | st.integers(1, 9), suppressed=odd_text, found=odd_text, expected=odd_text,
        column=st.none() | st.integers(1, 40),
    )  # fmt: skip
    made: list[Judged] = [
        (draw(odd_text), verdict(*draw(st.lists(found, max_size=3)), looked_at=draw(st.booleans())))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return made
