"""The HTTP side of the writes: headers and bodies in, what was asked and its answer out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fhir_server.fhir.http import Refusal, base_url, fhir_response, owner, read_body, services
from fhir_server.fhir.interactions import fhirpath_patch, json_patch
from fhir_server.fhir.interactions.answers import answer
from fhir_server.fhir.interactions.bodies import JSON_TYPES, XML_TYPES, Json, media_type, resource_in
from fhir_server.fhir.interactions.bundles import Round, is_general_bundle
from fhir_server.fhir.interactions.criteria import RESULT
from fhir_server.fhir.interactions.entries import JSON_PATCH
from fhir_server.fhir.interactions.history import history, window_of
from fhir_server.fhir.interactions.running import Office
from fhir_server.fhir.interactions.types import Interaction, is_general, not_offered, require
from fhir_server.fhir.interactions.writes import Asked
from validators.tddui import is_tddui

_BODIES: Final = (*JSON_TYPES, *XML_TYPES)


def office(request: Request) -> Office:
    """Who asks, and what a write needs.

    Raises:
        Refusal: 401, 403.
    """
    caller, scope = owner(request)
    return Office(services(request), caller, scope)


async def create(request: Request, kind: str) -> Response:
    """POST: a new resource, unless one is there that `If-None-Exist` or the identity of a Patient finds."""
    desk = _admitted(request, kind, instance=False)
    _only_results(request)
    resource = await _resource(request, kind)
    asked = Asked(
        Interaction.CREATE, kind, resource=resource, if_none_exist=request.headers.get("if-none-exist")
    )  # fmt: skip
    return answer(request, desk, asked, await desk.one(asked))


async def update(request: Request, kind: str, resource_id: str | None) -> Response:
    """PUT: the next version of a resource, or its first; without an id the one that meets the criteria."""
    desk = _admitted(request, kind, instance=resource_id is not None)
    resource = await _resource(request, kind)
    asked = Asked(
        Interaction.UPDATE, kind, resource_id, _criteria(request, resource_id), resource,
        if_match=request.headers.get("if-match"), if_none_match=request.headers.get("if-none-match"),
    )  # fmt: skip
    return answer(request, desk, asked, await desk.one(asked))


async def patch(request: Request, kind: str, resource_id: str | None) -> Response:
    """PATCH: what a JSON Patch, or a FHIRPath Patch, makes of the current version."""
    desk = _admitted(request, kind, instance=resource_id is not None)
    change = await _patch(request)
    asked = Asked(
        Interaction.PATCH, kind, resource_id, _criteria(request, resource_id), patch=change,
        if_match=request.headers.get("if-match"),
    )  # fmt: skip
    return answer(request, desk, asked, await desk.one(asked))


async def delete(request: Request, kind: str, resource_id: str | None) -> Response:
    """DELETE: the resource is gone, and was already if it is asked again."""
    desk = _admitted(request, kind, instance=resource_id is not None)
    asked = Asked(
        Interaction.DELETE, kind, resource_id, _criteria(request, resource_id),
        if_match=request.headers.get("if-match"),
    )  # fmt: skip
    return answer(request, desk, asked, await desk.one(asked))


def past(request: Request, kind: str, resource_id: str | None) -> Response:
    """The history of a resource, or of all resources of a type."""
    _, scope = owner(request)
    of_one = resource_id is not None
    require(kind, Interaction.HISTORY if of_one else Interaction.HISTORY_TYPE, instance=of_one)
    window = window_of(request.query_params)
    with services(request).reading() as connection:
        return fhir_response(history(connection, scope, kind, resource_id, window, base_url(request)))


async def receive_bundle(request: Request, bundle: Json) -> Response:
    """A batch or transaction of resources that are no documents."""
    return await Round(request, office(request)).receive(bundle)


async def receive_xml(request: Request) -> Response:
    """The same in XML; what provides documents goes the way of documents."""
    desk = office(request)
    body = await read_body(request, XML_TYPES)
    found = resource_in(body, media_type(request.headers["content-type"]))
    if is_general_bundle(found):
        return await Round(request, desk).receive(found)
    from fhir_server.intake.doors import file_body  # it comes here for all that provides no documents

    return await file_body(request, "tddui" if is_tddui(found) else "mhd", body)


def _admitted(request: Request, kind: str, *, instance: bool) -> Office:
    """Who asks, if this type is written here at all."""
    found = office(request)
    if not is_general(kind):
        raise not_offered(kind, instance=instance)
    return found


def _criteria(request: Request, resource_id: str | None) -> str | None:
    """The condition of an address without an id; with one, the query only says how to answer."""
    if resource_id is None:
        return request.url.query
    _only_results(request)
    return None


def _only_results(request: Request) -> None:
    """A condition where none is taken would be lost in silence: a create has its own in `If-None-Exist`."""
    for name in request.query_params:
        if name not in RESULT:
            raise Refusal(400, "INTERACTION-PARAMETER", name=name, found="—", expected=", ".join(sorted(RESULT)))


async def _resource(request: Request, kind: str) -> Json:
    body = await read_body(request, _BODIES)
    found = resource_in(body, media_type(request.headers["content-type"]))
    named = found.get("resourceType")
    if named != kind:
        shown = named[:40] if isinstance(named, str) else "—"
        raise Refusal(400, "INTERACTION-TYPE", "resourceType", found=shown, expected=kind)
    return found


async def _patch(request: Request) -> Callable[[Json], Json]:
    body = await read_body(request, (JSON_PATCH, *_BODIES))
    type_ = media_type(request.headers["content-type"])
    if type_ == JSON_PATCH:
        operations = json_patch.parse(body)
        return lambda current: json_patch.apply(current, operations)
    parameters = resource_in(body, type_)
    return lambda current: fhirpath_patch.apply(current, parameters)
