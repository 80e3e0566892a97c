"""FHIR in its two formats at the doors of documents: what is taken, and the resource in what was received."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Request

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.interactions.bodies import JSON_TYPES, XML_TYPES
from fhir_server.fhir.negotiate import FORMATS, wanted
from fhir_server.intake.submission import Received
from validators.fhir import load_definitions, parse_json
from validators.fhir.xml import parse_xml
from validators.report import Report

CONTENT_TYPES: Final = (*JSON_TYPES, *XML_TYPES)


def read_resource(received: Received, report: Report) -> Any:
    """The resource in what was received, in the format its Content-Type names; None, or no object, when it has none."""
    if received.content_type.partition(";")[0].strip().lower() in XML_TYPES:
        return parse_xml(received.body, report, load_definitions())
    return parse_json(received.body, report)


def acceptable(request: Request) -> None:
    """Go on only when the answer can be given in a format the client takes: nothing is written before.

    Raises:
        Refusal: 406.
    """
    if wanted(request) is None:
        raise Refusal(406, "HTTP-NOT-ACCEPTABLE", available=FORMATS)
