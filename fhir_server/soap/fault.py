"""SOAP faults: why a message is not answered by its transaction.

SoapFault
  Sender            the message is wrong: its code, a subcode of WS-Addressing or WS-Security, our findings
  MustUnderstand    a header block that we do not know and may not ignore
  VersionMismatch   another SOAP
  Receiver          our fault: busy, or an error
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from lxml import etree

from fhir_server.soap.names import SOAP, SOAP_11, WSA, WSSE
from validators.messages import render, rule
from validators.report import Issue, Severity
from validators.xds import xml_text

NOTES: Final = "https://segur-fhir.example/soap"
"""The name space of our findings in a fault's Detail."""
_PREFIXES: Final[dict[Any, str]] = {"soap": SOAP, "wsa": WSA, "wsse": WSSE, "segur": NOTES}
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_BLOCK: Final = f"{{{SOAP}}}"


class SoapFault(Exception):
    """A fault with its code (`Sender`…), subcode (`wsa:…`), findings, and the HTTP status it goes with.

    `relates_to` is the MessageID of the message, where it was read; `blocks` are header blocks not understood.
    """

    def __init__(
        self,
        code: str,
        issues: Iterable[Issue],
        *,
        status: int = 400,
        subcode: str | None = None,
        relates_to: str | None = None,
        blocks: Sequence[str] = (),
    ) -> None:
        self.code, self.subcode, self.status = code, subcode, status
        self.issues = tuple(issues)
        self.relates_to, self.blocks = relates_to, tuple(blocks)
        super().__init__(", ".join(issue.rule for issue in self.issues))


def issue(rule_id: str, location: str = "", severity: Severity | None = None, **params: Any) -> Issue:
    """One finding of the catalogue."""
    row = rule(rule_id)
    words = {name: str(value) for name, value in params.items()}
    return Issue(row.id, severity or row.severity, row.scope, row.code, location, words)


def sender(rule_id: str, subcode: str | None = None, relates_to: str | None = None, **params: Any) -> SoapFault:
    """The fault of a message that breaks one rule."""
    return SoapFault("Sender", [issue(rule_id, **params)], subcode=subcode, relates_to=relates_to)


def fault_element(fault: SoapFault, lang: str) -> etree._Element:
    """The Fault: its reason in French and English, our findings in its Detail in the language asked for."""
    root = etree.Element(f"{_BLOCK}Fault", nsmap=_PREFIXES)
    code = etree.SubElement(root, f"{_BLOCK}Code")
    etree.SubElement(code, f"{_BLOCK}Value").text = f"soap:{fault.code}"
    if fault.subcode is not None:
        inner = etree.SubElement(code, f"{_BLOCK}Subcode")
        etree.SubElement(inner, f"{_BLOCK}Value").text = fault.subcode
    reason = etree.SubElement(root, f"{_BLOCK}Reason")
    for language in ("fr", "en"):
        text = etree.SubElement(reason, f"{_BLOCK}Text", {_LANG: language})
        text.text = xml_text(" ".join(render(found, language) for found in fault.issues[:1])) or fault.code
    detail = etree.SubElement(root, f"{_BLOCK}Detail")
    for found in fault.issues:
        _note(detail, found, lang)
    return root


def _note(detail: etree._Element, found: Issue, lang: str) -> None:
    given = {"rule": found.rule, "severity": found.severity.value, "location": found.location}
    note = etree.SubElement(detail, f"{{{NOTES}}}issue", {name: xml_text(text) for name, text in given.items() if text})
    note.text = xml_text(render(found, lang))


def fault_headers(fault: SoapFault) -> list[etree._Element]:
    """The header blocks a fault needs: what was not understood, or the version that is."""
    found = []
    for name in fault.blocks:
        space, _, local = name[1:].partition("}") if name.startswith("{") else ("", "", name)
        nsmap: dict[Any, str] = {"soap": SOAP, "q": space} if space else {"soap": SOAP}
        qname = f"q:{local}" if space else local
        found.append(etree.Element(f"{_BLOCK}NotUnderstood", {"qname": qname}, nsmap=nsmap))
    if fault.code == "VersionMismatch":
        upgrade = etree.Element(f"{_BLOCK}Upgrade", nsmap={"soap": SOAP, "old": SOAP_11})
        etree.SubElement(upgrade, f"{_BLOCK}SupportedEnvelope", {"qname": "soap:Envelope"})
        found.append(upgrade)
    return found
