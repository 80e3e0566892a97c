"""A bare CDA R2: its header becomes the metadata of an ITI-65 submission, its bytes stay as they came."""

from __future__ import annotations

from fhir_server.intake.checks import Checks
from fhir_server.intake.submission import Received, Submission
from fhir_server.intake.wrap import bundle_from_header
from validators.mhd import check_provide_bundle
from validators.report import Report

CONTENT_TYPES = ("application/xml", "text/xml", "application/hl7-v3+xml", "application/hl7-cda+xml")


def open_document(received: Received, checks: Checks) -> Submission:
    """Check a CDA as the only document of a submission made from its own header."""
    return opened(received.body, received, checks)


def opened(data: bytes, received: Received, checks: Checks, place: str = "") -> Submission:
    """The submission of one CDA, whatever it came in.

    Only the document's findings are the sender's: the metadata were derived here. Places are those of the CDA, seen
    from `place`.
    """
    checked, report = checks.cda(data, received.at), Report()
    report.extend(checked.report, prefix=place)
    if checked.header is None or not checked.report.conformant:
        return Submission(received, None, report, malformed=checked.header is None)
    media_type = checked.payload.media_type if checked.payload is not None else None
    derived = bundle_from_header(checked.header, media_type, data, received.at)
    bundle = check_provide_bundle(
        derived, None, mode=checks.mode, now=received.at, max_entries=checks.max_entries,
        check=lambda _: checked,
    )  # fmt: skip
    return Submission(received, bundle, report, lenient_replacement=True)
