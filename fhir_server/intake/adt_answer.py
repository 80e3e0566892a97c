"""The acknowledgement of an ADT message (ACK, HL7 v2.5 chapter 2.9): accepted, in error, or rejected; why, where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from fhir_server.ids import PARIS, new_id
from validators.adt import Header
from validators.messages import render
from validators.report import REFUSING, Issue, Scope, Severity

MEDIA_TYPE = "application/hl7-v2"
REJECTING = frozenset({
    "ADT-TYPE", "ADT-EVENT", "ADT-PROCESSING", "WRITER-UNAVAILABLE", "AUTH-MISSING", "AUTH-FORBIDDEN",
})  # fmt: skip
"""Rules by which a message is rejected (AR) and not in error (AE): it is not for us, or not now."""

_CODES = {
    "ADT-PARSE": "100", "ADT-REQUIRED": "101", "ADT-TIME": "102", "ADT-ENCODING": "102", "ADT-TYPE": "200",
    "ADT-EVENT": "201", "ADT-PROCESSING": "202", "ADT-VERSION": "203",
}  # fmt: skip
"""HL7 table 0357; every other rule is an error of the application (207)."""
_SEVERITIES = {Severity.WARNING: "W", Severity.INFORMATION: "I"}
_PLACE = re.compile(r"([A-Z0-9]{3})(?:\[(\d+)\])?(?:-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?)?")
_NOBODY = Header("", "", "2.5", "P", ("", ""), ("", ""))


def acknowledgement(header: Header | None, issues: Iterable[Issue], lang: str) -> bytes:
    """An ACK in ER7, UTF-8: AA when nothing refuses, else AE or AR; one ERR a finding, ERR-5 holds the rule id.

    Args:
        header: of the message; None when it has none that can be read.
        issues: what was found.
        lang: of the sentences in ERR-8.
    """
    to, found = header or _NOBODY, list(issues)
    refusing = {i.rule for i in found if i.severity in REFUSING and i.scope is Scope.CONFORMITY}
    code = "AA" if not refusing else "AR" if refusing & REJECTING else "AE"
    now = datetime.now(UTC).astimezone(PARIS).strftime("%Y%m%d%H%M%S%z")
    event = f"ACK^{_text(to.event)}^ACK" if to.event else "ACK"
    msh = [r"MSH|^~\&", *map(_text, (*to.receiver, *to.sender)), now, "", event, new_id()[-20:]]
    msh += [_text(to.processing) or "P", "2.5", "", "", "", "", "FRA", "UNICODE UTF-8"]
    lines = ["|".join(msh), f"MSA|{code}|{_text(to.control)}", *(_error(issue, lang) for issue in found)]
    return ("\r".join(lines) + "\r").encode()


def _error(issue: Issue, lang: str) -> str:
    """ERR: where (ERL), what by table 0357, how bad, our rule id, and a sentence."""
    severity = _SEVERITIES.get(issue.severity, "E")
    code = _CODES.get(issue.rule, "207") if severity == "E" else "0"
    return "|".join(("ERR", "", _place(issue.location), f"{code}^^HL70357", severity, f"{issue.rule}^^segur-fhir", "",
                     "", _text(render(issue, lang))))  # fmt: skip


def _place(location: str) -> str:
    match = _PLACE.fullmatch(location)
    if match is None:
        return ""
    segment, number, field, repetition, component = match.groups()
    within = (field, repetition or "1", component or "") if field else ()
    return "^".join((segment, number or "1", *within)).rstrip("^")


def _text(text: str) -> str:
    """The separators of ER7, escaped."""
    for sign, escape in (("\\", "E"), ("|", "F"), ("^", "S"), ("&", "T"), ("~", "R")):
        text = text.replace(sign, f"\\{escape}\\")
    return re.sub(r"[\r\n\x0b\x1c]+", " ", text)
