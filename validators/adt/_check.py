"""Is this ADT message one that can be acted upon? Reads it into typed values and says what is wrong, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Final

from validators.adt._identity import contradictory, pairs, read_identity
from validators.adt._model import EVENTS, IN_HOSPITAL, PAIRS, STAYS, Admission, Effect, Header, Visit
from validators.adt._read import Segment, read_segments
from validators.adt._time import PARIS, time_at
from validators.ins import PatientIdentity, check_identity
from validators.messages import rule
from validators.report import Mode, Report

_FINESS: Final = re.compile(r"1?([0-9][0-9AB][0-9]{7})")
_PRODUCTION: Final = "P"
_EXPECTED: Final = ", ".join(EVENTS)


def check_adt(data: bytes, report: Report, *, mode: Mode, now: datetime) -> tuple[Header | None, Admission | None]:
    """Read and check one message; the header alone when the report says why nothing can be done with it.

    Args:
        data: the message as received, without the frame of its transport.
        report: takes the findings (rules `ADT-*`, `INS-*`), located as `PID-3[2].4`.
        mode: of the server; in production a message must be a production one.
        now: nobody is born after it.
    """
    segments = read_segments(data, report)
    msh = _first(segments, "MSH")
    if msh is None:
        if report.conformant:
            report.add(rule("ADT-PARSE"), "MSH")
        return None, None
    header = _header(msh)
    effect = _effect(msh, header, report, mode)
    if effect is None or not report.conformant:
        return header, None
    admission = _admission(segments, header, effect, report)
    if admission is not None:
        _identities(admission, report, mode, now)
    return header, admission if report.conformant else None


def header_of(data: bytes) -> Header | None:
    """The header alone, to answer a message that nobody could look at; None when there is none."""
    msh = _first(read_segments(data, Report()), "MSH")
    return _header(msh) if msh is not None else None


def _first(segments: Iterable[Segment], name: str, number: int = 1) -> Segment | None:
    return next((s for s in segments if s.name == name and s.number == number), None)


def _header(msh: Segment) -> Header:
    return Header(
        msh.text(10), msh.text(9, 2), msh.text(12), msh.text(11),
        (msh.text(3), msh.text(4)), (msh.text(5), msh.text(6)),
    )  # fmt: skip


def _effect(msh: Segment, header: Header, report: Report, mode: Mode) -> Effect | None:
    """What the message is about; the header's own faults."""
    if msh.text(9) != "ADT":
        report.add(rule("ADT-TYPE"), "MSH-9.1")
        return None
    if header.event not in EVENTS:
        report.add(rule("ADT-EVENT"), "MSH-9.2", expected=_EXPECTED)
        return None
    if not header.control:
        report.add(rule("ADT-REQUIRED"), "MSH-10", field="MSH-10")
    if header.version != "2.5":
        report.add(rule("ADT-VERSION"), "MSH-12")
    if mode is Mode.PRODUCTION and header.processing != _PRODUCTION:
        report.add(rule("ADT-PROCESSING"), "MSH-11")
    return EVENTS[header.event]


def _admission(segments: list[Segment], header: Header, effect: Effect, report: Report) -> Admission | None:
    pid = _first(segments, "PID")
    recorded = _recorded(segments, report)
    identity = read_identity(pid, 3, report) if pid is not None else None
    if identity is None or not identity.identifiers:
        report.add(rule("ADT-REQUIRED"), "PID-3", field="PID-3")
    other = _other(segments, effect, report) if effect in PAIRS else None
    visit = _visit(segments, effect, report) if effect in STAYS else None
    if identity is None or recorded is None or not report.conformant:
        return None
    return Admission(header, effect, recorded, identity, other, visit)


def _recorded(segments: list[Segment], report: Report) -> datetime | None:
    """EVN-2, else the time of the message: events are put in order by it."""
    found = time_at(_first(segments, "EVN"), 2, report) or time_at(_first(segments, "MSH"), 7, report)
    if found is None:
        report.add(rule("ADT-REQUIRED"), "EVN-2", field="EVN-2")
        return None
    return found if isinstance(found, datetime) else datetime.combine(found, time(), PARIS)


def _other(segments: list[Segment], effect: Effect, report: Report) -> PatientIdentity | None:
    """The second identity: MRG-1 of a merge, the second PID of a link or an unlink."""
    segment, field = (_first(segments, "MRG"), 1) if effect is Effect.MERGE else (_first(segments, "PID", 2), 3)
    identity = read_identity(segment, field, report) if segment is not None else None
    if identity is None or not identity.identifiers:
        wanted = "MRG-1" if effect is Effect.MERGE else "PID[2]-3"
        report.add(rule("ADT-REQUIRED"), wanted, field=wanted)
        return None
    return identity


def _visit(segments: list[Segment], effect: Effect, report: Report) -> Visit | None:
    pv1, evn, msh = _first(segments, "PV1"), _first(segments, "EVN"), _first(segments, "MSH")
    number = pv1.text(19) if pv1 is not None else ""
    if pv1 is None or not number:
        report.add(rule("ADT-REQUIRED"), "PV1-19", field="PV1-19")
        return None
    occurred = time_at(evn, 6, report)
    admitted, ended = time_at(pv1, 44, report), time_at(pv1, 45, report)
    if effect is Effect.DISCHARGE and ended is None:
        ended = occurred
        if ended is None:
            report.add(rule("ADT-REQUIRED"), "PV1-45", field="PV1-45")
    if effect is Effect.OPEN and admitted is None:
        admitted = occurred
    if effect is Effect.OPEN and pv1.text(2) not in IN_HOSPITAL:
        report.add(rule("ADT-CLASS"), "PV1-2")
    return Visit(number, pv1.text(19, 4, 2), pv1.text(2), tuple(_sites(pv1, msh)), admitted, ended)


def _sites(pv1: Segment, msh: Segment | None) -> Iterator[str]:
    """What may be the FINESS of the site: the facility of the place, the servicing facility, the sender's."""
    named = [pv1.text(3, 4, 2), pv1.text(3, 4, 1), pv1.text(39)]
    named += [msh.text(4, 2), msh.text(4)] if msh is not None else []
    for text in named:
        match = _FINESS.fullmatch(text.upper())
        if match is not None:
            yield match.group(1)


def _identities(admission: Admission, report: Report, mode: Mode, now: datetime) -> None:
    """The INS that are named, and whether two identities may be one (policy, Identity)."""
    day: date = now.astimezone(PARIS).date()
    for identity in (admission.identity, admission.other):
        if identity is not None:
            check_identity(identity, report, mode=mode, source="cda", today=day, traits_optional=True)
    if admission.other is None or admission.effect is Effect.UNLINK:
        return
    apart = contradictory(admission.identity, admission.other)
    if apart is not None:
        report.add(rule("ADT-MERGE-INS"), apart.location)
    elif not pairs(admission.identity, admission.other):
        report.add(rule("ADT-MERGE-NOTHING"), admission.other.place.location)
