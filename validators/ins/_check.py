"""Is the stated identity right, and how far does it go? One function for each line of the policy's Identity table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from validators.ins._identity import NSS_TYPE, TRAITS, PatientIdentifier, PatientIdentity, Place, is_ins_identifier
from validators.ins._matricule import (
    INS_OIDS,
    INS_PRODUCTION_OIDS,
    INS_ROOT,
    INS_TEST_OIDS,
    SAMU_OID,
    Matricule,
)
from validators.messages import rule
from validators.report import REFUSING, Mode, Report, Scope, Severity

VALIDATED: Final = "VALI"
_OID: Final = re.compile(r"[0-2](?:\.[0-9]+)+")
_DATE: Final = re.compile(r"([0-9]{4})(?:-?([0-9]{2}))?(?:-?([0-9]{2}))?(?:[T0-9].*)?", re.DOTALL)
# Commune codes (COG): department of two digits or 2A/2B then three; 97x and 98x overseas, 99xxx a country.
_COG: Final = re.compile(r"(?:0[1-9]|[1-9][0-9]|2[AB])[0-9]{3}")


class InsLevel(StrEnum):
    """How far the identity goes (policy, Identity; fhir-france C4)."""

    ABSENT = "absent"
    PRESENT_WITHOUT_TRAITS = "present_without_traits"
    PRESENT = "present"
    QUALIFIED = "qualified"


@dataclass(frozen=True, slots=True)
class InsStatus:
    """What was found: the level, the authority, and the matricule when it is well-formed."""

    level: InsLevel
    oid: str | None = None
    matricule: Matricule | None = None


def check_identity(
    identity: PatientIdentity,
    report: Report,
    *,
    mode: Mode,
    source: Literal["cda", "fhir"],
    today: date,
    looked_at: bool = False,
    traits_optional: bool = False,
) -> InsStatus:
    """Say every identity issue and the level reached (rules `INS-*`).

    Args:
        identity: what the document or the resource states.
        report: receives the issues.
        mode: the sandbox welcomes test authorities and only warns of a wrong key.
        source: in `fhir` the level needs an identity whose status is VALI; CDA has no such status.
        today: no one is born after it.
        looked_at: a funding programme looks at the document: `report.looked_at` becomes True and the programme errors
            (`INS-ABSENT`, `INS-OID`, `INS-AMBIGUOUS`) are said. A resource of another purpose gets none.
        traits_optional: metadata accompanying a CDA may leave traits out.
    """
    report.looked_at = report.looked_at or looked_at
    before = len(report.issues)
    _birth_date_is_possible(identity, report, today)
    claims = [item for item in identity.identifiers if is_ins_identifier(item)]
    if not claims:
        if looked_at:
            _say_absent(identity, report)
        return InsStatus(InsLevel.ABSENT)
    matricules = [_matricule(item, report, mode, source) for item in claims]
    ambiguous = len({(item.oid, item.value) for item in claims}) > 1
    if ambiguous and looked_at:
        _add(report, "INS-AMBIGUOUS", claims[1].place)
    chosen = min(range(len(claims)), key=lambda i: _rank(claims[i].oid))
    complete = _traits(identity, report, optional=traits_optional)
    _sex(identity, matricules[chosen], report)
    _birth(identity, matricules[chosen], report)
    sound = not ambiguous and matricules[chosen] is not None and not _refused(report, before)
    qualified = sound and _counts(identity, claims[chosen].oid, matricules[chosen], mode, source)
    return InsStatus(_level(complete, qualified), claims[chosen].oid, matricules[chosen])


def _level(complete: bool, qualified: bool) -> InsLevel:
    if not complete:
        return InsLevel.PRESENT_WITHOUT_TRAITS
    return InsLevel.QUALIFIED if qualified else InsLevel.PRESENT


def _rank(oid: str) -> int:
    """NIR before NIA before test: a person who got a NIR keeps it."""
    return int(oid.rpartition(".")[2])


def _refused(report: Report, since: int) -> bool:
    """True when this check has found a conformity error: such an identity is never qualified."""
    found = report.issues[since:]
    return any(issue.severity in REFUSING and issue.scope is Scope.CONFORMITY for issue in found)


def _counts(identity: PatientIdentity, oid: str, matricule: Matricule | None, mode: Mode, source: str) -> bool:
    """Right key (whatever the mode), right authority, and a validated identity where nothing but FHIR says it."""
    if matricule is None or not matricule.key_is_right:
        return False
    allowed = INS_PRODUCTION_OIDS if mode is Mode.PRODUCTION else INS_OIDS
    return oid in allowed and (source == "cda" or identity.status == VALIDATED)


def _add(report: Report, rule_id: str, place: Place, severity: Severity | None = None, **params: object) -> None:
    report.add(rule(rule_id), place.location, line=place.line, severity=severity, **params)


def _say_absent(identity: PatientIdentity, report: Report) -> None:
    """`INS-OID` when something looks like an INS under an authority that gives none, else `INS-ABSENT`."""
    for item in identity.identifiers:
        if item.use != "old" and _looks_like_ins(item):
            return _add(report, "INS-OID", item.place, oid=item.oid if _OID.fullmatch(item.oid) else "?")
    return _add(report, "INS-ABSENT", identity.place)


def _looks_like_ins(item: PatientIdentifier) -> bool:
    """INS-C, a social-security number, an unknown arc of the INS authority, or a true matricule under a local OID."""
    if item.null_flavor is not None or item.oid == SAMU_OID:
        return False
    if item.oid.startswith(f"{INS_ROOT}.") or item.type_code == NSS_TYPE or (item.type_code or "").startswith("INS"):
        return True
    matricule = Matricule.parse(item.value)
    return matricule is not None and matricule.key_is_right


def _matricule(item: PatientIdentifier, report: Report, mode: Mode, source: str) -> Matricule | None:
    """`INS-FORMAT`, `INS-KEY`, `INS-TEST`, `INS-TYPE`: what the identifier alone can say."""
    test = item.oid in INS_TEST_OIDS
    sandbox = mode is Mode.SANDBOX
    if test:
        _add(report, "INS-TEST", item.place, Severity.INFORMATION if sandbox else Severity.ERROR, oid=item.oid)
    if source == "fhir" and not (item.type_code or "").startswith("INS-"):
        _add(report, "INS-TYPE", item.place, found=item.type_code or "-")
    matricule = Matricule.parse(item.value)
    if matricule is None:
        _add(report, "INS-FORMAT", item.place, length=len(item.value or ""))
    elif not matricule.key_is_right:
        _add(report, "INS-KEY", item.place, Severity.WARNING if sandbox else Severity.ERROR)
    return matricule


def _traits(identity: PatientIdentity, report: Report, *, optional: bool) -> bool:
    """`INS-TRAIT-MISSING`, `INS-BIRTH-DATE`, `INS-BIRTH-PLACE`; True when every trait has a value."""
    missing = [name for name in TRAITS if not identity.trait(name)]
    for name in missing:
        if identity.trait(name) is not None or not optional:
            _add(report, "INS-TRAIT-MISSING", identity.place_of(name), trait=name)
    for name, rule_id, broken in _FORMS:
        value = identity.trait(name)
        if value and broken(value):
            _add(report, rule_id, identity.place_of(name))
    return not missing


def _year_only(birth_date: str) -> bool:
    match = _DATE.fullmatch(birth_date)
    return match is not None and match.group(2) is None


def _not_a_cog_code(place: str) -> bool:
    return _COG.fullmatch(place) is None


_FORMS: Final[Iterable[tuple[str, str, Callable[[str], bool]]]] = (
    ("birth_date", "INS-BIRTH-DATE", _year_only),
    ("birth_place", "INS-BIRTH-PLACE", _not_a_cog_code),
)


def _birth_date_is_possible(identity: PatientIdentity, report: Report, today: date) -> None:
    """`INS-BIRTH-DATE`: a date of the calendar that is not in the future, with or without an INS."""
    if not identity.birth_date:
        return
    match = _DATE.fullmatch(identity.birth_date)
    try:
        parts = [int(part) for part in match.groups() if part] if match else []
        born = date(*[*parts, 1, 1][:3])
    except (ValueError, TypeError):
        born = None
    if born is None or born > today:
        _add(report, "INS-BIRTH-DATE", identity.place_of("birth_date"))


def _sex(identity: PatientIdentity, matricule: Matricule | None, report: Report) -> None:
    """`INS-SEX`: the sex of an identity with an INS is male or female, and the one of the matricule."""
    if not identity.sex:
        return
    stated = matricule.sex if matricule else None
    if identity.sex not in ("male", "female") or (stated is not None and stated != identity.sex):
        _add(report, "INS-SEX", identity.place_of("sex"))


def _birth(identity: PatientIdentity, matricule: Matricule | None, report: Report) -> None:
    """`INS-BIRTH`: year and month of birth against the matricule's; special months say nothing of the month."""
    match = _DATE.fullmatch(identity.birth_date or "")
    if matricule is None or match is None:
        return
    year, month = match.group(1), match.group(2)
    other_year = year[2:] != matricule.year
    other_month = month is not None and not matricule.month_is_special and int(month) != matricule.month
    if other_year or other_month:
        _add(report, "INS-BIRTH", identity.place_of("birth_date"))
