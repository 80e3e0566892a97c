"""ITI-65: a FHIR transaction that provides documents."""

from __future__ import annotations

from fhir_server.intake.checks import Checks
from fhir_server.intake.submission import Received, Submission
from validators.fhir import parse_json
from validators.messages import rule
from validators.mhd import check_provide_bundle, pdsm_walker
from validators.report import Report

CONTENT_TYPES = ("application/fhir+json", "application/json")


def open_bundle(received: Received, checks: Checks) -> Submission:
    """Parse and check a provide-bundle; what is not a JSON object is malformed (400), all else is judged by rules."""
    report = Report()
    resource = parse_json(received.body, report)
    if not isinstance(resource, dict) or not report.conformant:
        return Submission(received, None, report, malformed=True)
    if resource.get("resourceType") != "Bundle":
        report.add(rule("MHD-BUNDLE-TYPE"), "resourceType", found=resource.get("resourceType") or "-")
        return Submission(received, None, report, malformed=True)
    bundle = check_provide_bundle(
        resource, pdsm_walker(checks.pdsm), mode=checks.mode, now=received.at, max_entries=checks.max_entries,
        check=checks.bound(received.at), pdsm=checks.pdsm,
    )  # fmt: skip
    report.extend(bundle.report)
    return Submission(received, bundle, report)
