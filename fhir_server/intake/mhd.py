"""ITI-65: a FHIR transaction that provides documents."""

from __future__ import annotations

from fhir_server.intake.checks import Checks
from fhir_server.intake.formats import CONTENT_TYPES, read_resource
from fhir_server.intake.submission import Received, Submission
from validators.messages import rule
from validators.mhd import check_provide_bundle
from validators.report import Report

__all__ = ["CONTENT_TYPES", "open_bundle"]


def open_bundle(received: Received, checks: Checks) -> Submission:
    """Parse and check a provide-bundle; what is no resource is malformed (400), all else is judged by rules."""
    report = Report()
    resource = read_resource(received, report)
    if not isinstance(resource, dict) or not report.conformant:
        return Submission(received, None, report, malformed=True)
    if resource.get("resourceType") != "Bundle":
        report.add(rule("MHD-BUNDLE-TYPE"), "resourceType", found=resource.get("resourceType") or "-")
        return Submission(received, None, report, malformed=True)
    bundle = check_provide_bundle(
        resource, checks.walker, mode=checks.mode, now=received.at, max_entries=checks.max_entries,
        check=checks.bound(received.at), pdsm=checks.pdsm,
    )  # fmt: skip
    report.extend(bundle.report)
    return Submission(received, bundle, report)
