"""PID and MRG: identifiers with their authority, traits, and which identifiers a merge makes one."""

from __future__ import annotations

import re
from typing import Final

from validators.adt._read import Segment
from validators.ins import (
    INS_OIDS,
    INS_ROOT,
    Matricule,
    PatientIdentifier,
    PatientIdentity,
    Place,
    is_ins_identifier,
    is_waiting,
    strip_oid,
)
from validators.messages import rule
from validators.report import Report

Pair = tuple[PatientIdentifier, PatientIdentifier]
"""Two identifiers of one person: the first is followed to the second."""

_OID: Final = re.compile(r"[0-2](?:\.[0-9]+)+")
_SEX: Final = {"M": "male", "F": "female", "U": "unknown", "A": "unknown", "O": "other", "N": "other"}
_LEGAL, _BIRTH_PLACE, _LOCAL = "L", "BDL", "PI"


def read_identity(segment: Segment, field: int, report: Report) -> PatientIdentity:
    """The identity of a PID (field 3) or the prior one of a MRG (field 1). Rule `ADT-AUTHORITY`."""
    identifiers = tuple(
        _identifier(segment, field, repetition, report)
        for repetition in segment.repetitions(field)
        if segment.text(field, repetition=repetition)
    )
    place = Place(segment.place(field))
    return _with_traits(segment, place, identifiers) if segment.name == "PID" else PatientIdentity(place, identifiers)


def _identifier(segment: Segment, field: int, repetition: int, report: Report) -> PatientIdentifier:
    authority = strip_oid(segment.text(field, 4, 2, repetition))
    if not _OID.fullmatch(authority):
        report.add(rule("ADT-AUTHORITY"), segment.place(field, 4, repetition))
        authority = authority or segment.text(field, 4, 1, repetition)
    value = segment.text(field, repetition=repetition)
    # The type NH, which in FHIR tells a billing number from an INS, is that of the INS itself in HL7 v2.
    kind = None if authority in INS_OIDS else segment.text(field, 5, repetition=repetition) or None
    found = value.upper() if authority in INS_OIDS else value
    return PatientIdentifier(authority, found, Place(segment.place(field, repetition=repetition)), type_code=kind)


def _with_traits(pid: Segment, place: Place, identifiers: tuple[PatientIdentifier, ...]) -> PatientIdentity:
    name = next((r for r in pid.repetitions(5) if pid.text(5, 7, repetition=r) == _LEGAL), 1)
    home = next((r for r in pid.repetitions(11) if pid.text(11, 7, repetition=r) == _BIRTH_PLACE), None)
    sex = pid.text(8)
    return PatientIdentity(
        place, identifiers,
        birth_family=pid.text(5, 1, repetition=name) or None,
        birth_given_first=pid.text(5, 2, repetition=name) or None,
        birth_given_list=pid.text(5, 3, repetition=name) or None,
        birth_date=pid.text(7)[:8] or None,
        sex=_SEX.get(sex, sex) or None,
        birth_place=pid.text(11, 9, repetition=home) or None if home is not None else None,
        status=pid.text(32) or None,
        places={
            "birth_family": Place(pid.place(5, 1, name)), "birth_given_first": Place(pid.place(5, 2, name)),
            "birth_given_list": Place(pid.place(5, 3, name)), "birth_date": Place(pid.place(7)),
            "sex": Place(pid.place(8)), "birth_place": Place(pid.place(11, 9, home)),
        },
    )  # fmt: skip


def ins_of(identity: PatientIdentity) -> tuple[PatientIdentifier, ...]:
    """Its well-formed INS with the right key, a NIR before a NIA."""
    found = [i for i in identity.identifiers if is_ins_identifier(i) and _sound(i)]
    return tuple(sorted(found, key=lambda i: (waiting(i), i.oid)))


def locals_of(identity: PatientIdentity) -> tuple[PatientIdentifier, ...]:
    """Its local identifiers, the establishment's own (type PI) first.

    Numbers of the national authority are none: a billing number is shared by a family.
    """
    found = [i for i in identity.identifiers if i.value and not i.oid.startswith(f"{INS_ROOT}.")]
    return tuple(sorted(found, key=lambda i: i.type_code != _LOCAL))


def person_of(identity: PatientIdentity) -> PatientIdentifier | None:
    """What a person is known by: the INS before any local identifier. A malformed INS is still that."""
    claims = ins_of(identity) or tuple(i for i in identity.identifiers if is_ins_identifier(i))
    return next(iter((*claims, *locals_of(identity))), None)


def waiting(identifier: PatientIdentifier) -> bool:
    """Whether an INS is a waiting number (NIA)."""
    return is_waiting(identifier.oid, identifier.value)


def _sound(identifier: PatientIdentifier) -> bool:
    matricule = Matricule.parse(identifier.value)
    return matricule is not None and matricule.key_is_right


# -- what a message makes one --------------------------------------------------------------------------------------


def contradictory(identity: PatientIdentity, other: PatientIdentity) -> PatientIdentifier | None:
    """The INS of the other that keeps the two apart: each has a NIR of its own (never two persons in one)."""
    own = {i.value for i in ins_of(identity) if not waiting(i)}
    foreign = [i for i in ins_of(other) if not waiting(i)]
    return foreign[0] if own and foreign and not own & {i.value for i in foreign} else None


def pairs(identity: PatientIdentity, other: PatientIdentity) -> tuple[Pair, ...]:
    """Which identifier of the other is followed to which of the identity: each to its like, a NIA to the NIR."""
    found = [_pair(prior, identity) for prior in (*ins_of(other), *locals_of(other))]
    return tuple(pair for pair in found if pair is not None)


def within(identity: PatientIdentity) -> tuple[Pair, ...]:
    """The waiting numbers that stand beside the NIR of the same person."""
    known = ins_of(identity)
    if not known or waiting(known[0]):
        return ()
    return tuple((each, known[0]) for each in known if waiting(each))


def _pair(prior: PatientIdentifier, identity: PatientIdentity) -> Pair | None:
    target = _ins_target(prior, identity) if prior.oid in INS_OIDS else _local_target(prior, identity)
    if target is None or (target.oid, target.value) == (prior.oid, prior.value):
        return None
    reverse = target.oid in INS_OIDS and waiting(target) and not waiting(prior) and prior.oid in INS_OIDS
    return (target, prior) if reverse else (prior, target)


def _ins_target(prior: PatientIdentifier, identity: PatientIdentity) -> PatientIdentifier | None:
    found = ins_of(identity)
    return next((i for i in found if i.value == prior.value), next(iter(found), None))


def _local_target(prior: PatientIdentifier, identity: PatientIdentity) -> PatientIdentifier | None:
    found = locals_of(identity)
    like = [i for i in found if i.oid == prior.oid]
    return next(iter((*[i for i in like if i.value == prior.value], *like, *found, *ins_of(identity))), None)
