"""Signed parameter sets in the database: checked, versioned by the agency that posts them, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import yaml

from fhir_server.fhir.http import Refusal
from fhir_server.ids import micros, month_of, paris_date
from fhir_server.programmes.actors import Hand
from fhir_server.programmes.office import Office
from fhir_server.programmes.records import moment
from fhir_server.programmes.refused import set_refused
from fhir_server.programmes.registry import known
from fhir_server.store.acts import Act, Expect, Put, act_now
from fhir_server.store.programme_tables import parameter_set as _table
from indicators.programmes.parameter_sets import Fault, SignedSet, export, load, may_follow
from indicators.programmes.parameters import ParameterSet

MAX_BYTES = 1_000_000
"""A set is written by hand; a larger text is no set."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A set as it was posted: whose region it is of, who posted it, when, and its canonical text."""

    found: SignedSet
    region: str
    who: str
    at: datetime
    text: str


async def post(office: Office, hand: Hand, region: str, text: str, at: datetime) -> Posted:
    """Add a set as a new version for a region; the same text again is the set that is there.

    Raises:
        Refused: 422 with every fault of the text; 409 with a version that exists or does not follow.
        Refusal: 409 when the id is another region's or the set changed meanwhile.
    """
    found = read(text)
    with office.reading() as connection:
        mine = versions(connection, found.id)
    same = next((one for one in mine if one.found.version == found.version), None)
    if any(one.region != region or one.found.programme != found.programme for one in mine):
        raise Refusal(409, "PROGRAMME-SET-TAKEN", found=found.id)
    faults = may_follow(found, [one.found for one in mine])
    if faults:
        raise set_refused(faults, 409)
    if same is not None:
        return same
    await office.file(_act(found, hand, region, at))
    return Posted(found, region, hand.who, at, export(found))


def read(text: str) -> SignedSet:
    """A set from its text.

    Raises:
        Refused: 422 with every fault. A text with YAML aliases is none: they may stand for more than anyone wrote.
    """
    try:
        if len(text) > MAX_BYTES or any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(text, yaml.SafeLoader)):
            raise set_refused([Fault("", "NOT_YAML", "alias, > 1 MB")])
        loaded = load(text, known())
    except (yaml.YAMLError, RecursionError) as error:
        raise set_refused([Fault("", "NOT_YAML", type(error).__name__)]) from None
    if loaded.found is None:
        raise set_refused(loaded.faults)
    return loaded.found


def _act(found: SignedSet, hand: Hand, region: str, at: datetime) -> Act:
    row = {
        "id": found.id, "version": found.version, "programme": found.programme, "region": region,
        "month": month_of(paris_date(at)), "yaml": export(found).encode(), "digest": found.fingerprint,
        "signed_by": found.signed_off.by, "signed_role": found.signed_off.role,
        "signed_on": found.signed_off.signed_on, "who": hand.who, "at": micros(at),
    }  # fmt: skip
    expect = Expect("parameter_set", {"id": found.id, "version": found.version}, False, "PROGRAMME-CHANGED")
    return act_now(
        region, hand.role, found.key, at, "parameter-set", found.key,
        expects=(expect,), puts=(Put("parameter_set", (row,)),),
    )  # fmt: skip


def versions(connection: sa.Connection, set_id: str) -> list[Posted]:
    """Every version of a set, oldest first; of any region."""
    query = sa.select(_table).where(_table.c.id == set_id).order_by(_table.c.version)
    return [_posted(row) for row in connection.execute(query)]


def of_region(connection: sa.Connection, region: str, programme: str | None = None) -> list[Posted]:
    """The sets of a region, by id and version."""
    where = [_table.c.region == region, *([_table.c.programme == programme] if programme else [])]
    query = sa.select(_table).where(*where).order_by(_table.c.id, _table.c.version)
    return [_posted(row) for row in connection.execute(query)]


def in_force(connection: sa.Connection, region: str, programme: str) -> Posted | None:
    """What a region's files are decided with: the set that was posted last, None before the first."""
    found = of_region(connection, region, programme)
    return max(found, key=lambda one: (one.at, one.found.version), default=None)


def given_by(posted: Posted | None) -> ParameterSet:
    """The parameters of a posted set; none without one. A rule puts them in front of what its text states."""
    return ParameterSet("none") if posted is None else posted.found.parameters


def _posted(row: Any) -> Posted:
    text = bytes(row.yaml).decode()
    found = load(text, known()).found
    if found is None:  # a later version of a programme refuses what an earlier one took
        raise Refusal(409, "PROGRAMME-SET-UNREADABLE", found=f"{row.id}@{row.version}")
    return Posted(found, row.region, row.who, moment(row.at), text)
