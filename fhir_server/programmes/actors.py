"""Who acts for whom: the one table between the actors of the state machines and the roles of tokens.

A role that is no actor of a machine neither sees nor moves its files. An actor that is not in the table, of a
programme somebody else brought, is nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fhir_server.security.caller import Caller, Role
from indicators.programmes.machine import Machine, Transition

MAY: Mapping[str, frozenset[Role]] = {
    "establishment": frozenset({Role.ESTABLISHMENT}),
    "holder": frozenset({Role.ESTABLISHMENT}),
    "ARS": frozenset({Role.ARS}),
    "ARS pivot": frozenset({Role.ARS}),
    "ARS, holder": frozenset({Role.ARS}),
    "ARS pivot, holder": frozenset({Role.ARS}),
    "clock": frozenset({Role.ARS}),
    "system": frozenset({Role.ARS}),
    "DGOS": frozenset({Role.MINISTRY}),
    "DGOS, ARS": frozenset({Role.MINISTRY, Role.ARS}),
    "CNSA, DNS": frozenset({Role.MINISTRY}),
    "committee": frozenset({Role.MINISTRY}),
    "experts": frozenset({Role.MINISTRY}),
}
"""Roles that make the moves of an actor. What two sign together is recorded by the agency, once both have signed."""

UNATTENDED = frozenset({"clock", "system"})
"""Actors nobody has to be: `tick` makes their moves, and an agency may, when they are due."""

_OWN = {Role.ESTABLISHMENT: "establishment", Role.ARS: "ARS", Role.MINISTRY: "DGOS"}


@dataclass(frozen=True, slots=True)
class Hand:
    """Whoever acts on a file: its role, what is written down of it, and the actors it may be."""

    role: str
    who: str
    actors: frozenset[str]
    own: str

    def actor(self, row: Transition) -> str:
        """The actor it makes a move as: the table's own, if it may be that one."""
        return row.actor if row.actor in self.actors else self.own

    def may(self, actors: tuple[str, ...]) -> bool:
        """Whether it may be one of them."""
        return not self.actors.isdisjoint(actors)


CLOCKWORK = Hand("clock", "clock", UNATTENDED, "clock")
"""`segur programmes tick`."""


def hand_of(caller: Caller) -> Hand:
    """Whom a caller acts as."""
    who = caller.role.value if caller.organization is None else f"{caller.role.value}:{caller.organization}"
    actors = frozenset(name for name, roles in MAY.items() if caller.role in roles)
    return Hand(caller.role.value, who, actors, _OWN.get(caller.role, caller.role.value))


def acts_in(role: Role, machine: Machine) -> bool:
    """Whether a machine has moves of that role."""
    return any(role in MAY.get(row.actor, ()) for row in machine.transitions)


def creates(role: Role, machine: Machine) -> bool:
    """Whether a role opens files of a machine: who makes the first move does."""
    first = (row.actor for row in machine.transitions if row.source == machine.initial)
    return any(role in MAY.get(actor, ()) for actor in first if actor not in UNATTENDED)


def sees(caller: Caller, machine: Machine, *, legal_entity: str, region: str) -> bool:
    """Whether a file is the caller's to see: an establishment its own, an agency its region's, the ministry those of
    the machines it has moves in.
    """
    if caller.role is Role.ESTABLISHMENT:
        return legal_entity == caller.organization
    if caller.role is Role.ARS:
        return region == caller.organization
    return caller.role is Role.MINISTRY and acts_in(Role.MINISTRY, machine)
