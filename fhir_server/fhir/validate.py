"""`$validate` (FHIR R4, resource-validate): the judgement of `segur validate`, asked for over HTTP; nothing is filed.

The answer is 200 with an OperationOutcome whatever the judgement; 4xx says that there was none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from fhir_server.checking import Terms
from fhir_server.fhir.http import Refusal, fhir_response, language, owner, read_body, services
from fhir_server.fhir.interactions.bodies import JSON_TYPES, XML_TYPES
from fhir_server.fhir.outcome import operation_outcome
from fhir_server.intake.checks import Checks
from fhir_server.judging import judge_resource
from fhir_server.reports.findings import printable
from validators.fhir import load_definitions, parse_json
from validators.fhir.xml import parse_xml
from validators.messages import rule
from validators.report import Report

MODES = ("create", "update", "delete", "profile")
_INPUTS = frozenset({"resource", "mode", "profile"})
_PROFILE_VALUES = ("valueUri", "valueCanonical", "valueUrl", "valueString")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks: of which type the resource is to be, for which interaction, against which profiles."""

    kind: str | None
    modes: tuple[str, ...]
    profiles: tuple[str, ...]


async def validate(request: Request, kind: str | None = None) -> Response:
    """Judge the resource of a request and say everything that was found.

    Raises:
        Refusal: 400 a parameter is wrong, 401, 403, 404 no such type, 406, 408, 413, 415.
    """
    owner(request)
    if kind is not None and kind not in load_definitions().resource_types:
        raise Refusal(404, "HTTP-NOT-FOUND")
    query = request.query_params
    asked = Asked(kind, tuple(query.getlist("mode")), tuple(query.getlist("profile")))
    body = await read_body(request, JSON_TYPES + XML_TYPES, empty=asked.modes == ("delete",))
    media_type = request.headers["content-type"].partition(";")[0].strip().lower()
    report = await run_in_threadpool(_judged, body, media_type in XML_TYPES, asked, services(request).checks)
    return fhir_response(operation_outcome(report, language(request)))


def _judged(body: bytes, is_xml: bool, asked: Asked, checks: Checks) -> Report:
    report = Report()
    resource: object = None
    if body:
        resource = parse_xml(body, report, load_definitions()) if is_xml else parse_json(body, report)
    if body and not isinstance(resource, dict):
        return report
    found, inside = (resource if isinstance(resource, dict) else None), ""
    if found is not None and (given := _inputs(found)):
        found, inside = _resource_of(given)
        asked = _with_inputs(asked, given)
    if _is_deletion(asked):
        report.add(rule("VALIDATE-DELETE"))
        return report
    if found is None:
        raise _wrong("resource", "—", "1")
    return _judgement(found, inside, body, report, asked, checks, kind="fhir-xml" if is_xml else "fhir-json")


def _judgement(
    resource: Json, inside: str, body: bytes, report: Report, asked: Asked, checks: Checks, *, kind: str
) -> Report:
    named = resource.get("resourceType")
    if asked.kind is not None and named != asked.kind:
        shown = named if isinstance(named, str) and named in load_definitions().resource_types else "—"
        report.add(rule("VALIDATE-TYPE"), shown if shown != "—" else "", found=shown, expected=asked.kind)
    now = datetime.now(UTC)
    by = Terms(checks.mode, now, checks.bound(now), checks.walker, asked.profiles, checks.max_entries, checks.pdsm)
    return judge_resource(kind, resource, body, report, by, inside).report


# -- parameters --------------------------------------------------------------------------------------------------------


def _inputs(resource: Json) -> list[tuple[int, Json]]:
    """The operation's own parameters with their index; none when the resource is something to validate itself."""
    parameters = resource.get("parameter") if resource.get("resourceType") == "Parameters" else None
    rows = enumerate(parameters if isinstance(parameters, list) else ())
    return [(index, row) for index, row in rows if isinstance(row, dict) and row.get("name") in _INPUTS]


def _resource_of(given: Iterable[tuple[int, Json]]) -> tuple[Json | None, str]:
    """The resource to judge, and where it stands in the body."""
    for index, row in given:
        if row["name"] == "resource" and isinstance(row.get("resource"), dict):
            return row["resource"], f"Parameters.parameter[{index}].resource"
    return None, ""


def _with_inputs(asked: Asked, given: Iterable[tuple[int, Json]]) -> Asked:
    rows = [row for _, row in given]
    modes = _values(rows, "mode", ("valueCode", "valueString"))
    return Asked(asked.kind, (*asked.modes, *modes), (*asked.profiles, *_values(rows, "profile", _PROFILE_VALUES)))


def _values(rows: Iterable[Json], name: str, keys: Iterable[str]) -> Iterator[str]:
    for row in rows:
        if row["name"] == name:
            found = next((row[key] for key in keys if isinstance(row.get(key), str)), None)
            if found is None:
                raise _wrong(name, "—", " | ".join(keys))
            yield found


def _is_deletion(asked: Asked) -> bool:
    """Whether the question is if something may be deleted; all other modes ask the same of a resource here.

    Raises:
        Refusal: 400 for a mode that does not exist, or `profile` without one.
    """
    for mode in asked.modes:
        if mode not in MODES:
            raise _wrong("mode", printable(mode)[:40], ", ".join(MODES))
    if "profile" in asked.modes and not asked.profiles:
        raise _wrong("profile", "—", "mode=profile + profile")
    return "delete" in asked.modes


def _wrong(name: str, found: str, expected: str) -> Refusal:
    return Refusal(400, "VALIDATE-PARAMETER", name=name, found=found, expected=expected)
