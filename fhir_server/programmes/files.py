"""Opening a file, and entering things in it: nothing is edited, the last entry of a name counts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fhir_server.fhir.http import Refusal
from fhir_server.ids import micros, month_of, new_id, paris_date
from fhir_server.programmes.actors import Hand, creates
from fhir_server.programmes.moves import file_put, key_text, unchanged
from fhir_server.programmes.office import Office
from fhir_server.programmes.records import File
from fhir_server.programmes.refused import Refused, Said
from fhir_server.programmes.registry import find_life, find_programme
from fhir_server.programmes.views import check_subject
from fhir_server.security.caller import Caller, Role
from fhir_server.store import organizations
from fhir_server.store.acts import Expect, Put, act_now
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Entry, Life, check_entry

REGION_CODE = re.compile(r"[0-9]{2}")
MAX_TEXT = 20_000
"""Characters of one entry, written as JSON."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The file somebody wants to open."""

    programme: str
    machine: str | None
    organization: str
    key: Mapping[str, str]


async def create(office: Office, caller: Caller, hand: Hand, wish: Wish, at: datetime) -> File:
    """Open a file in the first state of its machine.

    Raises:
        Refusal: 404 an unknown programme or machine, 403 another's establishment or a role that opens no such file,
            409 when there is one about the same.
        Refused: 422 a key that is not the programme's.
    """
    programme = find_programme(wish.programme)
    life = find_life(programme, wish.machine)
    if not creates(caller.role, life.machine):
        raise Refusal(403, "AUTH-FORBIDDEN")
    check_key(life, wish.key)
    with office.reading() as connection:
        owner, region = _place(connection, caller, wish.organization)
        made = File(
            new_id(), owner, month_of(paris_date(at)), programme, life, wish.organization, region,
            dict(wish.key), life.machine.initial, 0, at, at, None,
        )  # fmt: skip
        _check_known(connection, made, at)
    await office.file(
        act_now(owner, hand.role, made.id, at, "programme-file", made.id, expects=(_alone(made),),
                puts=(file_put(made, at),))
    )  # fmt: skip
    return replace(made, version=1)


def check_key(life: Life, key: Mapping[str, str]) -> None:
    """A key has the parts of its life, each with a value the life takes.

    Raises:
        Refused: 422 with every part that is missing, unknown or of another value.
    """
    said = [_wrong_key(name, "FIELD_MISSING") for name in life.key if not key.get(name, "").strip()]
    said += [_wrong_key(name, "UNKNOWN_FIELD") for name in key if name not in life.key]
    said += [
        _wrong_key(name, "OUT_OF_RANGE", ", ".join(values))
        for name, values in life.key.items()
        if values and key.get(name, "").strip() and key[name] not in values
    ]
    if said:
        raise Refused(422, said)


def _check_known(connection: sa.Connection, file: File, at: datetime) -> None:
    try:
        check_subject(connection, file, at)
    except RuleError as unknown:
        raise Refused(422, [_said("key", "UNKNOWN_SUBJECT", unknown.code)]) from None


def _wrong_key(name: str, code: str, detail: str = "") -> Said:
    return _said(f"key.{name}", code, detail)


def _place(connection: sa.Connection, caller: Caller, organization: str) -> tuple[str, str]:
    """The legal entity and region of a file's subject: one of the caller's establishments, or a region itself.

    Raises:
        Refusal: 403.
    """
    if REGION_CODE.fullmatch(organization):
        if caller.role is Role.ARS and caller.organization == organization:
            return organization, organization
        raise Refusal(403, "AUTH-FORBIDDEN")
    row = organizations.get(connection, organization)
    mine = row is not None and (
        (caller.role is Role.ESTABLISHMENT and row.legal_entity == caller.organization)
        or (caller.role is Role.ARS and row.region == caller.organization)
    )
    if not mine:
        raise Refusal(403, "AUTH-FORBIDDEN")
    return row.legal_entity, row.region


def _alone(file: File) -> Expect:
    """One file a subject: nothing else is about the same."""
    where = {"programme": file.programme.id, "machine": file.life.machine.id, "organization": file.organization,
             "key": key_text(file.key)}  # fmt: skip
    return Expect("programme_file", where, False, "PROGRAMME-FILE-EXISTS")


async def enter(office: Office, file: File, hand: Hand, values: Mapping[str, Any], at: datetime) -> int:
    """Enter things in a file, all of them or none; the file's version after it.

    Raises:
        Refused: 422 with every entry that is not taken, and why.
        Refusal: 409 when the file changed meanwhile.
    """
    said = [one for name, value in values.items() for one in _wrong_entry(file, hand, name, value)]
    if said:
        raise Refused(422, said)
    rows = tuple(
        {
            "owner": file.owner, "file": file.id, "seq": file.version + 1, "name": name,
            "month": month_of(paris_date(at)), "value": _kept(file, name, value), "role": hand.role,
            "who": hand.who, "at": micros(at),
        }
        for name, value in values.items()
    )  # fmt: skip
    await office.file(
        act_now(file.owner, hand.role, new_id(), at, "programme-entry", file.id, expects=(unchanged(file),),
                puts=(file_put(file, at), Put("programme_entry", rows)))
    )  # fmt: skip
    return file.version + 1


def _kept(file: File, name: str, value: Any) -> str:
    return json.dumps(check_entry(file.life.entry(name), value), ensure_ascii=False)


def _wrong_entry(file: File, hand: Hand, name: str, value: Any) -> list[Said]:
    wanted = next((one for one in file.life.entries if one.name == name), None)
    if wanted is None:
        return [_said(name, "UNKNOWN_ENTRY", ", ".join(one.name for one in file.life.entries))]
    states = wanted.in_states or (file.life.machine.initial,)
    codes = [
        ("NOT_YOURS", ", ".join(wanted.by), not hand.may(wanted.by)),
        ("CLOSED_NOW", ", ".join(states), file.state not in states),
    ]
    said = [_said(name, code, detail) for code, detail, wrong in codes if wrong]
    return [*said, *_wrong_value(wanted, value)]


def _wrong_value(wanted: Entry, value: Any) -> list[Said]:
    if len(json.dumps(value, ensure_ascii=False)) > MAX_TEXT:
        return [_said(wanted.name, "TOO_LONG")]
    try:
        check_entry(wanted, value)
    except RuleError as wrong:
        place = wrong.code.partition(":")[2]
        return [_said(place, "WRONG_VALUE", ", ".join(wanted.choices) or wanted.kind)]
    return []


_WORDS = {
    "FIELD_MISSING": ("à donner", "to be given"),
    "UNKNOWN_FIELD": ("inconnu de ce dossier", "unknown to this file"),
    "UNKNOWN_ENTRY": ("saisie inconnue ; connues : {detail}", "unknown entry; known: {detail}"),
    "NOT_YOURS": ("saisie réservée à {detail}", "an entry of {detail}"),
    "CLOSED_NOW": ("se saisit à l'état {detail}", "is entered in the state {detail}"),
    "WRONG_VALUE": ("valeur inattendue ; attendu : {detail}", "unexpected value; expected: {detail}"),
    "OUT_OF_RANGE": ("valeur hors de : {detail}", "value not among: {detail}"),
    "UNKNOWN_SUBJECT": (
        "le programme ne connaît pas ce sujet : {detail}",
        "the programme knows no such subject: {detail}",
    ),
    "TOO_LONG": ("valeur trop longue", "value too long"),
}


def _said(where: str, code: str, detail: str = "") -> Said:
    fr, en = (text.format(detail=detail or "-") for text in _WORDS[code])
    return Said("PROGRAMME-ENTRY", code, f"{where} : {fr}", f"{where}: {en}", where)
