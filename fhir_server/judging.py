"""Judge FHIR resources, XDM archives and mails: the part of `fhir_server.checking` that needs the FHIR engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fhir_server.checking import Terms, Verdict
from validators import xdm
from validators.fhir import load_definitions, parse_json, with_lines
from validators.fhir.mustsupport import check_must_support
from validators.fhir.xml import parse_xml
from validators.ins import check_identity, identity_from_fhir, is_ins_identifier
from validators.mail import check_mail, is_mbox, split_mbox
from validators.mhd import check_declared, check_provide_bundle, is_of_another_guide, is_submission
from validators.report import Report, Severity
from validators.tddui import check_tddui, is_tddui
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


def mail(data: bytes, by: Terms) -> Verdict:
    """A mail, or a mailbox file with its messages as parts; a report holds what is said of the parts too."""
    if not is_mbox(data):
        return _message(data, by)
    parts = tuple((f"message[{n}]", _message(one, by)) for n, one in enumerate(split_mbox(data), 1))
    report = Report()
    for place, part in parts:
        report.extend(part.report, prefix=place)
    return _container(report, parts)


def _message(data: bytes, by: Terms) -> Verdict:
    found, parts = check_mail(data), []
    report = Report(found.report)
    for one in found.attachments:
        if one.is_xdm:
            parts.append((one.place, archive(one.data, by)))
            report.extend(parts[-1][1].report, prefix=one.place)
    return _container(report, tuple(parts))


def _container(report: Report, parts: tuple[tuple[str, Verdict], ...]) -> Verdict:
    """Of mail: the document kind and identity are those of the first part that has them."""
    first = next((part for _, part in parts if part.ins is not None), None)
    return Verdict("eml", report, first.document_kind if first else None, first.ins if first else None, parts)


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
    if by.must_support:
        check_must_support(resource, by.walker, report, by.profiles)
    is_bundle = resource.get("resourceType") == "Bundle"
    if is_bundle and is_tddui(resource):
        return _transfer(kind, resource, data, report, by, inside)
    if is_bundle and is_submission(resource) and not is_of_another_guide(resource, by.walker):
        return _submission(kind, resource, data, report, by, inside)
    check_alone(resource, report, by)
    return Verdict(kind, _placed(data, report, inside))


def check_alone(resource: dict[str, Any], report: Report, by: Terms) -> None:
    """A resource that is no submission, by R4, the profiles it declares and the rules of identity; no lines."""
    _walk(resource, report, by)
    check_declared(resource, by.pdsm, by.profiles, report)
    if resource.get("resourceType") == "Patient":
        _identity(resource, report, by)


def _transfer(kind: str, resource: dict[str, Any], data: bytes, report: Report, by: Terms, inside: str) -> Verdict:
    """The transfer of a user record: a transaction of documents as ITI-65 is, by another profile."""
    documents = check_tddui(resource, by.walker, report, by.check)
    if by.profiles:
        _walk(resource, report, by)
    parts = tuple(
        (document.place, Verdict("cda", document.cda.report, document.kind, document.ins))
        for document in documents if document.cda is not None
    )  # fmt: skip
    first = documents[0] if documents else None
    placed = _placed(data, report, inside)
    return Verdict(kind, placed, first.kind if first else None, first.ins if first else None, parts)


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
        resource, by.walker, mode=by.mode, now=by.now, max_entries=by.max_entries, check=by.check,
        pdsm=by.pdsm,
    )  # fmt: skip
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
