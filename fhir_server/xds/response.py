"""RegistryResponse: the status of a transaction, and its errors with IHE's codes and our rules (ITI TF-3, 4.2.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from lxml import etree

from validators.messages import render
from validators.report import REFUSING, Issue, Scope, Severity
from validators.xds import xml_text

RS: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
_STATUS: Final = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"
SUCCESS, FAILURE = f"{_STATUS}Success", f"{_STATUS}Failure"
PARTIAL: Final = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
_SEVERITY: Final = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:"
_RS: Final = f"{{{RS}}}"
_NSMAP: Final[dict[Any, str]] = {"rs": RS}

_BY_RULE: Final = {
    "AUTH-FORBIDDEN": "XDSRepositoryError",
    "MHD-PATIENT": "XDSPatientIdDoesNotMatch",
    "MHD-REPLACED-UNKNOWN": "UnresolvedReferenceException",
    "MHD-REPLACE-PATIENT": "XDSPatientIdDoesNotMatch",
    "MHD-REPLACE-STATUS": "XDSRegistryDeprecatedDocumentError",
    "MHD-REPLACE-TARGET": "UnresolvedReferenceException",
    "RELAY-PASSED": "XDSRepositoryError",
    "MHD-UNIQUE-ID-TWICE": "XDSRepositoryDuplicateUniqueIdInMessage",
    "SITE-FORBIDDEN": "XDSRepositoryError",
    "SUBMISSION-CONFLICT": "XDSDuplicateUniqueIdInRegistry",
    "VIHF-PATIENT": "XDSPatientIdDoesNotMatch",
    "WRITER-UNAVAILABLE": "XDSRepositoryBusy",
    "XDS-PATIENT": "XDSPatientIdDoesNotMatch",
    "XDS-REFERENCE": "UnresolvedReferenceException",
    "XDSB-DOCUMENT-BASE64": "XDSMissingDocument",
    "XDSB-DOCUMENT-ID": "XDSDocumentUniqueIdError",
    "XDSB-DOCUMENT-MISSING": "XDSMissingDocument",
    "XDSB-DOCUMENT-UNKNOWN": "XDSMissingDocumentMetadata",
    "XDSB-QUERY-MANY": "XDSTooManyResults",
    "XDSB-QUERY-MISSING": "XDSStoredQueryMissingParam",
    "XDSB-QUERY-NUMBER": "XDSStoredQueryParamNumber",
    "XDSB-QUERY-PATIENTS": "XDSResultNotSinglePatient",
    "XDSB-QUERY-UNKNOWN": "XDSUnknownStoredQuery",
    "XDSB-REPOSITORY": "XDSUnknownRepositoryId",
    "XDSB-RETRIEVE-LIMIT": "XDSRepositoryOutOfResources",
    "XOP-DANGLING": "XDSMissingDocument",
    "XOP-UNUSED": "XDSMissingDocumentMetadata",
}
_SAID: Final = frozenset({"MHD-REPLACED-UNKNOWN", "RELAY-PASSED"})
"""What costs nothing, and a registry says all the same."""
_BY_AREA: Final = (
    ("XDSB-QUERY", "XDSRegistryError"), ("XDS", "XDSRepositoryMetadataError"),
    ("MHD-", "XDSRepositoryMetadataError"), ("XCHECK-", "XDSRepositoryMetadataError"),
    ("FHIR-", "XDSRepositoryMetadataError"), ("SITE_", "XDSRepositoryError"), ("STAY_", "XDSRepositoryError"),
    ("MIME-", "XDSRepositoryError"), ("XOP-", "XDSRepositoryError"), ("VIHF-", "XDSRepositoryError"),
)  # fmt: skip


def error_code(found: Issue) -> str:
    """IHE's code for a finding; what is none of metadata, message or filing is in the document."""
    known = _BY_RULE.get(found.rule)
    return known or next((code for start, code in _BY_AREA if found.rule.startswith(start)), "InvalidDocumentContent")


About = tuple[Issue, str]
"""A finding, and the object it is about: the `location` of its error; empty when it is the request as a whole."""


def about(found: Issue) -> About:
    """What a finding is about by its own place: the part before `!`."""
    return found, found.location.partition("!")[0] if "!" in found.location else ""


def registry_errors(
    findings: Iterable[About], lang: str, code: Callable[[Issue], str] = error_code, *, is_taken: bool = False
) -> etree._Element | None:  # fmt: skip
    """The RegistryErrorList: what refuses is an error, what only costs or warns a warning; None without any.

    The rule, its words and the place inside the object stand in `codeContext`. `is_taken`: nothing was refused, so
    that all of it is warnings.
    """
    shown = [(one, name) for one, name in findings if one.severity is not Severity.INFORMATION or one.rule in _SAID]
    if not shown:
        return None
    severities = ["Error" if refuses(issue) and not is_taken else "Warning" for issue, _ in shown]
    worst = "Error" if "Error" in severities else "Warning"
    root = etree.Element(f"{_RS}RegistryErrorList", {"highestSeverity": _SEVERITY + worst}, nsmap=_NSMAP)
    for (issue, name), severity in zip(shown, severities, strict=True):
        place = f" [{issue.location}]" if issue.location else ""
        given = {
            "codeContext": f"{issue.rule}: {render(issue, lang)}{place}", "errorCode": code(issue),
            "severity": _SEVERITY + severity, "location": name,
        }  # fmt: skip
        etree.SubElement(root, f"{_RS}RegistryError", {key: xml_text(text) for key, text in given.items() if text})
    return root


def refuses(issue: Issue) -> bool:
    """Whether an issue is an error to the sender: one of a programme only costs the count."""
    return issue.severity in REFUSING and issue.scope is Scope.CONFORMITY


def registry_response(status: str, errors: etree._Element | None = None) -> etree._Element:
    """A RegistryResponse."""
    root = etree.Element(f"{_RS}RegistryResponse", {"status": status}, nsmap=_NSMAP)
    if errors is not None:
        root.append(errors)
    return root
