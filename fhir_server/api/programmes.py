"""Programmes over HTTP: what there is, the parameter sets of a region, and where an establishment stands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from fhir_server.api.programme_models import ProgrammeOut, RefusedOut, SetOut
from fhir_server.fhir.http import Refusal, authenticate, language, read_body, services
from fhir_server.figures import Subject, subject_of
from fhir_server.programmes import parameters
from fhir_server.programmes.actors import hand_of
from fhir_server.programmes.office import Office
from fhir_server.programmes.refused import set_refused
from fhir_server.programmes.registry import find_programme, known
from fhir_server.programmes.shown import shown_programme, shown_set
from fhir_server.security.caller import Caller, Role
from fhir_server.services import Services
from fhir_server.situation import situation_of, what_if_of
from fhir_server.store import organizations
from indicators.programmes.errors import RuleError
from indicators.programmes.parameter_sets import Fault

router = APIRouter(prefix="/api/programmes", tags=["Programmes"])

YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain")
SETS_READ_BY = (Role.ARS, Role.ESTABLISHMENT)
REFUSED: dict[int | str, dict[str, Any]] = {422: {"model": RefusedOut}}


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Plain JSON."""
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


def office_of(found: Services) -> Office:
    """What the service works with in this worker."""
    return Office(found.settings.database, found.reading, found.writer)


@router.get("", summary="Every programme", responses={200: {"model": list[ProgrammeOut]}})
async def list_programmes() -> Response:
    """The programmes this server knows; open to all."""
    return json_answer([
        {"id": one.id, "title_fr": one.title_fr, "title_en": one.title_en, "version": one.version,
         "rules": len(one.rules), "machines": [life.machine.id for life in one.lives]}
        for one in known().values()
    ])  # fmt: skip


@router.post(
    "/parameters", summary="Add a signed parameter set", status_code=201,
    responses={201: {"model": SetOut}, **REFUSED, 409: {"model": RefusedOut}},
    openapi_extra={"requestBody": {"required": True, "content": {"application/yaml": {"schema": {"type": "string"}}}}},
)  # fmt: skip
async def post_parameters(request: Request) -> Response:
    """A new version for the caller's region; a version that exists is never changed."""
    caller = authenticate(request, (Role.ARS,))
    data = await read_body(request, YAML)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise set_refused([Fault("", "NOT_YAML", "UTF-8")]) from None
    office = office_of(services(request))
    posted = await parameters.post(office, hand_of(caller), str(caller.organization), text, datetime.now(UTC))
    return json_answer(shown_set(posted), 201, {"Location": f"/api/programmes/parameters/{posted.found.key}"})


@router.get("/parameters", summary="Parameter sets of a region", responses={200: {"model": list[SetOut]}})
async def list_parameters(request: Request) -> Response:
    """Every version of every set of the caller's region (an establishment: of the regions of its sites)."""
    caller = authenticate(request, SETS_READ_BY)
    with services(request).reading() as connection:
        found = [one for region in _regions(connection, caller) for one in parameters.of_region(connection, region)]
    wanted = request.query_params.get("programme")
    return json_answer([shown_set(one) for one in found if wanted in (None, one.found.programme)])


@router.get(
    "/parameters/{key}", summary="One parameter set",
    responses={200: {"content": {"application/yaml": {}}, "description": "the canonical text"}},
)  # fmt: skip
async def get_parameters(key: str, request: Request) -> Response:
    """`ID@VERSION`, or `ID` for its last version: the text, always the same bytes."""
    caller = authenticate(request, SETS_READ_BY)
    name, _, version = key.partition("@")
    with services(request).reading() as connection:
        regions = _regions(connection, caller)
        found = [one for one in parameters.versions(connection, name) if one.region in regions]
    wanted = [one for one in found if version in ("", str(one.found.version))]
    if not wanted:
        raise Refusal(404, "HTTP-NOT-FOUND")
    last = wanted[-1]
    return Response(last.text.encode(), headers={"ETag": f'"{last.found.fingerprint}"'}, media_type="application/yaml")


def _regions(connection: Any, caller: Caller) -> list[str]:
    """The regions whose sets a caller reads."""
    if caller.role is Role.ARS:
        return [str(caller.organization)]
    sites = organizations.sites_of(connection, str(caller.organization))
    return sorted({organizations.get(connection, site).region for site in sites})


@router.get("/sun-es-volet-1/situation/{finess}", summary="SUN-ES volet 1: where an establishment stands")
async def get_situation(finess: str, request: Request) -> Response:
    """Figures against targets, and the euros, under the set the region posted last; `parameter_missing:…` without."""
    subject = _subject(request, finess)
    found, params = services(request), request.query_params
    try:
        situation = await run_in_threadpool(
            situation_of, found.settings.database, subject.organization, params.get("window"), None,
            domain=params.get("domain", "documents_sortie"),
        )  # fmt: skip
    except RuleError as refused:
        raise Refusal(400, "MEASURE-PARAMETER", name="parameters", reason=refused.code) from None
    except LookupError:
        raise Refusal(400, "MEASURE-PARAMETER", name="window, domain", reason=_KNOWN) from None
    return json_answer(situation.as_dict() | {"text": situation.explain(language(request))})


@router.get("/sun-es-volet-1/what-if/{finess}", summary="SUN-ES volet 1: what more documents would change")
async def get_what_if(finess: str, request: Request) -> Response:
    """What is missing to the targets, and the situation with `more` units of `measure`; without effect on a payment."""
    subject = _subject(request, finess)
    found, params = services(request), request.query_params
    try:
        missing, change = await run_in_threadpool(
            what_if_of, found.settings.database, subject.organization, params.get("window"), None,
            measure=params.get("measure", "I-SUN1-LDL"), more=_more(params.get("more")),
            domain=params.get("domain", "documents_sortie"),
        )  # fmt: skip
    except RuleError as refused:
        raise Refusal(400, "MEASURE-PARAMETER", name="measure, more", reason=refused.code) from None
    except LookupError:
        raise Refusal(400, "MEASURE-PARAMETER", name="window, domain", reason=_KNOWN) from None
    return json_answer({"missing": [one.as_dict() for one in missing], **change.as_dict()})


_KNOWN = "F1, F2, F3, F4; documents_sortie, biologie, imagerie"


def _subject(request: Request, finess: str) -> Subject:
    caller = authenticate(request)
    with services(request).reading() as connection:
        return subject_of(connection, caller, finess)


def _more(text: str | None) -> int:
    """How many more.

    Raises:
        Refusal: 400, no count.
    """
    if text is None:
        return 0
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refusal(400, "MEASURE-PARAMETER", name="more", reason="0, 1, 2, …")
    return int(text)


@router.get("/{programme_id}", summary="One programme")
async def get_programme(programme_id: str) -> Response:
    """Its rules with their source, its parameters, state machines, and what may be entered in its files."""
    return json_answer(shown_programme(find_programme(programme_id)))
