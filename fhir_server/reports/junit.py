"""JUnit XML: a test suite a file, a test case a rule.

CI systems show failed cases by name and compare them between runs, so a case is a rule, which keeps its name, and not a
finding, whose place moves. A file without failures has one case of its own that passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml import etree

from fhir_server.reports.findings import Looked, in_order, printable, rule_link
from fhir_server.reports.options import Judged, Options
from fhir_server.reports.text import heading, states
from fhir_server.reports.words import words
from validators.messages import render as sentence
from validators.report import Issue, Severity, reaches


def render(verdicts: Sequence[Judged], lang: str, options: Options) -> str:
    """A whole XML document; what fails is what `options.fail_on` says."""
    root = etree.Element("testsuites", name="segur validate")
    for judged in verdicts:
        _suite(root, Looked(judged, options), lang, options.fail_on)
    _count(root, root.iter("testcase"))
    etree.indent(root)
    return etree.tostring(root, encoding="unicode", doctype='<?xml version="1.0" encoding="UTF-8"?>')


def _suite(root: etree._Element, looked: Looked, lang: str, fail_on: Severity) -> None:
    name = printable(looked.name)
    suite = etree.SubElement(root, "testsuite", name=name)
    cases: dict[str, list[Issue]] = {}
    for issue in in_order(looked.verdict.report):
        cases.setdefault(issue.rule, []).append(issue)
    for rule_id, issues in cases.items():
        _case(etree.SubElement(suite, "testcase", classname=name, name=rule_id), issues, looked, lang, fail_on)
    if suite.find("testcase/failure") is None and suite.find("testcase/error") is None:
        passed = etree.SubElement(suite, "testcase", classname=name, name=words(lang)["valid"], file=name)
        etree.SubElement(passed, "system-out").text = ", ".join(states(looked.verdict, lang))
    if looked.verdict.beside is not None:
        etree.SubElement(suite, "system-out").text = printable(looked.verdict.beside.text(lang))
    _count(suite, suite.iter("testcase"))


def _case(case: etree._Element, issues: list[Issue], looked: Looked, lang: str, fail_on: Severity) -> None:
    """Failed, skipped when all its findings are suppressed, else passed with what there is to say."""
    case.set("file", printable(looked.name))
    if place := looked.place(issues[0]):
        case.set("line", str(place[0]))
    failing = [i for i in issues if not i.suppressed and reaches(i.severity, fail_on)]
    if failing:
        tag = "error" if failing[0].severity is Severity.FATAL else "failure"
        sign = etree.SubElement(
            case, tag, message=printable(sentence(failing[0], lang)), type=failing[0].severity.value
        )
        sign.text = _said(issues, lang)
    elif all(issue.suppressed for issue in issues):
        reason = "; ".join(dict.fromkeys(issue.suppressed for issue in issues))
        etree.SubElement(case, "skipped", message=printable(reason))
        etree.SubElement(case, "system-out").text = _said(issues, lang)
    else:
        etree.SubElement(case, "system-out").text = _said(issues, lang)


def _said(issues: Iterable[Issue], lang: str) -> str:
    """Every finding of the rule with its place and sentence; no line of the file, as CI systems show it to many."""
    lines = []
    for issue in issues:
        why = f" [{words(lang)['suppressed']} : {issue.suppressed}]" if issue.suppressed else ""
        lines += [f"{heading(issue, lang)}{why}", f"  {sentence(issue, lang)}"]
        lines += [f"  {link}" for link in [rule_link(issue.rule)] if link]
    return printable("\n".join(lines))


def _count(element: etree._Element, cases: Iterable[etree._Element]) -> None:
    found = list(cases)
    element.set("tests", str(len(found)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.find(tag) is not None for case in found)))
