"""The table between actors and roles: nobody is forgotten, and nobody is somebody by accident."""

from __future__ import annotations

import pytest

from fhir_server.programmes.actors import CLOCKWORK, MAY, UNATTENDED, acts_in, creates, hand_of, sees
from fhir_server.programmes.registry import known
from fhir_server.security.caller import Caller, Role
from indicators.programmes.machine import Machine, Transition

MACHINES = [life.machine for programme in known().values() for life in programme.lives]
OPENED_BY = {
    "sun_es_v1.candidature": {Role.ESTABLISHMENT}, "maladies_rares.initial": {Role.ESTABLISHMENT},
    "maladies_rares.updated": {Role.ESTABLISHMENT}, "sun_es_v2.designation": {Role.ARS},
    "esms_amorcage.project": {Role.ESTABLISHMENT}, "aap_dui.project": {Role.ESTABLISHMENT},
    "aap_dui.tranche": {Role.ARS}, "cadre_commun.service": {Role.ARS},
}  # fmt: skip


def test_every_actor_of_every_machine_is_somebody() -> None:
    named = {row.actor for programme in known().values() for one in programme.machines for row in one.transitions}
    assert named <= set(MAY)
    assert {role for roles in MAY.values() for role in roles} == {Role.ESTABLISHMENT, Role.ARS, Role.MINISTRY}


@pytest.mark.parametrize("machine", MACHINES, ids=[machine.id for machine in MACHINES])
def test_who_opens_a_file(machine: Machine) -> None:
    assert {role for role in Role if creates(role, machine)} == OPENED_BY[machine.id]


def test_an_actor_of_nobody_moves_nothing() -> None:
    machine = Machine("x", "A", (Transition("A", "B", "mayor", "X"),), frozenset())
    assert not any(creates(role, machine) or acts_in(role, machine) for role in Role)
    assert not any(hand_of(Caller(role, "53")).may(("mayor",)) for role in Role)


def test_a_hand_is_its_own_actor_where_it_may_not_be_another() -> None:
    row = Transition("A", "B", "ARS pivot", "X")
    assert hand_of(Caller(Role.ARS, "53")).actor(row) == "ARS pivot"
    assert hand_of(Caller(Role.MINISTRY, None)).actor(row) == "DGOS"
    assert hand_of(Caller(Role.EDITOR, "x")).actor(row) == "editor"
    assert CLOCKWORK.actors == UNATTENDED


def test_the_ministry_sees_the_machines_it_acts_in_and_no_other() -> None:
    ministry = Caller(Role.MINISTRY, None)
    seen = {one.id for one in MACHINES if sees(ministry, one, legal_entity="350000001", region="53")}
    assert seen == {one.id for one in MACHINES if acts_in(Role.MINISTRY, one)}
    assert "sun_es_v1.candidature" not in seen
    assert not sees(Caller(Role.EDITOR, "53"), MACHINES[0], legal_entity="53", region="53")
