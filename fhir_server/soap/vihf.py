"""The VIHF: the SAML 2.0 assertion by which French systems say who asks, from where, why, and about whom (CI-SIS).

It never says who calls this server: that is the bearer token's. Nothing in it is held true unless its signature was
verified.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from fhir_server.soap.names import SAML
from fhir_server.soap.trust import NotSigned, Trust, verified
from validators.ins import INS_OIDS
from validators.messages import rule
from validators.report import Report
from validators.xds import Cx

AT: Final = "/Envelope/Header/Security/Assertion"
_SAML: Final = f"{{{SAML}}}"
_MAX_BYTES: Final = 256 * 1024
_SKEW: Final = timedelta(minutes=2)
"""How far two clocks may be apart."""
_RESOURCE: Final = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
_ROLE: Final = "urn:oasis:names:tc:xacml:2.0:subject:role"
_PURPOSE: Final = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"
_STRUCTURE: Final = "Identifiant_Structure"


@dataclass(frozen=True, slots=True)
class VihfTerms:
    """What a VIHF is judged by: trusted signers (None: signatures are not verified) and the audience we are."""

    trust: Trust | None = None
    audience: str | None = None


@dataclass(frozen=True, slots=True)
class Vihf:
    """Who sends and why. `patient` is the resource-id; codes are `code^system`; `verified`: the signature held."""

    issuer: str
    subject: str = field(repr=False)
    structure: str
    roles: tuple[str, ...]
    purpose: str
    patient: Cx | None = field(repr=False)
    verified: bool

    def is_about(self, patients: Iterable[Cx]) -> bool:
        """Whether the patient is one of them; where none of them has an INS, nothing can be said against it."""
        known = [cx for cx in patients if cx.oid in INS_OIDS]
        wanted = self.patient
        if wanted is None or not known:
            return True
        return any(_number(cx) == _number(wanted) and wanted.oid in ("", cx.oid) for cx in known)


def _number(cx: Cx) -> str:
    """A matricule without the blanks that some write in it."""
    return "".join(cx.id.split())


def read_vihf(
    security: etree._Element | None, report: Report, now: datetime, terms: VihfTerms
) -> Vihf | None:  # fmt: skip
    """Read and check the assertion of a security header; None when there is none, or it is refused with a finding.

    Rules `VIHF-FORM`, `VIHF-SIGNATURE`, `VIHF-TIME`, `VIHF-AUDIENCE`, `VIHF-UNVERIFIED`, `VIHF-CONTEXT`.
    """
    assertion = _assertion(security, report)
    if assertion is None:
        return None
    if terms.trust is not None:
        try:
            assertion = verified(assertion, terms.trust, now)
        except NotSigned as error:
            report.add(rule("VIHF-SIGNATURE"), AT, reason=error)
            return None
    else:
        report.add(rule("VIHF-UNVERIFIED"), AT)
    if not _right(assertion, report, now, terms.audience):
        return None
    found = _read(assertion, is_verified=terms.trust is not None)
    if found.verified:
        role, blank = next(iter(found.roles), "-"), "-"
        report.add(
            rule("VIHF-CONTEXT"), AT, structure=found.structure or blank, role=role, purpose=found.purpose or blank
        )
    return found


def _assertion(security: etree._Element | None, report: Report) -> etree._Element | None:
    found = [] if security is None else security.findall(f"{_SAML}Assertion")
    if not found:
        return None
    reason = None
    if len(found) > 1:
        reason = "Assertion"
    elif len(etree.tostring(found[0], with_tail=False)) > _MAX_BYTES:
        reason = "size"
    elif found[0].get("Version") != "2.0" or not found[0].get("ID"):
        reason = "Version, ID"
    if reason is not None:
        report.add(rule("VIHF-FORM"), AT, reason=reason)
        return None
    return found[0]


# -- conditions ------------------------------------------------------------------------------------------------------


def _right(assertion: etree._Element, report: Report, now: datetime, audience: str | None) -> bool:
    """The conditions hold: times with the skew of clocks, and the audience when we know who we are."""
    for conditions in assertion.findall(f"{_SAML}Conditions"):
        try:
            start, end = _moment(conditions.get("NotBefore")), _moment(conditions.get("NotOnOrAfter"))
        except ValueError:
            report.add(rule("VIHF-FORM"), f"{AT}/Conditions", reason="NotBefore, NotOnOrAfter")
            return False
        if (start is not None and now < start - _SKEW) or (end is not None and now >= end + _SKEW):
            report.add(rule("VIHF-TIME"), f"{AT}/Conditions")
            return False
        for restriction in conditions.findall(f"{_SAML}AudienceRestriction"):
            meant = [(one.text or "").strip() for one in restriction.findall(f"{_SAML}Audience")]
            if audience is not None and audience not in meant:
                report.add(rule("VIHF-AUDIENCE"), f"{AT}/Conditions/AudienceRestriction")
                return False
    return True


def _moment(text: str | None) -> datetime | None:
    """An aware moment.

    Raises:
        ValueError: it is none, or has no zone.
    """
    if text is None:
        return None
    found = datetime.fromisoformat(text.strip())
    if found.tzinfo is None:
        raise ValueError(text)
    return found


# -- attributes ------------------------------------------------------------------------------------------------------


def _read(assertion: etree._Element, *, is_verified: bool) -> Vihf:
    by_name: dict[str, list[str]] = {}
    for attribute in assertion.iterfind(f"{_SAML}AttributeStatement/{_SAML}Attribute"):
        values = [_value(value) for value in attribute.iterfind(f"{_SAML}AttributeValue")]
        by_name.setdefault(attribute.get("Name", ""), []).extend(value for value in values if value)
    resource = _first(by_name, _RESOURCE)
    return Vihf(
        issuer=_text(assertion.find(f"{_SAML}Issuer")),
        subject=_text(assertion.find(f"{_SAML}Subject/{_SAML}NameID")),
        structure=_first(by_name, _STRUCTURE), roles=tuple(by_name.get(_ROLE, ())),
        purpose=_first(by_name, _PURPOSE), patient=Cx.parse(resource) if resource else None, verified=is_verified,
    )  # fmt: skip


def _first(by_name: dict[str, list[str]], name: str) -> str:
    return next(iter(by_name.get(name, ())), "")


def _text(element: etree._Element | None) -> str:
    return "" if element is None else "".join(map(str, element.itertext())).strip()


def _value(value: etree._Element) -> str:
    """A text, or the code and system of the coded element inside (`hl7:Role`, `hl7:PurposeOfUse`)."""
    for coded in value:
        if isinstance(coded.tag, str) and coded.get("code"):
            return f"{coded.get('code')}^{coded.get('codeSystem', '')}"
    return _text(value)
