"""The extension point: what is built in is found the way a third party is."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType

import pytest

import indicators.programmes as registry
from indicators.measures import MEASURES
from indicators.programmes import ParameterSet, Programme, programme, programmes
from indicators.programmes.parameters import MARKS

OURS = "indicators.programmes.sun_es_volet1"


def bring(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    points = EntryPoints(EntryPoint(f"p{i}", module, registry.ENTRY_POINTS) for i, module in enumerate(modules))
    monkeypatch.setattr(registry, "entry_points", lambda group: points.select(group=group))


def test_built_in_programmes_are_found() -> None:
    assert programme("sun_es_v1").version == "draft 2021-07"
    with pytest.raises(LookupError, match=r"unknown programme 'x'; known: .*sun_es_v1"):
        programme("x")


def test_a_third_party_brings_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("somebody_elses_programme")
    module.PROGRAMME = Programme("other", "autre", "other", "1", (), ParameterSet("none"), ())  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, module.__name__, module)
    bring(monkeypatch, module.__name__)
    assert sorted(programmes()) == ["other", "sun_es_v1"]


def test_two_modules_cannot_bring_one_id(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch, OURS)
    with pytest.raises(ValueError, match="two modules bring the programme sun_es_v1"):
        programmes()


def test_a_module_without_programme_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch, "indicators.money")
    with pytest.raises(TypeError, match=r"indicators\.money has no PROGRAMME"):
        programmes()


@pytest.mark.parametrize("found", programmes().values(), ids=lambda found: found.id)
class TestEachProgramme:
    def test_rules_are_named_once_with_source_mark_and_date(self, found: Programme) -> None:
        assert len({rule.id for rule in found.rules}) == len(found.rules)
        for rule in found.rules:
            assert found.rule(rule.id) is rule
            assert rule.title_fr
            assert rule.title_en
            assert rule.source
            assert rule.mark in MARKS

    def test_an_unknown_rule_is_named(self, found: Programme) -> None:
        with pytest.raises(LookupError, match="has no rule R-99"):
            found.rule("R-99")

    def test_shipped_values_come_from_the_sources(self, found: Programme) -> None:
        assert {entry.mark for entry in found.parameters.entries} <= {"SOURCE", "PUBLIC"}
        assert not [e.name for e in found.parameters.entries if e.name.startswith(("target", "forfait:", "tolerance"))]

    def test_its_measures_exist(self, found: Programme) -> None:
        assert set(found.measures) <= set(MEASURES)
