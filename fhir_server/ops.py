"""What an operator watches: liveness, readiness, metrics. No label names a patient, a document or an establishment."""

from __future__ import annotations

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from fhir_server.fhir.http import services

router = APIRouter(tags=["Exploitation"])

REQUESTS = Counter("segur_requests", "HTTP requests answered by this worker", ["method", "status"])
DURATION = Histogram("segur_request_seconds", "Time to answer a request", buckets=(0.005, 0.02, 0.1, 0.5, 2, 10))


@router.get("/health/live", summary="Is the process up?")
async def live() -> Response:
    """Always 200 while the process answers."""
    return Response('{"status":"ok"}', media_type="application/json")


@router.get("/health/ready", summary="Can it take submissions?")
async def ready(request: Request) -> Response:
    """200 when the database can be read, 503 otherwise."""
    try:
        with services(request).reading() as connection:
            connection.execute(sa.text("select 1"))
    except sa.exc.SQLAlchemyError:
        return Response('{"status":"unavailable"}', 503, media_type="application/json")
    return Response('{"status":"ok"}', media_type="application/json")


@router.get("/metrics", summary="Prometheus metrics of the answering worker")
async def metrics() -> Response:
    """Counters and durations in the Prometheus text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
