"""Tables of moves: every reason, in order; nothing but firm facts before money."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.programmes import programmes
from indicators.programmes.errors import RuleError
from indicators.programmes.machine import Guard, Machine, Notice, Transition, holds
from indicators.programmes.parameters import ParameterMissing
from indicators.programmes.standing import Firm, Indicative, Standing, Unknown, attempt, derive, label, settle

ROOT = Path(__file__).parents[3]
TOLD = Notice("establishment", "montant", "amount")
TABLE = Machine(
    "test",
    "DRAFT",
    (
        Transition("DRAFT", "FILED", "establishment", "X-R01", (Guard("complete", ("INCOMPLETE",)),)),
        Transition("FILED", "PAID", "ARS", "X-R02", (Guard("a", ("A1", "A2")), Guard("b", ("B",))), (TOLD,)),
        Transition("FILED", "CLOSED", "clock", "X-R03"),
    ),
    frozenset({"PAID"}),
)
GOOD: dict[str, Standing[tuple[str, ...]]] = {"a": Firm(()), "b": Firm(())}


class TestTable:
    def test_states_and_ends(self) -> None:
        assert TABLE.states == ("DRAFT", "FILED", "PAID", "CLOSED")
        assert TABLE.finals == ("PAID", "CLOSED")

    def test_a_move_tells_whom_it_owes_a_message(self) -> None:
        found = TABLE.move("FILED", "PAID", "ARS", GOOD)
        assert (found.made, found.state, found.notices) == (True, "PAID", (TOLD,))

    def test_every_reason_is_reported_in_the_order_of_the_table(self) -> None:
        facts = {"b": holds(False, "B"), "a": Firm(("A1", "A2"))}
        found = TABLE.move("FILED", "PAID", "clock", facts)
        assert found.reasons == ("ACTOR_NOT_ALLOWED:clock", "A1", "A2", "B")
        assert (found.state, found.notices, found.made) == ("FILED", (), False)

    def test_a_fact_nobody_gave_is_named(self) -> None:
        assert TABLE.move("FILED", "PAID", "ARS", {"a": Firm(())}).reasons == ("FACT_MISSING:b",)

    def test_a_move_the_table_has_not_is_an_error(self) -> None:
        with pytest.raises(RuleError, match=r"^no_transition:DRAFT>PAID$"):
            TABLE.move("DRAFT", "PAID", "ARS", {})


class TestMoney:
    @pytest.mark.parametrize(
        ("fact", "reasons"),
        [
            (Unknown("parameter_missing:target"), ("parameter_missing:target",)),
            (Indicative((), ("CFG-S1-10",)), ("INDICATIVE:CFG-S1-10",)),
            (Indicative((), ()), ("INDICATIVE:unnamed",)),
            (Indicative(("A1",), ("CFG-S1-10", "CFG-S1-13")), ("A1", "INDICATIVE:CFG-S1-10", "INDICATIVE:CFG-S1-13")),
        ],
    )
    def test_takes_firm_facts_only(self, fact: Standing[tuple[str, ...]], reasons: tuple[str, ...]) -> None:
        assert TABLE.move("FILED", "PAID", "ARS", GOOD | {"a": fact}).reasons == reasons

    def test_a_fact_beside_the_guards_cannot_smuggle_a_convention_in(self) -> None:
        facts = GOOD | {"c": Indicative((), ("CFG-S1-10",))}
        assert TABLE.move("FILED", "PAID", "ARS", facts).reasons == ("NOT_FIRM:c",)

    def test_a_state_without_money_takes_an_indicative_fact_and_no_unknown_one(self) -> None:
        assert TABLE.move("DRAFT", "FILED", "establishment", {"complete": Indicative((), ("C",))}).made
        found = TABLE.move("DRAFT", "FILED", "establishment", {"complete": Unknown("not_measurable")})
        assert found.reasons == ("not_measurable",)


class TestTypes:
    """The guard a reader does not have to run: loose results do not type-check as payments."""

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("fact", "accepted"),
        [("Firm(())", True), ('Indicative((), ("CFG-S1-10",))', False), ('Unknown("not_measurable")', False)],
    )
    def test_only_a_firm_fact_type_checks_as_a_payment(self, fact: str, accepted: bool) -> None:
        program = (
            "from indicators.programmes.standing import Firm, Indicative, Unknown\n"
            "from indicators.programmes.sun_es_volet1.states import MACHINE\n"
            f'MACHINE.pay("REACHED", "USAGE_NOTIFIED", "ARS", {{"targets": {fact}}})\n'
        )
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "-c", program]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert ("Success" in done.stdout) is accepted, done.stdout + done.stderr
        assert accepted or "dict-item" in done.stdout


LOOSE = st.one_of(
    st.builds(Unknown, st.sampled_from(["not_measurable", "parameter_missing:x"])),
    st.builds(Indicative, st.just(()), st.sampled_from([("CFG-X",), ("CFG-X", "CFG-Y"), ()])),
)
ROWS = [
    (machine, row)
    for programme in programmes().values()
    for machine in programme.machines
    for row in machine.transitions
    if row.target in machine.pays
]


@pytest.mark.parametrize(("machine", "row"), ROWS, ids=[f"{m.id}:{r.source}>{r.target}" for m, r in ROWS])
class TestNoPaymentFromALooseResult:
    """The property of every built-in machine: one indicative or unknown fact is enough to stop the money."""

    def test_with_firm_facts_it_moves(self, machine: Machine, row: Transition) -> None:
        facts: dict[str, Any] = {guard.fact: Firm(()) for guard in row.guards}
        assert machine.move(row.source, row.target, row.actor, facts).made

    @settings(deadline=None)
    @given(data=st.data())
    def test_with_a_loose_one_it_does_not(self, machine: Machine, row: Transition, data: st.DataObject) -> None:
        names = [guard.fact for guard in row.guards] or ["result"]
        loose = data.draw(st.sets(st.sampled_from(names), min_size=1))
        facts: dict[str, Any] = {name: data.draw(LOOSE) if name in loose else Firm(()) for name in names}
        found = machine.move(row.source, row.target, row.actor, facts)
        assert not found.made
        assert found.state == row.source

    @settings(deadline=None)
    @given(facts=st.dictionaries(st.text(max_size=5), LOOSE, max_size=3))
    def test_whatever_else_is_said(self, machine: Machine, row: Transition, facts: dict[str, Any]) -> None:
        found = machine.move(row.source, row.target, row.actor, facts)
        assert found.made == (not row.guards and not facts)


class TestStanding:
    def test_settled(self) -> None:
        assert settle(3) == Firm(3)
        assert settle(3, ("a", "a", "b")) == Indicative(3, ("a", "b"))
        assert settle(3, ("a",), "parameter_missing:x") == Unknown("parameter_missing:x")

    def test_a_missing_parameter_makes_it_unknown(self) -> None:
        def fails() -> int:
            raise ParameterMissing("rate")

        assert attempt(fails, ("a",)) == Unknown("parameter_missing:rate")
        assert attempt(lambda: 3, ("a",)) == Indicative(3, ("a",))

    def test_what_is_derived_is_never_firmer(self) -> None:
        assert derive(Firm(3), str) == Firm("3")
        assert derive(Indicative(3, ("a",)), str) == Indicative("3", ("a",))
        assert derive(Unknown("x"), str) == Unknown("x")

    def test_the_label_of_an_answer(self) -> None:
        assert label(Firm(3)) == {}
        assert label(Indicative(3, ("a",))) == {"indicative": True, "conventions": ["a"]}
        assert label(Unknown("x")) == {"error": "x"}
