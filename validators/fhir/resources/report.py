"""MeasureReport: its groups, populations and scores are those its Measure defines.

Source: FHIR R4, https://hl7.org/fhir/R4/measurereport.html; nothing is said when the Measure is unknown.
"""

from __future__ import annotations

from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.resources.nodes import child, children, number, objects, text

_POPULATION: Final = "http://terminology.hl7.org/CodeSystem/measure-population"
_SCORED: Final = frozenset({"proportion", "ratio", "continuous-variable"})


def measure_report(node: Json, place: str, context: Context) -> None:
    """FHIR-MEASUREREPORT-*: a report against its Measure, contained or loaded."""
    canonical = text(node, "measure")
    measure = context.lookup(canonical) if canonical else None
    if measure is None or measure.get("resourceType") != "Measure":
        return
    groups, wanted = list(children(node, "group", place)), objects(measure, "group")
    if not wanted:
        return
    if len(groups) == len(wanted) == 1:
        group, where = groups[0]
        if child(group, "code") and child(wanted[0], "code") and not _matches(group, wanted[0]):
            context.add("FHIR-MEASUREREPORT-CODE", where, element="group", found=shown(child(group, "code")))
        _group(node, measure, group, wanted[0], where, context)
        return
    met = _matched(groups, wanted, "group", context)
    for group, where, definition in met:
        _group(node, measure, group, definition, where, context)
    if node.get("type") != "data-collection":
        _missing(wanted, [definition for _, _, definition in met], "group", place, context)


def _matched(
    given: list[tuple[Json, str]], wanted: list[Json], name: str, context: Context
) -> list[tuple[Json, str, Json]]:
    """The given components with the ones they answer, found by code; findings for the others."""
    met: list[tuple[Json, str, Json]] = []
    for node, where in given:
        definition = next((each for each in wanted if _matches(node, each)), None)
        if definition is None or any(definition is each for _, _, each in met):
            context.add("FHIR-MEASUREREPORT-CODE", where, element=name, found=shown(child(node, "code")))
        else:
            met.append((node, where, definition))
    return met


def _missing(wanted: list[Json], met: list[Json], name: str, place: str, context: Context) -> None:
    for definition in wanted:
        code = child(definition, "code")
        observed = (_POPULATION, "measure-observation") in _codes(code)
        if not observed and not any(definition is each for each in met):
            context.add(
                "FHIR-MEASUREREPORT-MISSING", place, element=name, slice=shown(code), found=0, expected=shown(code)
            )


def _group(report: Json, measure: Json, group: Json, definition: Json, place: str, context: Context) -> None:
    for name in ("population", "stratifier"):
        given = list(children(group, name, place))
        if name == "stratifier":
            given = [(_coded(each), where) for each, where in given]
        wanted = objects(definition, name)
        met = _matched(given, wanted, name, context)
        _missing(wanted, [each for _, _, each in met], name, place, context)
        if name == "population":
            for population, where, _ in met:
                _population(report, population, where, context)
    _score(report, measure, group, place, context)


def _coded(stratifier: Json) -> Json:
    """A stratifier of a report has several codes, one of a measure a single one."""
    codes = objects(stratifier, "code")
    return {**stratifier, "code": {"coding": [each for code in codes for each in objects(code, "coding")]}}


def _population(report: Json, population: Json, place: str, context: Context) -> None:
    results, count = "subjectResults" in population, population.get("count")
    if report.get("type") != "subject-list" and results:
        context.add("FHIR-MEASUREREPORT-SUBJECTS", place, found=shown(report.get("type") or "—"))
    elif report.get("type") == "subject-list" and type(count) is int and count > 0 and not results:
        context.add("FHIR-MEASUREREPORT-SUBJECTS", place, found=shown(report.get("type")))


def _score(report: Json, measure: Json, group: Json, place: str, context: Context) -> None:
    """A score where the scoring has one; a proportion lies between 0 and 1 and has no unit."""
    scoring = next((code for _, code in _codes(child(measure, "scoring"))), "")
    score, where = child(group, "measureScore"), f"{place}.measureScore"
    collecting = report.get("type") == "data-collection"
    if score and (collecting or scoring == "cohort"):
        context.add("FHIR-MEASUREREPORT-SCORE", where, element="measureScore", found="measureScore", expected="—")
    elif scoring in _SCORED and not collecting and not score:
        context.add("FHIR-MEASUREREPORT-SCORE", place, element="measureScore", found="—", expected=scoring)
    elif scoring in _SCORED and score:
        value = number(score.get("value"))
        if value is None and "extension" not in score:
            context.add("FHIR-MEASUREREPORT-SCORE", where, element="value", found="—", expected=scoring)
        elif value is not None and scoring == "proportion" and not 0 <= value <= 1:
            context.add("FHIR-MEASUREREPORT-SCORE", f"{where}.value", element="value", found=value, expected="0 … 1")
        for key in ("unit", "system", "code") if scoring == "proportion" else ():
            if key in score:
                found = shown(score[key])
                context.add("FHIR-MEASUREREPORT-SCORE", f"{where}.{key}", element=key, found=found, expected="—")


def _matches(node: Json, definition: Json) -> bool:
    code, other = child(node, "code"), child(definition, "code")
    if _codes(code) & _codes(other):
        return True
    return not _codes(code) and not _codes(other) and bool(text(code, "text")) and code["text"] == other.get("text")


def _codes(concept: Json) -> set[tuple[str, str]]:
    return {(text(each, "system"), text(each, "code")) for each in objects(concept, "coding")}
