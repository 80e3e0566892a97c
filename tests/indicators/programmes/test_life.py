"""What holds of every life: guards answered, entries refused with their name, no money from a doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.programmes import ParameterSet, programme, programmes
from indicators.programmes.dates import PARIS
from indicators.programmes.entered import CLEAR, Reading, all_of, facts_of, weigh
from indicators.programmes.errors import RuleError
from indicators.programmes.life import (
    KINDS,
    Entry,
    Life,
    Needs,
    Past,
    View,
    check_entry,
    life,
    next_moves,
    part,
)
from indicators.programmes.machine import Guard, Machine, Transition
from indicators.programmes.standing import Firm, Indicative, Unknown

LIVES = [(made.id, one) for made in programmes().values() for one in made.lives]
KEYS: dict[str, dict[str, str]] = {
    "sun_es_v1": {"window": "F1", "domain": "documents_sortie"},
    "aap_dui": {"project": "p", "tranche": "1"},
    "esms_amorcage": {"project": "p"},
    "cadre_commun": {"service": "DMP"},
}
NOON = datetime(2021, 10, 15, 12, tzinfo=PARIS)


def empty(programme_id: str, state: str, **more: Any) -> View:
    found = View("350000042", "350000001", "53", KEYS.get(programme_id, {}), state, NOON, {}, ParameterSet("none"))
    return replace(found, **more)


class TestEveryProgramme:
    def test_has_a_life_a_machine(self) -> None:
        for made in programmes().values():
            assert [one.machine for one in made.lives] == list(made.machines), made.id
            for machine in made.machines:
                assert life(made, machine.id).machine is machine

    def test_an_unknown_life_is_named(self) -> None:
        with pytest.raises(RuleError, match=r"^unknown_life:x$"):
            life(programme("sun_es_v1"), "x")
        with pytest.raises(RuleError, match=r"^unknown_entry:x$"):
            programme("sun_es_v1").lives[0].entry("x")


@pytest.mark.parametrize(("of", "found"), LIVES, ids=[one.machine.id for _, one in LIVES])
class TestEachLife:
    def test_facts_answer_every_guard_of_every_move(self, of: str, found: Life) -> None:
        for row in found.machine.transitions:
            facts = found.facts(empty(of, row.source), row.target)
            assert {guard.fact for guard in row.guards} == set(facts), (row.source, row.target)

    def test_entries_have_a_kind_words_an_actor_and_states_of_the_machine(self, of: str, found: Life) -> None:
        actors = {name for row in found.machine.transitions for name in (row.actor, *row.actor.split(", "))}
        names = [entry.name for entry in found.entries]
        assert len(names) == len(set(names))
        for entry in found.entries:
            assert entry.by
            assert set(entry.by) <= actors, entry.name
            assert set(entry.in_states) <= set(found.machine.states), entry.name
            assert _well_made(entry), entry.name

    def test_a_wrong_value_is_refused_with_its_name(self, of: str, found: Life) -> None:
        for entry in found.entries:
            for wrong in (object(), float("nan"), [1.5], {"x": 1}, "2021-02-30", -1, ""):
                if entry.kind == "text" and not entry.choices and wrong == "2021-02-30":
                    continue
                with pytest.raises(RuleError, match=rf"^bad_entry:{entry.name}"):
                    check_entry(entry, wrong)

    def test_an_unreadable_entry_never_ends_in_a_trace(self, of: str, found: Life) -> None:
        for row in found.machine.transitions:
            for entry in found.entries:
                view = empty(of, row.source, entries={entry.name: 1.5})
                assert _refused(found, view, row.target) <= {f"bad_entry:{entry.name}"}

    def test_an_empty_file_pays_nothing_and_says_why(self, of: str, found: Life) -> None:
        for state in found.machine.states:
            for one in next_moves(found, empty(of, state)):
                assert one.made == (not one.reasons)
                assert one.reasons == tuple(dict.fromkeys(one.reasons))

    def test_another_move_is_refused(self, of: str, found: Life) -> None:
        view = empty(of, found.machine.initial)
        with pytest.raises(RuleError, match=r"^no_transition:"):
            found.facts(view, "NOWHERE")
        with pytest.raises(RuleError, match=r"^no_transition:"):
            found.ruling(view, "NOWHERE")

    @settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_no_paying_state_is_reached_from_a_doubt(self, of: str, found: Life, data: st.DataObject) -> None:
        row = data.draw(st.sampled_from([row for row in found.machine.transitions if row.target in found.machine.pays]))
        entries = {
            entry.name: data.draw(_value(entry))
            for entry in found.entries
            if data.draw(st.booleans(), label=entry.name)
        }
        paid = data.draw(st.integers(0, 10**7))
        history = (Past(row.source, NOON, paid),)
        view = empty(of, row.source, entries=entries, history=history, at=data.draw(_MOMENTS))
        facts = found.facts(view, row.target)
        move = found.machine.move(row.source, row.target, row.actor, facts)
        if any(isinstance(fact, Indicative | Unknown) for fact in facts.values()):
            assert not move.made
            assert move.state == row.source


_MOMENTS = st.integers(0, 5 * 365).map(lambda days: datetime(2018, 1, 1, 12, tzinfo=PARIS) + timedelta(days))


def _refused(found: Life, view: View, target: str) -> set[str]:
    codes = set()
    for answer in (found.facts, found.ruling):
        try:
            answer(view, target)
        except RuleError as refused:
            codes.add(refused.code)
    return codes


def _well_made(entry: Entry) -> bool:
    plain = entry.kind in KINDS and bool(entry.label_fr) and bool(entry.label_en)
    inner = entry.kind in ("list", "object") if entry.parts else entry.kind != "object"
    return plain and inner and all(_well_made(one) for one in entry.parts)


def _value(entry: Entry) -> st.SearchStrategy[Any]:
    texts = st.sampled_from(entry.choices) if entry.choices else st.sampled_from(["p", "E1", "Bretagne", "31"])
    row = st.fixed_dictionaries({}, optional={one.name: _value(one) for one in entry.parts})
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "text": texts,
        "bool": st.booleans(),
        "date": st.dates().map(str),
        "integer": st.integers(0, 600),
        "euros": st.integers(0, 10**9).map(lambda cents: f"{cents // 100}.{cents % 100:02d}"),
        "list": st.lists(row if entry.parts else st.sampled_from(entry.choices or ("50",)), max_size=3),
        "object": row,
    }
    return kinds[entry.kind]


class TestCheckEntry:
    @pytest.mark.parametrize(
        ("kind", "value", "kept"),
        [
            ("text", "x", "x"), ("bool", False, False), ("date", "2021-02-28", "2021-02-28"),
            ("integer", 0, 0), ("integer", 2**63 - 1, 2**63 - 1),
            ("euros", "18000", "18000.00"), ("euros", "18 333,35 €", "18333.35"), ("euros", "0", "0.00"),
            ("list", ["a", "b"], ["a", "b"]), ("list", [], []),
        ],
    )  # fmt: skip
    def test_what_is_kept(self, kind: str, value: Any, kept: Any) -> None:
        assert check_entry(part("x", kind, "x", "x"), value) == kept

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            ("text", " "), ("text", 1), ("bool", 1), ("bool", "true"), ("date", "2021-02-29"), ("date", 20210228),
            ("date", "2021-02-28T10:00"), ("integer", -1), ("integer", True), ("integer", 2**63), ("integer", "1"),
            ("euros", "-1"), ("euros", "1.234"), ("euros", 18000), ("euros", 1.5), ("euros", "9" * 30),
            ("list", "ab"), ("list", [1]), ("list", [""]), ("object", []), ("object", {"y": 1}),
        ],
    )  # fmt: skip
    def test_what_is_not(self, kind: str, value: Any) -> None:
        with pytest.raises(RuleError, match=r"^bad_entry:x"):
            check_entry(part("x", kind, "x", "x"), value)

    def test_choices_and_fields(self) -> None:
        inner = part("yes", "bool", "oui", "yes")
        rows = part("x", "list", "x", "x", parts=(inner,))
        assert check_entry(rows, [{"yes": True}, {"yes": None}]) == [{"yes": True}, {}]
        with pytest.raises(RuleError, match=r"^bad_entry:x\[1\]\.yes$"):
            check_entry(rows, [{}, {"yes": "no"}])
        chosen = part("x", "list", "x", "x", "a", "b")
        assert check_entry(chosen, ["b"]) == ["b"]
        with pytest.raises(RuleError, match=r"^bad_entry:x\[0\]$"):
            check_entry(chosen, ["c"])


class TestParts:
    def test_a_life_that_could_not_answer_is_not_built(self) -> None:
        machine = Machine("m", "A", (Transition("A", "B", "x", "R", (Guard("sure", ("NO",)),)),), frozenset())
        with pytest.raises(ValueError, match="m: nothing answers sure for B"):
            facts_of(machine, {})
        answers = facts_of(machine, {"B:sure": lambda _, __: CLEAR})
        assert answers(empty("x", "A"), "B") == {"sure": CLEAR}

    def test_a_life_that_only_moves(self) -> None:
        machine = Machine("m", "A", (Transition("A", "B", "x", "R"),), frozenset())
        plain, view = Life(machine, (), facts_of(machine, {})), empty("x", "A")
        assert (plain.ruling(view, "B"), plain.needs(view), plain.superseded(view)) == (None, Needs(), None)
        assert [(one.target, one.made) for one in next_moves(plain, view)] == [("B", True)]

    def test_several_facts_are_no_firmer_than_the_least(self) -> None:
        assert all_of((Firm(("a",)), Firm(("b",)))) == Firm(("a", "b"))
        assert all_of((Firm(("a",)), Indicative(("b",), ("C",)))) == Indicative(("a", "b"), ("C",))
        assert all_of((Firm(()), Unknown("x"), Unknown("y"))) == Unknown("x")

    def test_what_a_rule_refuses_is_unknown_and_a_bad_entry_is_told(self) -> None:
        def refuses(code: str) -> tuple[str, ...]:
            raise RuleError(code)

        assert weigh(lambda: refuses("no_esms")) == Unknown("no_esms")
        with pytest.raises(RuleError, match="bad_entry:x"):
            weigh(lambda: refuses("bad_entry:x"))

    def test_an_entry_the_life_does_not_have_is_not_read(self) -> None:
        with pytest.raises(RuleError, match="unknown_entry:x"):
            Reading(()).value(empty("x", "A"), "x")

    def test_an_unreadable_entry_is_a_reason_of_what_comes_next(self) -> None:
        found = programme("sun_es_v1").lives[0]
        view = empty("sun_es_v1", "ADVANCE_NOTIFIED", entries={"advance_payment": 3})
        assert [one.reasons for one in next_moves(found, view)] == [("bad_entry:advance_payment",)]


def test_what_was_notified_whole_is_not_paid_again_about_the_same() -> None:
    done = {one.machine.id: one.done for found in programmes().values() for one in found.lives}
    assert done["sun_es_v1.candidature"] == {"USAGE_NOTIFIED", "USAGE_PAID"}
    assert "CRITERIA_MISSED" not in done["aap_dui.tranche"]
    for found in programmes().values():
        for one in found.lives:
            assert one.done <= one.machine.pays
