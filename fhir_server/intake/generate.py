"""ITI-106: a document alone, in Parameters; its metadata are read from its header, as at `/cda`.

Source: IHE MHD 4.2.3, OperationDefinition generate-metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fhir_server.intake import cda
from fhir_server.intake.checks import Checks
from fhir_server.intake.formats import read_resource
from fhir_server.intake.submission import Received, Submission
from validators.messages import rule
from validators.mhd.bundle import dicts
from validators.mhd.content import decoded
from validators.report import Report
from validators.sniffing import is_fhir_xml, sniff

DOOR: Final = "generate"


def open_parameters(received: Received, checks: Checks) -> Submission:
    """Check the one document of the Parameters, and derive its metadata."""
    report = Report()
    resource = read_resource(received, report)
    if not isinstance(resource, dict) or not report.conformant:
        return Submission(received, None, report, malformed=True)
    checks.walker.check(resource, report)
    data, place = _document(resource, report)
    if data is None or not report.conformant:
        return Submission(received, None, report, malformed=resource.get("resourceType") != "Parameters")
    opened = cda.opened(data, received, checks, place)
    return Submission(received, opened.bundle, opened.report, lenient_replacement=opened.lenient_replacement)


def _document(parameters: Mapping[str, Any], report: Report) -> tuple[bytes | None, str]:
    """The bytes of the only parameter `document`, which is a Binary with a CDA, and their place."""
    if parameters.get("resourceType") != "Parameters":
        report.add(rule("EXCHANGE-TYPE"), "resourceType", expected="Parameters")
        return None, ""
    named = [(i, one) for i, one in enumerate(dicts(parameters.get("parameter"))) if one.get("name") == "document"]
    if len(named) != 1:
        report.add(rule("MHD-GENERATE"), "Parameters.parameter", count=len(named))
        return None, ""
    ((index, parameter),) = named
    held, place = parameter.get("resource"), f"Parameters.parameter[{index}].resource"
    held = held if isinstance(held, dict) else {}
    if held.get("resourceType") == "Bundle":
        report.add(rule("MHD-FHIR-DOCUMENT"), place)
        return None, ""
    encoded = held.get("data")
    data = decoded(encoded) if isinstance(encoded, str) else None
    if data is None:
        report.add(rule("MHD-BASE64" if encoded else "MHD-DATA"), f"{place}.data")
    elif sniff(data) != "application/xml" or is_fhir_xml(data):
        report.add(rule("MHD-GENERATE-CDA"), f"{place}.data")
    return data, f"{place}.data"
