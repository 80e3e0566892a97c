"""The application: routes and middleware, nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from fhir_server.api.acknowledgements import router as acknowledgements
from fhir_server.api.indicators import router as indicators
from fhir_server.api.letters import router as letters
from fhir_server.api.programme_files import router as programme_files
from fhir_server.api.programmes import router as programmes
from fhir_server.api.routes import router as api
from fhir_server.fhir.following import router as following
from fhir_server.fhir.http import Refusal
from fhir_server.fhir.measures import router as measures
from fhir_server.fhir.negotiate import refuse
from fhir_server.fhir.operations import router as operations
from fhir_server.fhir.reports import router as reports
from fhir_server.fhir.routes import router as fhir
from fhir_server.fhir.subscriptions import router as subscriptions
from fhir_server.fhir.terminology import router as terminology
from fhir_server.intake.adt_door import router as admissions
from fhir_server.intake.documents_api import router as documents
from fhir_server.intake.doors import router as doors
from fhir_server.middleware.guard import Guard, reference_of
from fhir_server.ops import router as ops
from fhir_server.pages.routes import router as pages
from fhir_server.programmes.refused import Refused, refuse_all
from fhir_server.services import Services

_RULES = {404: "HTTP-NOT-FOUND", 405: "HTTP-METHOD", 400: "SUBMISSION-EMPTY"}
_WORTH_PACKING = 2048
"""Bytes of an answer from which it is compressed for those who take gzip."""


def create_app(make_services: Callable[[], Services]) -> ASGIApp:
    """The ASGI application; `make_services` runs when the worker starts, after the fork."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.services = make_services()
        yield
        app.state.services.close()

    app = FastAPI(
        title="segur-fhir", version=version("segur-fhir"), lifespan=lifespan, docs_url=None, redoc_url=None,
        description="Réception, contrôle et comptage des documents du Ségur numérique (FHIR R4, PDSm, CDA).",
    )  # fmt: skip
    for router in (
        pages, ops, doors, admissions, acknowledgements, indicators, api, letters, programme_files, programmes,
        measures, reports, documents, following, subscriptions, terminology, operations, fhir,
    ):  # fmt: skip
        app.include_router(router)
    app.add_middleware(
        GZipMiddleware, minimum_size=_WORTH_PACKING, compresslevel=5,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/pdf"),
    )  # fmt: skip
    app.add_exception_handler(Refusal, refuse)
    app.add_exception_handler(Refused, refuse_all)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _no_such_path)
    app.add_exception_handler(Exception, _internal)
    return Guard(app)


async def _no_such_path(request: Request, _: Exception) -> Response:
    """A part of the path that is not what it should be, such as a version that is no number."""
    return await refuse(request, Refusal(404, "HTTP-NOT-FOUND"))


async def _internal(request: Request, _: Exception) -> Response:
    """What nobody expected: a reference and nothing else; the guard writes the same reference to the log."""
    return await refuse(request, Refusal(500, "INTERNAL", reference=reference_of(request.scope)))


async def _http_error(request: Request, error: Exception) -> Response:
    """The router's own answers (no such path or method) in the same form as ours."""
    assert isinstance(error, HTTPException)
    rule_id = _RULES.get(error.status_code, "HTTP-NOT-FOUND")
    return await refuse(request, Refusal(error.status_code, rule_id, headers=dict(error.headers or {}), hint=""))
