"""Judge FHIR resources and XDM archives: the part of `fhir_server.checking` that needs the FHIR engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fhir_server.checking import Terms, Verdict
from validators import xdm
from validators.fhir import load_definitions, parse_json, with_lines
from validators.fhir.xml import parse_xml
from validators.ins import check_identity, identity_from_fhir, is_ins_identifier
from validators.mhd import check_provide_bundle, is_submission
from validators.report import Report, Severity
from validators.xdm import check_xdm


def archive(data: bytes, by: Terms) -> Verdict:
    """An XDM archive: its own report holds what is said of its documents too, as that of a bundle does."""
    found = check_xdm(data, xdm.Terms(by.walker, by.mode, by.now, by.check, by.max_entries))
    parts = tuple(
        (document.path, Verdict("cda", document.provided.cda.report, document.provided.kind, document.provided.ins))
        for document in found.documents if document.provided.cda is not None
    )  # fmt: skip
    first = found.documents[0].provided if found.documents else None
    return Verdict("xdm", found.report, first.kind if first else None, first.ins if first else None, parts)


def fhir_json(data: bytes, by: Terms) -> Verdict:
    """A resource in JSON."""
    report = Report()
    resource = parse_json(data, report)
    if not isinstance(resource, dict):
        return Verdict("unknown" if not report.issues else "fhir-json", report)
    return judge_resource("fhir-json", resource, data, report, by)


def fhir_xml(data: bytes, by: Terms) -> Verdict:
    """A resource in XML."""
    report = Report()
    resource = parse_xml(data, report, load_definitions())
    if resource is None:
        return Verdict("fhir-xml", report)
    return judge_resource("fhir-xml", resource, data, report, by)


def judge_resource(
    kind: str, resource: dict[str, Any], data: bytes, report: Report, by: Terms, inside: str = ""
) -> Verdict:
    """A parsed resource, whichever format it came in.

    `data` are the bytes it was read from, `report` holds what reading them found, `inside` is where in them the
    resource stands when it is not all of them.
    """
    if resource.get("resourceType") == "Bundle" and is_submission(resource):
        return _submission(kind, resource, data, report, by, inside)
    _walk(resource, report, by)
    if resource.get("resourceType") == "Patient":
        _identity(resource, report, by)
    return Verdict(kind, _placed(data, report, inside))


def _walk(resource: dict[str, Any], report: Report, by: Terms) -> None:
    """The walk; a profile that was asked for and is not known is an error, one that is only declared is a warning."""
    if not by.profiles:
        by.walker.check(resource, report)
        return
    found = Report()
    by.walker.check(resource, found, profiles=by.profiles)
    asked = {url.partition("|")[0] for url in by.profiles}
    for issue in found:
        unknown = issue.rule == "FHIR-PROFILE-UNKNOWN" and ".meta.profile" not in issue.location
        named = issue.params.get("found", "").partition("|")[0] in asked
        report.issues.append(replace(issue, severity=Severity.ERROR) if unknown and named else issue)


def _identity(resource: dict[str, Any], report: Report, by: Terms) -> None:
    """A Patient that gives an INS gives a right one; a Patient without one is no business of ours."""
    identity = identity_from_fhir(resource, "Patient")
    if any(is_ins_identifier(item) for item in identity.identifiers):
        check_identity(identity, report, mode=by.mode, source="fhir", today=by.now.date())


def _submission(kind: str, resource: dict[str, Any], data: bytes, report: Report, by: Terms, inside: str) -> Verdict:
    bundle = check_provide_bundle(
        resource, by.walker, mode=by.mode, now=by.now, max_entries=by.max_entries, check=by.check
    )
    report.extend(bundle.report)
    if by.profiles:
        walked = Report()
        _walk(resource, walked, by)
        report.issues += [issue for issue in walked if issue not in report.issues]
    parts = tuple(
        (document.binary.at if document.binary else document.entry.at,
         Verdict("cda", document.cda.report, document.kind, document.ins))
        for document in bundle.documents if document.cda is not None
    )  # fmt: skip
    first = bundle.documents[0] if bundle.documents else None
    placed = _placed(data, report, inside)
    return Verdict(kind, placed, first.kind if first else None, first.ins if first else None, parts)


def _placed(data: bytes, report: Report, inside: str) -> Report:
    """Lines are looked up only when there is something to say."""
    return with_lines(data, report, inside) if report.issues else report
