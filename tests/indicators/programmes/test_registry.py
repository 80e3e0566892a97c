"""The extension point and the registry: what is built in is found the way a third party is, and no rule is lost."""

from __future__ import annotations

import inspect
import json
import re
import tomllib
from datetime import date
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType

import pytest

import indicators.programmes as registry
from indicators.measures import MEASURES
from indicators.programmes import Op, ParameterSet, Programme, operations, programme, programmes
from indicators.programmes.catalogue import rules_of
from indicators.programmes.describe import described, function_name
from indicators.programmes.machine import Machine
from indicators.programmes.parameters import MARKS
from indicators.programmes.sources import TEXTS, source_text
from indicators.programmes.verdicts import target_verdict

OURS = ("aap_dui", "cadre_commun", "esms_amorcage", "maladies_rares", "sun_es_v1", "sun_es_v2")
ROOT = Path(__file__).parents[3]
RULES = {
    "sun_es_v1": ("SUN1", 34),
    "sun_es_v2": ("SUN2", 9),
    "maladies_rares": ("MR", 9),
    "esms_amorcage": ("ESMS", 27),
    "aap_dui": ("AAP", 19),
    "cadre_commun": ("CC", 11),
}


def bring(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    points = EntryPoints(EntryPoint(f"p{i}", module, registry.ENTRY_POINTS) for i, module in enumerate(modules))
    monkeypatch.setattr(registry, "entry_points", lambda group: points.select(group=group))


def third_party(monkeypatch: pytest.MonkeyPatch, programme_id: str, *ops: Op) -> str:
    module = ModuleType(f"somebody_elses_{programme_id}")
    made = Programme(programme_id, "autre", "other", "1", (), ParameterSet("none"), (), ops=ops)
    module.PROGRAMME = made  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, module.__name__, module)
    return module.__name__


class TestExtensionPoint:
    def test_built_in_programmes_are_found(self) -> None:
        assert tuple(sorted(programmes())) == OURS
        assert programme("sun_es_v1").version == "draft 2021-07"
        with pytest.raises(LookupError, match=r"unknown programme 'x'; known: .*sun_es_v1"):
            programme("x")

    def test_built_in_ones_are_registered_as_a_third_party_is(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        named = project["entry-points"][registry.ENTRY_POINTS]
        assert tuple(sorted(named)) == OURS
        assert sorted(named.values()) == sorted(registry.BUILT_IN)

    def test_a_third_party_brings_a_module_with_its_operations(self, monkeypatch: pytest.MonkeyPatch) -> None:
        op = Op("other_double", lambda n: {"twice": 2 * n})
        bring(monkeypatch, third_party(monkeypatch, "other", op))
        assert sorted(programmes()) == sorted([*OURS, "other"])
        assert operations()["other_double"] is op

    def test_a_module_named_twice_is_one_programme(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bring(monkeypatch, *registry.BUILT_IN)
        assert tuple(sorted(programmes())) == OURS

    def test_two_modules_cannot_bring_one_id(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bring(monkeypatch, third_party(monkeypatch, "sun_es_v1"))
        with pytest.raises(ValueError, match="two modules bring the programme sun_es_v1"):
            programmes()

    def test_two_programmes_cannot_bring_one_operation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bring(monkeypatch, third_party(monkeypatch, "other", Op("sun1_payments", dict)))
        with pytest.raises(ValueError, match="two programmes bring the operation sun1_payments"):
            operations()

    def test_a_module_without_programme_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bring(monkeypatch, "indicators.money")
        with pytest.raises(TypeError, match=r"indicators\.money has no PROGRAMME"):
            programmes()


@pytest.mark.parametrize("found", programmes().values(), ids=lambda found: found.id)
class TestEachProgramme:
    def test_every_rule_id_of_the_text_has_a_row(self, found: Programme) -> None:
        prefix, last = RULES[found.id]
        assert [rule.id for rule in found.rules] == [f"{prefix}-R{number:02}" for number in range(1, last + 1)]

    def test_rules_have_words_source_mark_and_date(self, found: Programme) -> None:
        for rule in found.rules:
            assert found.rule(rule.id) is rule
            assert rule.statement_fr != rule.statement_en
            assert rule.mark in MARKS
            alias, _, part = rule.source.partition(" ")
            assert part
            assert rule.effective_from >= source_text(alias).dated or alias == "S0"

    def test_a_rule_is_computed_or_visibly_declared(self, found: Programme) -> None:
        for rule in found.rules:
            assert bool(rule.functions) != bool(rule.declared)

    def test_what_applies_a_rule_says_so(self, found: Programme) -> None:
        for rule in found.rules:
            for function in rule.functions:
                if function is target_verdict:  # shared by every programme: it names the conventions instead
                    continue
                numbers = re.findall(r"R\d\d", (inspect.getdoc(function) or "").partition(":")[0])
                named = {int(number[1:]) for number in numbers}
                if " to " in (inspect.getdoc(function) or "").partition(":")[0]:
                    named |= set(range(min(named), max(named) + 1))
                assert int(rule.id[-2:]) in named, f"{function_name(function)} does not name {rule.id}"

    def test_an_unknown_rule_is_named(self, found: Programme) -> None:
        with pytest.raises(LookupError, match="has no rule R-99"):
            found.rule("R-99")

    def test_shipped_values_come_from_the_texts_or_are_marked_as_readings(self, found: Programme) -> None:
        assert {entry.mark for entry in found.parameters.entries} <= {"SOURCE", "PUBLIC", "CONV"}
        assert not [e.name for e in found.parameters.entries if e.name.startswith(("target:", "forfait:", "tolerance"))]
        for entry in found.parameters.entries:
            assert entry.source

    def test_a_reading_can_be_replaced_and_a_text_cannot(self, found: Programme) -> None:
        for entry in found.parameters.entries:
            wanted = any(one.matches(entry.name) for one in found.wanted)
            assert not wanted or entry.mark == "CONV" or entry.name.startswith("calendar:"), entry.name

    def test_its_measures_exist(self, found: Programme) -> None:
        assert set(found.measures) <= set(MEASURES)

    def test_its_operations_say_their_rule(self, found: Programme) -> None:
        for op in found.ops:
            assert inspect.getdoc(op.run), op.name

    def test_its_machines_are_whole(self, found: Programme) -> None:
        for machine in found.machines:
            _whole(machine, {rule.id for rule in found.rules})

    def test_it_can_be_shown_as_json(self, found: Programme) -> None:
        shown = json.loads(json.dumps(described(found)))
        assert len(shown["rules"]) == len(found.rules)
        assert {machine["id"] for machine in shown["machines"]} == {machine.id for machine in found.machines}


def _whole(machine: Machine, rules: set[str]) -> None:
    assert machine.pays <= set(machine.states)
    pairs = [(row.source, row.target) for row in machine.transitions]
    assert len(set(pairs)) == len(pairs)
    assert {row.rule for row in machine.transitions} <= rules
    reached, before = {machine.initial}, set()
    while reached != before:
        before = set(reached)
        reached |= {row.target for row in machine.transitions if row.source in reached}
    assert reached == set(machine.states)
    assert machine.finals


class TestVersions:
    def test_rules_on_a_day(self) -> None:
        found = programme("maladies_rares")
        before, after = ({rule.id for rule in found.rules_on(day)} for day in (date(2019, 9, 5), date(2019, 9, 6)))
        assert (before - after, after - before) == ({"MR-R05"}, {"MR-R06", "MR-R07"})

    def test_the_version_of_a_day(self) -> None:
        found = programme("maladies_rares")
        assert [found.version_on(date(*day)).id for day in ((2017, 10, 1), (2019, 9, 5), (2019, 9, 6))] == [
            "initial", "initial", "updated",
        ]  # fmt: skip

    def test_a_programme_without_versions_says_so(self) -> None:
        with pytest.raises(LookupError, match="cadre_commun has no versions"):
            programme("cadre_commun").version_on(date(2020, 1, 1))


class TestCatalogue:
    @pytest.mark.parametrize(("functions", "declared"), [((), ""), ((len,), "and declared")])
    def test_neither_and_both_are_refused(self, functions: tuple[object, ...], declared: str) -> None:
        with pytest.raises(ValueError, match="X-R01: functions, or why there are none"):
            rules_of("S1", date(2020, 1, 1))("X-R01", "§1", "fr", "en", *functions, declared=declared)  # type: ignore[arg-type]

    def test_every_text_is_known_by_its_alias(self) -> None:
        assert [text.alias for text in TEXTS] == ["S0", "S1", "S2", "S3", "S4"]
        with pytest.raises(LookupError, match="no source text 'S9'"):
            source_text("S9")
