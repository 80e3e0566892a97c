"""`$expand`, `$validate-code` and `$lookup` (FHIR R4, terminology-service.html), on what is loaded here."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from fhir_server import checking
from fhir_server.fhir.http import Refusal, authenticate, fhir_response, read_body, services
from fhir_server.fhir.interactions.bodies import JSON_TYPES, XML_TYPES, Json, encoded, media_type, resource_in
from fhir_server.fhir.interactions.errors import Unfit
from fhir_server.fhir.negotiate import FhirRoute
from fhir_server.fhir.terms import Coded, Terms, Verdict
from fhir_server.judging import check_alone
from validators.fhir.codes import CodeSet
from validators.fhir.filters import objects
from validators.report import Report

router = APIRouter(prefix="/fhir", tags=["FHIR"], route_class=FhirRoute)

MOST: Final = 1000
"""Codes of one page of an expansion."""
_BOTH: Final = ["GET", "POST"]
_CODED: Final = ("code", "system", "display", "coding", "codeableConcept")
_CONTROL: Final = ("_format", "_pretty")
_DEFINITIONS: Final = "http://hl7.org/fhir/OperationDefinition/"

Asked = dict[str, list[Any]]


@router.api_route("/ValueSet/$expand", methods=_BOTH, summary="The codes of a value set")
async def expand(request: Request) -> Response:
    """A page of the codes, those that `filter` is found in; 422 where some of them cannot be told."""
    asked = await _asked(request, ("url", "valueSet", "filter", "count", "offset"))
    return await _answered(request, lambda terms: _expansion(terms, asked, _value_set(terms, asked)))


@router.api_route("/ValueSet/$validate-code", methods=_BOTH, summary="Is it a code of a value set?")
async def in_value_set(request: Request) -> Response:
    """`result`, and the reason; 422 where it cannot be told."""
    asked = await _asked(request, ("url", "valueSet", *_CODED))
    return await _answered(request, lambda terms: _said(terms.member(_value_set(terms, asked), _coded(asked))))


@router.api_route("/CodeSystem/$validate-code", methods=_BOTH, summary="Is it a code of a code system?")
async def in_code_system(request: Request) -> Response:
    """`result`, and the reason; 422 where it cannot be told."""
    asked = await _asked(request, ("url", "code", "display", "coding", "codeableConcept"))
    url = _text(asked, "url")
    return await _answered(request, lambda terms: _said(terms.in_system(url.partition("|")[0], _coded(asked))))


@router.api_route("/CodeSystem/$lookup", methods=_BOTH, summary="What a code means")
async def lookup(request: Request) -> Response:
    """Display, definition and designations of a code of a code system that is loaded."""
    asked = await _asked(request, ("code", "system", "coding"))
    found = _coded(asked)
    if not found[0].system:
        raise _wrong("system", "—", "system + code, coding")
    return await _answered(request, lambda terms: _concept(terms, found[0]))


def operations(kind: str) -> list[Json]:
    """The lines of the CapabilityStatement for ValueSet and CodeSystem; none for another type."""
    names = {"ValueSet": ("expand", "validate-code"), "CodeSystem": ("validate-code", "lookup")}.get(kind, ())
    return [{"name": name, "definition": f"{_DEFINITIONS}{kind}-{name}"} for name in names]


async def _answered(request: Request, work: Callable[[Terms], Json]) -> Response:
    profiles = services(request).checks.walker.profiles
    assert profiles is not None
    return fhir_response(encoded(await run_in_threadpool(work, Terms(profiles))))


# -- what is asked -----------------------------------------------------------------------------------------------------


async def _asked(request: Request, known: Sequence[str]) -> Asked:
    """The parameters of the address, and of a body of Parameters.

    Raises:
        Refusal: 400 one of them is unknown or malformed, 401.
    """
    authenticate(request)
    found: Asked = {}
    for name, value in request.query_params.multi_items():
        if name not in _CONTROL:
            found.setdefault(name, []).append(value)
    if request.method == "POST":
        for name, value in await _parameters(request):
            found.setdefault(name, []).append(value)
    for name, values in found.items():
        if name not in known or len(values) > 1:
            raise _wrong(name, str(len(values)), ", ".join(known) if name not in known else "1")
    if isinstance(value_set := next(iter(found.get("valueSet", ())), None), dict):
        _check(value_set, request)
    return found


async def _parameters(request: Request) -> list[tuple[str, Any]]:
    body = await read_body(request, (*JSON_TYPES, *XML_TYPES))
    resource = resource_in(body, media_type(request.headers["content-type"]))
    if resource.get("resourceType") != "Parameters":
        raise _wrong("resourceType", str(resource.get("resourceType")), "Parameters")
    return [(str(row.get("name")), _value(row)) for row in objects(resource.get("parameter"))]


def _value(row: Json) -> Any:
    """The value of one parameter; primitives as text, whatever their type."""
    found = row.get("resource", next((value for name, value in row.items() if name.startswith("value")), None))
    return found if isinstance(found, dict) else "" if found is None else str(found)


def _check(value_set: Json, request: Request) -> None:
    """A value set that is brought along has to be one."""
    checks, report, now = services(request).checks, Report(), datetime.now(UTC)
    terms = checking.Terms(checks.mode, now, checks.bound(now), checks.walker, (), checks.max_entries, checks.pdsm)
    check_alone(value_set, report, terms)
    if value_set.get("resourceType") != "ValueSet":
        raise _wrong("valueSet", str(value_set.get("resourceType")), "ValueSet")
    if not report.conformant:
        raise Unfit(422, report)


def _value_set(terms: Terms, asked: Asked) -> CodeSet:
    given = next(iter(asked.get("valueSet", ())), None)
    if isinstance(given, dict) and "url" not in asked:
        return terms.given(given)
    if given is not None:
        raise _wrong("valueSet", "…", "url | valueSet (POST, resource)")
    return terms.value_set(_text(asked, "url"))


def _coded(asked: Asked) -> list[Coded]:
    """The code, or those of a CodeableConcept; asked in one of the three ways.

    Raises:
        Refusal: 400, in none of them, in two, or without a code.
    """
    ways = [name for name in ("code", "coding", "codeableConcept") if name in asked]
    if len(ways) != 1:
        raise _wrong("code", " + ".join(ways) or "—", "code | coding | codeableConcept")
    value = asked[ways[0]][0]
    if ways[0] == "code":
        found = [Coded(_text(asked, "code"), _text(asked, "system", ""), _text(asked, "display", ""))]
    else:
        codings = [value] if ways[0] == "coding" else value.get("coding") if isinstance(value, dict) else None
        found = [Coded(*(str(one.get(k, "")) for k in ("code", "system", "display"))) for one in objects(codings)]
    if not found or not all(one.code for one in found):
        raise _wrong(ways[0], "—", "code")
    return found


def _text(asked: Asked, name: str, default: str | None = None) -> str:
    found = asked.get(name, [default])[0]
    if not isinstance(found, str) or (default is None and not found):
        raise _wrong(name, "—", name)
    return found


def _number(asked: Asked, name: str, default: int, most: int) -> int:
    text = _text(asked, name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _wrong(name, text, f"0..{most}")
    return min(int(text), most)


def _wrong(name: str, found: str, expected: str) -> Refusal:
    return Refusal(400, "TERMINOLOGY-PARAMETER", name=name[:40], found=found[:80], expected=expected)


# -- what is answered --------------------------------------------------------------------------------------------------


def _expansion(terms: Terms, asked: Asked, codes: CodeSet) -> Json:
    wanted = _folded(_text(asked, "filter", ""))
    count, offset = _number(asked, "count", MOST, MOST), _number(asked, "offset", 0, 10**9)
    found = [one for one in terms.codes_of(codes) if wanted in _folded(one.code) or wanted in _folded(one.display)]
    contains = [
        {"system": one.system, "code": one.code} | ({"display": one.display} if one.display else {})
        for one in found[offset : offset + count]
    ]
    expansion: Json = {
        "identifier": f"urn:uuid:{uuid4()}", "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "total": len(found), "offset": offset,
    }  # fmt: skip
    return {"resourceType": "ValueSet", **({"url": codes.url} if codes.url else {}), "status": "active",
            "expansion": expansion | ({"contains": contains} if contains else {})}  # fmt: skip


def _said(verdict: Verdict) -> Json:
    rows: list[Json] = [{"name": "result", "valueBoolean": verdict.result}]
    coded = verdict.coded
    told = (
        ("message", "valueString", verdict.message), ("display", "valueString", verdict.display),
        ("code", "valueCode", coded.code if coded is not None else ""),
        ("system", "valueUri", coded.system if coded is not None else ""),
    )  # fmt: skip
    rows += [{"name": name, key: value} for name, key, value in told if value]
    return {"resourceType": "Parameters", "parameter": rows}


def _concept(terms: Terms, coded: Coded) -> Json:
    system, concept = terms.concept(coded.system.partition("|")[0], coded.code)
    named = (("name", system.get("name") or system.get("url") or coded.system), ("version", system.get("version")),
             ("display", concept.get("display") or coded.code), ("definition", concept.get("definition")))  # fmt: skip
    rows = [{"name": name, "valueString": str(value)} for name, value in named if value]
    return {"resourceType": "Parameters", "parameter": [*rows, *_designations(concept)]}


def _designations(concept: Json) -> Iterator[Json]:
    for one in objects(concept.get("designation")):
        parts = [("language", "valueCode"), ("use", "valueCoding"), ("value", "valueString")]
        yield {"name": "designation", "part": [{"name": n, key: one[n]} for n, key in parts if n in one]}


def _folded(text: str) -> str:
    """Letter case and accents do not count."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()
